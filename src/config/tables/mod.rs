//! One file a table: what its keys are, and what is built of them.

use super::table::Table;
use super::value::Entry;
use crate::ip_filter::{InvalidEntries, Place};

pub(super) mod cache;
pub(super) mod client_ip;
pub(super) mod cors;
pub(super) mod geo;
pub(super) mod ip;
pub(super) mod log;
#[cfg(feature = "cache")]
pub(super) mod on_error;
pub(super) mod origin;
pub(super) mod otel;
pub(super) mod referer;
pub(super) mod signature;
pub(super) mod source;
pub(super) mod tls;
pub(super) mod transform;
pub(super) mod user_agent;

/// Reports the entries of a list that are no addresses and no networks, each on its line.
fn report_entries(table: &Table<'_>, entries: &[Entry<'_>], invalid: &InvalidEntries) {
    for invalid in invalid.listed() {
        let Place::Index(index) = invalid.place() else {
            continue;
        };
        let spot = entries.get(index).map_or(table.spot(), |entry| &entry.spot);
        table
            .document()
            .error(spot, format!("{:?} {}", invalid.entry(), invalid.why()));
    }
    let more = invalid.count() - invalid.listed().len();
    if more > 0 {
        let spot = entries.last().map_or(table.spot(), |entry| &entry.spot);
        table.document().error(spot, format!("and {more} more"));
    }
}
