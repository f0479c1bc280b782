use std::fmt;

use crate::country::CountryCode;

/// A set of countries: a row of bits for each first letter.
#[derive(Clone, Copy, Default)]
pub(super) struct CountrySet {
    rows: [u32; 26],
}

impl CountrySet {
    pub(super) fn contains(&self, country: CountryCode) -> bool {
        let (row, bit) = place(country);
        self.rows.get(row).is_some_and(|row| row & bit != 0)
    }
}

fn place(country: CountryCode) -> (usize, u32) {
    let [first, second] = country.letters().map(|letter| letter.wrapping_sub(b'A'));
    (usize::from(first), 1 << (second % 32))
}

impl FromIterator<CountryCode> for CountrySet {
    fn from_iter<I: IntoIterator<Item = CountryCode>>(countries: I) -> Self {
        let mut set = Self::default();
        for country in countries {
            let (row, bit) = place(country);
            if let Some(row) = set.rows.get_mut(row) {
                *row |= bit;
            }
        }
        set
    }
}

impl fmt::Debug for CountrySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(CountryCode::all().filter(|country| self.contains(*country)))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_was_put_in_and_nothing_else() {
        let all: Vec<_> = CountryCode::all().collect();
        for parity in 0..2 {
            let set: CountrySet = all.iter().copied().skip(parity).step_by(2).collect();
            for (n, country) in all.iter().enumerate() {
                assert_eq!(set.contains(*country), n % 2 == parity, "{country}");
            }
        }
    }
}
