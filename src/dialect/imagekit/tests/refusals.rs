//! What is refused, and how it is named.

use super::*;

/// Chains, and why they are refused.
const REFUSED: [(&str, &str); 91] = [
    (
        "e-bgremove",
        "e-bgremove needs a paid model, and is not supported",
    ),
    (
        "e-removedotbg",
        "e-removedotbg needs a paid model, and is not supported",
    ),
    (
        "e-changebg-prompt-sea",
        "e-changebg needs a paid model, and is not supported",
    ),
    (
        "e-edit-prompt-x",
        "e-edit needs a paid model, and is not supported",
    ),
    (
        "e-dropshadow",
        "e-dropshadow needs a paid model, and is not supported",
    ),
    (
        "e-retouch",
        "e-retouch needs a paid model, and is not supported",
    ),
    (
        "e-upscale",
        "e-upscale needs a paid model, and is not supported",
    ),
    (
        "e-genvar",
        "e-genvar needs a paid model, and is not supported",
    ),
    (
        "w-9,h-9,cm-pad_resize,bg-genfill",
        "bg-genfill needs a paid model, and is not supported",
    ),
    (
        "w-9,h-9,fo-dog",
        "fo-\"dog\" needs a paid model, and is not supported",
    ),
    (
        "w-9,h-9,fo-dog,ar-1_1",
        "fo-\"dog\" needs a paid model, and is not supported",
    ),
    (
        "fo-cat",
        "fo-\"cat\" needs a paid model, and is not supported",
    ),
    ("fo-custom", "fo-custom is not supported by this version"),
    ("fo-face,z-2", "z is not supported by this version"),
    (
        "orig-true",
        "orig-true is not allowed here: see allow_original",
    ),
    ("di-..@@a.jpg", "the name of the image has a dot segment"),
    ("di-@@", "the URL names no image"),
    (
        "l-image,i-b.png,di-c.png,l-end",
        "there is no parameter \"di\" here",
    ),
    ("dn-1201", "dn is no whole number from 1 to 1200: \"1201\""),
    ("c2pa-true", "c2pa is not supported by this version"),
    ("f-svg", "f-svg is not supported by this version"),
    ("f-mp4", "f-mp4 is for videos, which are not supported"),
    ("vc-h264", "vc is for videos, which are not supported"),
    (
        "l-video,i-a.mp4,l-end",
        "l-video is for videos, which are not supported",
    ),
    (
        "l-subtitles,i-a.srt,l-end",
        "l-subtitles is for videos, which are not supported",
    ),
    (
        "l-image,i-a,lm-displace,l-end",
        "lm-displace is not supported by this version",
    ),
    (
        "if-w_gt_1,q-50,if-end",
        "q within a condition is not supported by this version",
    ),
    (
        "if-w_gt_1,pg-2,if-end",
        "pg within a condition is not supported by this version",
    ),
    ("w-0", "w is no whole number from 1 to 65535: \"0\""),
    ("w-65536", "w is no whole number from 1 to 65535: \"65536\""),
    ("w-1.5", "w is no whole number from 1 to 65535: \"1.5\""),
    ("w-N5", "w is no number or expression: \"N5\""),
    ("w--5", "w is no number or expression: \"-5\""),
    ("w-", "w is no number or expression: \"\""),
    ("h-inf", "h is no number or expression: \"inf\""),
    (
        "w-iw_times_2",
        "w is no number or expression: \"iw_times_2\"",
    ),
    ("w-iw_mul", "w is no number or expression: \"iw_mul\""),
    ("w-iw_mul_N2", "w is no number or expression: \"iw_mul_N2\""),
    ("w-1_div_0", "w is no number or expression: \"1_div_0\""),
    ("w-5_sub_5", "w is no size: \"5_sub_5\""),
    ("w-9,ar-0-1", "ar is no ratio: \"0-1\""),
    ("ar-4-3", "ar needs w or h"),
    (
        "w-9,x-1",
        "x, y, xc and yc need cm-extract or cm-pad_extract",
    ),
    ("w-9,cm-extract,xc-1", "xc and yc need each other"),
    (
        "w-9,cm-extract,xc-1,yc-1,x-1",
        "x or y and xc or yc are both there",
    ),
    ("w-9,c-force,cm-extract", "c and cm are both there"),
    ("w-9,c-crop", "c is unknown: \"crop\""),
    ("w-9,w-10", "a step has \"w\" twice"),
    ("w-9,dpr-6", "dpr is no number from 0.1 to 5: \"6\""),
    ("q-0", "q is no whole number from 1 to 100: \"0\""),
    ("q-101", "q is no whole number from 1 to 100: \"101\""),
    ("bl-101", "bl is no whole number from 1 to 100: \"101\""),
    ("b-5", "b is no width and colour: \"5\""),
    ("b-5_nocolour", "b is no colour: \"nocolour\""),
    ("bg-FFF", "bg is no colour: \"FFF\""),
    ("bg-FFFFFFFF", "bg is no whole number from 0 to 99: \"FF\""),
    ("bg-blurred", "bg-blurred needs cm-pad_resize"),
    ("r-1_2", "r is neither one radius nor four: \"1_2\""),
    ("rt-361", "rt is no number from -360 to 360: \"361\""),
    ("fl-x", "fl is unknown: \"x\""),
    ("o-101", "o is no number from 0 to 100: \"101\""),
    ("pr-yes", "pr is neither true nor false: \"yes\""),
    ("e-sepia", "there is no effect \"sepia\""),
    (
        "e-usm-1-2-3",
        "e-usm has no four numbers above 0: \"1-2-3\"",
    ),
    ("e-shadow-q-1", "e-shadow has no argument \"q-1\""),
    ("e-shadow-x-1_x-2", "e-shadow has \"x\" twice"),
    ("e-gradient-ld-1_ld-2", "e-gradient has \"ld\" twice"),
    ("e-distort-p-1_2", "e-distort is unknown: \"p-1_2\""),
    ("nonsense", "there is no parameter \"nonsense\""),
    ("nonsense-1", "there is no parameter \"nonsense\" here"),
    ("w-1,,h-1", "there is no parameter \"\""),
    ("w-1:", "there is no parameter \"\""),
    ("lx-5", "there is no parameter \"lx\" here"),
    ("l-end", "there is no layer \"end\""),
    ("l-image,i-a.png", "a layer has no l-end"),
    ("l-image", "a layer has nothing in it"),
    ("l-image,w-5,l-end", "a layer has neither i nor ie"),
    ("l-text,l-end", "a text has neither i nor ie"),
    ("l-image,ie-**,l-end", "ie is no base64: \"**\""),
    (
        "l-image,i-..@@a.png,l-end",
        "the name of the image has a dot segment",
    ),
    (
        "l-image,i-a,f-png,l-end",
        "there is no parameter \"f\" here",
    ),
    (
        "l-image,i-a,n-thumb,l-end",
        "n is for images, and not for presets and layers",
    ),
    ("l-image,i-a,lx-1,lxc-2,l-end", "lx and lxc are both there"),
    ("if-w_gt_1,w-5", "an if has no if-end"),
    ("if-w_gt_1", "an if has nothing in it"),
    ("if-w_is_1,w-5,if-end", "if is no condition: \"w_is_1\""),
    ("if-q_gt_1,w-5,if-end", "if is no condition: \"q_gt_1\""),
    ("if-w_gt,w-5,if-end", "if is no condition: \"w_gt\""),
    (
        "if-w_gt_1,w-5,if-end,h-5",
        "a step with an if has nothing else in it",
    ),
    (
        "h-5,if-w_gt_1,w-5,if-end",
        "a step with an if has nothing else in it",
    ),
    ("if-else", "if is no condition: \"else\""),
];

#[test]
fn what_cannot_be_done_is_refused_by_name() {
    for (chain, why) in REFUSED {
        let detail = refusal(&Dialect::imagekit(), &format!("tr:{chain}/a.jpg"));
        assert_eq!(detail, why, "{chain}");
    }
    for (url, why) in [
        (
            "tr:w-1/a.jpg?tr=w-2",
            "there is more than one list of transformations",
        ),
        ("a.jpg?tr=w-1&tr=w-2", "the query has tr twice"),
        ("a.jpg?tr=%FF", "the URL is not UTF-8"),
        ("%FF.jpg", "the URL is not UTF-8"),
        ("tr:w-1/", "the URL names no image"),
        (
            "tr:w-1/a/..%2Fb.jpg",
            "the name of the image has a dot segment",
        ),
        (
            "ik-seo/photo",
            "ik-seo has no name with an extension: \"photo\"",
        ),
        (
            "a.mp4/ik-thumbnail.jpg",
            "ik-thumbnail.jpg is for videos, which are not supported",
        ),
        (
            "a.mp4/ik-master.m3u8",
            "ik-master.m3u8 is for videos, which are not supported",
        ),
        (
            "ik-genimg-prompt-a-cat/cat.jpg",
            "ik-genimg needs a paid model, and is not supported",
        ),
        (
            "a.jpg?ik-attachment=1",
            "ik-attachment is neither true nor false: \"1\"",
        ),
        (
            "a.jpg?ik-attachment=true&ik-attachment-filename=a%0Ab",
            "ik-attachment-filename is no name of a file: \"a\\nb\"",
        ),
    ] {
        assert_eq!(refusal(&Dialect::imagekit(), url), why, "{url}");
    }
}
