//! Answers that are no images of a source.

use super::*;
use crate::recipe::{Answer, Blank, Checksum, Color, Description, Digest, Fact, Words};

fn description(words: Words, facts: &[Fact]) -> Recipe {
    let facts = facts.to_vec();
    let mut recipe = Recipe::default();
    recipe.output.answer = Answer::Description(Description { words, facts });
    recipe
}

fn json(source: &[u8], recipe: &Recipe) -> String {
    let rendered = render(source, recipe);
    assert_eq!(rendered.media_type, "application/json");
    String::from_utf8(rendered.bytes.to_vec()).unwrap()
}

const META: [Fact; 6] = [
    Fact::Format,
    Fact::Dimensions,
    Fact::Orientation,
    Fact::Frames,
    Fact::Samples,
    Fact::Exif,
];

#[test]
fn imagor_tells_of_what_would_be_made() {
    let source = with_chunk(&png(&glass(60, 40)), *b"eXIf", &exif(6, true));
    let mut recipe = description(Words::Imagor, &META);
    recipe
        .steps
        .push(Step::Resize(Resize::to(20, 20, ResizeMode::Fit)));
    recipe.output.format = Some(Format::WebP);
    // It has been turned, so that its orientation says nothing any more.
    assert_eq!(
        json(&source, &recipe),
        r#"{"format":"webp","content_type":"image/webp","width":13,"height":20,"orientation":0,"pages":1,"bands":4,"exif":{"Orientation":"6"}}"#
    );
    let upright = with_chunk(&png(&scene(60, 40)), *b"eXIf", &exif(1, false));
    let told = json(&upright, &description(Words::Imagor, &META));
    assert_eq!(
        told,
        r#"{"format":"png","content_type":"image/png","width":60,"height":40,"orientation":1,"pages":1,"bands":4,"exif":{"Orientation":"1"}}"#
    );
    let red = png(&RgbaImage::from_pixel(8, 8, Rgba([255, 0, 0, 255])));
    let hashes = [Fact::BlurHash(1, 1), Fact::ThumbHash, Fact::Average];
    let told = json(&red, &description(Words::Imagor, &hashes));
    let picture = engine_picture(&red);
    let blurhash = describe::blurhash(&picture, 1, 1).unwrap();
    let thumbhash = data_encoding::BASE64.encode(&describe::thumbhash(&picture).unwrap());
    assert_eq!(
        told,
        format!(
            r#"{{"blurhash":"{blurhash}","thumbhash":"{thumbhash}","average_color":{{"r":255,"g":0,"b":0}}}}"#
        )
    );
}

fn engine_picture(source: &[u8]) -> Picture {
    let engine = Engine::default();
    let recipe = Recipe::default();
    let told = engine.describe(&[source], &recipe, &Interrupt::default());
    told.unwrap().picture
}

#[test]
fn imgproxy_tells_of_the_source() {
    let source = with_chunk(&png(&glass(60, 40)), *b"eXIf", &exif(6, true));
    let of_header = [Fact::Bytes, Fact::Format, Fact::Dimensions, Fact::Frames];
    let expected = format!(
        r#"{{"size":{},"format":"png","mime_type":"image/png","width":40,"height":60,"pages_number":1}}"#,
        source.len()
    );
    assert_eq!(
        json(&source, &description(Words::Imgproxy, &of_header)),
        expected
    );

    let red = png(&RgbaImage::from_pixel(8, 8, Rgba([255, 0, 0, 255])));
    let of_pixels = [
        Fact::ColorSpace,
        Fact::SampleFormat,
        Fact::Alpha,
        Fact::Palette(2),
        Fact::Average,
        Fact::Digest(Digest::Sha256),
        Fact::Digest(Digest::Sha1),
    ];
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    let expected = format!(
        concat!(
            r#"{{"colorspace":"srgb","sample_format":"uchar","alpha":true,"palette":[{{"R":255,"G":0,"B":0,"A":255}}],"#,
            r#""average":{{"R":255,"G":0,"B":0,"A":255}},"hashsums":{{"sha256":"{}","sha1":"{}"}}}}"#
        ),
        hex(&<sha2::Sha256 as sha2::Digest>::digest(&red)),
        hex(&<sha1::Sha1 as sha1::Digest>::digest(&red)),
    );
    assert_eq!(
        json(&red, &description(Words::Imgproxy, &of_pixels)),
        expected
    );
}

#[test]
fn a_description_of_the_header_alone_needs_no_pixels() {
    // What follows the header is missing.
    let source = &png(&scene(60, 40))[..60];
    let facts = [Fact::Dimensions];
    let recipe = description(Words::Imgproxy, &facts);
    assert_eq!(json(source, &recipe), r#"{"width":60,"height":40}"#);
    let needs = Engine::default().needs(source, &recipe).unwrap();
    assert_eq!((needs.memory, needs.decoding), (60, 0));
    let recipe = description(Words::Imgproxy, &[Fact::Alpha]);
    assert!(Engine::default().render(&[source], &recipe).is_err());
}

#[test]
fn an_original_is_the_source() {
    let source = png(&scene(60, 40));
    let mut recipe = Recipe::default();
    recipe.steps.push(Step::Negate);
    let with = |answer| {
        let mut recipe = recipe.clone();
        recipe.output.answer = answer;
        recipe
    };
    let made = render(&source, &recipe);
    let original = render(&source, &with(Answer::Original));
    assert_eq!(*original.bytes, *source);
    assert_eq!((original.media_type, original.width), ("image/png", 60));
    // Of one of these formats, where the image would have it too.
    let of = |formats: &[Format]| with(Answer::OriginalOf(formats.to_vec()));
    assert_eq!(
        *render(&source, &of(&[Format::Gif, Format::Png])).bytes,
        *source
    );
    assert_eq!(*render(&source, &of(&[Format::Gif])).bytes, *made.bytes);
    let mut other = of(&[Format::Png]);
    other.output.format = Some(Format::Gif);
    assert_eq!(render(&source, &other).format, Format::Gif);
    let needs = Engine::default()
        .needs(&source, &with(Answer::Original))
        .unwrap();
    assert_eq!((needs.memory, needs.decoding), (source.len() as u64, 0));

    let kind = |engine: &Engine, source: &[u8]| {
        let rendered = engine.render(&[source], &with(Answer::Original));
        rendered.unwrap_err().kind()
    };
    let engine = Engine::default();
    assert_eq!(kind(&engine, b"<html>"), RenderErrorKind::UnsupportedFormat);
    let limits = Limits {
        max_source_width: 59,
        ..Limits::default()
    };
    let small = Engine::default().limits(limits);
    assert_eq!(kind(&small, &source), RenderErrorKind::ImageTooLarge);
    #[cfg(feature = "svg")]
    {
        let engine = Engine::new(Codecs::new().with(Svg));
        let drawing = br#"<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>"#;
        assert_eq!(kind(&engine, drawing), RenderErrorKind::UnsupportedFormat);
    }
}

#[test]
fn a_source_that_is_another_is_refused() {
    let source = png(&scene(6, 4));
    let value: Box<[u8]> = <sha2::Sha512 as sha2::Digest>::digest(&source)[..].into();
    let mut recipe = Recipe::default();
    recipe.input.checksum = Some(Checksum {
        digest: Digest::Sha512,
        value,
    });
    let other = png(&scene(6, 5));
    for answer in [
        Answer::Image,
        Answer::Original,
        description(Words::Imgproxy, &[Fact::Bytes]).output.answer,
        description(Words::Imagor, &[Fact::Format]).output.answer,
    ] {
        recipe.output.answer = answer;
        let engine = Engine::default();
        assert!(engine.render(&[&source], &recipe).is_ok());
        let refused = engine.render(&[&other], &recipe).unwrap_err();
        assert_eq!(refused.kind(), RenderErrorKind::ImageCorrupt);
        let refused = engine.needs(&other, &recipe);
        if !matches!(recipe.output.answer, Answer::Description(_)) {
            assert_eq!(refused.unwrap_err().kind(), RenderErrorKind::ImageCorrupt);
        }
    }
}

#[test]
fn a_picture_of_one_colour_needs_no_source() {
    let mut recipe = Recipe::default();
    let color = Color {
        alpha: 128,
        ..Color::opaque(255, 0, 0)
    };
    let (width, height) = (30, 20);
    recipe.input.blank = Some(Blank {
        width,
        height,
        color,
    });
    recipe.output.format = Some(Format::Png);
    recipe
        .steps
        .push(Step::Resize(Resize::to(10, 10, ResizeMode::Fill)));
    let engine = Engine::default();
    let made = engine.render(&[], &recipe).unwrap();
    let picture = decoded(&made.bytes);
    assert_eq!(picture.dimensions(), (10, 10));
    assert!(picture.pixels().all(|pixel| pixel.0 == [255, 0, 0, 128]));
    recipe.output.format = None;
    assert_eq!(engine.render(&[], &recipe).unwrap().format, Format::Jpeg);
    recipe.output.answer = description(Words::Imagor, &[Fact::Dimensions])
        .output
        .answer;
    let told = engine.render(&[], &recipe).unwrap();
    assert_eq!(*told.bytes, *br#"{"width":10,"height":10}"#);

    let limits = Limits {
        max_output_pixels: 599,
        ..Limits::default()
    };
    let small = Engine::default().limits(limits);
    let refused = small.render(&[], &recipe).unwrap_err();
    assert_eq!(refused.kind(), RenderErrorKind::ImageTooLarge);
    recipe.input.blank = Some(Blank {
        width: 0,
        height,
        color,
    });
    let refused = engine.render(&[], &recipe).unwrap_err();
    assert_eq!(refused.kind(), RenderErrorKind::ImpossibleSize);
}

#[test]
#[cfg(feature = "bmp")]
fn what_cannot_be_written_becomes_what_the_recipe_says() {
    let engine = Engine::new(Codecs::new().with(Bmp));
    let mut source = Vec::new();
    let picture = image::RgbImage::from_pixel(6, 4, image::Rgb([1, 2, 3]));
    picture
        .write_to(&mut Cursor::new(&mut source), ImageFormat::Bmp)
        .unwrap();
    let mut recipe = Recipe::default();
    let format = |recipe: &Recipe| engine.render(&[&source], recipe).unwrap().format;
    assert_eq!(format(&recipe), Format::Png);
    recipe.output.otherwise = Some(Format::Jpeg);
    assert_eq!(format(&recipe), Format::Jpeg);
    recipe.output.format = Some(Format::Gif);
    assert_eq!(format(&recipe), Format::Gif);
}
