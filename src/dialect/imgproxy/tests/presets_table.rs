//! Presets.

use super::*;

fn with(presets: &[(&str, &str)]) -> Result<Imgproxy, ImgproxyConfigError> {
    Imgproxy::new().presets(presets.iter().copied())
}

#[test]
fn presets_are_their_options() {
    let settings = with(&[
        ("default", "q:70"),
        ("thumb", "rs:fill:100:100"),
        ("soft", "pr:thumb/bl:2"),
        ("best.v-1", "q:90"),
    ])
    .unwrap();
    let fill = |width, height| {
        let mut resize = Resize::to(width, height, ResizeMode::Fill);
        resize.enlarge = false;
        resize.factors = Some(crate::recipe::Factors {
            pixel_ratio: 1.0,
            extended: false,
        });
        Step::Resize(resize)
    };
    let blur = Step::Blur { sigma: 2.0 };
    for (options, steps, quality) in [
        ("", vec![], 70),
        ("pr:thumb/", vec![fill(100, 100)], 70),
        ("preset:thumb:best.v-1/", vec![fill(100, 100)], 90),
        ("pr:soft/", vec![fill(100, 100), blur.clone()], 70),
        // The last one counts, wherever it stands.
        ("pr:soft/w:50/", vec![fill(50, 100), blur.clone()], 70),
        ("w:50/pr:soft/q:5/", vec![fill(100, 100), blur.clone()], 5),
        ("pr:thumb/pr:thumb/", vec![fill(100, 100)], 70),
    ] {
        let request = parsed_by(&settings, &format!("{options}plain/a.jpg")).unwrap();
        assert_eq!(request.recipe.steps, steps, "{options}");
        assert_eq!(request.recipe.output.quality, Some(quality), "{options}");
    }
    for (path, detail) in [
        ("pr:nope/plain/a.jpg", "\"nope\" is not a preset"),
        ("pr:/plain/a.jpg", "\"\" is not a preset"),
    ] {
        assert_eq!(parsed_by(&settings, path).unwrap_err().detail(), detail);
    }
}

#[test]
fn nothing_but_presets_where_that_is_asked() {
    let settings = with(&[
        ("default", "q:70"),
        ("thumb", "rs:fill:100:100"),
        ("w", "bl:1"),
    ]);
    let settings = settings.unwrap().only_presets(true);
    let request = parsed_by(&settings, "thumb:w/plain/a.jpg@png").unwrap();
    assert_eq!(request.recipe.steps.len(), 2);
    assert_eq!(&*request.sources[0], "a.jpg");
    for (path, detail) in [
        ("rs:fill:1:1/plain/a.jpg", "\"rs\" is not a preset"),
        // A number is no preset, though there is one named as the option is.
        ("w:100/plain/a.jpg", "\"100\" is not a preset"),
        ("plain/a.jpg", "\"plain\" is not a preset"),
        ("thumb", "the URL names no image"),
    ] {
        let why = parsed_by(&settings, path).unwrap_err();
        assert_eq!(why.detail(), detail, "{path}");
    }
}

#[test]
fn presets_that_make_no_sense() {
    for (presets, name, why) in [
        (
            &[("a", "w:1"), ("b", "w:x")][..],
            "b",
            "the option w cannot have the arguments \"x\"",
        ),
        (&[("a", "nope:1")], "a", "\"nope\" is not an option"),
        (&[("a", "w:1/plain")], "a", "\"plain\" is not an option"),
        (&[("a", "")], "a", "\"\" is not an option"),
        (&[("a", "pr:b")], "a", "\"b\" is not a preset"),
        (&[("a", "pr:a")], "a", "a preset lies in itself"),
        (
            &[("a", "pr:b"), ("b", "w:1/pr:a")],
            "a",
            "a preset lies in itself",
        ),
        (&[("a", "exp:1")], "a", "a preset cannot expire"),
        (
            &[("a", "w:1/-/w:2")],
            "a",
            "a preset has no chained pipelines",
        ),
        (&[("", "w:1")], "", "such a name cannot be written in a URL"),
        (
            &[("a:b", "w:1")],
            "a:b",
            "such a name cannot be written in a URL",
        ),
        (
            &[("a", "msr:1")],
            "a",
            "\"msr\" is a limit of the server, and none that a URL sets",
        ),
    ] {
        let error = with(presets).unwrap_err();
        assert_eq!(
            (error.preset(), error.why()),
            (Some(name), why),
            "{presets:?}"
        );
        assert_eq!(error.to_string(), format!("the preset {name:?}: {why}"));
    }
    let error = Imgproxy::new().watermark("../a.png").unwrap_err();
    assert_eq!(error.preset(), None);
    assert!(error.to_string().starts_with("the watermark: "));
}

#[test]
fn presets_lie_eight_deep_and_no_deeper() {
    let chain = |length: usize| {
        let names = (0..length).map(|at| {
            let options = match at + 1 {
                next if next < length => format!("pr:p{next}"),
                _ => "w:1".to_owned(),
            };
            (format!("p{at}"), options)
        });
        Imgproxy::new().presets(names)
    };
    assert!(chain(8).is_ok());
    let error = chain(9).unwrap_err();
    assert_eq!(
        (error.preset(), error.why()),
        (Some("p0"), "presets lie too deep in presets")
    );
    // A tree of them is not written out.
    let all = "pr:b:b:b:b:b:b:b:b:b:b:b:b:b:b:b:b:b:b:b:b";
    let tree = [
        ("a", all),
        ("b", "w:1/w:1/w:1/w:1/w:1/w:1/w:1/w:1/w:1/w:1/w:1/w:1/w:1"),
    ];
    let error = Imgproxy::new().presets(tree).unwrap_err();
    assert_eq!(error.why(), "there are more than 256 options");
}
