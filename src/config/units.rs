//! Sizes, times and moments as a configuration file writes them.

use std::time::Duration;

use toml::value::{Datetime, Offset};

/// Units of size, the largest first.
const SIZES: &[(&str, u64)] = &[
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

/// Units of time, in milliseconds, the largest first.
const TIMES: &[(&str, u64)] = &[
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Reads a number of bytes such as `256MiB`.
pub(super) fn parse_size(text: &str) -> Option<u64> {
    parse(text, SIZES)
}

/// Reads a time: a whole number of `ms`, `s`, `m`, `h` or `d`.
///
/// ```
/// # use std::time::Duration;
/// assert_eq!(imgward::config::parse_duration("5m"), Some(Duration::from_secs(300)));
/// assert_eq!(imgward::config::parse_duration("5"), None);
/// ```
pub fn parse_duration(text: &str) -> Option<Duration> {
    parse(text, TIMES).map(Duration::from_millis)
}

fn parse(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

/// Writes a number of bytes so that [`parse_size`] reads it.
pub(super) fn print_size(bytes: u64) -> String {
    print(bytes, SIZES)
}

/// Writes a time so that [`parse_duration`] reads it. What is below a millisecond is dropped.
pub(super) fn print_duration(duration: Duration) -> String {
    let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    match milliseconds {
        0 => "0s".into(),
        milliseconds => print(milliseconds, TIMES),
    }
}

/// In the largest unit that divides the number.
fn print(number: u64, units: &[(&str, u64)]) -> String {
    units
        .iter()
        .find(|(_, factor)| number >= *factor && number.is_multiple_of(*factor))
        .map_or_else(
            || number.to_string(),
            |(unit, factor)| format!("{}{unit}", number / factor),
        )
}

/// The seconds since 1970-01-01T00:00:00Z of a moment that has a date, a time and an offset. `None` before that.
pub(super) fn unix_seconds(moment: &Datetime) -> Option<u64> {
    let (date, time, offset) = (moment.date?, moment.time?, moment.offset?);
    let minutes_ahead = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let days = days_since_1970(date.year.into(), date.month.into(), date.day.into());
    let hours = days * 24 + i64::from(time.hour);
    let minutes = hours * 60 + i64::from(time.minute) - minutes_ahead;
    let seconds = minutes * 60 + i64::from(time.second.unwrap_or(0));
    u64::try_from(seconds).ok()
}

/// Counts days in years that begin in March, so that the leap day is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        month => (year, month - 3),
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days_before_month = (153 * month + 2) / 5;
    // 719,468 days lie between the first of March of the year 0 and the first of January 1970.
    year * 365 + leap_days + days_before_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes() {
        let cases = [
            ("0B", Some(0)),
            ("1B", Some(1)),
            ("10KiB", Some(10_240)),
            ("256MiB", Some(268_435_456)),
            ("2GiB", Some(2_147_483_648)),
            ("5kB", Some(5_000)),
            ("5MB", Some(5_000_000)),
            ("", None),
            ("5", None),
            ("MiB", None),
            ("5 MiB", None),
            ("-5MiB", None),
            ("1.5MiB", None),
            ("5mib", None),
            ("20000000000GiB", None),
            ("99999999999999999999B", None),
        ];
        for (text, bytes) in cases {
            assert_eq!(parse_size(text), bytes, "{text}");
        }
    }

    #[test]
    fn times() {
        let cases = [
            ("0s", Some(0)),
            ("500ms", Some(500)),
            ("30s", Some(30_000)),
            ("5m", Some(300_000)),
            ("12h", Some(43_200_000)),
            ("7d", Some(604_800_000)),
            ("", None),
            ("30", None),
            ("s", None),
            ("30 s", None),
            ("1h30m", None),
            ("-1s", None),
            ("9999999999999999d", None),
        ];
        for (text, milliseconds) in cases {
            let expected = milliseconds.map(Duration::from_millis);
            assert_eq!(parse_duration(text), expected, "{text}");
        }
    }

    #[test]
    fn moments() {
        let cases = [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1969-12-31T23:59:59Z", None),
            ("2000-02-29T12:00:00Z", Some(951_825_600)),
            ("2027-01-01T00:00:00Z", Some(1_798_761_600)),
            ("2027-01-01T01:30:00+01:30", Some(1_798_761_600)),
            ("2100-03-01T00:00:00Z", Some(4_107_542_400)),
            ("2027-01-01T00:00:00", None),
            ("2027-01-01", None),
            ("00:00:00", None),
        ];
        for (text, seconds) in cases {
            assert_eq!(unix_seconds(&text.parse().unwrap()), seconds, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_again(number in 1_u64..1 << 50) {
            prop_assert_eq!(parse_size(&print_size(number)), Some(number));
            let duration = Duration::from_millis(number);
            prop_assert_eq!(parse_duration(&print_duration(duration)), Some(duration));
        }
    }
}
