//! An entry as bytes.
//!
//! A mark, the SHA-256 of all that follows, the key, when it was made, for how long its originals are good, the other
//! sources, the headers, the conditions of each source, the image. Numbers are little-endian, and a length stands before
//! what has one.

use bytes::{BufMut, Bytes, BytesMut};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use crate::cache::entry::Entry;
use crate::cache::freshness::Freshness;
use crate::cache::key::{Hash, Key};
use crate::transform::Headers;

const MARK: &[u8; 8] = b"imgward2";
const DIGEST: usize = 32;
/// The most other sources and headers that are read.
const MAX_ELEMENTS: usize = 64;
/// In the place of a lifetime that is not known.
const NEVER: u64 = u64::MAX;

pub(super) fn write(entry: &Entry) -> Bytes {
    let mut record = BytesMut::with_capacity(entry.weight() as usize);
    record.put_slice(MARK);
    record.put_bytes(0, DIGEST);
    record.put_slice(&entry.key.bytes());
    record.put_u64_le(entry.made_at);
    record.put_u64_le(entry.freshness.lifetime.unwrap_or(NEVER));
    put_len(&mut record, entry.others.len());
    for source in &entry.others {
        record.put_slice(source);
    }
    put_headers(&mut record, entry.headers.len(), &entry.headers);
    let conditions = &entry.freshness.conditions;
    put_len(&mut record, conditions.len());
    for headers in conditions {
        let pairs = headers.iter().map(|(name, value)| (name, value));
        put_headers(&mut record, headers.len(), pairs);
    }
    record.put_slice(&entry.bytes);
    if let Some((head, rest)) = record.split_at_mut_checked(MARK.len() + DIGEST)
        && let Some(place) = head.get_mut(MARK.len()..)
    {
        place.copy_from_slice(&Sha256::digest(rest));
    }
    record.freeze()
}

fn put_headers<'a>(
    record: &mut BytesMut,
    count: usize,
    headers: impl IntoIterator<Item = (&'a HeaderName, &'a HeaderValue)>,
) {
    put_len(record, count);
    for (name, value) in headers {
        for part in [name.as_str().as_bytes(), value.as_bytes()] {
            put_len(record, part.len());
            record.put_slice(part);
        }
    }
}

fn put_len(record: &mut BytesMut, len: usize) {
    // What is longer is cut off from being read again.
    record.put_u32_le(u32::try_from(len).unwrap_or(u32::MAX));
}

/// The entry of a key. `None`: it is damaged, or another one's.
pub(super) fn read(key: &Key, record: &Bytes) -> Option<Entry> {
    let rest = record.strip_prefix(MARK)?;
    let (digest, rest) = rest.split_at_checked(DIGEST)?;
    if Sha256::digest(rest).as_slice() != digest {
        return None;
    }
    let mut rest = Reader(rest.strip_prefix(&key.bytes())?);
    let made_at = rest.number()?;
    let lifetime = Some(rest.number()?).filter(|&seconds| seconds != NEVER);
    let mut others = Vec::new();
    for _ in 0..rest.count()? {
        others.push(rest.array::<DIGEST>()? as Hash);
    }
    let mut headers = HeaderMap::new();
    for (name, value) in rest.headers()? {
        headers.append(name, value);
    }
    let mut conditions = Vec::new();
    for _ in 0..rest.count()? {
        conditions.push(rest.headers()?);
    }
    let freshness = Freshness {
        lifetime,
        conditions,
    };
    let bytes = record.slice_ref(rest.0);
    Some(Entry::new(
        *key,
        others.into(),
        made_at,
        freshness,
        headers,
        bytes,
    ))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.array()?))
    }

    fn headers(&mut self) -> Option<Headers> {
        let mut headers = Headers::new();
        for _ in 0..self.count()? {
            let name = HeaderName::from_bytes(self.part()?).ok()?;
            let value = HeaderValue::from_bytes(self.part()?).ok()?;
            headers.push((name, value));
        }
        Some(headers)
    }

    fn len(&mut self) -> Option<usize> {
        usize::try_from(u32::from_le_bytes(self.array()?)).ok()
    }

    fn count(&mut self) -> Option<usize> {
        self.len().filter(|&count| count <= MAX_ELEMENTS)
    }

    fn part(&mut self) -> Option<&'a [u8]> {
        let len = self.len()?;
        self.take(len)
    }
}

#[cfg(test)]
mod tests {
    use http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};

    use super::*;

    fn entry() -> Entry {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/png"));
        headers.insert(ETAG, HeaderValue::from_static("\"a\""));
        headers.append(VARY, HeaderValue::from_static("accept"));
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
        let key = Key {
            source: [1; 32],
            request: [2; 32],
            variant: [3; 32],
        };
        let bytes = Bytes::from_static(b"an image");
        let freshness = Freshness {
            lifetime: Some(60),
            conditions: vec![
                vec![(IF_NONE_MATCH, HeaderValue::from_static("\"b\""))],
                Vec::new(),
            ],
        };
        Entry::new(
            key,
            [[4; 32], [5; 32]].into(),
            1_700_000_000,
            freshness,
            headers,
            bytes,
        )
    }

    #[test]
    fn what_is_written_is_read_again() {
        let entry = entry();
        let again = read(&entry.key, &write(&entry)).unwrap();
        assert_eq!(again.key, entry.key);
        assert_eq!(again.others, entry.others);
        assert_eq!(again.made_at, entry.made_at);
        assert_eq!(again.freshness, entry.freshness);
        assert_eq!(again.headers, entry.headers);
        assert_eq!(again.bytes, entry.bytes);
    }

    #[test]
    fn any_damage_is_seen() {
        let entry = entry();
        let whole = write(&entry);
        for place in 0..whole.len() {
            let mut damaged = whole.to_vec();
            damaged[place] ^= 1;
            assert!(read(&entry.key, &damaged.into()).is_none(), "{place}");
            assert!(read(&entry.key, &whole.slice(..place)).is_none(), "{place}");
        }
        let longer = [&whole, &b"x"[..]].concat();
        assert!(read(&entry.key, &longer.into()).is_none());
    }

    #[test]
    fn another_keys_entry_is_none() {
        let entry = entry();
        let other = Key {
            variant: [9; 32],
            ..entry.key
        };
        assert!(read(&other, &write(&entry)).is_none());
    }

    #[test]
    fn a_right_digest_does_not_make_lengths_believed() {
        let key = entry().key;
        for tail in [
            &[0xFF; 4][..],
            &[0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF],
            &[65, 0, 0, 0],
        ] {
            let body = [&key.bytes()[..], &[0; 16], tail].concat();
            let record = [&MARK[..], &Sha256::digest(&body)[..], &body].concat();
            assert!(read(&key, &record.into()).is_none(), "{tail:?}");
        }
    }
}
