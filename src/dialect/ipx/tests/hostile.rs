//! Any text is read or refused.

use proptest::prelude::*;

use super::*;

/// Texts that the grammar is made of.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "w",
        "h",
        "s",
        "resize",
        "fit",
        "crop",
        "extract",
        "extend",
        "rotate",
        "trim",
        "gamma",
        "blur",
        "modulate",
        "q",
        "f",
        "b",
        "tint",
        "pos",
        "kernel",
        "embed",
        "enlarge",
        "threshold",
        "_",
        ":",
        "=",
        ",",
        "&",
        "x",
        "-",
        ".",
        "0",
        "1",
        "08",
        "255",
        "65535",
        "65536",
        "1e3",
        "NaN",
        "contain",
        "attention",
        "red",
        "%2C",
        "%",
        "%25",
        "/",
        "//",
        "..",
        "https:/",
        "a.jpg",
        "\u{e9}",
        "auto",
        "heif",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_panics(text in prop_oneof![any::<String>(), pieces()], optstuff: bool, decoded: bool) {
        let text = text.leak();
        let target = if decoded {
            VerifiedTarget::decoded_for_test(text)
        } else {
            VerifiedTarget::for_test(text, true)
        };
        match parse(&target, optstuff) {
            Ok(request) => {
                prop_assert!(request.recipe.steps.len() <= 64);
                prop_assert!(check_name(&request.sources[0]).is_ok());
            }
            Err(why) => {
                prop_assert!(matches!(
                    why.kind(),
                    RejectionKind::BadRequest | RejectionKind::UnsupportedFormat
                ));
                prop_assert!(why.detail().len() < 500);
            }
        }
    }

    /// Whatever the order in the URL is.
    #[test]
    fn the_order_of_different_operations_does_not_matter(
        operations in Just(vec![
            "w_9", "h_8", "s_7x6", "crop_1_2_3_4", "extract_5_6_7_8", "rotate_90", "flip", "b_red",
            "fit_contain", "gamma_2", "blur_2", "extend_1_2_3_4", "trim_3", "q_7", "kernel_cubic",
            "enlarge", "pos_top",
        ]).prop_shuffle(),
        count in 0_usize..17,
    ) {
        let mut some = operations[..count].to_vec();
        let given = some.join(",");
        some.sort_unstable();
        let sorted = some.join("&");
        let [given, sorted] = [given, sorted].map(|text| if text.is_empty() { "_".into() } else { text });
        prop_assert_eq!(request(&given), request(&sorted));
    }
}
