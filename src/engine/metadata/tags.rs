//! What a camera wrote, tag by tag.
//!
//! Where a picture was taken (GPS), with which device (serial numbers) and what only the maker reads is not among the tags.

use super::tiff::{Tiff, Value};

/// The directory of how a picture was taken, in the first directory.
const EXIF_DIRECTORY: u16 = 0x8769;

/// The names that EXIF (CIPA DC-008) gives to tags, by number.
const NAMES: [(u16, &str); 53] = [
    (0x010E, "ImageDescription"),
    (0x010F, "Make"),
    (0x0110, "Model"),
    (0x0112, "Orientation"),
    (0x011A, "XResolution"),
    (0x011B, "YResolution"),
    (0x0128, "ResolutionUnit"),
    (0x0131, "Software"),
    (0x0132, "DateTime"),
    (0x013B, "Artist"),
    (0x0213, "YCbCrPositioning"),
    (0x8298, "Copyright"),
    (0x829A, "ExposureTime"),
    (0x829D, "FNumber"),
    (0x8822, "ExposureProgram"),
    (0x8827, "ISOSpeedRatings"),
    (0x9003, "DateTimeOriginal"),
    (0x9004, "DateTimeDigitized"),
    (0x9201, "ShutterSpeedValue"),
    (0x9202, "ApertureValue"),
    (0x9203, "BrightnessValue"),
    (0x9204, "ExposureBiasValue"),
    (0x9205, "MaxApertureValue"),
    (0x9206, "SubjectDistance"),
    (0x9207, "MeteringMode"),
    (0x9208, "LightSource"),
    (0x9209, "Flash"),
    (0x920A, "FocalLength"),
    (0x9214, "SubjectArea"),
    (0x9290, "SubSecTime"),
    (0x9291, "SubSecTimeOriginal"),
    (0x9292, "SubSecTimeDigitized"),
    (0xA001, "ColorSpace"),
    (0xA002, "PixelXDimension"),
    (0xA003, "PixelYDimension"),
    (0xA20E, "FocalPlaneXResolution"),
    (0xA20F, "FocalPlaneYResolution"),
    (0xA210, "FocalPlaneResolutionUnit"),
    (0xA215, "ExposureIndex"),
    (0xA217, "SensingMethod"),
    (0xA401, "CustomRendered"),
    (0xA402, "ExposureMode"),
    (0xA403, "WhiteBalance"),
    (0xA404, "DigitalZoomRatio"),
    (0xA405, "FocalLengthIn35mmFilm"),
    (0xA406, "SceneCaptureType"),
    (0xA407, "GainControl"),
    (0xA408, "Contrast"),
    (0xA409, "Saturation"),
    (0xA40A, "Sharpness"),
    (0xA40C, "SubjectDistanceRange"),
    (0xA433, "LensMake"),
    (0xA434, "LensModel"),
];

/// The tags of a block by their names, in alphabetical order, with their values as libvips writes them: texts, whole
/// numbers, and fractions (`368640/65536`). What does not parse is left out.
pub(in crate::engine) fn tags(exif: &[u8]) -> Vec<(&'static str, String)> {
    let Some(tiff) = Tiff::new(exif) else {
        return Vec::new();
    };
    let first = tiff.first();
    let pointer = tiff
        .directory(first)
        .into_iter()
        .find(|entry| entry.tag == EXIF_DIRECTORY);
    let second = pointer.and_then(|entry| match tiff.values(entry)?.as_slice() {
        [Value::Whole(at)] => tiff.directory_at(usize::try_from(*at).ok()?),
        _ => None,
    });
    let mut tags: Vec<(&'static str, String)> = Vec::new();
    for entry in [first, second]
        .into_iter()
        .flat_map(|at| tiff.directory(at))
    {
        let Ok(place) = NAMES.binary_search_by_key(&entry.tag, |&(tag, _)| tag) else {
            continue;
        };
        let (_, name) = NAMES.get(place).copied().unwrap_or_default();
        // Each name once, whatever the block holds: what is told stays small.
        if !tags.iter().any(|&(other, _)| other == name) {
            tags.extend(tiff.written(entry).map(|text| (name, text)));
        }
    }
    tags.sort_unstable_by_key(|&(name, _)| name);
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_their_numbers() {
        assert!(NAMES.is_sorted_by_key(|&(tag, _)| tag));
    }

    /// Big-endian: a first directory of these entries, with the values behind it, and the other directory behind those.
    fn block(first: &[[u32; 4]], second: &[[u32; 4]], behind: &[u8]) -> Vec<u8> {
        let mut bytes = b"MM\0*\0\0\0\x08".to_vec();
        let directory = |bytes: &mut Vec<u8>, entries: &[[u32; 4]]| {
            bytes.extend(u16::try_from(entries.len()).unwrap().to_be_bytes());
            for &[tag, kind, count, value] in entries {
                bytes.extend(u16::try_from(tag).unwrap().to_be_bytes());
                bytes.extend(u16::try_from(kind).unwrap().to_be_bytes());
                bytes.extend(count.to_be_bytes());
                bytes.extend(value.to_be_bytes());
            }
            bytes.extend([0; 4]);
        };
        directory(&mut bytes, first);
        directory(&mut bytes, second);
        bytes.extend(behind);
        bytes
    }

    #[test]
    fn tags_are_told_as_libvips_writes_them() {
        // The second directory begins at 8 + 2 + 6 * 12 + 4, the values at that and 2 + 4 * 12 + 4.
        let (second, values) = (86, 140);
        let bytes = block(
            &[
                [0x010F, 2, 6, values],
                [0x0110, 2, 3, u32::from_be_bytes(*b"EOS\0")],
                [0x0112, 3, 1, 6 << 16],
                [0x8769, 4, 1, second],
                // Where it was taken, and by which camera.
                [0x8825, 4, 1, second],
                [0xA431, 2, 6, values],
            ],
            &[
                [0x9202, 5, 1, values + 6],
                [0x9204, 10, 1, values + 14],
                [0xA001, 3, 1, 1 << 16],
                // It points behind the end.
                [0xA434, 2, 6, 5000],
            ],
            b"Canon\0\x00\x05\xA0\x00\x00\x01\x00\x00\xFF\xFF\xFF\xFF\x00\x00\x00\x03",
        );
        let expected = [
            ("ApertureValue", "368640/65536"),
            ("ColorSpace", "1"),
            ("ExposureBiasValue", "-1/3"),
            ("Make", "Canon"),
            ("Model", "EOS"),
            ("Orientation", "6"),
        ];
        let told = tags(&bytes);
        let told: Vec<_> = told.iter().map(|(name, text)| (*name, &**text)).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn damage_and_loops_are_survived() {
        let whole = block(&[[0x8769, 4, 1, 8], [0x010F, 2, 900, 0]], &[], &[7; 2000]);
        for length in 0..whole.len() {
            tags(&whole[..length]);
        }
        // The first directory stands for the second, and a text begins at the mark of the block.
        assert_eq!(tags(&whole), [("Make", "MM".to_owned())]);
        assert_eq!(tags(b""), []);
    }
}
