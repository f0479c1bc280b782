//! How long the originals of an image are good, and how they are asked for again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{DATE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};

use crate::lifetime::{date, lifetime, parse_date};
use crate::transform::{Headers, Said};

/// How much older than the answer a `Last-Modified` must be to tell one version from the next, in seconds: what changes
/// twice in a second has one for both ([RFC 9110, section 8.8.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-8.8.2.2)).
const OLD_ENOUGH: Duration = Duration::from_secs(2);

/// What an origin said of the originals of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Freshness {
    /// For how many seconds all of them may be taken for what they were. `None`: it does not say.
    pub(super) lifetime: Option<u64>,
    /// With what each of them is asked for again, in the order of the sources.
    pub(super) conditions: Vec<Headers>,
}

impl Freshness {
    /// By the headers of each original, as of `now`, in seconds since 1970.
    pub(super) fn of(said: &[Said], now: u64) -> Self {
        let now = UNIX_EPOCH + Duration::from_secs(now);
        Self {
            lifetime: said.iter().filter_map(|said| lifetime(said, now)).min(),
            conditions: said.iter().map(|said| conditions(said, now)).collect(),
        }
    }

    /// What becomes of it when no original has changed. What the origin does not say again is as it was
    /// ([RFC 9111, section 4.3.4](https://www.rfc-editor.org/rfc/rfc9111#section-4.3.4)).
    pub(super) fn renewed(&self, said: &[Said], now: u64) -> Self {
        let new = Self::of(said, now);
        let before = self.conditions.iter();
        let conditions = before.enumerate().map(|(index, old)| {
            let new = new.conditions.get(index).filter(|new| !new.is_empty());
            new.unwrap_or(old).clone()
        });
        Self {
            lifetime: new.lifetime.or(self.lifetime),
            conditions: conditions.collect(),
        }
    }

    /// Whether it can be asked for whether anything has changed.
    pub(super) fn can_be_renewed(&self) -> bool {
        !self.conditions.is_empty() && self.conditions.iter().all(|headers| !headers.is_empty())
    }
}

fn conditions(said: &Said, now: SystemTime) -> Headers {
    let date = date(said, &DATE).unwrap_or(now);
    let modified = said.get(LAST_MODIFIED).filter(|modified| {
        let age = parse_date(modified).and_then(|modified| date.duration_since(modified).ok());
        age.is_some_and(|age| age >= OLD_ENOUGH)
    });
    let etag = said.get(ETAG).map(|etag| (IF_NONE_MATCH, etag.clone()));
    let since = modified.map(|modified| (IF_MODIFIED_SINCE, modified.clone()));
    etag.into_iter().chain(since).collect()
}

#[cfg(test)]
mod tests {
    use http::header::{AGE, CACHE_CONTROL, EXPIRES, HeaderName, HeaderValue};

    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT
    const NOW: u64 = 784_111_777;

    fn said(headers: &[(HeaderName, &'static str)]) -> Said {
        let mut said = Said::new();
        for (name, value) in headers {
            said.append(name, HeaderValue::from_static(value));
        }
        said
    }

    #[test]
    fn an_answer_says_how_long_it_is_fresh() {
        let date = || (DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
        let later = || (EXPIRES, "Sun, 06 Nov 1994 08:50:37 GMT");
        let cases: [(&[_], Option<u64>); 17] = [
            (&[], None),
            (&[(CACHE_CONTROL, "public")], None),
            (&[(CACHE_CONTROL, "max-age=60")], Some(60)),
            (&[(CACHE_CONTROL, "Max-Age=\"60\"")], Some(60)),
            (&[(CACHE_CONTROL, "max-age=60, max-age=90")], Some(60)),
            (&[(CACHE_CONTROL, "max-age=60"), (AGE, "50")], Some(10)),
            (&[(CACHE_CONTROL, "max-age=60"), (AGE, "70")], Some(0)),
            (
                &[(CACHE_CONTROL, "max-age=60"), (CACHE_CONTROL, "s-maxage=5")],
                Some(5),
            ),
            (&[(CACHE_CONTROL, "max-age=60, no-cache")], Some(0)),
            (&[(CACHE_CONTROL, "max-age=soon")], Some(0)),
            (&[(CACHE_CONTROL, "max-age")], Some(0)),
            (&[(CACHE_CONTROL, "max-age=99999999999999999999")], Some(0)),
            (&[date(), later()], Some(60)),
            (&[later()], Some(60)),
            (&[later(), (CACHE_CONTROL, "max-age=5")], Some(5)),
            (&[date(), (EXPIRES, "0")], Some(0)),
            (&[(DATE, "Sun, 06 Nov 1994 09:49:37 GMT"), later()], Some(0)),
        ];
        for (headers, lifetime) in cases {
            let freshness = Freshness::of(&[said(headers)], NOW);
            assert_eq!(freshness.lifetime, lifetime, "{headers:?}");
        }
        let of_two = [
            said(&[(CACHE_CONTROL, "max-age=60")]),
            said(&[(CACHE_CONTROL, "max-age=5")]),
            said(&[]),
        ];
        assert_eq!(Freshness::of(&of_two, NOW).lifetime, Some(5));
    }

    #[test]
    fn a_tag_or_a_date_that_is_old_enough_is_asked_with_again() {
        let old = || (LAST_MODIFIED, "Sun, 06 Nov 1994 08:49:35 GMT");
        let new = || (LAST_MODIFIED, "Sun, 06 Nov 1994 08:49:36 GMT");
        let tag = || (ETAG, "\"a\"");
        let cases: [(&[_], &[HeaderName]); 6] = [
            (&[], &[]),
            (&[tag()], &[IF_NONE_MATCH]),
            (&[old()], &[IF_MODIFIED_SINCE]),
            (&[new()], &[]),
            (&[tag(), new()], &[IF_NONE_MATCH]),
            (&[tag(), old()], &[IF_NONE_MATCH, IF_MODIFIED_SINCE]),
        ];
        for (headers, names) in cases {
            let freshness = Freshness::of(&[said(headers)], NOW);
            let asked = freshness.conditions[0].iter().map(|(name, _)| name);
            assert!(asked.eq(names), "{headers:?}");
            assert_eq!(freshness.can_be_renewed(), !names.is_empty());
        }
        assert!(!Freshness::of(&[], NOW).can_be_renewed());
    }

    #[test]
    fn what_is_not_said_again_is_as_it_was() {
        let before = said(&[(ETAG, "\"a\""), (CACHE_CONTROL, "max-age=60")]);
        let before = Freshness::of(&[before], NOW);
        assert_eq!(before.renewed(&[said(&[])], NOW), before);
        let after = before.renewed(
            &[said(&[(ETAG, "\"b\""), (CACHE_CONTROL, "max-age=5")])],
            NOW,
        );
        assert_eq!(after.lifetime, Some(5));
        assert_eq!(
            after.conditions[0],
            [(IF_NONE_MATCH, HeaderValue::from_static("\"b\""))]
        );
    }
}
