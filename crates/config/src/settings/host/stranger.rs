//! Hosts that aren't the vendor's, and have the vendor's name or nearly so: credentials must not go there by a slip of
//! the pen.

use payment_credentials_core::Environment;

use crate::near::nearest;

/// The domains of the hosts that the vendor documents. A test compares the two.
const DOMAINS: [&str; 3] = ["cybersource.com", "visaacceptance.com", "bankofamerica.com"];

/// Domains of the vendor's that have other services, which know nothing of this operation.
const OTHER_SERVICES: [(&str, &str); 2] = [
    ("authorize.net", "Authorize.net"),
    ("ic3.com", "the SOAP API"),
];

/// Top-level domains that nobody can register a name in.
const PRIVATE: [&str; 9] = [
    "corp", "example", "home", "internal", "intranet", "invalid", "lan", "local", "test",
];

/// Second-level domains under which names are registered, as in `co.uk`.
const SECOND_LEVEL: [&str; 6] = ["ac", "co", "com", "gov", "net", "org"];

/// How many letters of a host may differ, for a text that is taken for a misspelled one.
const NEAR: usize = 3;

/// The rule that the name of a host breaks; with `https://` before it, the name was probably meant.
pub(super) fn rule(name: &str, has_scheme: bool) -> Option<String> {
    let is_the_vendors = is_in_a_domain_of_the_vendor(name);
    let is_meant = has_scheme && is_the_vendors;
    if is_meant || is_documented_host(name) {
        return None;
    }
    if let Some(near) = nearest(name, hosts(), NEAR) {
        return Some(format!(
            "is nearly {near}; correct it, or make the endpoint in code if it is the right one"
        ));
    }
    if is_the_vendors {
        return None;
    }
    let (domain, reason, own) = reason(name, has_scheme)?;
    let meant = hosts_in(domain);
    Some(format!("{reason}; give {meant}{own}"))
}

/// What is to be done about a host of one's own that is refused.
const IN_CODE: &str = ", or make the endpoint in code if it is a host of your own";
const WITH_SCHEME: &str = ", or a host of your own as https://name";

/// The domain of the vendor that a name was meant to be in, why it is refused, and what to do if it was not.
fn reason(name: &str, has_scheme: bool) -> Option<(&'static str, String, &'static str)> {
    if let Some(domain) = DOMAINS.iter().find(|domain| **domain == name) {
        return Some((
            *domain,
            "is the vendor's domain, and no host in it".to_owned(),
            "",
        ));
    }
    if let Some(service) = other_service(name) {
        let reason = format!("is a host of {service}, another service of the vendor's");
        return Some((DOMAINS[0], reason, ""));
    }
    if let Some(domain) = looks_like(name) {
        return Some((
            domain,
            "looks like the vendor's domain and isn't".to_owned(),
            IN_CODE,
        ));
    }
    let domain = named_like(name)?;
    if registered(name) == Some(brand_of(domain)) {
        let reason = "has the vendor's name under another top-level domain".to_owned();
        return Some((domain, reason, IN_CODE));
    }
    let reason = "has the vendor's name and isn't in the vendor's domain".to_owned();
    (!has_scheme).then_some((domain, reason, WITH_SCHEME))
}

/// Whether the vendor documents a host of this name.
pub(in crate::settings) fn is_documented_host(name: &str) -> bool {
    hosts().any(|(host, _)| host == name)
}

/// Whether a name is the vendor's, documented or not: no stranger can have it.
pub(in crate::settings) fn is_in_a_domain_of_the_vendor(name: &str) -> bool {
    DOMAINS.iter().any(|domain| is_in(name, domain))
}

/// Whether a name has the vendor's in it and isn't in the vendor's domain.
pub(in crate::settings) fn has_the_vendors_name(name: &str) -> bool {
    !is_in_a_domain_of_the_vendor(name) && named_like(name).is_some()
}

fn is_in(name: &str, domain: &str) -> bool {
    let above = name.strip_suffix(domain);
    above.is_some_and(|above| above.ends_with('.'))
}

fn other_service(name: &str) -> Option<&'static str> {
    let is_of = |(domain, _): &&(&str, _)| name == *domain || is_in(name, domain);
    let found = OTHER_SERVICES.iter().find(is_of);
    found.map(|(_, service)| *service)
}

fn hosts() -> impl Iterator<Item = (&'static str, &'static str)> {
    let hosts = Environment::ALL.into_iter().map(Environment::host);
    hosts.map(|host| (host, host))
}

/// The first documented hosts in a domain: for tests, and for production.
fn hosts_in(domain: &str) -> String {
    let mut all = Environment::ALL
        .into_iter()
        .filter(|it| is_in(it.host(), domain));
    let (production, tests): (Vec<_>, Vec<_>) = all.by_ref().partition(|it| it.is_production());
    let first = [tests.first(), production.first()].into_iter().flatten();
    let first: Vec<_> = first.map(|environment| environment.host()).collect();
    first.join(" or ")
}

fn brand_of(domain: &str) -> &str {
    domain.split('.').next().unwrap_or(domain)
}

/// The domain of the vendor that a name holds, or nearly so.
fn looks_like(name: &str) -> Option<&'static str> {
    let parts = || name.split('.').chain(name.split(['.', '-']));
    let is_like = |domain: &&&str| {
        let is_near = |part: &str| nearest(part, [(brand_of(domain), ())], 2).is_some();
        name.contains(**domain) || parts().any(|part| part != brand_of(domain) && is_near(part))
    };
    DOMAINS.iter().find(is_like).copied()
}

/// The domain of the vendor whose name stands in a name.
fn named_like(name: &str) -> Option<&'static str> {
    let has_brand = |domain: &&&str| name.contains(brand_of(domain));
    DOMAINS.iter().find(has_brand).copied()
}

/// The label of a name that somebody registered, as `shop` in `pay.shop.co.uk`; `None` where nobody can.
fn registered(name: &str) -> Option<&str> {
    let mut labels = name.rsplit('.');
    let top = labels.next()?;
    let second = labels.next()?;
    if PRIVATE.contains(&top) {
        return None;
    }
    if SECOND_LEVEL.contains(&second) && top.len() == 2 {
        return labels.next();
    }
    Some(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_is_in_a_domain_of_the_vendor_and_every_domain_has_one() {
        for (host, _) in hosts() {
            assert!(
                is_in_a_domain_of_the_vendor(host),
                "{host} needs its domain in DOMAINS"
            );
        }
        for domain in DOMAINS {
            assert!(hosts().any(|(host, _)| host.ends_with(domain)), "{domain}");
        }
    }

    #[test]
    fn a_registered_label_stands_before_the_top_level() {
        for (name, label) in [
            ("api.cybersource.eu", Some("cybersource")),
            ("pay.shop.co.uk", Some("shop")),
            ("cybersource.local", None),
            ("gateway", None),
            ("api.net.com", Some("net")),
        ] {
            assert_eq!(registered(name), label, "{name}");
        }
    }
}
