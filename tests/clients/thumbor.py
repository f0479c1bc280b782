# Prints URLs that libthumbor makes, the name of the image in each, and the size that a photograph of 160 by 120 comes to.
from libthumbor import CryptoURL

url = CryptoURL(key="mysecret")
REQUESTS = [
    ("80x60", dict(width=80, height=60)),
    ("80x60", dict(width=80)),
    ("80x60", dict(height=60)),
    ("80x80", dict(width=80, height=80)),
    ("80x80", dict(width=80, height=80, smart=True)),
    ("80x80", dict(width=80, height=80, halign="left", valign="top")),
    ("80x80", dict(width=80, height=80, halign="right", valign="bottom", smart=True)),
    ("80x60", dict(width=80, height=80, fit_in=True)),
    ("107x80", dict(width=80, height=80, full_fit_in=True)),
    ("80x60", dict(width=60, height=80, adaptive_fit_in=True)),
    ("80x60", dict(width=60, height=80, adaptive_full_fit_in=True)),
    ("160x120", dict(width=900, height=900, fit_in=True)),
    ("80x60", dict(width=80, height=60, flip=True)),
    ("80x60", dict(width=80, height=60, flop=True)),
    ("80x60", dict(width=80, height=60, flip=True, flop=True)),
    ("160x120", dict(flip=True)),
    ("100x80", dict(crop=((10, 20), (110, 100)))),
    ("50x40", dict(crop=((10, 20), (110, 100)), width=50)),
    ("40x40", dict(crop=((10, 20), (110, 100)), width=40, height=40, smart=True)),
    ("160x120", dict(filters=["quality(70)"])),
    ("160x120", dict(filters=["format(webp)", "quality(60)"])),
    ("80x60", dict(width=80, filters=["grayscale()"])),
    ("80x60", dict(width=80, filters=["blur(4)", "brightness(10)", "contrast(-10)"])),
    ("60x80", dict(width=80, filters=["rotate(90)"])),
    ("80x80", dict(width=80, height=80, fit_in=True, filters=["fill(ff0000)"])),
    ("80x80", dict(width=80, height=80, fit_in=True, filters=["fill(auto)"])),
    ("80x60", dict(width=80, filters=["watermark(logo.png,-5,5,50)"])),
    ("80x60", dict(width=80, filters=["watermark(logo.png,repeat,center,20)"])),
    ("80x60", dict(width=80, filters=["round_corner(9,255,255,255)"])),
    ("80x60", dict(width=80, filters=["rgb(20,-20,40)", "noise(0)"])),
    ("240x180", dict(width=240, filters=["upscale()"], fit_in=True)),
    ("80x60", dict(width=80, filters=["focal(10x20:40x60)"])),
]

for size, options in REQUESTS:
    for name in ["photo.jpg", "album/a%20b.jpg"]:
        print(url.generate(image_url=name, **options), name.replace("%20", " "), size, sep="\t")
