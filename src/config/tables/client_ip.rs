use super::report_entries;
use crate::client_ip::{ClientIp, ClientIpError, ClientIpHeader, InvalidClientIpHeader};
use crate::config::table::Table;

/// `[client_ip]`: whose word on the client's address counts. By default nobody's: the peer is the client.
pub(in crate::config) fn read(table: &Table<'_>) -> ClientIp {
    let trusted = table.list("trusted_proxies");
    let header = table.text_or("header", "x-forwarded-for");
    let header = header
        .parse()
        .unwrap_or_else(|error: InvalidClientIpHeader| {
            table.error("header", error.to_string());
            ClientIpHeader::XForwardedFor
        });
    if trusted.is_empty() {
        return ClientIp::peer();
    }
    ClientIp::behind(&trusted, header).unwrap_or_else(|error| {
        match error {
            ClientIpError::InvalidTrustedNetworks(invalid) => {
                report_entries(table, &trusted, &invalid);
            }
            error @ ClientIpError::NoTrustedNetwork => {
                table.error("trusted_proxies", error.to_string());
            }
        }
        ClientIp::peer()
    })
}
