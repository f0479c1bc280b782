use std::ffi::c_int;
use std::mem::MaybeUninit;

use libwebp_sys::{
    WEBP_ENCODER_ABI_VERSION, WebPConfig, WebPConfigInitInternal, WebPPreset, WebPValidateConfig,
};

use crate::Error;

/// How to encode. What is not here is libwebp's default.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// From 0 to 100: what a lossy picture looks like, or how hard a lossless one is compressed. 75 by default.
    pub quality: f32,
    /// From 0 (fast) to 6 (small). 4 by default.
    pub method: u8,
    /// Whether every pixel is kept as it is. False by default.
    pub lossless: bool,
    /// How much a lossless picture may be changed to make it smaller: from 0 (most) to 100, not at all, the default.
    pub near_lossless: u8,
    /// From 0 to 100, which keeps alpha as it is and is the default. For lossy pictures.
    pub alpha_quality: u8,
    /// Whether the chroma of RGB is reduced with care for edges, which is slow. False by default. For lossy pictures.
    pub sharp_yuv: bool,
    /// Whether the colour under transparent pixels is kept. False by default.
    pub exact: bool,
    /// From 0 to 100, how much fewer bits go to what is busy than to what is even. 50 by default. For lossy pictures.
    pub spatial_noise_shaping: u8,
    /// From 0 (off) to 100, how strongly the decoder is to smooth the edges of blocks. 60 by default. For lossy pictures.
    pub filter_strength: u8,
    /// From 1 to 4, into how many classes the blocks of a picture are sorted. 4 by default. For lossy pictures.
    pub segments: u8,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            quality: 75.0,
            method: 4,
            lossless: false,
            near_lossless: 100,
            alpha_quality: 100,
            sharp_yuv: false,
            exact: false,
            spatial_noise_shaping: 50,
            filter_strength: 60,
            segments: 4,
        }
    }
}

impl Config {
    /// What libwebp makes of it, in one thread.
    pub(crate) fn to_libwebp(self) -> Result<WebPConfig, Error> {
        // libwebp would let NaN pass.
        if !(0.0..=100.0).contains(&self.quality) {
            return Err(Error::Config);
        }
        let mut config = MaybeUninit::<WebPConfig>::zeroed();
        // SAFETY: the pointer is to writable memory of the right type.
        let initialised = unsafe {
            WebPConfigInitInternal(
                config.as_mut_ptr(),
                WebPPreset::WEBP_PRESET_DEFAULT,
                self.quality,
                WEBP_ENCODER_ABI_VERSION.cast_signed(),
            )
        };
        if initialised == 0 {
            // The library is of another version than its header.
            return Err(Error::Library);
        }
        // SAFETY: libwebp has filled it in. (That zeroes are valid too is not needed.)
        let mut config = unsafe { config.assume_init() };
        config.lossless = c_int::from(self.lossless);
        config.method = c_int::from(self.method);
        config.near_lossless = c_int::from(self.near_lossless);
        config.alpha_quality = c_int::from(self.alpha_quality);
        config.use_sharp_yuv = c_int::from(self.sharp_yuv);
        config.exact = c_int::from(self.exact);
        config.sns_strength = c_int::from(self.spatial_noise_shaping);
        config.filter_strength = c_int::from(self.filter_strength);
        config.segments = c_int::from(self.segments);
        config.thread_level = 0;
        // SAFETY: the reference is to an initialised config, which is only read.
        let valid = unsafe { WebPValidateConfig(&raw const config) };
        if valid == 0 {
            return Err(Error::Config);
        }
        Ok(config)
    }
}
