//! Layers: images, colours, texts.

use super::*;
use crate::recipe::{Blend, Color, Length, Position};

#[test]
fn layers_are_overlays() {
    let middle = overlay("l-image,i-logo.png,l-end");
    assert_eq!(middle.content, Content::Source(1));
    assert_eq!(middle.steps, [Step::Trim(TRIM)]);
    assert_eq!(middle.x, Position::Center(Length::default()));
    assert!(middle.inside && middle.lengths.is_empty());

    let chain = "w-300,l-image,i-a@@b@@logo.png,lx-10,ly-N5,lfo-top_left,w-50,l-end";
    let request = request(&format!("tr:{chain}/base.jpg"));
    assert_eq!(
        &*request.sources,
        ["base.jpg".into(), "a/b/logo.png".into()]
    );
    let logo = overlay(chain);
    assert_eq!(logo.steps, [Step::Trim(TRIM), fill(50, 0)]);
    assert_eq!(logo.x, Position::Start(Length::Pixels(10.0)));
    assert_eq!(logo.y, Position::End(Length::Pixels(5.0)));

    // What is said of the layer itself may stand in any of its steps; `ie` wins.
    let chained = overlay("l-image,i-x.png,ie-YS9iLnBuZw==,t-false:w-10:rt-90,lfo-right,l-end");
    assert_eq!(chained.steps.len(), 2);
    assert_eq!(chained.x, Position::End(Length::default()));
    assert_eq!(chained.y, Position::Center(Length::default()));

    for (mode, blend) in [
        ("multiply", Blend::Multiply),
        ("cutter", Blend::Mask),
        ("cutout", Blend::MaskOut),
    ] {
        let layer = overlay(&format!("l-image,i-a.png,lm-{mode},l-end"));
        assert_eq!(layer.blend, blend, "{mode}");
    }
}

#[test]
fn canvases_and_texts() {
    let block = overlay("l-image,i-ik_canvas,bg-FF0000,w-20,h-10,al-5,r-3,l-end");
    assert_eq!(
        block.content,
        Content::Canvas {
            width: 20.into(),
            height: 10.into(),
            color: Color::opaque(255, 0, 0),
        }
    );
    assert!((block.opacity - 0.5).abs() < 1e-9);
    assert!(matches!(*block.steps, [Step::RoundCorners(_)]));
    let whole = overlay("l-image,i-ik_canvas,e-gradient,l-end");
    assert_eq!(
        whole.content,
        Content::Canvas {
            width: Length::Fraction(1.0),
            height: Length::Fraction(1.0),
            color: Color::TRANSPARENT,
        }
    );
    let half = overlay("l-image,i-ik_canvas,w-bw_div_2,l-end");
    assert!(matches!(
        half.content,
        Content::Canvas {
            width: Length::Computed(0),
            ..
        }
    ));
    assert_eq!(half.lengths.len(), 1);

    let text = overlay(
        "l-text,i-Hello%20World,fs-20,ff-fonts@@a.ttf,co-FF000050,ia-right,pa-1_2_3,tg-b_i_strikethrough,bg-white,r-4,lh-30,w-100,rt-90,l-end",
    );
    assert_eq!(
        text.content,
        Content::Text(Text {
            family: "fonts/a.ttf".into(),
            size: 20.0,
            color: Color {
                red: 255,
                green: 0,
                blue: 0,
                alpha: 128,
            },
            bold: true,
            italic: true,
            strikethrough: true,
            width: Some(100.into()),
            align: TextAlign::End,
            line_height: 1.5,
            background: Color::WHITE,
            padding: [1, 2, 3, 2],
            radius: 4,
            ..Text::new("Hello World")
        })
    );
    assert!(matches!(*text.steps, [Step::Rotate(_)]));
}

#[test]
fn layers_lie_in_layers() {
    let request = request(
        "tr:w-9,l-image,i-a.png,l-image,i-b.png,l-text,i-c,l-end,l-end:w-5,l-end,l-text,i-d,l-end/e.jpg",
    );
    assert_eq!(
        &*request.sources,
        ["e.jpg".into(), "b.png".into(), "a.png".into()]
    );
    let [Step::Resize(_), Step::Overlay(outer), Step::Overlay(text)] = &*request.recipe.steps
    else {
        panic!("{request:?}");
    };
    assert!(matches!(text.content, Content::Text(_)));
    assert_eq!(outer.content, Content::Source(2));
    let [Step::Trim(_), Step::Overlay(inner), Step::Resize(_)] = &*outer.steps else {
        panic!("{outer:?}");
    };
    assert_eq!(inner.content, Content::Source(1));
    assert!(matches!(*inner.steps, [Step::Trim(_), Step::Overlay(_)]));
}
