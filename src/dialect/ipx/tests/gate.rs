//! OptStuff's gate.

use super::*;

fn verdict(operations: &str) -> Result<(), String> {
    let parsed = parsed(&format!("{operations}/cdn.example.com/a.jpg"), true);
    parsed.map(|_| ()).map_err(|why| {
        assert_eq!(why.kind(), RejectionKind::BadRequest, "{operations}");
        why.detail().to_owned()
    })
}

#[test]
fn what_optstuff_lets_through() {
    let rows = [
        "_",
        "%5F",
        "w_1",
        "w_8192",
        "h_8192",
        "w_08",
        "q_1",
        "q_100",
        "q_080",
        "f_webp",
        "f_avif",
        "f_png",
        "f_jpg",
        "fit_cover",
        "fit_contain",
        "fit_fill",
        "s_1x1",
        "s_8192x8192",
        "s_0200x100",
        "embed",
        "w_800,f_webp",
        "w_800%2Cf_webp",
        "w_8,,h_9,",
        "w_8,w_9",
        "s_400x200,fit_contain,f_jpg,q_50",
    ];
    for operations in rows {
        assert_eq!(verdict(operations), Ok(()), "{operations}");
    }
    let request = parsed("w_800%2Cf_webp/h/a.jpg", true).unwrap();
    assert_eq!(request, parsed("w_800,f_webp/h/a.jpg", true).unwrap());
    assert_eq!(request.recipe.steps, [alone(800, 0)]);
    assert_eq!(request.recipe.output.format, Some(Format::WebP));
}

#[test]
fn what_optstuff_refuses_in_its_words() {
    let length = |name: &str| format!("{name} must be an integer between 1 and 8192");
    let unsupported = |name: &str| format!("Unsupported operation: {name}");
    let quality = "q must be an integer between 1 and 100";
    let format = "f must be one of: webp,avif,png,jpg";
    let fit = "fit must be one of: cover,contain,fill";
    let size = "s must be in format {w}x{h}";
    let mut rows: Vec<(&str, String)> = vec![
        ("q_0", quality.into()),
        ("q_101", quality.into()),
        ("q", quality.into()),
        ("f_jpeg", format.into()),
        ("f_gif", format.into()),
        ("f_auto", format.into()),
        ("f_WEBP", format.into()),
        ("f", format.into()),
        ("fit_inside", fit.into()),
        ("fit_outside", fit.into()),
        ("s_200", size.into()),
        ("s_200X100", size.into()),
        ("s_200x", size.into()),
        ("s", size.into()),
        ("s_0x100", length("s width")),
        ("s_8193x100", length("s width")),
        ("s_100x0", length("s height")),
        ("s_100x8193", length("s height")),
        ("embed_1", "embed must be a flag without value".into()),
        ("w-800", unsupported("w-800")),
        ("w=800", unsupported("w=800")),
        ("w_8&h_9", length("w")),
        ("a&b", unsupported("a&b")),
        ("W_800", unsupported("W")),
        ("__proto__", unsupported("__proto__")),
        ("w_8,_", unsupported("_")),
        ("_w_8", unsupported("_w_8")),
        ("w_8,blur_5", unsupported("blur")),
    ];
    for wrong in [
        "w_0",
        "w_8193",
        "w_+8",
        "w_8.0",
        "w",
        "w_",
        "w_8_9",
        "w_99999999999999999999",
    ] {
        rows.push((wrong, length("w")));
    }
    rows.push(("h_0", length("h")));
    for name in [
        "width",
        "height",
        "resize",
        "quality",
        "format",
        "enlarge",
        "b",
        "background",
        "pos",
        "position",
        "kernel",
        "trim",
        "extend",
        "extract",
        "crop",
        "rotate",
        "flip",
        "flop",
        "sharpen",
        "median",
        "blur",
        "flatten",
        "gamma",
        "negate",
        "normalize",
        "threshold",
        "modulate",
        "tint",
        "grayscale",
        "a",
        "animated",
    ] {
        rows.push((name, unsupported(name)));
    }
    assert_eq!(rows.len(), 68);
    for (operations, message) in rows {
        assert_eq!(verdict(operations), Err(message), "{operations}");
    }
}

#[test]
fn the_gate_opens_no_more_than_ipx() {
    // What the gate lets through, IPX's grammar reads.
    for operations in ["w_8192,h_1,q_100,f_avif,fit_fill,embed", "s_8192x8192"] {
        let path = format!("{operations}/h/a.jpg");
        assert_eq!(parsed(&path, true).unwrap(), parsed(&path, false).unwrap());
    }
}
