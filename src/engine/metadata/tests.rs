use super::*;

/// Writes a directory: tag, type, count, and a value or what it points to.
fn exif(little: bool, entries: &[(u16, u16, u32, u32)], next: u32, behind: &[u8]) -> Vec<u8> {
    let short = |value: u16| {
        if little {
            value.to_le_bytes()
        } else {
            value.to_be_bytes()
        }
    };
    let long = |value: u32| {
        if little {
            value.to_le_bytes()
        } else {
            value.to_be_bytes()
        }
    };
    let mut bytes = if little {
        b"II".to_vec()
    } else {
        b"MM".to_vec()
    };
    bytes.extend(short(42));
    bytes.extend(long(8));
    bytes.extend(short(u16::try_from(entries.len()).unwrap()));
    for &(tag, kind, count, value) in entries {
        bytes.extend(short(tag));
        bytes.extend(short(kind));
        bytes.extend(long(count));
        // A short value stands in the first half.
        if kind == 3 {
            bytes.extend(short(u16::try_from(value).unwrap()));
            bytes.extend([0; 2]);
        } else {
            bytes.extend(long(value));
        }
    }
    bytes.extend(long(next));
    bytes.extend(behind);
    bytes
}

/// A camera's: orientation 6, artist, copyright, a maker's note and a thumbnail.
fn camera(little: bool) -> Vec<u8> {
    let behind = b"Ada Lovelace\0\0(c) 1843 Ada\0\0secret notes";
    let start = 8 + 2 + 4 * 12 + 4;
    exif(
        little,
        &[
            (0x0112, 3, 1, 6),
            (0x013B, 2, 13, start),
            (0x8298, 2, 13, start + 14),
            (0x927C, 7, 12, start + 28),
        ],
        start,
        behind,
    )
}

fn blocks(exif: Vec<u8>, xmp: &str) -> MetadataBlocks {
    MetadataBlocks {
        exif: Some(exif),
        xmp: Some(xmp.into()),
    }
}

const XMP: &str = r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" tiff:Orientation="6"
 xmpRights:Marked="True" exif:GPSLatitude="51,30N">
<dc:creator><rdf:Seq><rdf:li>Ada &amp; Co</rdf:li></rdf:Seq></dc:creator>
<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">All rights</rdf:li></rdf:Alt></dc:rights>
<dc:title>A secret</dc:title><tiff:Orientation>8</tiff:Orientation>
<xmpRights:WebStatement>https://a.example/</xmpRights:WebStatement>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"#;

#[test]
fn nothing_is_kept_unless_it_is_asked_for() {
    let kept = kept(blocks(camera(true), XMP), Metadata::Strip);
    assert_eq!(kept, MetadataBlocks::default());
}

#[test]
fn of_the_rights_only_the_rights_are_kept() {
    for little in [true, false] {
        let kept = kept(blocks(camera(little), XMP), Metadata::Copyright);
        let expected = exif(
            true,
            &[(0x013B, 2, 13, 38), (0x8298, 2, 13, 52)],
            0,
            b"Ada Lovelace\0\0(c) 1843 Ada\0\0",
        );
        assert_eq!(kept.exif.unwrap(), expected);
        let xmp = String::from_utf8(kept.xmp.unwrap()).unwrap();
        for part in [
            "<dc:creator><rdf:Seq><rdf:li>Ada &amp; Co</rdf:li></rdf:Seq></dc:creator>",
            "All rights",
            "<xmpRights:Marked>True</xmpRights:Marked>",
            "https://a.example/",
        ] {
            assert!(xmp.contains(part), "{part} in {xmp}");
        }
        for part in ["secret", "GPS", "Orientation"] {
            assert!(!xmp.contains(part), "{part} in {xmp}");
        }
    }
    // A text of three letters stands in the entry itself.
    let short = exif(
        true,
        &[(0x013B, 2, 4, u32::from_le_bytes(*b"Ada\0"))],
        0,
        b"",
    );
    let kept = kept(blocks(short.clone(), "<a/>"), Metadata::Copyright);
    assert_eq!(kept.exif, Some(short));
    assert_eq!(kept.xmp, None);
}

#[test]
fn what_is_kept_is_upright_and_without_a_thumbnail() {
    for little in [true, false] {
        let before = camera(little);
        let kept = kept(blocks(before.clone(), XMP), Metadata::Keep);
        let after = kept.exif.unwrap();
        assert_eq!(
            crate::engine::Orientation::from_exif(&after),
            crate::engine::Orientation::default()
        );
        let next = 8 + 2 + 4 * 12;
        assert_eq!(after[next..next + 4], [0; 4]);
        // Nothing else has changed, nor moved.
        assert_eq!(after.len(), before.len());
        assert_eq!(after[22..next], before[22..next]);
        assert_eq!(after[next + 4..], before[next + 4..]);
        let xmp = String::from_utf8(kept.xmp.unwrap()).unwrap();
        assert!(xmp.contains("tiff:Orientation=\"1\""), "{xmp}");
        assert!(xmp.contains("<tiff:Orientation>1<"), "{xmp}");
        assert!(xmp.contains("secret"));
    }
}

#[test]
fn a_thumbnail_is_blank_for_who_looks_at_the_bytes_too() {
    for little in [true, false] {
        let start = 8 + 2 + 12 + 4;
        let image = start + 2 + 4 * 12 + 4;
        // A second directory with a JPEG and two strips, of which one reaches over the end.
        let second = |jpeg: u32, strips: u32| {
            let entries = [
                (0x0111, 4, 1, strips),
                (0x0117, 4, 1, 1_000),
                (0x0201, 4, 1, jpeg),
                (0x0202, 4, 1, 9),
            ];
            let whole = exif(
                little,
                &entries,
                0,
                b"the jpeg, the maker's notes, the strip",
            );
            whole[8..].to_vec()
        };
        let first = |behind: &[u8]| exif(little, &[(0x0112, 3, 1, 6)], start, behind);
        let blocks = |exif| blocks(exif, "");
        let after = kept(blocks(first(&second(image, image + 28))), Metadata::Keep);
        let after = after.exif.unwrap();
        let behind = &after[image as usize..];
        assert_eq!(
            behind,
            [&[0; 9][..], b" the maker's notes,", &[0; 10]].concat()
        );
        // The first directory stays, whatever is said of it.
        let all = kept(blocks(first(&second(0, 0))), Metadata::Keep)
            .exif
            .unwrap();
        let upright = exif(little, &[(0x0112, 3, 1, 1)], 0, b"");
        assert_eq!(all[..upright.len()], upright);
        assert!(all[upright.len()..].iter().all(|&byte| byte == 0));
    }
}

#[test]
fn an_orientation_of_a_wrong_type_is_put_right() {
    let odd = exif(false, &[(0x0112, 4, 1, 6)], 0, b"");
    let kept = kept(blocks(odd, ""), Metadata::Keep);
    assert_eq!(kept.exif, Some(exif(false, &[(0x0112, 3, 1, 1)], 0, b"")));
}

#[test]
fn an_element_that_would_break_out_is_dropped() {
    for xmp in [
        "<dc:rights>open",
        "<dc:rights><a></dc:rights></a>",
        "<dc:rights></rdf:Description></dc:rights>",
        "<dc:rights><!-- </dc:rights>",
        "<dc:rights",
        "<rdf:Description dc:rights=\"a",
        "<rdf:Description dc:rights=\"<a\">",
        "<rdf:Description dc:rights>",
        "",
        "<<<<",
    ] {
        let kept = kept(blocks(vec![], xmp), Metadata::Copyright);
        assert_eq!(kept, MetadataBlocks::default(), "{xmp}");
    }
}

#[test]
fn damage_is_survived() {
    let mut state = 3_u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    for round in 0..500 {
        let mut exif = camera(round % 2 == 0);
        let mut xmp = XMP.as_bytes().to_vec();
        for bytes in [&mut exif, &mut xmp] {
            for _ in 0..=round % 3 {
                let at = next() as usize % bytes.len();
                bytes[at] = [0, 255, 128, b'<', u8::try_from(next() & 255).unwrap()][round % 5];
            }
            if round % 4 == 0 {
                bytes.truncate(next() as usize % bytes.len());
            }
        }
        for keep in [Metadata::Copyright, Metadata::Keep] {
            let blocks = MetadataBlocks {
                exif: Some(exif.clone()),
                xmp: Some(xmp.clone()),
            };
            let once = kept(blocks, keep);
            // What was kept once is kept again as it is.
            assert_eq!(kept(once.clone(), keep).exif, once.exif);
        }
    }
    let huge = MetadataBlocks {
        exif: Some(vec![0; LARGEST + 1]),
        xmp: Some(vec![b'<'; LARGEST + 1]),
    };
    assert_eq!(kept(huge, Metadata::Keep), MetadataBlocks::default());
    for tags in ["<dc:rights>", "<a '\"", "<a \"", "<", "</dc:rights>", "<a>"] {
        let kept = kept(blocks(vec![], &tags.repeat(20_000)), Metadata::Copyright);
        assert_eq!(kept, MetadataBlocks::default(), "{tags}");
    }
}
