//! How two requests differ, for people.

use super::{Sink, WriteKey};

/// The first field or variant of `left` that is another in `right`, by its name, as far down as names say more: that of a
/// `Length` is the field that it is in.
pub(crate) fn difference(left: &dyn WriteKey, right: &dyn WriteKey) -> Option<&'static str> {
    const VALUES: [&str; 7] = [
        "Align", "Color", "Gravity", "Length", "Position", "Term", "Unit",
    ];

    let owner = |name: &'static str| name.split(['.', ':']).next().unwrap_or_default();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    left.parts(&mut ours);
    right.parts(&mut theirs);
    ours.iter().zip(&theirs).find_map(|(our, their)| {
        if our.name != their.name {
            return Some(our.name);
        }
        (!alike(our.value, their.value)).then(|| {
            let within = difference(our.value, their.value);
            let within = within.filter(|name| !VALUES.contains(&owner(name)));
            within.unwrap_or(our.name)
        })
    })
}

/// Whether two values are the same, but for a billionth part of numbers that are not whole.
pub(crate) fn alike(left: &dyn WriteKey, right: &dyn WriteKey) -> bool {
    let listed = |value: &dyn WriteKey| {
        let mut sink = Sink {
            bytes: Vec::new(),
            numbers: Some(Vec::new()),
        };
        value.write_key(&mut sink);
        (sink.bytes, sink.numbers.unwrap_or_default())
    };
    let near = |(left, right): (&f64, &f64)| {
        let most = left.abs().max(right.abs()).max(1.0);
        left.to_bits() == right.to_bits() || (left - right).abs() <= most * 1e-9
    };
    let ((left, ours), (right, theirs)) = (listed(left), listed(right));
    left == right && ours.len() == theirs.len() && ours.iter().zip(&theirs).all(near)
}
