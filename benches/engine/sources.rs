//! The photographs, and what is made of them first.

use std::fs;
use std::path::{Path, PathBuf};

use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, DynamicImage, Frame};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// How many photographs of a kind are used.
const PHOTOS: usize = 4;

#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// 12 MP, baseline JPEG.
    Large,
    /// The same, progressive.
    Progressive,
    /// 2 MP, JPEG.
    Middle,
    /// 2 MP, PNG.
    Png,
    /// A pan over a photograph: every pixel of every frame changes.
    Gif,
}

pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) struct Sources {
    large: Vec<File>,
    progressive: Vec<File>,
    middle: Vec<File>,
    png: Vec<File>,
    gif: Vec<File>,
}

impl Sources {
    /// Those in a folder. What is made of them goes to a folder of its own, and stays there for the next time.
    pub(crate) fn of(photos: &Path) -> Self {
        let made = std::env::temp_dir().join("imgward-bench-sources");
        fs::create_dir_all(&made).expect("a folder can be made");
        let large = read(&photos.join("12mp"));
        let middle = read(&photos.join("2mpj"));
        Self {
            progressive: derived(&large, &made, "progressive.jpg", progressive),
            gif: derived(&middle[..1.min(middle.len())], &made, "pan.gif", pan),
            png: read(&photos.join("2mp")),
            large,
            middle,
        }
    }

    pub(crate) fn files(&self, source: Source) -> &[File] {
        match source {
            Source::Large => &self.large,
            Source::Progressive => &self.progressive,
            Source::Middle => &self.middle,
            Source::Png => &self.png,
            Source::Gif => &self.gif,
        }
    }
}

fn read(folder: &Path) -> Vec<File> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    paths.sort();
    paths.into_iter().take(PHOTOS).map(open).collect()
}

fn open(path: PathBuf) -> File {
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    File { path, bytes }
}

fn derived(
    files: &[File],
    folder: &Path,
    name: &str,
    make: fn(&DynamicImage) -> Vec<u8>,
) -> Vec<File> {
    let path_of = |file: &File| {
        let stem = file.path.file_stem().unwrap_or_default().to_string_lossy();
        folder.join(format!("{stem}-{name}"))
    };
    files
        .iter()
        .map(|file| {
            let path = path_of(file);
            if !path.exists() {
                let photo = image::load_from_memory(&file.bytes).expect("it is a photograph");
                fs::write(&path, make(&photo)).expect("it can be written");
            }
            open(path)
        })
        .collect()
}

fn progressive(photo: &DynamicImage) -> Vec<u8> {
    let photo = photo.to_rgb8();
    let side = |length: u32| u16::try_from(length).expect("a photograph is not so long");
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 85);
    encoder.set_progressive(true);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder
        .encode(
            &photo,
            side(photo.width()),
            side(photo.height()),
            ColorType::Rgb,
        )
        .expect("it can be encoded");
    bytes
}

fn pan(photo: &DynamicImage) -> Vec<u8> {
    const FRAMES: u32 = 30;
    let (width, height) = (480, 320);
    let photo = photo.thumbnail(800, 600).to_rgba8();
    let mut bytes = Vec::new();
    {
        let mut encoder = GifEncoder::new_with_speed(&mut bytes, 10);
        encoder
            .set_repeat(Repeat::Infinite)
            .expect("GIF can repeat");
        for frame in 0..FRAMES {
            let x = (photo.width() - width) * frame / FRAMES;
            let y = (photo.height() - height) * frame / FRAMES;
            let view = image::imageops::crop_imm(&photo, x, y, width, height).to_image();
            let delay = Delay::from_numer_denom_ms(40, 1);
            encoder
                .encode_frame(Frame::from_parts(view, 0, 0, delay))
                .expect("it can be encoded");
        }
    }
    bytes
}
