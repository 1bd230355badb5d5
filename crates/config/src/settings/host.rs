//! Which host a text of `run_environment` names. A slip of the pen must never send credentials to a
//! stranger, so that a text that is nearly a known host is refused.

use payment_credentials_core::{BaseAddress, Environment};

use crate::near::nearest;

/// The words, and the constants that the SDKs accepted until 2021, with the environments that they stand for.
const WORDS: &[(&str, Environment)] = &[
    ("test", Environment::Test),
    ("production", Environment::Production),
    ("cybersource.environment.sandbox", Environment::Test),
    (
        "cybersource.environment.production",
        Environment::Production,
    ),
    ("cybersource.in.environment.sandbox", Environment::Test),
    (
        "cybersource.in.environment.production",
        Environment::ProductionIndia,
    ),
    // Misspelled so in the SDKs.
    (
        "cybesource.in.environment.production",
        Environment::ProductionIndia,
    ),
    (
        "cybersource.environment.mutualauth.sandbox",
        Environment::TestMutualTls,
    ),
    (
        "cybersource.environment.mutualauth.production",
        Environment::ProductionMutualTls,
    ),
    (
        "bankofamerica.environment.sandbox",
        Environment::TestBankOfAmerica,
    ),
    (
        "bankofamerica.environment.production",
        Environment::ProductionBankOfAmerica,
    ),
];

/// Other words that people try, and what they may mean.
const OTHER_WORDS: &[(&str, Environment)] = &[
    ("sandbox", Environment::Test),
    ("apitest", Environment::Test),
    ("dev", Environment::Test),
    ("staging", Environment::Test),
    ("api", Environment::Production),
    ("live", Environment::Production),
    ("prod", Environment::Production),
];

/// How many letters of a host may differ, for a text that is taken for a misspelled one.
const NEAR: usize = 3;

/// The address that a text names, or the rule that it breaks.
pub(super) fn address(text: &str) -> Result<BaseAddress, String> {
    let text = text.trim();
    let folded = text.to_ascii_lowercase();
    let known = WORDS.iter().find(|(word, _)| *word == folded);
    if let Some((_, environment)) = known {
        return Ok((*environment).into());
    }
    let (scheme, rest) = folded.split_once("://").unwrap_or(("", &folded));
    // A port and a path leave a name the same.
    let name = rest.split([':', '/']).next().unwrap_or_default();
    if scheme.is_empty() && !name.contains('.') && !name.starts_with('[') {
        return Err(not_a_host(name));
    }
    if name.contains(".environment.") {
        return Err(format!(
            "is none of the constants that the SDKs had; give the host, such as {}",
            Environment::Test.host()
        ));
    }
    if is_a_lookalike(name) {
        return Err("looks like the vendor's domain and isn't; correct it".to_owned());
    }
    let is_meant = !scheme.is_empty() && is_in_a_domain_of_the_vendor(name);
    if !is_meant
        && !is_documented_host(name)
        && let Some(near) = nearest(name, hosts(), NEAR)
    {
        return Err(format!(
            "is nearly {near}; correct it, or make the endpoint in code if it is the right one"
        ));
    }
    if scheme.is_empty() {
        return parsed(&format!("https://{folded}"));
    }
    parsed(text)
}

/// The rule for a single word.
fn not_a_host(word: &str) -> String {
    let other = OTHER_WORDS.iter().find(|(other, _)| *other == word);
    let environment = other
        .map(|(_, environment)| *environment)
        .or_else(|| nearest(word, WORDS.iter().copied(), NEAR));
    match environment {
        Some(environment) => format!(
            "is a word that stands for no host; did you mean {}, which is {}?",
            word_for(environment),
            environment.host()
        ),
        None => {
            "is a single word; give test, production or a host, and a name in your own network as \
                 https://name"
                .to_owned()
        }
    }
}

/// Whether an address is one of the vendor's; another one might be a typing mistake.
pub(super) fn is_documented(base: &BaseAddress) -> bool {
    let mut known = Environment::ALL.into_iter();
    known.any(|environment| BaseAddress::from(environment) == *base)
}

fn is_documented_host(name: &str) -> bool {
    hosts().any(|(host, _)| host == name)
}

fn hosts() -> impl Iterator<Item = (&'static str, &'static str)> {
    let hosts = Environment::ALL.into_iter().map(Environment::host);
    hosts.map(|host| (host, host))
}

/// The domains of the hosts that the vendor documents. A test compares the two.
const DOMAINS: [&str; 3] = ["cybersource.com", "visaacceptance.com", "bankofamerica.com"];

/// Whether a name holds a domain of the vendor, or nearly one, and isn't in it.
fn is_a_lookalike(name: &str) -> bool {
    if is_in_a_domain_of_the_vendor(name) {
        return false;
    }
    let has_domain = DOMAINS.iter().any(|domain| name.contains(domain));
    let brands = DOMAINS.map(|domain| domain.split('.').next().unwrap_or_default());
    let is_near = |label: &str| {
        let is_one = brands.contains(&label);
        !is_one && nearest(label, brands.map(|brand| (brand, ())), 2).is_some()
    };
    has_domain || name.split('.').any(is_near)
}

/// Whether a name is the vendor's, documented or not: no stranger can have it.
pub(super) fn is_in_a_domain_of_the_vendor(name: &str) -> bool {
    let is_in = |domain: &&str| {
        let above = name.strip_suffix(*domain);
        above.is_some_and(|above| above.ends_with('.'))
    };
    DOMAINS.iter().any(is_in)
}

/// The word for an environment.
fn word_for(environment: Environment) -> &'static str {
    let known = WORDS.iter().find(|(_, known)| *known == environment);
    known.map_or_else(|| environment.host(), |(word, _)| word)
}

fn parsed(address: &str) -> Result<BaseAddress, String> {
    let parsed = address.parse::<BaseAddress>();
    parsed.map_err(|error| format!("can't be used: {error}"))
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
}
