//! TIFF 6.0, as far as EXIF needs it.

use std::ops::Range;

const ORIENTATION: u16 = 0x0112;
const ARTIST: u16 = 0x013B;
const COPYRIGHT: u16 = 0x8298;
/// Where the image of a directory is, and its length: a JPEG, or strips.
const JPEG: u16 = 0x0201;
const JPEG_LENGTH: u16 = 0x0202;
const STRIPS: u16 = 0x0111;
const STRIP_LENGTHS: u16 = 0x0117;
/// The type of a text.
const ASCII: u16 = 2;
/// A header, and the bytes of an entry.
const HEADER: usize = 8;
const ENTRY: usize = 12;

/// The most bytes of a text that is told.
const LONGEST_TOLD: usize = 1024;

/// A structure that begins right.
pub(super) struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

/// An entry of a directory.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    /// Where it is.
    at: usize,
    pub(super) tag: u16,
    kind: u16,
    count: u32,
}

/// A number of an entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    Whole(i64),
    Fraction(i64, i64),
}

impl<'a> Tiff<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let little = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        Some(Self { bytes, little })
    }

    fn short(&self, at: usize) -> Option<u16> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    fn short_bytes(&self, value: u16) -> [u8; 2] {
        if self.little {
            value.to_le_bytes()
        } else {
            value.to_be_bytes()
        }
    }

    /// Where the first directory is, and how many entries it has. All of them, and what points to the next, are there.
    pub(super) fn first(&self) -> Option<(usize, usize)> {
        self.directory_at(usize::try_from(self.long(4)?).ok()?)
    }

    /// The same of a directory at a place.
    pub(super) fn directory_at(&self, at: usize) -> Option<(usize, usize)> {
        let count = usize::from(self.short(at)?);
        let end = at.checked_add(2 + count * ENTRY + 4)?;
        (at >= HEADER && end <= self.bytes.len()).then_some((at, count))
    }

    fn entries(&self) -> Vec<Entry> {
        self.directory(self.first())
    }

    /// Where the image of the directory that is pointed to from `next` is: a JPEG, or strips.
    fn thumbnail(&self, next: usize) -> Vec<Range<usize>> {
        let at = self.long(next).and_then(|at| usize::try_from(at).ok());
        let entries = self.directory(at.and_then(|at| self.directory_at(at)));
        let numbers = |tag| {
            let entry = entries.iter().find(|entry| entry.tag == tag);
            let values = entry.and_then(|entry| self.values(*entry));
            let values = values.unwrap_or_default().into_iter();
            values.map(|value| match value {
                Value::Whole(number) => usize::try_from(number).unwrap_or(0),
                Value::Fraction(..) => 0,
            })
        };
        let piece = |(at, length): (usize, usize)| at..at.saturating_add(length);
        let jpeg = numbers(JPEG).zip(numbers(JPEG_LENGTH)).map(piece);
        jpeg.chain(numbers(STRIPS).zip(numbers(STRIP_LENGTHS)).map(piece))
            .collect()
    }

    /// The entries of a directory.
    pub(super) fn directory(&self, directory: Option<(usize, usize)>) -> Vec<Entry> {
        let Some((at, count)) = directory else {
            return Vec::new();
        };
        let entry = |number: usize| {
            let at = at + 2 + number * ENTRY;
            Some(Entry {
                at,
                tag: self.short(at)?,
                kind: self.short(at + 2)?,
                count: self.long(at + 4)?,
            })
        };
        (0..count).filter_map(entry).collect()
    }

    /// The bytes of an entry's values.
    fn bytes_of(&self, entry: Entry, length: usize) -> Option<&'a [u8]> {
        let at = if length <= 4 {
            entry.at + 8
        } else {
            usize::try_from(self.long(entry.at + 8)?).ok()?
        };
        self.bytes.get(at..at.checked_add(length)?)
    }

    /// The numbers of an entry, where there are no more than a few.
    pub(super) fn values(&self, entry: Entry) -> Option<Vec<Value>> {
        const MOST: usize = 16;

        let size = match entry.kind {
            1 => 1,
            3 => 2,
            4 | 9 => 4,
            5 | 10 => 8,
            _ => return None,
        };
        let count = usize::try_from(entry.count).ok();
        let count = count.filter(|count| (1..=MOST).contains(count))?;
        let values = Tiff {
            bytes: self.bytes_of(entry, count * size)?,
            little: self.little,
        };
        let signed = |at| values.long(at).map(|long| i64::from(long.cast_signed()));
        let value = |number: usize| {
            let at = number * size;
            Some(match entry.kind {
                1 => Value::Whole(i64::from(*values.bytes.get(at)?)),
                3 => Value::Whole(values.short(at)?.into()),
                4 => Value::Whole(values.long(at)?.into()),
                9 => Value::Whole(signed(at)?),
                5 => Value::Fraction(values.long(at)?.into(), values.long(at + 4)?.into()),
                _ => Value::Fraction(signed(at)?, signed(at + 4)?),
            })
        };
        (0..count).map(value).collect()
    }

    /// The values of an entry as a text.
    pub(super) fn written(&self, entry: Entry) -> Option<String> {
        if entry.kind == ASCII {
            // No more of it is read than is told, for a block can name the same bytes again and again.
            let bytes = self.bytes_of(entry, usize::try_from(entry.count).ok()?)?;
            let bytes = bytes.get(..LONGEST_TOLD).unwrap_or(bytes);
            let text = bytes.split(|&byte| byte == 0).next()?;
            let text = String::from_utf8_lossy(text).trim().to_owned();
            return (!text.is_empty()).then_some(text);
        }
        let values = self.values(entry)?;
        let values: Vec<String> = values
            .iter()
            .map(|value| match value {
                Value::Whole(number) => number.to_string(),
                Value::Fraction(above, below) => format!("{above}/{below}"),
            })
            .collect();
        Some(values.join(" "))
    }

    /// A text, up to its end.
    fn text(&self, entry: Entry) -> Option<&'a [u8]> {
        let length = usize::try_from(entry.count).ok()?;
        let text = self.bytes_of(entry, length)?;
        let end = text.iter().position(|&byte| byte == 0);
        let text = text.get(..end.unwrap_or(length))?;
        (entry.kind == ASCII && !text.is_empty()).then_some(text)
    }
}

/// A new structure with who made the image and whose it is. `None` where neither is said.
pub(super) fn rights(exif: &[u8]) -> Option<Vec<u8>> {
    let tiff = Tiff::new(exif)?;
    let entries = tiff.entries();
    // Directories are in the order of their tags.
    let texts: Vec<(u16, &[u8])> = [ARTIST, COPYRIGHT]
        .into_iter()
        .filter_map(|tag| {
            let entry = entries.iter().find(|entry| entry.tag == tag)?;
            Some((tag, tiff.text(*entry)?))
        })
        .collect();
    if texts.is_empty() {
        return None;
    }
    let count = u16::try_from(texts.len()).ok()?;
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend(count.to_le_bytes());
    let mut behind = Vec::new();
    let start = HEADER + 2 + texts.len() * ENTRY + 4;
    for (tag, text) in texts {
        let length = text.len() + 1;
        bytes.extend(tag.to_le_bytes());
        bytes.extend(ASCII.to_le_bytes());
        bytes.extend(u32::try_from(length).ok()?.to_le_bytes());
        if length <= 4 {
            let mut inline = [0; 4];
            for (to, from) in inline.iter_mut().zip(text) {
                *to = *from;
            }
            bytes.extend(inline);
        } else {
            bytes.extend(u32::try_from(start + behind.len()).ok()?.to_le_bytes());
            behind.extend(text);
            // The end of the text, and a byte more where values would not begin at a word.
            behind.push(0);
            behind.resize(behind.len().next_multiple_of(2), 0);
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(behind);
    Some(bytes)
}

/// The structure, upright: its orientation says 1, and the thumbnail, which would be the old picture, is blank and no longer
/// linked. Everything else stays where it is, so that what points into the maker's notes still does.
pub(super) fn upright(mut exif: Vec<u8>) -> Option<Vec<u8>> {
    let tiff = Tiff::new(&exif)?;
    let (at, count) = tiff.first()?;
    let next = at + 2 + count * ENTRY;
    let one = tiff.short_bytes(1);
    // As a short, whatever it was said to be: the type, one value, the value, and two bytes that are not used.
    let kind = tiff.short_bytes(3);
    let number = if tiff.little {
        [1, 0, 0, 0]
    } else {
        [0, 0, 0, 1]
    };
    let orientations: Vec<usize> = tiff
        .entries()
        .iter()
        .filter(|entry| entry.tag == ORIENTATION)
        .map(|entry| entry.at)
        .collect();
    let value = [&kind[..], &number, &one, &[0, 0]].concat();
    for piece in tiff.thumbnail(next) {
        // What is in the first directory is not its image, whatever it says.
        let end = piece.end.min(exif.len());
        if let Some(piece) = exif.get_mut(piece.start.max(next + 4)..end) {
            piece.fill(0);
        }
    }
    for at in orientations {
        if let Some(entry) = exif.get_mut(at + 2..at + ENTRY) {
            entry.copy_from_slice(&value);
        }
    }
    if let Some(next) = exif.get_mut(next..next + 4) {
        next.fill(0);
    }
    Some(exif)
}
