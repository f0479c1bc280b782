//! The sample images of the development server. They are part of the binary, so that it works anywhere.

macro_rules! samples {
    ($($name:literal)+) => {
        const SAMPLES: &[(&str, &[u8])] =
            &[$(($name, include_bytes!(concat!("../images/", $name)))),+];
    };
}

samples! {
    "astronaut.jpg"
    "cat.jpg"
    "coffee.jpg"
    "galaxies.jpg"
    "rocket.jpg"
    "shield.png"
}

/// The bytes of a sample.
pub(crate) fn find(name: &str) -> Option<&'static [u8]> {
    let (_, bytes) = SAMPLES.iter().find(|(sample, _)| *sample == name)?;
    Some(bytes)
}
