use std::fmt;

use super::RenderError;

/// A decoded image as JPEG stores it: a plane of luma and, unless it is grey, two of chroma, which may be smaller.
///
/// The numbers are those of JFIF: YCbCr of ITU-R BT.601 in the full range of 0 to 255, over the R'G'B' of `profile` (sRGB
/// where there is none), each chroma sample at the centre of the luma samples that it belongs to. Rows have no padding.
#[derive(Clone)]
pub struct Planar {
    luma: Plane,
    chroma: Option<[Plane; 2]>,
    profile: Option<Vec<u8>>,
}

/// The samples of one component, row by row from the top, a byte each.
#[derive(Clone)]
pub struct Plane {
    width: u32,
    height: u32,
    data: Vec<u8>,
}

impl Plane {
    /// A plane. An [`Internal`](super::RenderErrorKind::Internal) error if `data` has not exactly `width` by `height` bytes,
    /// or if that is none.
    pub fn new(width: u32, height: u32, data: Vec<u8>) -> Result<Self, RenderError> {
        if data.is_empty() || u64::from(width) * u64::from(height) != data.len() as u64 {
            return Err(RenderError::internal(format!(
                "{} bytes do not make a plane of {width} by {height}",
                data.len()
            )));
        }
        Ok(Self {
            width,
            height,
            data,
        })
    }

    /// The width in samples.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// The height in samples.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The samples.
    pub fn data(&self) -> &[u8] {
        &self.data
    }
}

impl Planar {
    /// A grey image, in sRGB.
    pub fn gray(luma: Plane) -> Self {
        Self {
            luma,
            chroma: None,
            profile: None,
        }
    }

    /// An image of luma, Cb and Cr, in sRGB. An [`Internal`](super::RenderErrorKind::Internal) error if the chroma planes differ
    /// in size, or are not of the luma's size divided by 1, 2 or 4 both ways, rounded up.
    pub fn new(luma: Plane, cb: Plane, cr: Plane) -> Result<Self, RenderError> {
        let reduces = |from: u32, to: u32| [1, 2, 4].iter().any(|&by| from.div_ceil(by) == to);
        if (cb.width, cb.height) != (cr.width, cr.height)
            || !reduces(luma.width, cb.width)
            || !reduces(luma.height, cb.height)
        {
            return Err(RenderError::internal(format!(
                "chroma of {} by {} and {} by {} does not belong to luma of {} by {}",
                cb.width, cb.height, cr.width, cr.height, luma.width, luma.height
            )));
        }
        Ok(Self {
            luma,
            chroma: Some([cb, cr]),
            profile: None,
        })
    }

    /// The image, meant in the colours of an ICC profile. One that cannot be used stands for sRGB.
    pub fn with_profile(mut self, profile: Option<Vec<u8>>) -> Self {
        self.profile = profile;
        self
    }

    /// The width in pixels.
    pub fn width(&self) -> u32 {
        self.luma.width
    }

    /// The height in pixels.
    pub fn height(&self) -> u32 {
        self.luma.height
    }

    /// The luma.
    pub fn luma(&self) -> &Plane {
        &self.luma
    }

    /// Cb and Cr, or `None` for a grey image.
    pub fn chroma(&self) -> Option<&[Plane; 2]> {
        self.chroma.as_ref()
    }

    /// How many bytes the planes take.
    pub(super) fn bytes(&self) -> u64 {
        let chroma = self.chroma.iter().flatten();
        let planes = std::iter::once(&self.luma).chain(chroma);
        planes.map(|plane| plane.data.len() as u64).sum()
    }

    /// The ICC profile that the samples are meant in.
    pub fn profile(&self) -> Option<&[u8]> {
        self.profile.as_deref()
    }
}

impl fmt::Debug for Plane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plane")
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Planar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Planar")
            .field("luma", &self.luma)
            .field("chroma", &self.chroma)
            .finish_non_exhaustive()
    }
}
