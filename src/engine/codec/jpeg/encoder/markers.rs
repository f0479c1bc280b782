use super::JpegOptions;
use super::component::Component;
use super::huffman::HuffmanCode;
use super::quantization::Quantizer;
use crate::engine::RenderError;

pub(super) const START_OF_IMAGE: u8 = 0xD8;
pub(super) const END_OF_IMAGE: u8 = 0xD9;
const BASELINE_FRAME: u8 = 0xC0;
const PROGRESSIVE_FRAME: u8 = 0xC2;
const HUFFMAN_TABLES: u8 = 0xC4;
const START_OF_SCAN: u8 = 0xDA;
const QUANTIZATION_TABLES: u8 = 0xDB;
const APP0: u8 = 0xE0;

/// The most bytes that a segment has, without its length.
const MAX_SEGMENT: usize = 0xFFFF - 2;

/// A file, as far as it is written.
pub(super) struct Markers(pub(super) Vec<u8>);

impl Markers {
    pub(super) fn bare(&mut self, marker: u8) {
        self.0.extend_from_slice(&[0xFF, marker]);
    }

    fn segment(&mut self, marker: u8, parts: &[&[u8]]) -> Result<(), RenderError> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let length = u16::try_from(length + 2)
            .map_err(|_| RenderError::unsupported("the metadata is too long for a JPEG"))?;
        self.bare(marker);
        self.0.extend_from_slice(&length.to_be_bytes());
        for part in parts {
            self.0.extend_from_slice(part);
        }
        Ok(())
    }

    /// JFIF's own segment, and those that go with the image.
    pub(super) fn application(&mut self, options: &JpegOptions<'_>) -> Result<(), RenderError> {
        // Version 1.2, square pixels of no stated size, no thumbnail.
        self.segment(APP0, &[b"JFIF\0", &[1, 2, 0, 0, 1, 0, 1, 0, 0]])?;
        if let Some(exif) = options.exif {
            self.segment(APP0 + 1, &[b"Exif\0\0", exif])?;
        }
        if let Some(xmp) = options.xmp {
            self.segment(APP0 + 1, &[b"http://ns.adobe.com/xap/1.0/\0", xmp])?;
        }
        if let Some(icc) = options.icc {
            const ID: &[u8] = b"ICC_PROFILE\0";
            let chunks = icc.chunks(MAX_SEGMENT - ID.len() - 2);
            let count = u8::try_from(chunks.len()).map_err(|_| {
                RenderError::unsupported("the colour profile is too long for a JPEG")
            })?;
            for (number, chunk) in (1..=count).zip(chunks) {
                self.segment(APP0 + 2, &[ID, &[number, count], chunk])?;
            }
        }
        Ok(())
    }

    pub(super) fn quantization(&mut self, tables: &[Quantizer]) -> Result<(), RenderError> {
        for (number, table) in (0..).zip(tables) {
            self.segment(QUANTIZATION_TABLES, &[&[number], &table.steps])?;
        }
        Ok(())
    }

    pub(super) fn frame(
        &mut self,
        size: (u16, u16),
        components: &[Component<'_>],
        progressive: bool,
    ) -> Result<(), RenderError> {
        let marker = if progressive {
            PROGRESSIVE_FRAME
        } else {
            BASELINE_FRAME
        };
        let (width, height) = (size.0.to_be_bytes(), size.1.to_be_bytes());
        let mut list = Vec::with_capacity(10);
        for (number, component) in (0..).zip(components) {
            if number == 0 {
                list.push(byte(components.len()));
            }
            let (across, down) = component.factors;
            let factors = byte(across) << 4 | byte(down);
            list.extend_from_slice(&[number + 1, factors, component.tables]);
        }
        self.segment(marker, &[&[8], &height, &width, &list])
    }

    /// The codes that are used.
    pub(super) fn codes(&mut self, codes: &[HuffmanCode; 4]) -> Result<(), RenderError> {
        for (class_and_number, code) in [0x00, 0x01, 0x10, 0x11].into_iter().zip(codes) {
            if !code.symbols.is_empty() {
                let parts: [&[u8]; 3] = [&[class_and_number], &code.counts, &code.symbols];
                self.segment(HUFFMAN_TABLES, &parts)?;
            }
        }
        Ok(())
    }

    /// What a scan holds: the components by number, the band, and the bits left out before and now.
    pub(super) fn scan(
        &mut self,
        components: &[Component<'_>],
        numbers: &[usize],
        band: (u8, u8),
        bits: u8,
    ) -> Result<(), RenderError> {
        let mut list = vec![byte(numbers.len())];
        for &number in numbers {
            let tables = components
                .get(number)
                .map_or(0, |component| component.tables);
            list.extend_from_slice(&[byte(number) + 1, tables << 4 | tables]);
        }
        list.extend_from_slice(&[band.0, band.1, bits]);
        self.segment(START_OF_SCAN, &[&list])
    }
}

/// A number that is known to be small.
fn byte(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
