//! What the original services do, by tables: the vectors and numbers of the project's behaviour sheets of imagor, imgproxy,
//! ImageKit, and IPX with OptStuff, as far as URLs and images go. A row names the section that it is from, so that a reader
//! can check that none is left out, and how the fact was found: `run` (the original was run), `golden` (it is among the
//! original's own expected results), `src`, `doc`; or why it is as it is here: `issue` (it was asked for), `server` (the
//! contract of the reference server).
//!
//! | table | says |
//! |---|---|
//! | `signatures` | which signatures were made of which text by which key |
//! | `names` | which images a URL names |
//! | `same` | which URLs ask for the same: defaults, aliases, what is ignored |
//! | `refused` | which URLs are refused, and why |
//! | `expiry` | when URLs expire |
//! | `sizes` | how large the image is that is made of one that the URL describes by its name |
//! | `content` | what it shows: see `reference` |
//! | `differences` | where this is another on purpose: see the dialect's documentation |
//!
//! Of imagor there are `urls` and `args` (what a path and a filter's arguments are cut into, tested in the library),
//! `libthumbor` and `empty_key` (more signatures), `thumbor` (what its option makes of a URL, as thumbor does), and
//! `thumbor_differences` (what it makes otherwise).
#![expect(clippy::unwrap_used, clippy::panic, reason = "this is test code")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pictures of the tests are small"
)]

mod compare;
mod imagekit;
mod imagor;
mod imgproxy;
mod ipx;
mod reference;
mod signatures;
mod sources;
mod stack;
mod table;

/// What would be missed if the comparison were too kind: each picture is unlike the one beside it.
#[test]
fn a_picture_that_is_a_pixel_off_is_another() {
    use compare::{ERROR, alike};
    use reference::Reference;

    let picture = |steps| Reference::of("map-400x200.png", steps);
    let right = picture("box 100 0 200 200; scale 100 100");
    assert_eq!(alike(&right, &right, 0.0), Ok(()));
    for wrong in [
        "box 102 0 198 200; scale 100 100",
        "box 102 0 200 200; scale 100 100",
        "box 98 0 200 200; scale 100 100",
        "box 100 2 200 198; scale 100 100",
        "box 100 0 200 200; scale 100 100; mirror",
        "box 100 0 200 200; scale 100 100; flip",
        "box 100 0 200 200; scale 100 100; turn 1",
        "box 100 0 200 200; scale 100 100; line 1 3",
        "box 100 0 200 200; scale 101 100",
        "box 100 0 200 200; scale 100 100; canvas 100 100 0 0 ffffff; fade 0.98",
    ] {
        assert!(alike(&picture(wrong), &right, ERROR).is_err(), "{wrong}");
    }
}
