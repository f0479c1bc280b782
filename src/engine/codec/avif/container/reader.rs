use crate::engine::RenderError;

/// Reads big-endian fields, and boxes, off the front of a slice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

/// The four characters that name a box, an item or a brand.
pub(super) type FourCc = [u8; 4];

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], RenderError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(ends_early)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RenderError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(ends_early)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, RenderError> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, RenderError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, RenderError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, RenderError> {
        self.array().map(u64::from_be_bytes)
    }

    pub(super) fn four_cc(&mut self) -> Result<FourCc, RenderError> {
        self.array()
    }

    /// A number of two or of four bytes.
    pub(super) fn narrow_or_wide(&mut self, wide: bool) -> Result<u32, RenderError> {
        if wide {
            self.u32()
        } else {
            self.u16().map(u32::from)
        }
    }

    /// A number of 0, 4 or 8 bytes, the sizes that an item's location may have.
    pub(super) fn sized(&mut self, bytes: u8) -> Result<u64, RenderError> {
        match bytes {
            0 => Ok(0),
            4 => self.u32().map(u64::from),
            8 => self.u64(),
            _ => Err(RenderError::corrupt(
                "a field of the AVIF has no valid size",
            )),
        }
    }

    /// The version and the flags that a full box begins with.
    pub(super) fn version_and_flags(&mut self) -> Result<(u8, u32), RenderError> {
        let word = self.u32()?;
        let [version, ..] = word.to_be_bytes();
        Ok((version, word & 0x00FF_FFFF))
    }

    /// The next box: its name and what is in it. `None` at the end.
    pub(super) fn next_box(&mut self) -> Result<Option<(FourCc, Self)>, RenderError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let whole = self.rest.len() as u64;
        let size = self.u32()?;
        let kind = self.four_cc()?;
        let (size, header) = match size {
            0 => (whole, 8),
            1 => (self.u64()?, 16),
            size => (size.into(), 8),
        };
        let length = size
            .checked_sub(header)
            .and_then(|length| usize::try_from(length).ok())
            .ok_or_else(ends_early)?;
        let payload = self.take(length)?;
        Ok(Some((kind, Self::new(payload))))
    }
}

fn ends_early() -> RenderError {
    RenderError::corrupt("a box of the AVIF ends early")
}
