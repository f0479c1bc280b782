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

fn probe(source: &[u8], limits: &Limits) -> Result<Probe, RenderError> {
    Avif.probe(source, limits)
}

fn decode(source: &[u8], limits: &Limits) -> Result<Picture, RenderError> {
    Opened::new(source, limits)?.picture(limits)
}

fn decode_planar(source: &[u8], limits: &Limits) -> Result<Option<Planar>, RenderError> {
    Opened::new(source, limits)?.planar(limits)
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
    let pixels = ops::orient(picture.into(), probe.orientation).expect("it turns");
    let picture = ops::as_packed(&pixels).expect("it is packed");
    ops::to_srgb(picture.into_owned()).expect("it converts")
}

fn kind_of<T>(result: Result<T, RenderError>) -> Option<RenderErrorKind> {
    result.err().map(|error| error.kind())
}
