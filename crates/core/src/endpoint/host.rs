//! Judges the host and port of an address.

use std::net::IpAddr;

use http::uri::Authority;

use crate::error::BuildError;

/// Judges an authority's parts; `field` is what the error calls it.
pub(super) fn host_and_port(
    field: &'static str,
    authority: &Authority,
) -> Result<(Box<str>, Option<u16>), BuildError> {
    let refused = |rule| Err(BuildError::new(field, rule));
    if authority.as_str().contains('@') {
        return refused("holds a user name; leave it out");
    }
    let host = authority.host();
    let port_text = authority.as_str().get(host.len()..).unwrap_or_default();
    let port = match port_text.strip_prefix(':').map(str::parse::<u16>) {
        None => None,
        Some(Ok(port)) if port != 0 => Some(port),
        Some(_) => return refused("has a port that is not a number from 1 to 65535"),
    };
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    if !is_plain_host(&host) {
        return refused(
            "has a host that is not a plain name or address; \
             internationalised names (also as xn--) and IPv6 zones are not supported",
        );
    }
    Ok((host.into(), port))
}

fn is_plain_host(host: &str) -> bool {
    if bare_address(host).is_some() {
        return true;
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
            && !label.starts_with("xn--")
    };
    // A last label of digits is an address that is misspelled, such as 127.1.
    let numeric = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    host.len() <= 253 && host.split('.').all(label) && !host.rsplit('.').next().is_some_and(numeric)
}

/// The address that a host spells; IPv6 in brackets, as in a URL.
fn bare_address(host: &str) -> Option<IpAddr> {
    match host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(v6) => v6.parse().ok().map(IpAddr::V6),
        None => host.parse().ok().map(IpAddr::V4),
    }
}

pub(super) fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || bare_address(host).is_some_and(|address| address.is_loopback())
}
