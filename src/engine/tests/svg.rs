//! SVG: what is drawn, what is not, and what is refused.
#![expect(
    clippy::format_collect,
    clippy::format_push_string,
    reason = "sources are short to write down"
)]

use super::png::seen;
use super::*;

const XMLNS: &str =
    "xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"";

fn svg(attributes: &str, content: &str) -> String {
    format!("<svg {XMLNS} {attributes}>{content}</svg>")
}

/// In ten by ten units.
fn small(content: &str) -> String {
    svg("width=\"10\" height=\"10\"", content)
}

fn drawn(source: &str, scale: f64) -> Result<RgbaImage, RenderError> {
    let limits = Limits::default();
    let wanted = Wanted {
        scale,
        ..Wanted::default()
    };
    limits.check_source(&Svg.probe(source.as_bytes(), &limits)?)?;
    let mut frames = Svg.decode(source.as_bytes(), &wanted, &limits)?;
    Ok(seen(&frames.next_frame()?.unwrap().pixels))
}

fn count(image: &RgbaImage, color: [u8; 4]) -> usize {
    image.pixels().filter(|pixel| pixel.0 == color).count()
}

const RED: [u8; 4] = [255, 0, 0, 255];
const NOTHING: [u8; 4] = [0; 4];

#[test]
fn it_is_told_by_its_root_element() {
    let long = format!("{}<svg/>", " ".repeat(5000));
    for (source, is_svg) in [
        ("<svg/>", true),
        ("<svg>", true),
        ("<svg\nwidth='1'>", true),
        ("\u{FEFF} <svg >", true),
        ("<?xml version='1.0'?><!-- a > b --><svg >", true),
        (
            "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x'><svg >",
            true,
        ),
        ("<!DOCTYPE svg [<!ENTITY a 'b>'>] ><svg >", true),
        ("<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>", true),
        ("<svgfoo>", false),
        ("<html><svg>", false),
        ("<!DOCTYPE html><html><svg>", false),
        ("text <svg>", false),
        ("<!-- <svg>", false),
        ("<svg", false),
        ("", false),
        (&long, false),
    ] {
        assert_eq!(Svg.recognizes(source.as_bytes()), is_svg, "{source}");
    }
}

#[test]
fn it_is_drawn_at_the_scale_that_is_wanted() {
    let source = svg(
        "width=\"20\" height=\"10\" viewBox=\"0 0 4 2\"",
        "<rect x='1' y='0' width='1' height='2' fill='red'/>",
    );
    let probe = Svg.probe(source.as_bytes(), &Limits::default()).unwrap();
    assert_eq!((probe.width, probe.height, probe.vector), (20, 10, true));
    for (scale, width) in [(1.0, 20), (0.2, 4), (4.0, 80)] {
        let image = drawn(&source, scale).unwrap();
        assert_eq!(image.dimensions(), (width, width / 2));
        assert_eq!(count(&image, RED), (width * width / 8) as usize);
        assert_eq!(count(&image, NOTHING), (width * width * 3 / 8) as usize);
    }
    let half = drawn(
        &small("<rect width='10' height='10' fill='red' opacity='.5'/>"),
        1.0,
    );
    assert_eq!(half.unwrap().get_pixel(5, 5).0, [255, 0, 0, 128]);
    let wanted = Wanted {
        density: Some(192.0),
        ..Wanted::default()
    };
    let mut frames = Svg
        .decode(source.as_bytes(), &wanted, &Limits::default())
        .unwrap();
    assert_eq!(frames.next_frame().unwrap().unwrap().pixels.width(), 40);
}

#[test]
fn sizes_are_those_of_the_root_element() {
    for (attributes, size) in [
        ("width='7' height='9'", (7, 9)),
        ("width='1in' height='25.4mm'", (96, 96)),
        ("viewBox='0 0 30 20'", (30, 20)),
        ("width='60' viewBox='0 0 30 20'", (60, 40)),
        ("width='0.2' height='0.2'", (1, 1)),
    ] {
        let source = svg(attributes, "<rect width='5' height='5'/>");
        let probe = Svg.probe(source.as_bytes(), &Limits::default()).unwrap();
        assert_eq!((probe.width, probe.height), size, "{attributes}");
    }
}

#[test]
fn an_engine_turns_it_into_other_formats_and_never_hands_it_on() {
    let engine = Engine::new(Codecs::new().with(Svg));
    let source = small("<rect width='5' height='10' fill='red'/>");
    let rendered = engine
        .render(&[source.as_bytes()], &Recipe::default())
        .unwrap();
    assert_eq!(rendered.format, Format::Png);
    assert_eq!(count(&decoded(&rendered.bytes), RED), 50);
    let error = engine
        .render(&[source.as_bytes()], &to_format(Format::Svg))
        .unwrap_err();
    assert_eq!(error.kind(), RenderErrorKind::UnsupportedFormat);
}

#[test]
fn row_80_and_81_nothing_is_loaded_and_nothing_runs() {
    let dir = std::env::temp_dir().join(format!("imgward-svg-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let image = dir.join("red.png");
    std::fs::write(&image, png(&RgbaImage::from_pixel(4, 4, Rgba(RED)))).unwrap();
    let inner = dir.join("red.svg");
    std::fs::write(&inner, small("<rect width='10' height='10' fill='red'/>")).unwrap();
    let (image, inner) = (image.display(), inner.display());
    for content in [
        format!("<image href='{image}' width='10' height='10'/>"),
        format!("<image href='file://{image}' width='10' height='10'/>"),
        format!("<image xlink:href='{inner}' width='10' height='10'/>"),
        format!("<use href='{inner}#a'/>"),
        format!("<style>@import '{inner}'; rect {{ fill: url({inner}#a) }}</style>"),
        format!("<filter id='f'><feImage href='{image}'/></filter><rect width='9' height='9' filter='url(#f)' fill='none'/>"),
        "<image href='http://169.254.169.254/' width='10' height='10'/>".into(),
        "<image href='data:image/svg+xml,&lt;svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\">&lt;rect width=\"9\" height=\"9\" fill=\"red\"/>&lt;/svg>' width='10' height='10'/>".into(),
        "<script>document.write('x')</script><a href='javascript:alert(1)'/>".into(),
        "<foreignObject width='10' height='10'><p xmlns='http://www.w3.org/1999/xhtml'>x</p></foreignObject>".into(),
        "<text y='9'>text</text>".into(),
    ] {
        let image = drawn(&small(&content), 1.0).unwrap();
        assert_eq!(count(&image, NOTHING), 100, "{content}");
    }
    std::fs::remove_dir_all(&dir).unwrap();
    let source = format!(
        "<!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{}",
        small("<desc>&x;</desc>")
    );
    assert!(drawn(&source, 1.0).is_err());
}

#[test]
fn what_editors_write_is_read() {
    let entities = String::from(
        "<?xml version='1.0' encoding='utf-8'?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \
         \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\" [\n\t<!ENTITY ns_svg \
         \"http://www.w3.org/2000/svg\">\n]>\n<svg xmlns=\"&ns_svg;\" width='10' height='10'>\
         <rect width='10' height='10' fill='red'/></svg>",
    );
    for source in [
        &entities,
        &small("<style>.a{fill:red}</style><rect class='a' width='10' height='10'/>"),
        &small(
            "<style>.a,.b{fill:url(#g)} .c{clip-path:url(#c)}</style><defs><linearGradient id='g'>\
             <stop stop-color='red'/></linearGradient><clipPath id='c'><rect width='99' height='99'/>\
             </clipPath></defs><g class='c'><rect class='b' width='10' height='10'/></g>",
        ),
        &small(
            "<defs><rect id='r' width='10' height='10' fill='red'/></defs><use xlink:href='#r'/>",
        ),
        &small(&format!(
            "{}<rect width='10' height='10' fill='red'/>{}",
            "<g>".repeat(50),
            "</g>".repeat(50)
        )),
    ] {
        let image = drawn(source, 1.0).unwrap();
        assert_eq!(count(&image, RED), 100, "{source}");
    }
}

/// Each level draws the one before ten times.
fn doubled(levels: usize, wrap: impl Fn(usize, &str) -> String) -> String {
    let mut content = String::from("<rect id='l0' width='1' height='1' fill='red'/>");
    for level in 1..=levels {
        let uses = format!("<use xlink:href='#l{}'/>", level - 1).repeat(10);
        content += &wrap(level, &uses);
    }
    small(&content)
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn row_74_bombs_are_refused() {
    use RenderErrorKind::{ImageCorrupt, ImageTooLarge, UnsupportedFormat};

    let laughs = {
        let mut entities = String::from("<!ENTITY l0 'ha'>");
        for level in 1..10 {
            let inner = format!("&l{};", level - 1).repeat(10);
            entities += &format!("<!ENTITY l{level} '{inner}'>");
        }
        format!("<!DOCTYPE svg [{entities}]>{}", small("<desc>&l9;</desc>"))
    };
    let long_entity = format!(
        "<!DOCTYPE svg [<!ENTITY a '{}'>]>{}",
        "a".repeat(3_000),
        small(&"<g id='&a;'/>".repeat(2_000))
    );
    let nested = |levels: usize| small(&("<g>".repeat(levels) + &"</g>".repeat(levels)));
    let chain = |element: &str, attribute: &str| {
        let links: String = (0..200)
            .map(|i| {
                format!(
                    "<{element} id='m{i}' {attribute}='url(#m{})'><rect width='9' height='9'/></{element}>",
                    i + 1
                )
            })
            .collect();
        small(&format!(
            "{links}<rect width='9' height='9' {attribute}='url(#m0)'/>"
        ))
    };
    let huge = "width='1000000' height='1000000'";
    let rows: Vec<(&str, String, RenderErrorKind)> = vec![
        ("billion laughs", laughs, ImageTooLarge),
        ("long entity", long_entity, ImageTooLarge),
        ("bytes", small(&" ".repeat(6_000_000)), ImageTooLarge),
        ("nodes", small(&"<g/>".repeat(100_001)), ImageTooLarge),
        ("depth", nested(100), ImageTooLarge),
        ("great depth", nested(40_000), ImageTooLarge),
        (
            "use of use",
            doubled(9, |level, uses| format!("<g id='l{level}'>{uses}</g>")),
            ImageTooLarge,
        ),
        (
            "pattern in pattern",
            doubled(9, |level, uses| {
                format!("<symbol id='l{level}'>{uses}</symbol>")
            }),
            ImageTooLarge,
        ),
        (
            "use of itself",
            small("<g id='a'><use href='#a'/></g>"),
            ImageCorrupt,
        ),
        (
            "use of each other",
            small("<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>"),
            ImageCorrupt,
        ),
        (
            "mask of itself by style",
            small(
                "<style>.a{mask:url(#m)}</style><mask id='m'><rect class='a' width='9' height='9'/></mask>",
            ),
            ImageCorrupt,
        ),
        (
            "intricate style",
            small("<style>g > .a{mask:url(#m)}</style><mask id='m'/>"),
            UnsupportedFormat,
        ),
        ("masks in masks", chain("mask", "mask"), ImageTooLarge),
        (
            "clips in clips",
            chain("clipPath", "clip-path"),
            ImageTooLarge,
        ),
        (
            "size",
            svg("width='1000000000' height='1000000000'", "<g/>"),
            ImageTooLarge,
        ),
        (
            "view box",
            svg("viewBox='0 0 1e9 1e9'", "<g/>"),
            ImageTooLarge,
        ),
        (
            "pattern tile",
            small(
                "<pattern id='p' width='90000' height='90000' patternUnits='userSpaceOnUse'><rect width='9' height='9'/></pattern><rect width='100000' height='100000' fill='url(#p)'/>",
            ),
            ImageTooLarge,
        ),
        (
            "layers",
            svg(
                "width='4000' height='4000'",
                &format!(
                    "<g opacity='.5'><rect {huge} x='-9999' y='-9999'/><g opacity='.5'><rect {huge} x='-9999' y='-9999'/></g></g>"
                ),
            ),
            ImageTooLarge,
        ),
        (
            "much to paint",
            svg(
                "width='1000' height='1000'",
                &format!("<rect {huge} fill='red' stroke='red'/>").repeat(500),
            ),
            ImageTooLarge,
        ),
        (
            "turbulence",
            svg(
                "width='1000' height='1000'",
                &format!(
                    "<filter id='f' x='0' y='0' {huge} filterUnits='userSpaceOnUse'><feTurbulence baseFrequency='.1' numOctaves='1000'/></filter><rect {huge} filter='url(#f)'/>"
                ),
            ),
            ImageTooLarge,
        ),
        (
            "dashes",
            small(&"<path d='M0 0H1e6' stroke='red' stroke-dasharray='.001'/>".repeat(20)),
            ImageTooLarge,
        ),
        (
            "markers",
            small(&format!(
                "<marker id='m'>{}</marker>{}",
                "<rect width='1' height='1'/>".repeat(1000),
                format!(
                    "<path d='M0 0{}' marker-mid='url(#m)'/>",
                    "L1 1".repeat(1000)
                )
                .repeat(100)
            )),
            ImageTooLarge,
        ),
        (
            "style rules",
            small(&format!(
                "<style>{}</style>{}",
                "a{fill:red}".repeat(10_000),
                "<g/>".repeat(1_000)
            )),
            ImageTooLarge,
        ),
    ];
    for (name, source, kind) in rows {
        assert!(Svg.recognizes(source.as_bytes()), "{name}");
        let error = drawn(&source, 1.0).unwrap_err();
        assert_eq!(error.kind(), kind, "{name}: {error}");
    }
}

#[test]
fn what_is_damaged_is_corrupt_or_drawn() {
    let source = small(
        "<defs><linearGradient id='g'><stop stop-color='red'/></linearGradient><mask id='m'>\
         <circle r='9' fill='#fff'/></mask><filter id='f'><feGaussianBlur stdDeviation='1'/></filter>\
         </defs><g mask='url(#m)' filter='url(#f)' opacity='.5'><path d='M1 1L9 2Q3 3 2 8Z' \
         fill='url(#g)' stroke='#123' stroke-dasharray='1 2'/></g>",
    );
    assert!(drawn(&source, 1.0).is_ok());
    for at in 0..source.len() {
        let _ = drawn(&source[..at], 1.0);
        for with in ["9", "<", "-", "&", "e"] {
            let mut changed = source.clone();
            changed.replace_range(at..=at, with);
            if let Err(error) = drawn(&changed, 1.0) {
                assert_ne!(error.kind(), RenderErrorKind::Internal);
            }
        }
    }
}
