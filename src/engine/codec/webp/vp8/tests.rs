//! What is decoded is compared with what others decode: checked in as sums of libwebp's planes, and by `image-webp`.

mod hostile;
mod parts;
mod pictures;

use super::header::Header;
use super::*;

macro_rules! file {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("tests/files/", $name, ".webp")).as_slice(),
        )
    };
}

/// Small files by libwebp's encoder, of all kinds.
const FILES: [(&str, &[u8]); 12] = [
    file!("smallest"),
    file!("flat"),
    file!("odd"),
    file!("worst"),
    file!("best"),
    file!("unfiltered"),
    file!("simple"),
    file!("sharp"),
    file!("simple_sharp"),
    file!("two_partitions"),
    file!("eight_partitions"),
    file!("noise"),
];

/// The frame in a file that has nothing but that.
fn payload(file: &[u8]) -> &[u8] {
    assert_eq!(&file[12..16], b"VP8 ");
    let length = u32::from_le_bytes(file[16..20].try_into().unwrap());
    &file[20..][..length as usize]
}

/// The size of a frame.
fn size(payload: &[u8]) -> (u32, u32) {
    let side = |at: usize| u32::from(u16::from_le_bytes([payload[at], payload[at + 1]]) & 0x3FFF);
    (side(6), side(8))
}

/// The planes of a frame as they are stored, in the studio range.
fn studio(payload: &[u8]) -> Result<[Vec<u8>; 3], Damage> {
    let header = Header::read(payload)?;
    let (width, height) = (header.width as usize, header.height as usize);
    let planes = Planes::decode(header)?;
    let half = (width.div_ceil(2), height.div_ceil(2));
    let chroma = planes
        .chroma
        .map(|plane| range::cropped(plane, planes.stride / 2, half, |_| {}));
    let luma = range::cropped(planes.luma, planes.stride, (width, height), |_| {});
    let [cb, cr] = chroma;
    Ok([luma, cb, cr])
}
