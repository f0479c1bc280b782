//! Which of several operations counts, and in which order they are done.

use super::*;

#[test]
fn the_last_resize_by_name_counts() {
    let rows = [
        ("h_3,w_5", cover(5, 3)),
        ("w_5,h_3", cover(5, 3)),
        ("width_5,height_3", cover(5, 3)),
        ("w_5,width_6", alone(6, 0)),
        ("width_6,w_5", alone(6, 0)),
        ("h_5,height_6", alone(0, 6)),
        ("s_3x4,resize_5x6", cover(3, 4)),
        ("s_3x4,w_5", alone(5, 0)),
        ("w_5,s_3x4", alone(5, 0)),
        ("s_3x4,h_5", cover(3, 4)),
        ("s_3x4,h_5,w_6", cover(6, 5)),
        ("w_5,w_6", alone(6, 0)),
        ("w_5&w:6,w=7", alone(7, 0)),
    ];
    for (operations, expected) in rows {
        assert_eq!(steps(operations), [expected], "{operations}");
    }
}

#[test]
fn positions_are_sharps() {
    let at = |words: [&'static str; 3], x, y| words.map(|word| (word, point(x, y)));
    let rows = [
        at(["center", "centre", "0"], 1, 1),
        at(["north", "top", "1"], 1, 0),
        at(["east", "right", "2"], 2, 1),
        at(["south", "bottom", "3"], 1, 2),
        at(["west", "left", "4"], 0, 1),
        at(["northeast", "right%20top", "5"], 2, 0),
        at(["southeast", "right bottom", "6"], 2, 2),
        at(["southwest", "left bottom", "7"], 0, 2),
        at(["northwest", "left%20top", "8"], 0, 0),
        ["attention", "entropy", "17"].map(|word| (word, Gravity::Smart)),
    ];
    for (word, gravity) in rows.into_iter().flatten() {
        for name in ["pos", "position"] {
            let expected = Resize {
                gravity: gravity.clone(),
                ..boxed(ResizeMode::Fill, 3, 4)
            };
            let operations = format!("s_3x4,{name}_{word}");
            assert_eq!(steps(&operations), [Step::Resize(expected)], "{operations}");
        }
    }
}

#[test]
fn steps_come_in_sharps_order() {
    let rows: Vec<(&str, Vec<Step>)> = vec![
        ("blur_2,w_9", vec![alone(9, 0), blur(2.0)]),
        (
            "extend_1_2_3_4,w_9",
            vec![alone(9, 0), margins([1, 2, 3, 4], on(0, 0, 0))],
        ),
        ("w_9,trim", vec![trim(10.0), alone(9, 0)]),
        ("w_9,crop_1_2_3_4", vec![part([1, 2, 3, 4]), alone(9, 0)]),
        (
            "w_9,extract_5_6_7_8,crop_1_2_3_4",
            vec![part([1, 2, 3, 4]), alone(9, 0), part([5, 6, 7, 8])],
        ),
        (
            "rotate_90,crop_1_2_3_4",
            vec![part([1, 2, 3, 4]), turn(90.0, Color::BLACK)],
        ),
        (
            "rotate_90,crop_1_2_3_4,w_9",
            vec![turn(90.0, Color::BLACK), part([1, 2, 3, 4]), alone(9, 0)],
        ),
        (
            "rotate_9,flip,trim",
            vec![flip(false, true), turn(9.0, Color::BLACK), trim(10.0)],
        ),
        (
            "rotate_9,flatten,grayscale",
            vec![
                Step::Flatten(on(0, 0, 0)),
                Step::Grayscale,
                turn(9.0, Color::BLACK),
            ],
        ),
        (
            "flatten,grayscale,w_9,flop",
            vec![
                flip(true, false),
                alone(9, 0),
                Step::Flatten(on(0, 0, 0)),
                Step::Grayscale,
            ],
        ),
        (
            "flatten,grayscale,gamma_2,w_9",
            vec![
                Step::Flatten(on(0, 0, 0)),
                Step::Gamma(0.5),
                Step::Grayscale,
                alone(9, 0),
                Step::Gamma(2.0),
            ],
        ),
        (
            "blur_2,gamma_2,median,modulate_2,negate,normalize,sharpen_3,threshold,tint_red",
            vec![
                Step::Gamma(0.5),
                Step::Median { size: 3 },
                Step::Threshold(128),
                blur(2.0),
                modulate(2.0, 1.0, 0.0),
                sharpen(3.0, 1.0, 2.0),
                Step::Gamma(2.0),
                Step::Normalize,
                Step::Tint(Color::opaque(255, 0, 0)),
                Step::Negate,
            ],
        ),
    ];
    for (operations, expected) in rows {
        assert_eq!(steps(operations), expected, "{operations}");
    }
}
