//! The images of the playground: the samples, and what was dropped, which stays in memory.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use data_encoding::HEXLOWER;

use crate::samples;

/// The most bytes of a dropped image.
pub(super) const MAX_BYTES: usize = 16 * 1024 * 1024;

/// The most dropped images. The oldest makes room for one more.
const MAX_IMAGES: usize = 8;

/// Samples, and dropped images. Clones are the same images.
#[derive(Clone, Debug, Default)]
pub(crate) struct Images(Arc<Mutex<VecDeque<(String, Bytes)>>>);

impl Images {
    /// Keeps a dropped image, under a name that nobody can guess.
    pub(super) fn add(&self, bytes: Bytes) -> io::Result<String> {
        let name = format!("dropped-{}", random_hex()?);
        let mut dropped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while dropped.len() >= MAX_IMAGES {
            dropped.pop_front();
        }
        dropped.push_back((name.clone(), bytes));
        Ok(name)
    }

    /// Forgets a dropped image.
    pub(super) fn remove(&self, name: &str) {
        let mut dropped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        dropped.retain(|(other, _)| other != name);
    }

    /// The bytes of an image, as they came.
    pub(crate) fn find(&self, name: &str) -> Option<Bytes> {
        if let Some(sample) = samples::find(name) {
            return Some(Bytes::from_static(sample));
        }
        let dropped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, bytes) = dropped.iter().find(|(other, _)| other == name)?;
        Some(bytes.clone())
    }

    /// The names of the dropped images, oldest first.
    pub(super) fn dropped(&self) -> Vec<String> {
        let dropped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        dropped.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// 128 bits from the system, in hexadecimal digits.
pub(super) fn random_hex() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(HEXLOWER.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room() {
        let images = Images::default();
        let names: Vec<String> = (0..=MAX_IMAGES)
            .map(|n| {
                images
                    .add(Bytes::from(vec![u8::try_from(n).unwrap()]))
                    .unwrap()
            })
            .collect();
        assert_eq!(images.dropped(), names[1..]);
        assert_eq!(images.find(&names[0]), None);
        assert_eq!(images.find(&names[1]), Some(Bytes::from_static(&[1])));
        images.remove(&names[1]);
        assert_eq!(images.find(&names[1]), None);
        assert!(images.find("coffee.jpg").is_some());
        assert_eq!(images.find("none.jpg"), None);
    }
}
