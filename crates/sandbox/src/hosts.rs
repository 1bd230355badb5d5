//! The hosts that the sandbox serves: its certificate names them, and `Host` has to be one of them.

use std::net::IpAddr;

/// The vendor's hosts (TMS developer guide, official SDKs; two brands have their own), then
/// the names of the loopback.
pub(crate) const HOSTS: [&str; 14] = [
    "apitest.cybersource.com",
    "api.cybersource.com",
    "api.in.cybersource.com",
    "api.sa.cybersource.com",
    "apitest.sa.cybersource.com",
    "api.visaacceptance.com",
    "apitest.visaacceptance.com",
    "api-ma.cybersource.com",
    "api-matest.cybersource.com",
    "api.merchant-services.bankofamerica.com",
    "apitest.merchant-services.bankofamerica.com",
    "localhost",
    "127.0.0.1",
    "::1",
];

/// Those of the hosts that a root may be good for that outlives the process: no production host.
pub(crate) const TEST_HOSTS: [&str; 8] = [
    "apitest.cybersource.com",
    "apitest.sa.cybersource.com",
    "apitest.visaacceptance.com",
    "api-matest.cybersource.com",
    "apitest.merchant-services.bankofamerica.com",
    "localhost",
    "127.0.0.1",
    "::1",
];

/// The only name on a certificate that is trusted, but for another host.
pub(crate) const ELSEWHERE: &str = "elsewhere.invalid";
/// The same under a root that is good for [`TEST_HOSTS`] alone.
pub(crate) const ELSEWHERE_AMONG_TEST_HOSTS: &str = "elsewhere.localhost";

/// Whether this is one of the vendor's names, and not one of the loopback.
pub(crate) fn is_vendors(host: &str) -> bool {
    let is_name = |name: &&&str| name.contains('.') && name.parse::<IpAddr>().is_err();
    let mut names = HOSTS.iter().filter(is_name);
    names.any(|name| name.eq_ignore_ascii_case(host))
}

/// Whether a value of `Host` is one of the names, with or without a port.
pub(crate) fn is_known(host: &str) -> bool {
    HOSTS.iter().any(|name| {
        if name.contains(':') {
            names(host, &format!("[{name}]"))
        } else {
            names(host, name)
        }
    })
}

/// Whether a text is one of the names, exactly and without a port.
pub(crate) fn is_on_certificate(host: &str) -> bool {
    HOSTS.contains(&host)
}

/// Whether a `Host` is that name, with or without a port.
fn names(host: &str, name: &str) -> bool {
    let host = host.to_ascii_lowercase();
    match host.strip_prefix(name) {
        Some("") => true,
        Some(rest) => rest.strip_prefix(':').is_some_and(|port| {
            port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
        }),
        None => false,
    }
}
