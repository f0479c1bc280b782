//! The sample images of the development server. They are part of the binary, so that it works anywhere.

/// A sample image.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    /// What it is good to try things on.
    pub(crate) shows: &'static str,
    pub(crate) bytes: &'static [u8],
}

macro_rules! samples {
    ($($name:literal: $shows:literal)+) => {
        const SAMPLES: &[Sample] = &[$(Sample {
            name: $name,
            shows: $shows,
            bytes: include_bytes!(concat!("../images/", $name)),
        }),+];
    };
}

samples! {
    "coffee.jpg": "Landscape"
    "astronaut.jpg": "Portrait, stored lying (EXIF)"
    "launchpad.jpg": "Wide gamut (Display P3)"
    "shield.png": "Transparent PNG"
    "zoom.webp": "Animation"
    "rocket.jpg": "Colour profile"
    "cat.jpg": "Fine detail"
    "galaxies.jpg": "Large and dark"
}

/// All of them, in the order in which they are shown.
pub(crate) fn all() -> impl Iterator<Item = &'static Sample> {
    SAMPLES.iter()
}

/// The bytes of a sample.
pub(crate) fn find(name: &str) -> Option<&'static [u8]> {
    let sample = all().find(|sample| sample.name == name)?;
    Some(sample.bytes)
}
