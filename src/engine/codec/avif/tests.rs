use super::*;
use crate::engine::{Orientation, RenderErrorKind};

mod files;
mod hostile;
mod round_trips;

macro_rules! sample {
    ($name:literal) => {
        (
            $name,
            &include_bytes!(concat!("files/", $name, ".avif"))[..],
        )
    };
}
use sample;

/// Limits that nothing here comes near to.
fn limits() -> Limits {
    Limits::default()
}

/// The samples of a pixel.
fn pixel(picture: &Picture, x: u32, y: u32) -> &[u8] {
    let samples = picture.layout().samples();
    let at = (y * picture.width() + x) as usize * samples;
    &picture.data()[at..at + samples]
}

/// The picture in sRGB, upright.
fn upright(source: &[u8]) -> Picture {
    let probe = probe(source, &limits()).expect("it is an AVIF");
    let picture = decode(source, &limits()).expect("it decodes");
    assert_eq!(
        (picture.width(), picture.height()),
        (probe.width, probe.height)
    );
    let picture = ops::orient(picture, probe.orientation).expect("it turns");
    ops::to_srgb(picture).expect("it converts")
}

fn kind_of<T>(result: Result<T, RenderError>) -> Option<RenderErrorKind> {
    result.err().map(|error| error.kind())
}
