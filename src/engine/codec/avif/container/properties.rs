use super::reader::{FourCc, Reader};
use crate::engine::RenderError;

/// A property of an item (ISO/IEC 23008-12, 6.5; AVIF 1.1, 2).
#[derive(Debug)]
pub(super) enum Property<'a> {
    /// The width and the height.
    Size(u32, u32),
    Nclx(Nclx),
    Icc(&'a [u8]),
    /// What an auxiliary image is for.
    Auxiliary(&'a [u8]),
    Transform(Transform),
    /// Says nothing that is needed.
    Ignored,
    Unknown,
}

/// How the samples are meant, in the code points of ITU-T H.273.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Nclx {
    pub(in super::super) primaries: u16,
    pub(in super::super) transfer: u16,
    pub(in super::super) matrix: u16,
    pub(in super::super) full_range: bool,
}

/// What has to be done to the decoded pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Transform {
    Crop(CleanAperture),
    /// Turn it so many times by 90 degrees, anticlockwise.
    Rotate(u8),
    /// Swap left and right.
    MirrorHorizontally,
    /// Swap top and bottom.
    MirrorVertically,
}

/// The middle of the part that is shown is off the middle of the image by the offsets. Each is a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct CleanAperture {
    pub(in super::super) width: (u32, u32),
    pub(in super::super) height: (u32, u32),
    pub(in super::super) right: (i32, u32),
    pub(in super::super) down: (i32, u32),
}

impl<'a> Property<'a> {
    pub(super) fn parse(kind: FourCc, mut payload: Reader<'a>) -> Result<Self, RenderError> {
        Ok(match &kind {
            b"ispe" => {
                payload.version_and_flags()?;
                Self::Size(payload.u32()?, payload.u32()?)
            }
            b"colr" => Self::color(payload)?,
            b"auxC" => {
                payload.version_and_flags()?;
                let text = payload.rest();
                let end = text.iter().position(|&byte| byte == 0);
                Self::Auxiliary(text.get(..end.unwrap_or(text.len())).unwrap_or_default())
            }
            b"irot" => Self::Transform(Transform::Rotate(payload.u8()? & 3)),
            b"imir" => Self::Transform(match payload.u8()? & 1 {
                0 => Transform::MirrorVertically,
                _ => Transform::MirrorHorizontally,
            }),
            b"clap" => Self::Transform(Transform::Crop(CleanAperture {
                width: (payload.u32()?, payload.u32()?),
                height: (payload.u32()?, payload.u32()?),
                right: (payload.u32()?.cast_signed(), payload.u32()?),
                down: (payload.u32()?.cast_signed(), payload.u32()?),
            })),
            // The AV1 stream says itself what `av1C` and `pixi` say of it.
            b"av1C" | b"pixi" | b"pasp" | b"clli" | b"mdcv" | b"a1lx" | b"cclv" | b"amve" => {
                Self::Ignored
            }
            // Operating point 0 and the highest layer are what is decoded.
            b"a1op" if payload.u8()? == 0 => Self::Ignored,
            b"lsel" if payload.u16()? == u16::MAX => Self::Ignored,
            _ => Self::Unknown,
        })
    }

    pub(super) fn color(mut payload: Reader<'a>) -> Result<Self, RenderError> {
        Ok(match &payload.four_cc()? {
            b"nclx" => Self::Nclx(Nclx {
                primaries: payload.u16()?,
                transfer: payload.u16()?,
                matrix: payload.u16()?,
                full_range: payload.u8()? & 0x80 != 0,
            }),
            b"rICC" | b"prof" => Self::Icc(payload.rest()),
            _ => Self::Ignored,
        })
    }
}
