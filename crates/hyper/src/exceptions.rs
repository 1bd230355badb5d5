//! Matches hosts with `no_proxy`, the list of hosts that are reached without a proxy.

use std::net::{IpAddr, Ipv4Addr};

use payment_credentials_core::Host;

/// The host and port that a connection leads to.
pub(crate) struct Target {
    name: String,
    address: Option<IpAddr>,
    port: u16,
}

impl Target {
    pub(crate) fn new(host: &Host, port: u16) -> Self {
        let (name, address) = match host {
            Host::Name(name) => (name.to_string(), None),
            Host::V4(v4) => (String::new(), Some(IpAddr::from(*v4))),
            Host::V6(v6) => (String::new(), Some(IpAddr::from(*v6).to_canonical())),
        };
        Self {
            name,
            address,
            port,
        }
    }

    /// Whether this is `localhost` or a loopback address.
    pub(crate) fn is_this_machine(&self) -> bool {
        self.name == "localhost" || self.address.is_some_and(|address| address.is_loopback())
    }

    /// Whether an entry of this list, in the format of `no_proxy`, matches.
    pub(crate) fn is_among(&self, exceptions: &str) -> bool {
        let divides = |character: char| character == ',' || character.is_whitespace();
        let mut entries = exceptions.split(divides).filter(|entry| !entry.is_empty());
        entries.any(|entry| entry == "*" || self.is_in_block(entry) || self.is_host(entry))
    }

    fn is_in_block(&self, entry: &str) -> bool {
        let block = entry.split_once('/').and_then(|(address, bits)| {
            let address: IpAddr = address.parse().ok()?;
            Some((address, bits.parse().ok()?))
        });
        match (self.address, block) {
            (Some(address), Some((block, bits))) => is_within(address, block, bits),
            (None, _) | (_, None) => false,
        }
    }

    fn is_host(&self, entry: &str) -> bool {
        let (host, port) = host_and_port(entry);
        if port.is_some_and(|port| port != self.port) {
            return false;
        }
        let host = host.trim_matches(['[', ']']);
        match self.address {
            Some(target) => address(host) == Some(target),
            None => self.is_beneath(host),
        }
    }

    /// Whether the host has this name, or is a subdomain of it.
    fn is_beneath(&self, entry: &str) -> bool {
        let entry = entry
            .strip_prefix('*')
            .unwrap_or(entry)
            .trim_matches('.')
            .to_ascii_lowercase();
        let above = self.name.strip_suffix(entry.as_str());
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    }
}

/// Parses an address into its canonical form, in which addresses are compared: `::ffff:10.0.0.1` becomes
/// `10.0.0.1`.
fn address(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    Some(address.to_canonical())
}

/// Splits an entry into host and port. An IPv6 address can have a port only if it is in brackets.
fn host_and_port(entry: &str) -> (&str, Option<u16>) {
    let divided = entry
        .rsplit_once(':')
        .filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
    match divided.and_then(|(host, port)| Some((host, port.parse().ok()?))) {
        Some((host, port)) => (host, Some(port)),
        None => (entry, None),
    }
}

fn is_within(address: IpAddr, block: IpAddr, bits: u32) -> bool {
    let (address, block, width) = match (address, block) {
        (IpAddr::V4(address), IpAddr::V4(block)) => {
            let wide = |address: Ipv4Addr| u128::from(address.to_bits());
            (wide(address), wide(block), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(block)) => (address.to_bits(), block.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    let Some(rest) = u32::checked_sub(width, bits) else {
        return false;
    };
    let start = |address: u128| address.checked_shr(rest).unwrap_or_default();
    start(address) == start(block)
}

#[cfg(test)]
mod tests {
    use payment_credentials_core::ConnectTo;

    use super::*;

    #[track_caller]
    fn check(list: &str, (host, port): (&str, u16), is_excepted: bool) {
        let host_and_port = format!("{host}:{port}").parse::<ConnectTo>();
        let target = Target::new(host_and_port.expect("an address").host(), port);
        assert_eq!(target.is_among(list), is_excepted, "{host} by {list}");
    }

    #[test]
    fn exceptions_are_names_and_what_is_beneath_them() {
        let host = ("api.pay.example", 443);
        for list in [
            "*",
            "pay.example",
            ".pay.example",
            "*.pay.example",
            "API.Pay.Example",
            "other.example, example",
            "other.example example.",
            ".EXAMPLE.",
            " , \tpay.example\t",
            "api.pay.example.:443",
            "api.pay.example:443",
        ] {
            check(list, host, true);
        }
        for list in [
            "ay.example",
            "api.pay.example:8443",
            "www.api.pay.example",
            "pay.example.com",
            "xample",
            ".",
            "..",
            "*.",
            "api.pay.example:",
            "api.pay.example:0",
            "api.pay.example:65979",
            ",, ,",
            "10.0.0.0/8",
        ] {
            check(list, host, false);
        }
        check("api.pay.example:8443", ("api.pay.example", 8443), true);
        check("pay.example", ("API.Pay.Example.", 443), true);
    }

    #[test]
    fn exceptions_are_addresses_and_blocks_of_them() {
        for (list, address, is_excepted) in [
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3:443", "10.1.2.3", true),
            ("10.1.2.3:8443", "10.1.2.3", false),
            ("1.2.3", "10.1.2.3", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/15", "10.1.2.3", true),
            ("10.0.0.0/16", "10.1.2.3", false),
            ("0.0.0.0/0", "10.1.2.3", true),
            ("10.0.0.0/33", "10.1.2.3", false),
            ("::/0", "10.1.2.3", false),
            ("2001:db8::/32", "[2001:db8::1]", true),
            ("2001:db8::/128", "[2001:db8::1]", false),
            ("2001:db8::1", "[2001:db8::1]", true),
            ("[2001:db8::1]:443", "[2001:db8::1]", true),
            ("[2001:db8::1]:1", "[2001:db8::1]", false),
            ("[2001:DB8:0::0:1]", "[2001:db8::1]", true),
            ("2001:db8::1/128", "[2001:db8::1]", true),
            ("2001:db8::1/129", "[2001:db8::1]", false),
            ("10.1.2.3", "[::ffff:10.1.2.3]", true),
            ("[::ffff:10.1.2.3]", "10.1.2.3", true),
            ("10.0.0.0/8", "[::ffff:10.1.2.3]", true),
            ("10.1.2.3/32", "10.1.2.3", true),
            ("10.1.2.4/32", "10.1.2.3", false),
            ("10.0.0.0/", "10.1.2.3", false),
            ("10.0.0.0/-1", "10.1.2.3", false),
            ("10.0.0.0/4294967304", "10.1.2.3", false),
            (".10.1.2.3", "10.1.2.3", false),
            ("2.3", "10.1.2.3", false),
        ] {
            check(list, (address, 443), is_excepted);
        }
    }
}
