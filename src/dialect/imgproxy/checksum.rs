//! `hashsum`: what the bytes of the source have to come to.

use data_encoding::HEXLOWER_PERMISSIVE;

use super::args::Args;
use super::read::Read;
use crate::dialect::not_supported;
use crate::recipe::{Checksum, Digest};

/// `TYPE:hex`; `None` for the type `none`.
pub(super) fn checksum(args: &Args<'_>) -> Result<Option<Checksum>, Read> {
    args.at_most(2).ok_or(Read::Unreadable)?;
    let Some(digest) = digest(args.text(0))? else {
        return Ok(None);
    };
    let value = HEXLOWER_PERMISSIVE.decode(args.text(1).as_bytes()).ok();
    let value = value.filter(|value| value.len() == length(digest));
    let value = value.ok_or(Read::Unreadable)?.into();
    Ok(Some(Checksum { digest, value }))
}

/// A digest function by its name.
pub(super) fn digest(name: &str) -> Result<Option<Digest>, Read> {
    Ok(Some(match name {
        "none" => return Ok(None),
        "sha1" => Digest::Sha1,
        "sha256" => Digest::Sha256,
        "sha512" => Digest::Sha512,
        // Whoever can choose the bytes can choose its value.
        "md5" => return Err(Read::Refused(not_supported("the hashsum md5"))),
        _ => return Err(Read::Unreadable),
    }))
}

/// How many bytes it has.
fn length(digest: Digest) -> usize {
    match digest {
        Digest::Sha1 => 20,
        Digest::Sha256 => 32,
        Digest::Sha512 => 64,
    }
}
