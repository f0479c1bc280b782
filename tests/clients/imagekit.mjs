// Prints URLs that ImageKit's clients for Node make (the old one and the new one), the name of the image in each, and the
// size that a photograph of 160 by 120 comes to.
import { createRequire } from "node:module";

const require = createRequire(process.argv[2] + "/");
const Old = require("imagekit");
const { default: New } = require("@imagekit/nodejs");
Date.now = () => 1_900_000_000_000;
Date.prototype.getTime = () => Date.now();

const endpoint = "http://localhost";
const old = new Old({ privateKey: "mysecret", publicKey: "public", urlEndpoint: endpoint });
const client = new New({ privateKey: "mysecret" });

// What both have the same words for.
const requests = [
  ["80x60", [{ width: 80, height: 60 }]],
  ["80x60", [{ width: 80 }]],
  ["80x60", [{ height: 60 }]],
  ["80x80", [{ width: 80, height: 80 }]],
  ["80x80", [{ width: 80, height: 80, focus: "top_left" }]],
  ["80x80", [{ width: 80, height: 80, focus: "auto" }]],
  ["80x60", [{ width: 80, height: 80, crop: "at_max" }]],
  ["107x80", [{ width: 80, height: 80, crop: "at_least" }]],
  ["80x80", [{ width: 80, height: 80, crop: "force" }]],
  ["80x80", [{ width: 80, height: 80, cropMode: "pad_resize", background: "FF0000" }]],
  ["50x40", [{ width: 50, height: 40, cropMode: "extract" }]],
  ["50x40", [{ width: 50, height: 40, cropMode: "extract", x: 10, y: 20 }]],
  ["80x60", [{ width: 80, aspectRatio: "4-3" }]],
  ["80x45", [{ width: 80, aspectRatio: "16-9" }]],
  ["120x160", [{ rotation: 90 }]],
  ["100x133", [{ height: 100 }, { rotation: 90 }]],
  ["80x60", [{ width: 40, dpr: 2 }]],
  ["160x120", [{ quality: 60, format: "webp" }]],
  ["160x120", [{ blur: 6 }]],
  ["90x70", [{ width: 80, border: "5_FF0000" }]],
  ["80x60", [{ width: 80, radius: "max" }]],
  ["80x60", [{ width: 0.5 }]],
  ["80x60", [{ width: "iw_div_2" }]],
  ["160x120", [{ progressive: true, lossless: false, metadata: true }]],
];

// What the new one alone has words for.
const effects = [
  ["80x60", [{ width: 80, grayscale: true }]],
  ["80x60", [{ width: 80, sharpen: 5 }]],
  ["80x60", [{ width: 80, unsharpMask: "2-2-0.8-0.024" }]],
  ["80x60", [{ width: 80, contrastStretch: true }]],
  ["80x60", [{ width: 80, shadow: "bl-15_st-40_x-10_y-N5" }]],
  ["80x60", [{ width: 80, gradient: "ld-top_from-green_to-00FF0010_sp-1" }]],
  ["80x60", [{ width: 80, flip: "h_v", opacity: 50 }]],
  ["160x120", [{ overlay: { type: "text", text: "a, b: c", transformation: [{ fontSize: 20, fontColor: "FF0000" }] } }]],
  ["160x120", [{ overlay: { type: "image", input: "/logo.png", position: { x: 10, y: "bh_sub_20" } } }]],
  ["160x120", [{ overlay: { type: "image", input: "/logo.png", position: { focus: "bottom_right" } } }]],
  ["160x120", [{ overlay: { type: "solidColor", color: "FF0000", transformation: [{ width: 20, height: 10 }] } }]],
  ["160x120", [{ raw: "l-text,i-Hi,fs-10,l-end" }]],
  ["80x60", [{ raw: "if-ar_gt_1,w-80,if-else,w-10,if-end" }]],
];

function print(url, name, size) {
  console.log([url.slice(endpoint.length), name, size].join("\t"));
}

for (const [size, transformation] of requests) {
  for (const transformationPosition of ["path", "query"]) {
    // The old one doubles the slash before the image where the transformation is in the query.
    if (transformationPosition === "path") {
      const path = "/photo.jpg";
      print(old.url({ path, transformation, transformationPosition, signed: true }), "photo.jpg", size);
    }
    const expires = { expireSeconds: 600, expiresIn: 600 };
    const src = "/album/photo.jpg";
    const urlEndpoint = endpoint;
    const request = { urlEndpoint, src, transformation, transformationPosition, signed: true, ...expires };
    print(client.helper.buildSrc(request), "album/photo.jpg", size);
  }
}
for (const [size, transformation] of effects) {
  const request = { urlEndpoint: endpoint, src: "/photo.jpg", transformation, signed: true };
  print(client.helper.buildSrc(request), "photo.jpg", size);
}
