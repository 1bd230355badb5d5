//! Which host a text of `run_environment` names. A slip of the pen must never send credentials to a
//! stranger, so that a text that is nearly a known host is refused.

mod stranger;

use payment_credentials_core::{BaseAddress, Environment};

use crate::near::nearest;

pub(super) use stranger::{has_the_vendors_name, is_documented_host, is_in_a_domain_of_the_vendor};

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
    if let Some(rule) = misspelled_address(&folded) {
        return Err(rule.to_owned());
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
    if let Some(rule) = stranger::rule(name, !scheme.is_empty()) {
        return Err(rule);
    }
    if scheme.is_empty() {
        return parsed(&format!("https://{folded}"));
    }
    parsed(text)
}

/// The rule that a text breaks which is more than an address, or whose scheme or end is misspelled.
fn misspelled_address(text: &str) -> Option<&'static str> {
    let (before, _) = text.split_once('/').unwrap_or((text, ""));
    let rule = if text.contains([',', ';', ' ', '|']) {
        "holds more than one host, or a blank; give one host"
    } else if matches!(before, "https" | "http") {
        "lacks the colon of https://; write it, or the host alone"
    } else if (text.starts_with("https:") || text.starts_with("http:")) && !text.contains("://") {
        "lacks a slash of https://; write both, or the host alone"
    } else if text
        .strip_suffix('.')
        .is_some_and(is_in_a_domain_of_the_vendor)
    {
        "ends in a dot; delete it"
    } else {
        return None;
    };
    Some(rule)
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

/// The word for an environment.
fn word_for(environment: Environment) -> &'static str {
    let known = WORDS.iter().find(|(_, known)| *known == environment);
    known.map_or_else(|| environment.host(), |(word, _)| word)
}

fn parsed(address: &str) -> Result<BaseAddress, String> {
    let parsed = address.parse::<BaseAddress>();
    parsed.map_err(|error| format!("can't be used: {error}"))
}
