//! `w-auto` and `dpr-auto`, and what else depends on who asks or what is there.

use http::header::{HeaderMap, VARY};

use super::*;
use crate::guard::Caching;
use crate::recipe::Answer;

fn asked(dialect: &Dialect, chain: &str, headers: &[(&'static str, &str)]) -> ImageRequest {
    let mut request = Request::get(format!("/tr:{chain}/a.jpg"));
    for &(name, value) in headers {
        request = request.header(name, value);
    }
    let (mut head, ()) = request.body(()).unwrap().into_parts();
    let verifier = Verifier::unsigned(Scheme::imagekit());
    let mut pass = verifier.check(&head).unwrap();
    verifier.apply(&mut head, &mut pass);
    (*dialect.check(&head).unwrap().unwrap()).clone()
}

/// The width that a step makes, where the pixel ratio does not lead too far.
fn width_of(step: &Step) -> Option<crate::recipe::Length> {
    match step {
        Step::Resize(resize) => resize.width,
        Step::If(choice) => choice.otherwise.iter().find_map(width_of),
        _ => None,
    }
}

/// The width, and the pixel ratio that is told.
fn width(headers: &[(&'static str, &str)], chain: &str) -> (Option<u32>, Option<String>) {
    let dialect = Dialect::imagekit().client_hints(true);
    let request = asked(&dialect, chain, headers);
    let hints = request.client_hints.expect("they have a say");
    let told = hints.content_dpr.map(|dpr| format!("{dpr:.2}"));
    let width = request.recipe.steps.iter().find_map(width_of);
    let width = width.map(|width| match width {
        crate::recipe::Length::Pixels(pixels) => format!("{pixels:.0}").parse().unwrap(),
        width => panic!("{width:?}"),
    });
    (width, told)
}

#[test]
fn widths_and_pixel_ratios_are_the_clients() {
    let told = |text: &str| Some(text.to_owned());
    for (headers, chain, expected) in [
        // ImageKit's own examples.
        (
            &[("sec-ch-width", "212"), ("sec-ch-dpr", "2")][..],
            "w-auto,dpr-auto",
            (Some(300), told("2.83")),
        ),
        (
            &[("sec-ch-dpr", "2")],
            "w-100,dpr-auto",
            (Some(200), told("2.00")),
        ),
        (
            &[("width", "212"), ("dpr", "2")],
            "w-auto",
            (Some(300), told("2.83")),
        ),
        (
            &[("sec-ch-width", "300"), ("width", "900")],
            "w-auto",
            (Some(300), told("1.00")),
        ),
        (
            &[("dpr", "2.625")],
            "w-100,dpr-auto",
            (Some(270), told("2.70")),
        ),
        (
            &[("dpr", "1.1")],
            "w-100,dpr-auto",
            (Some(110), told("1.10")),
        ),
        // Without a size there is nothing to multiply.
        (&[("dpr", "2")], "dpr-auto,rt-90", (None, None)),
        // Not said, or nothing that makes sense.
        (&[], "w-auto,h-50", (None, None)),
        (&[("width", "0")], "w-auto,h-50", (None, None)),
        (&[("width", "70000")], "w-auto,h-50", (None, None)),
        (&[("width", "-5")], "w-auto,h-50", (None, None)),
        (
            &[("width", "100"), ("width", "200")],
            "w-auto,h-50",
            (None, None),
        ),
        (&[("dpr", "9")], "w-100,dpr-auto", (Some(100), None)),
        (&[("dpr", "x")], "w-100,dpr-auto", (Some(100), None)),
        (&[("dpr", "1e1")], "w-100,dpr-auto", (Some(100), None)),
    ] {
        assert_eq!(width(headers, chain), expected, "{chain} {headers:?}");
    }
}

#[test]
fn hints_say_nothing_where_nobody_asks_them_to() {
    let headers = [("sec-ch-width", "212"), ("sec-ch-dpr", "2")];
    let on = Dialect::imagekit().client_hints(true);
    for (dialect, chain) in [
        (&Dialect::imagekit(), "w-auto,h-50,dpr-auto"),
        (&on, "w-100"),
        (&on, "w-50,l-image,i-b.png,w-auto,l-end"),
    ] {
        let with = asked(dialect, chain, &headers);
        assert_eq!(with, asked(dialect, chain, &[]), "{chain}");
        assert_eq!(with.client_hints, None, "{chain}");
    }
}

#[test]
fn what_may_depend_on_hints_varies_on_them() {
    let vary = |dialect: &Dialect, chain: &str| {
        let request = asked(dialect, chain, &[]);
        let mut headers = HeaderMap::new();
        dialect.respond(Some(request.into()), &mut Caching::of(&mut headers));
        let names = headers.get_all(VARY).iter();
        names
            .map(|name| name.to_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let on = Dialect::imagekit().client_hints(true);
    let all = ["sec-ch-width", "width", "sec-ch-dpr", "dpr"];
    assert_eq!(vary(&on, "w-auto"), all);
    assert_eq!(vary(&on, "w-9,dpr-auto"), all);
    assert_eq!(vary(&on, "w-9"), [""; 0]);
    assert_eq!(vary(&Dialect::imagekit(), "w-auto"), [""; 0]);
}

#[test]
fn another_image_may_stand_in_for_a_missing_one() {
    let found = request("tr:w-30,di-@@path@@to@@d.jpg/a.jpg");
    assert_eq!(found.fallback.as_deref(), Some("path/to/d.jpg"));
    assert_eq!(*found.sources, ["a.jpg".into()]);
    assert_eq!(found.recipe.steps.len(), 1);
    assert_eq!(request("tr:w-30/a.jpg").fallback, None);
}

#[test]
fn a_density_says_nothing() {
    for chain in ["w-30,dn-300", "w-30:dn-idn_mul_2", "dn-1,w-30"] {
        assert_eq!(
            request(&format!("tr:{chain}/a.jpg")),
            request("tr:w-30/a.jpg"),
            "{chain}"
        );
    }
}

#[test]
fn originals_are_for_those_who_allow_them() {
    let allowed = Dialect::imagekit().allow_original(true);
    let chain = "w-30,q-9,f-webp,orig-true:l-image,i-b.png,l-end";
    let found = parse(&allowed, &format!("tr:{chain}/a.jpg")).unwrap();
    assert_eq!(found.recipe.output.answer, Answer::Original);
    assert_eq!((found.recipe.steps.len(), found.sources.len()), (0, 1));
    assert_eq!(found.recipe.output.format, None);
    let found = parse(&allowed, "tr:w-30,orig-false/a.jpg").unwrap();
    assert_eq!(found.recipe.output.answer, Answer::Image);
}
