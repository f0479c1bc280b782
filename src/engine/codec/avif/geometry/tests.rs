use super::*;

const WHOLE: CleanAperture = CleanAperture {
    width: (6, 1),
    height: (4, 1),
    right: (0, 1),
    down: (0, 1),
};

fn geometry(transforms: &[Transform]) -> Option<(u16, [u32; 4])> {
    let stored = Size {
        width: 6,
        height: 4,
    };
    let Geometry { shown, orientation } = Geometry::new(stored, transforms).ok()?;
    let tag = (1..=8).find(|&tag| Orientation::from_tag(tag) == orientation);
    let tag = tag.expect("there are eight orientations");
    Some((tag, [shown.left, shown.top, shown.width, shown.height]))
}

#[test]
fn transforms_add_up() {
    use Transform::{Crop, MirrorHorizontally, MirrorVertically, Rotate};

    let all = [0, 0, 6, 4];
    let corner = Crop(CleanAperture {
        width: (2, 1),
        height: (1, 1),
        right: (-4, 2),
        down: (-3, 2),
    });
    let table: [(&[Transform], _); 14] = [
        (&[], Some((1, all))),
        (&[Rotate(1)], Some((8, all))),
        (&[Rotate(2)], Some((3, all))),
        (&[Rotate(3)], Some((6, all))),
        (&[MirrorHorizontally], Some((2, all))),
        (&[MirrorVertically], Some((4, all))),
        (&[Rotate(1), MirrorHorizontally], Some((7, all))),
        (&[Rotate(1), MirrorVertically], Some((5, all))),
        (&[MirrorHorizontally, Rotate(1)], Some((5, all))),
        (&[Crop(WHOLE)], Some((1, all))),
        (&[corner], Some((1, [0, 0, 2, 1]))),
        (&[corner, Rotate(2)], Some((3, [0, 0, 2, 1]))),
        // After half a turn the top left is the stored bottom right.
        (&[Rotate(2), corner], Some((3, [4, 3, 2, 1]))),
        // The turned image is 4 by 6: 2 by 6 of it are 6 by 2 of the stored one.
        (
            &[
                Rotate(1),
                Crop(CleanAperture {
                    width: (2, 1),
                    height: (6, 1),
                    right: (1, 1),
                    down: (0, 1),
                }),
            ],
            Some((8, [0, 2, 6, 2])),
        ),
    ];
    for (transforms, expected) in table {
        assert_eq!(geometry(transforms), expected, "{transforms:?}");
    }
}

#[test]
fn apertures_outside_the_image_are_refused() {
    let table = [
        CleanAperture {
            width: (7, 1),
            ..WHOLE
        },
        CleanAperture {
            width: (0, 1),
            ..WHOLE
        },
        CleanAperture {
            width: (6, 0),
            ..WHOLE
        },
        CleanAperture {
            right: (1, 1),
            ..WHOLE
        },
        CleanAperture {
            right: (0, 0),
            ..WHOLE
        },
        CleanAperture {
            height: (2, 1),
            down: (2, 1),
            ..WHOLE
        },
        CleanAperture {
            height: (2, 1),
            down: (i32::MIN, u32::MAX),
            width: (u32::MAX, 1),
            ..WHOLE
        },
    ];
    for aperture in table {
        assert_eq!(geometry(&[Transform::Crop(aperture)]), None, "{aperture:?}");
    }
}
