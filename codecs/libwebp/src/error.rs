use std::fmt;

use libwebp_sys::WebPEncodingError;

/// Why a picture was not encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Error {
    /// The width or the height is zero or over [`MAX_SIDE`](crate::MAX_SIDE).
    Dimensions,
    /// A slice of samples is shorter than the picture, or a stride than its rows.
    Samples,
    /// A number of the [`Config`](crate::Config) is out of its range.
    Config,
    /// There is not enough memory.
    OutOfMemory,
    /// The file, or one of its parts, would be larger than the format allows.
    TooLarge,
    /// libwebp failed in a way that the picture does not explain.
    Library,
}

impl Error {
    pub(crate) fn of_libwebp(code: WebPEncodingError) -> Self {
        use WebPEncodingError as Code;
        match code {
            Code::VP8_ENC_ERROR_OUT_OF_MEMORY
            | Code::VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY
            // The writer fails where it cannot grow, and nowhere else.
            | Code::VP8_ENC_ERROR_BAD_WRITE => Self::OutOfMemory,
            Code::VP8_ENC_ERROR_INVALID_CONFIGURATION => Self::Config,
            Code::VP8_ENC_ERROR_BAD_DIMENSION => Self::Dimensions,
            Code::VP8_ENC_ERROR_PARTITION0_OVERFLOW
            | Code::VP8_ENC_ERROR_PARTITION_OVERFLOW
            | Code::VP8_ENC_ERROR_FILE_TOO_BIG => Self::TooLarge,
            _ => Self::Library,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dimensions => "a side is not from 1 to 16383 pixels long",
            Self::Samples => "the samples are fewer than those of the picture",
            Self::Config => "a setting is out of its range",
            Self::OutOfMemory => "out of memory",
            Self::TooLarge => "the file would be larger than the format allows",
            Self::Library => "libwebp failed",
        })
    }
}

impl std::error::Error for Error {}
