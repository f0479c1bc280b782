use crate::config::table::Table;
use crate::ip_filter::{CidrSet, IpFilter};

use super::report_entries;

/// `[ip]`: who may come by address. `None` where there is no list.
pub(in crate::config) fn read(table: &Table<'_>) -> Option<IpFilter> {
    let block = addresses(table, "block", "block_file");
    let allow = addresses(table, "allow", "allow_file");
    if block.is_none() && allow.is_none() {
        return None;
    }
    let mut filter = IpFilter::new();
    if let Some(block) = block {
        filter = filter.with_block(block);
    }
    match allow.map(|allow| filter.clone().with_allow(allow)) {
        None => {}
        Some(Ok(with_allow)) => filter = with_allow,
        Some(Err(error)) => table.error("allow_file", error.to_string()),
    }
    Some(filter)
}

/// A list in the configuration and one in a file of its own, together. `None` where neither is written, or the list is
/// empty and there is no file.
fn addresses(table: &Table<'_>, key: &'static str, file_key: &'static str) -> Option<CidrSet> {
    let entries = table.list(key);
    let listed = CidrSet::parse_entries(&entries);
    if let Err(invalid) = &listed {
        report_entries(table, &entries, invalid);
    }
    let Some(file) = table.file(file_key) else {
        return listed.ok().filter(|listed| !listed.is_empty());
    };
    let path = file.path();
    let text = match file.read() {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            table.error(
                file_key,
                format!("{} cannot be read: {error}", path.display()),
            );
            return None;
        }
    };
    if let Err(invalid) = CidrSet::parse_text(&text) {
        for entry in invalid.listed() {
            let (place, text, why) = (entry.place(), entry.entry(), entry.why());
            table.error(
                file_key,
                format!("{}: {place}: {text:?} {why}", path.display()),
            );
        }
        return None;
    }
    let entries = entries.iter().map(|entry| format!("{}\n", entry.text));
    CidrSet::parse_text(&(entries.collect::<String>() + &text)).ok()
}
