//! Files that are small enough, or alike enough.

use super::*;

/// A photograph of sorts: smooth, with detail.
fn photo(width: u32, height: u32) -> RgbaImage {
    let mut image = scene(width, height);
    for (x, y, pixel) in image.enumerate_pixels_mut() {
        let grain = (x * 7919 + y * 104_729) % 31;
        pixel[0] = pixel[0].saturating_add(u8::try_from(grain).unwrap());
        pixel[1] ^= u8::try_from((x / 8 + y / 8) % 2 * 16).unwrap();
    }
    image
}

fn jpeg(quality: Option<u8>, max_bytes: Option<u64>) -> Recipe {
    let mut recipe = to_format(Format::Jpeg);
    recipe.output.quality = quality;
    recipe.output.max_bytes = max_bytes;
    recipe
}

/// JPEG, with its encodings counted.
#[derive(Clone, Debug, Default)]
struct Counted(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Codec for Counted {
    fn format(&self) -> Format {
        Format::Jpeg
    }
    fn recognizes(&self, source: &[u8]) -> bool {
        Jpeg.recognizes(source)
    }
    fn probe(&self, source: &[u8], limits: &Limits) -> Result<Probe, RenderError> {
        Jpeg.probe(source, limits)
    }
    fn decode<'a>(
        &self,
        source: &'a [u8],
        wanted: &Wanted,
        limits: &Limits,
    ) -> Result<Box<dyn Frames + Send + 'a>, RenderError> {
        Jpeg.decode(source, wanted, limits)
    }
    fn encode(&self, picture: &Pixels, options: &EncodeOptions) -> Result<Vec<u8>, RenderError> {
        self.0.lock().unwrap().push(options.quality);
        Jpeg.encode(picture, options)
    }
}

fn counted(source: &[u8], recipe: &Recipe) -> (Rendered, Vec<u8>) {
    let codec = Counted::default();
    let engine = Engine::new(Codecs::new().with(codec.clone()));
    let rendered = engine.render(&[source], recipe).unwrap();
    let qualities = codec.0.lock().unwrap().clone();
    (rendered, qualities)
}

#[test]
fn a_file_is_made_as_small_as_it_has_to_be_and_no_smaller() {
    let source = png(&photo(96, 64));
    let size = |quality| render(&source, &jpeg(Some(quality), None)).bytes.len() as u64;
    let sizes: Vec<u64> = (10..=100).map(size).collect();
    for most in [
        size(11),
        size(25) + 3,
        size(50),
        size(79),
        size(80),
        size(100),
    ] {
        for quality in [None, Some(95), Some(60)] {
            let (rendered, tried) = counted(&source, &jpeg(quality, Some(most)));
            let bytes = rendered.bytes.len() as u64;
            assert!(bytes <= most, "{most}: {bytes}");
            assert!(tried.len() <= 8, "{most}: {tried:?}");
            // As good as all that is left of the search, or nearly as large as may be.
            let first = quality.unwrap_or(80);
            let best = (10..=first)
                .rev()
                .find(|&at| sizes[usize::from(at - 10)] <= most);
            let best = sizes[usize::from(best.unwrap() - 10)];
            assert!(
                bytes == best || bytes * 100 >= most * 90,
                "of {most}: {bytes}, {best}, {tried:?}"
            );
        }
    }
}

#[test]
fn a_file_that_cannot_be_small_enough_has_the_lowest_quality() {
    let source = png(&photo(96, 64));
    let lowest = render(&source, &jpeg(Some(10), None)).bytes;
    for most in [0, 1, 300] {
        let (rendered, tried) = counted(&source, &jpeg(None, Some(most)));
        assert_eq!(rendered.bytes, lowest);
        assert!(tried.len() <= 8, "{tried:?}");
    }
    // Already below: it stays.
    let (rendered, tried) = counted(&source, &jpeg(Some(5), Some(1)));
    assert_eq!(tried, [5]);
    assert!(rendered.bytes.len() <= lowest.len());
    // PNG has no quality to lower, nor has the WebP that is written without loss.
    for format in [Format::Png, Format::WebP] {
        let mut recipe = to_format(format);
        let plain = render(&source, &recipe).bytes;
        recipe.output.max_bytes = Some(10);
        assert_eq!(render(&source, &recipe).bytes, plain);
    }
}

#[cfg(feature = "likeness")]
#[test]
fn the_lowest_quality_that_is_alike_enough_is_taken() {
    let source = png(&photo(96, 64));
    let mut last = 0;
    for target in [30.0, 60.0, 75.0, 85.0] {
        let mut recipe = jpeg(None, None);
        recipe.output.likeness = Some(target);
        let (rendered, tried) = counted(&source, &recipe);
        assert!(tried.len() <= 7, "{tried:?}");
        let likeness = |bytes: &[u8]| {
            let light = |image: RgbaImage| {
                let pixels = image.pixels().map(|pixel| {
                    let [r, g, b, _] = pixel.0.map(|value| f64::from(value) / 255.0);
                    #[expect(clippy::cast_possible_truncation)]
                    [r, g, b].map(|value| ops::decode(value) as f32)
                });
                let pixels = pixels.collect();
                ssimulacra2::LinearRgb::new(pixels, 96, 64).unwrap()
            };
            let (source, made) = (light(decoded(&source)), light(decoded(bytes)));
            ssimulacra2::compute_frame_ssimulacra2(source, made).unwrap()
        };
        let reached = likeness(&rendered.bytes);
        assert!(reached >= target - 0.5, "{target}: {reached}");
        let quality = *tried
            .iter()
            .find(|&&quality| render(&source, &jpeg(Some(quality), None)).bytes == rendered.bytes)
            .unwrap();
        assert!(quality > last);
        let below = render(&source, &jpeg(Some(quality - 1), None)).bytes;
        assert!(
            quality == 10 || likeness(&below) < target + 0.5,
            "{quality}"
        );
        last = quality;
    }
}

#[cfg(feature = "likeness")]
#[test]
fn bytes_win_over_likeness_and_what_is_too_small_is_not_measured() {
    let source = png(&photo(96, 64));
    let mut recipe = jpeg(None, None);
    recipe.output.likeness = Some(99.0);
    let best = render(&source, &recipe).bytes;
    assert_eq!(best, render(&source, &jpeg(Some(100), None)).bytes);
    recipe.output.max_bytes = Some(3000);
    assert!(render(&source, &recipe).bytes.len() <= 3000);
    let tiny = png(&scene(7, 30));
    recipe.output.max_bytes = None;
    assert_eq!(
        render(&tiny, &recipe).bytes,
        render(&tiny, &jpeg(None, None)).bytes
    );
    recipe.output.likeness = Some(f64::NAN);
    render(&source, &recipe);
}

#[cfg(not(feature = "likeness"))]
#[test]
fn without_a_measure_likeness_is_refused() {
    let mut recipe = jpeg(None, None);
    recipe.output.likeness = Some(70.0);
    let error = refusal(&png(&scene(20, 20)), &recipe);
    assert_eq!(error.kind(), RenderErrorKind::UnsupportedFormat);
}
