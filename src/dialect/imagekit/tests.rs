mod effects;
mod hints;
mod layers;

use http::Request;
use proptest::prelude::*;

use crate::dialect::{Dialect, MAX_LENGTH};
use crate::guard::{Guard, Rejection, RejectionKind};
use crate::recipe::{
    Align, Content, Format, Gravity, ImageRequest, Metadata, Overlay, Resize, ResizeMode, Step,
    Text, TextAlign, Trim, TrimColor,
};
use crate::signature::{Scheme, Verifier};

/// What a URL below the mount asks for.
fn parse(dialect: &Dialect, url: &str) -> Result<ImageRequest, Rejection> {
    let request = Request::get(format!("/{url}")).body(());
    let (mut head, ()) = request.unwrap().into_parts();
    let verifier = Verifier::unsigned(Scheme::imagekit());
    let mut pass = verifier.check(&head).unwrap();
    verifier.apply(&mut head, &mut pass);
    let request = dialect.check(&head)?;
    Ok((*request.unwrap()).clone())
}

fn request(url: &str) -> ImageRequest {
    match parse(&Dialect::imagekit(), url) {
        Ok(request) => request,
        Err(why) => panic!("{url}: {why}"),
    }
}

fn steps(chain: &str) -> Vec<Step> {
    request(&format!("tr:{chain}/a.jpg")).recipe.steps
}

fn refusal(dialect: &Dialect, url: &str) -> String {
    match parse(dialect, url) {
        Ok(request) => panic!("{url}: {request:?}"),
        Err(why) => {
            assert_eq!(why.kind(), RejectionKind::BadRequest, "{url}");
            why.detail().into()
        }
    }
}

fn overlay(chain: &str) -> Overlay {
    match steps(chain).pop() {
        Some(Step::Overlay(overlay)) => *overlay,
        step => panic!("{chain}: {step:?}"),
    }
}

fn fill(width: u32, height: u32) -> Step {
    Step::Resize(Resize::to(width, height, ResizeMode::Fill))
}

const TRIM: Trim = Trim {
    tolerance: 10.0,
    color: TrimColor::TopLeft,
    crop: None,
    equal_horizontal: false,
    equal_vertical: false,
};

#[test]
fn a_chain_is_in_the_path_or_in_the_query() {
    let sized = vec![fill(400, 300)];
    for (url, name) in [
        ("tr:h-300,w-400/default-image.jpg", "default-image.jpg"),
        ("default-image.jpg?tr=h-300,w-400", "default-image.jpg"),
        ("default-image.jpg?tr=h-300%2Cw-400", "default-image.jpg"),
        ("a/b.jpg?v=123&tr=h-300,w-400", "a/b.jpg"),
        (
            "tr:h-300,w-400/default-image.jpg?v=123",
            "default-image.jpg",
        ),
        ("tr%3Ah-300,w-400/a%20b.jpg", "a b.jpg"),
        ("caf%C3%A9.jpg?tr=h-300,w-400&ik-t=4102444800", "café.jpg"),
        (
            "tr:h-300,w-400/https%3A%2F%2Fexample.com%2Fimage.jpg",
            "https://example.com/image.jpg",
        ),
        ("ik-seo/tr:h-300,w-400/a/photo/nice-name.jpg", "a/photo.jpg"),
        ("tr:h-300,w-400/ik-seo/photo/nice-name.webp", "photo.webp"),
    ] {
        let request = request(url);
        assert_eq!(&*request.sources, [name.into()], "{url}");
        assert_eq!(request.recipe.steps, sized, "{url}");
    }
    for url in [
        "a.jpg",
        "a.jpg?tr=",
        "tr:/a.jpg",
        "a.jpg?TR=w-1",
        "tr-w-1.jpg",
    ] {
        assert_eq!(request(url).recipe.steps, [], "{url}");
    }
}

/// The URLs of the signature vectors that are answered, without their signatures.
#[test]
fn what_the_clients_sign_is_read() {
    let urls = [
        "default-image.jpg",
        "default-image.jpg?tr=h-300,w-400",
        "tr:h-300,w-400/default-image.jpg",
        "tr:w-400:rt-91/sample/testing-file.jpg",
        "default-image.jpg?v=123&tr=h-300,w-400",
        "a%20b.jpg",
        "caf%C3%A9.jpg",
        "tr:w-100/caf%C3%A9.jpg",
        "base.jpg?tr=l-text,ie-aGkgJiBieWU%3D,l-end",
        "tr:w-300,l-image,i-a@@b@@logo.png,lx-10,ly-N5,lfo-top_left,w-50,l-end/base.jpg",
        "x.jpg?tr=w-1",
        "https%3A%2F%2Fexample.com%2Fimage.jpg",
        "tr:if-ar_gt_1,w-200,if-else,w-300,if-end/x.jpg",
        "tr:h-300,w-400/default-image.jpg?v=123",
        "default-image.jpg?tr=h-300%2Cw-400",
        "x.jpg?v=1",
    ];
    assert_eq!(urls.len(), 16);
    for url in urls {
        request(url);
    }
    request("tr:di-path@@to@@d.jpg/x.jpg");
    assert_eq!(
        overlay("l-text,ie-aGkgJiBieWU%3D,l-end").content,
        Content::Text(Text {
            size: 45.0,
            align: TextAlign::Center,
            ..Text::new("hi & bye")
        })
    );
}

#[test]
fn crops_are_resizes() {
    use Align::{Center, End, Start};

    let sized = |mode, enlarge| {
        vec![Step::Resize(Resize {
            enlarge,
            ..Resize::to(300, 200, mode)
        })]
    };
    for (crop, steps_of_crop) in [
        ("c-maintain_ratio", sized(ResizeMode::Fill, true)),
        ("c-force", sized(ResizeMode::Force, true)),
        ("c-at_max", sized(ResizeMode::Fit, false)),
        ("c-at_max_enlarge", sized(ResizeMode::Fit, true)),
        ("c-at_least", sized(ResizeMode::Cover, true)),
    ] {
        assert_eq!(
            steps(&format!("w-300,h-200,{crop}")),
            steps_of_crop,
            "{crop}"
        );
    }
    for (focus, horizontal, vertical) in [
        ("center", Center, Center),
        ("top", Center, Start),
        ("bottom", Center, End),
        ("left", Start, Center),
        ("right", End, Center),
        ("top_left", Start, Start),
        ("top_right", End, Start),
        ("bottom_left", Start, End),
        ("bottom_right", End, End),
    ] {
        let cut = Step::Resize(Resize {
            gravity: Gravity::anchor(horizontal, vertical),
            ..Resize::to(300, 200, ResizeMode::Fill)
        });
        assert_eq!(steps(&format!("w-300,h-200,fo-{focus}")), [cut], "{focus}");
    }
    for focus in ["auto", "face", "auto-custom_override"] {
        let cut = Step::Resize(Resize {
            gravity: Gravity::Smart,
            ..Resize::to(300, 200, ResizeMode::Fill)
        });
        assert_eq!(steps(&format!("w-300,h-200,fo-{focus}")), [cut], "{focus}");
    }
}

#[test]
fn settings_are_those_of_the_answer() {
    let recipe = request("tr:w-1,f-webp,q-50,pr-true:lo-true,md-true,cp-true,pg-3/a.jpg").recipe;
    assert_eq!(recipe.steps, [fill(1, 0)]);
    assert_eq!(recipe.output.format, Some(Format::WebP));
    assert_eq!(recipe.output.quality, Some(50));
    assert_eq!(recipe.output.progressive, Some(true));
    assert!(recipe.output.lossless && recipe.output.keep_profile);
    assert_eq!(recipe.output.metadata, Metadata::Keep);
    assert_eq!(recipe.input.page, Some(2));
    for (text, format, keep) in [
        ("f-auto", None, false),
        ("f-orig", None, true),
        ("f-jpg", Some(Format::Jpeg), false),
        ("f-jpeg", Some(Format::Jpeg), false),
        ("f-png", Some(Format::Png), false),
        ("f-avif", Some(Format::Avif), false),
        ("f-gif", Some(Format::Gif), false),
        ("f-orig:f-png", Some(Format::Png), false),
        ("orig-false", None, false),
    ] {
        let output = request(&format!("tr:{text}/a.jpg")).recipe.output;
        assert_eq!(
            (output.format, output.keep_format),
            (format, keep),
            "{text}"
        );
    }
}

#[test]
fn attachments_have_names() {
    for (url, attachment) in [
        ("a.jpg", None),
        ("a.jpg?ik-attachment=true", Some("")),
        ("a.jpg?ik-attachment=false", None),
        ("a.jpg?ik-attachment-filename=b.jpg", None),
        (
            "a.jpg?ik-attachment=true&ik-attachment-filename=my%20cat.jpg",
            Some("my cat.jpg"),
        ),
    ] {
        assert_eq!(request(url).attachment.as_deref(), attachment, "{url}");
    }
}

#[test]
fn presets_are_chains() {
    let dialect = || {
        Dialect::imagekit()
            .preset("thumb", "w-100,h-50,q-40:e-grayscale")
            .unwrap()
            .preset("logo", "l-image,i-logo.png,l-end")
            .unwrap()
    };
    let grey = [fill(100, 50), Step::Grayscale];
    let request = parse(&dialect(), "tr:n-thumb/a.jpg").unwrap();
    assert_eq!(request.recipe.steps, grey);
    assert_eq!(request.recipe.output.quality, Some(40));
    let request = parse(&dialect(), "tr:w-200:n-thumb,bl-2:n-logo/a.jpg").unwrap();
    assert_eq!(request.recipe.steps.len(), 5);
    assert_eq!(request.recipe.steps[1..3], grey);
    assert_eq!(request.sources.len(), 2);
    assert_eq!(
        refusal(&dialect(), "tr:n-other/a.jpg"),
        "there is no named transformation \"other\""
    );

    let only = dialect().only_presets(true);
    parse(&only, "a.jpg").unwrap();
    parse(&only, "tr:n-thumb:n-logo/a.jpg").unwrap();
    for chain in [
        "w-100",
        "n-thumb,w-100",
        "l-text,i-a,l-end",
        "n-thumb:q-50",
        "orig-true",
    ] {
        let why = refusal(&only, &format!("tr:{chain}/a.jpg"));
        assert_eq!(
            why, "only named transformations may be asked for",
            "{chain}"
        );
    }

    for (name, chain, why) in [
        (
            "a",
            "w-0",
            "the preset \"a\": w is no whole number from 1 to 65535: \"0\"",
        ),
        (
            "a",
            "n-b",
            "the preset \"a\": n is for images, and not for presets and layers",
        ),
        (
            "a b",
            "w-1",
            "the preset \"a b\": a name has letters, digits, _, - and . alone",
        ),
        (
            "a",
            "l-image,i-..@@b,l-end",
            "the preset \"a\": the name of the image has a dot segment",
        ),
    ] {
        let error = Dialect::imagekit().preset(name, chain).unwrap_err();
        assert_eq!(error.to_string(), why);
    }
    assert!(Dialect::imagor().preset("a", "w-1").is_err());
}

#[test]
fn there_is_an_end_to_everything() {
    let many = |text: &str, times: usize| text.repeat(times);
    let nested = |levels: usize| {
        format!(
            "{}i-z,{}",
            many("l-image,i-a,", levels),
            many("l-end,", levels)
        )
    };
    let conditions = |levels: usize| {
        format!(
            "{}w-5{}",
            many("if-w_gt_1,", levels),
            many(",if-end", levels)
        )
    };
    let url = |chain: &str| format!("tr:{}/a.jpg", chain.trim_end_matches([',', ':']));
    let dialect = Dialect::imagekit();
    for (chain, why) in [
        (many("w-5:", 65), "there are more than 64 steps"),
        (
            many("l-image,i-a,l-end:", 9),
            "there are more than 8 overlays",
        ),
        (
            many("l-text,i-a,l-end:", 65),
            "there are more than 64 steps",
        ),
        (nested(4).replace("i-z,", ""), "layers lie more than 3 deep"),
        (conditions(17), "conditions lie more than 16 deep"),
        (
            format!("w-1{}", many("_add_1", 16)),
            "w is an expression of more than 16 numbers",
        ),
        (
            format!("if-w_gt_1{},w-5,if-end", many("_or_w_gt_1", 16)),
            "a condition has more than 16 comparisons",
        ),
        (
            many("e-grayscale,", 65),
            "a step has more than 64 parameters",
        ),
        (
            format!("l-text,i-{},l-end", many("a", 2001)),
            "i has more than 2000 characters",
        ),
        (
            format!("l-text,ie-{},l-end", many("YWFh", 626)),
            "ie has more than 2500 characters",
        ),
    ] {
        assert_eq!(refusal(&dialect, &url(&chain)), why);
    }
    for chain in [
        many("w-5:", 64),
        many("l-image,i-a,t-false,l-end:", 8),
        nested(3).replace("i-z,", ""),
        conditions(16),
        format!("w-1{}", many("_add_1", 15)),
    ] {
        parse(&dialect, &url(&chain)).unwrap();
    }
    let long = refusal(&dialect, &url(&many("é", 40).replace('é', "%C3%A9")));
    assert_eq!(long.matches('é').count(), 32);
}

/// Pieces of the grammar, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "w-100",
        "h-0.5",
        "w-iw_div_2",
        "ar-4-3",
        "c-force",
        "cm-extract",
        "cm-pad_resize",
        "x-5",
        "xc-5",
        "yc-ih_div_2",
        "dpr-2",
        "dpr-iw_div_100",
        "fo-left",
        "fo-face",
        "q-50",
        "f-webp",
        "e-grayscale",
        "e-shadow-bl-5",
        "e-gradient-sp-ih_div_2",
        "b-ih_div_20_red",
        "bg-red",
        "bg-blurred",
        "r-max",
        "rt-45",
        "fl-h",
        "o-50",
        "t-true",
        "l-image",
        "l-text",
        "l-end",
        "i-logo.png",
        "i-ik_canvas",
        "ie-YQ==",
        "lx-bw_sub_cw",
        "ly-N5",
        "lxc-5",
        "lap-center",
        "lfo-top",
        "fs-20",
        "if-ar_gt_1",
        "if-w_gt_1_and_h_lt_2",
        "if-else",
        "if-end",
        "n-thumb",
        "é",
        "",
        "-",
        "w",
        "w-",
        "%",
    ]);
    let separators = prop::sample::select(vec![",", ",", ",", ":"]);
    prop::collection::vec((pieces, separators), 0..24).prop_map(|pieces| {
        let text: String = pieces
            .iter()
            .flat_map(|(piece, separator)| [*piece, *separator])
            .collect();
        text
    })
}

/// Parses a chain, if a URL can hold it, and checks what comes of it.
fn survive(chain: &str) {
    let escaped: String = percent_encoding::utf8_percent_encode(chain, percent_encoding::CONTROLS)
        .to_string()
        .replace(
            ['?', '#', ' ', '"', '<', '>', '`', '{', '}', '\\', '^', '|'],
            "_",
        );
    let url = format!("/tr:{escaped}/a.jpg");
    if http::Uri::try_from(&*url).is_err() {
        return;
    }
    let dialect = Dialect::imagekit()
        .preset("thumb", "w-100:e-grayscale")
        .unwrap();
    match parse(&dialect, url.trim_start_matches('/')) {
        Ok(request) => assert!(request.sources.len() <= 9),
        Err(why) => {
            assert_eq!(why.kind(), RejectionKind::BadRequest);
            assert!(why.detail().chars().count() <= 400, "{why}");
        }
    }
}

proptest! {
    #[test]
    fn any_chain_is_read_or_refused(chain in any::<String>()) {
        survive(&chain);
    }

    #[test]
    fn pieces_of_the_grammar_are_read_or_refused(chain in pieces()) {
        survive(&chain);
        survive(chain.trim_end_matches([',', ':']));
    }

    #[test]
    fn whole_sizes_are_taken_as_they_are(width in 1..=MAX_LENGTH, height in 1..=MAX_LENGTH) {
        prop_assert_eq!(steps(&format!("w-{width},h-{height}")), [fill(width, height)]);
    }
}
