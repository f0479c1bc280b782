use proptest::prelude::*;

use super::*;

fn key(value: &impl WriteKey) -> Vec<u8> {
    let mut sink = Sink::default();
    value.write_key(&mut sink);
    sink.as_bytes().to_vec()
}

/// Few values, so that equal ones meet.
fn number() -> impl Strategy<Value = f64> {
    prop::sample::select(vec![0.0, -0.0, 1.0, 2.5, -1.0])
}

fn size() -> impl Strategy<Value = Option<Length>> {
    prop::option::of(length())
}

fn length() -> impl Strategy<Value = Length> {
    prop_oneof![
        number().prop_map(Length::Pixels),
        number().prop_map(Length::Fraction)
    ]
}

fn color() -> impl Strategy<Value = Color> {
    prop::sample::select(vec![Color::BLACK, Color::WHITE, Color::TRANSPARENT])
}

fn name() -> impl Strategy<Value = Box<str>> {
    prop::sample::select(vec!["", "a", "b", "ab", "a\0"]).prop_map(Box::from)
}

fn gravity() -> impl Strategy<Value = Gravity> {
    let area = (number(), number()).prop_map(|(left, top)| Focus {
        left,
        top,
        right: 1.0,
        bottom: 1.0,
        unit: Unit::Fraction,
    });
    prop_oneof![
        Just(Gravity::Smart),
        Just(Gravity::default()),
        (length(), length()).prop_map(|(x, y)| Gravity::Point { x, y }),
        prop::collection::vec(area, 0..3).prop_map(Gravity::Focus),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let resize =
        (size(), size(), gravity(), any::<bool>()).prop_map(|(width, height, gravity, enlarge)| {
            Step::Resize(Resize {
                width,
                height,
                enlarge,
                gravity,
                ..Resize::to(1, 1, ResizeMode::Fit)
            })
        });
    let extend =
        (size(), size(), gravity(), length()).prop_map(|(width, height, gravity, left)| {
            Step::Extend(Extend {
                width,
                height,
                gravity,
                left,
                ..Extend::default()
            })
        });
    let canvas = (length(), length(), color()).prop_map(|(width, height, color)| Content::Canvas {
        width,
        height,
        color,
    });
    let text = (name(), name()).prop_map(|(text, family)| {
        Content::Text(Text {
            family,
            ..Text::new(text)
        })
    });
    let content = prop_oneof![canvas, text, (0..3_usize).prop_map(Content::Source)];
    let leaf = prop_oneof![
        resize,
        extend,
        number().prop_map(|sigma| Step::Blur { sigma }),
        number().prop_map(Step::Contrast),
        number().prop_map(Step::Gamma),
        (any::<bool>(), any::<bool>()).prop_map(|(horizontal, vertical)| Step::Flip {
            horizontal,
            vertical
        }),
        (number(), color()).prop_map(|(degrees, background)| Step::Rotate(Rotate {
            degrees,
            background
        })),
        color().prop_map(Step::Tint),
        Just(Step::Grayscale),
        Just(Step::Negate),
    ];
    leaf.prop_recursive(2, 8, 2, move |inner| {
        (content.clone(), prop::collection::vec(inner, 0..3)).prop_map(|(content, steps)| {
            Step::Overlay(Box::new(Overlay {
                steps,
                ..Overlay::new(content)
            }))
        })
    })
}

fn answer() -> impl Strategy<Value = Answer> {
    let fact = prop_oneof![
        Just(Fact::Format),
        Just(Fact::Exif),
        (0..3_u8, 0..3_u8).prop_map(|(x, y)| Fact::BlurHash(x, y)),
        prop::sample::select(vec![Digest::Sha1, Digest::Sha256]).prop_map(Fact::Digest),
    ];
    let words = prop::sample::select(vec![Words::Imagor, Words::Imgproxy]);
    let description = (words, prop::collection::vec(fact, 0..3))
        .prop_map(|(words, facts)| Answer::Description(Description { words, facts }));
    let formats = prop::sample::subsequence(Format::ALL.to_vec(), 0..3);
    prop_oneof![
        Just(Answer::Image),
        Just(Answer::Original),
        formats.prop_map(Answer::OriginalOf),
        name().prop_map(Answer::Document),
        description,
    ]
}

fn request() -> impl Strategy<Value = ImageRequest> {
    let output = (
        prop::option::of(prop::sample::select(Format::ALL)),
        prop::option::of(0..3_u8),
        any::<bool>(),
        prop::option::of(0..2_u64),
    );
    let sources = prop::collection::vec(name(), 0..3);
    let steps = prop::collection::vec(step(), 0..3);
    let around = (
        prop::option::of(name()),
        prop::option::of(name()),
        any::<bool>(),
    );
    (sources, steps, output, answer(), around).prop_map(
        |(sources, steps, (format, quality, lossless, max_bytes), answer, around)| {
            let (attachment, fallback, hinted) = around;
            let mut recipe = Recipe {
                steps,
                ..Recipe::default()
            };
            recipe.output.answer = answer;
            recipe.output.format = format;
            recipe.output.quality = quality;
            recipe.output.lossless = lossless;
            recipe.output.max_bytes = max_bytes;
            ImageRequest {
                sources,
                fallback,
                recipe,
                attachment,
                max_age: None,
                client_hints: hinted.then(ClientHints::default),
            }
        },
    )
}

proptest! {
    #[test]
    fn requests_have_the_same_key_where_they_are_equal_and_else_another(a in request(), b in request()) {
        prop_assert_eq!(key(&a), key(&a.clone()));
        prop_assert_eq!(a == b, key(&a) == key(&b));
    }

    #[test]
    fn steps_have_the_same_key_where_they_are_equal_and_else_another(
        a in prop::collection::vec(step(), 0..3),
        b in prop::collection::vec(step(), 0..3),
    ) {
        prop_assert_eq!(a == b, key(&a) == key(&b));
        // Neither is the beginning of the other: what follows cannot be taken for a part of it.
        prop_assert_eq!(key(&b).starts_with(&key(&a)), a == b);
    }
}

#[test]
fn zero_has_no_sign_and_lists_do_not_run_into_each_other() {
    assert_eq!(key(&0.0), key(&-0.0));
    assert_ne!(key(&0.0), key(&1.0));
    let names =
        |names: &[&str]| -> Vec<Box<str>> { names.iter().map(|&name| name.into()).collect() };
    assert_ne!(key(&names(&["ab", "c"])), key(&names(&["a", "bc"])));
    assert_ne!(key(&names(&["a", ""])), key(&names(&["a"])));
}

#[test]
fn what_is_told_of_the_pixel_ratio_is_no_part_of_the_image() {
    let hinted = |content_dpr| ImageRequest {
        client_hints: Some(ClientHints { content_dpr }),
        ..ImageRequest::default()
    };
    assert_eq!(key(&hinted(Some(2.0))), key(&hinted(Some(2.5))));
    assert_ne!(key(&hinted(None)), key(&ImageRequest::default()));
}
