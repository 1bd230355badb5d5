//! Every line that a cassette may hold: the allow-list of what is recorded, and the parser's rules.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use payment_credentials_core::{Delivery, Phase, PortErrorKind, Repeatability};

use super::words::{
    BILLING_MEMBERS, BRANDS, CARD_NUMBERS, CARD_TYPES, CHECKS, COMMERCE_INDICATORS, DETAIL_MEMBERS,
    ECIS, LISTED, NETWORKS, REASONS, REQUEST_MEMBERS, SOURCES, STATES, TOKEN_MEMBERS,
    TOKEN_REASONS,
};

/// A part of an entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Part {
    Call,
    Failed,
    NotOpened,
    Opened,
    Sealed,
}

impl Part {
    pub(super) const ALL: [Self; 5] = [
        Self::Call,
        Self::Failed,
        Self::NotOpened,
        Self::Opened,
        Self::Sealed,
    ];

    /// The line that begins the part.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Call => "[call]",
            Self::Failed => "[failed]",
            Self::NotOpened => "[not opened]",
            Self::Opened => "[opened]",
            Self::Sealed => "[sealed]",
        }
    }

    fn lines(self) -> &'static [(&'static str, Value)] {
        match self {
            Self::Call => CALL,
            Self::Failed | Self::NotOpened => ERROR,
            Self::Opened => CREDENTIALS,
            Self::Sealed => HEAD,
        }
    }

    /// What the value of a line in this part may be; `None` if there is no such line.
    pub(super) fn value(self, name: &str) -> Option<Value> {
        if self == Self::Call && name.strip_prefix(REQUEST).is_some_and(is_path) {
            return Some(Value::Member);
        }
        let mut lines = self.lines().iter();
        lines
            .find(|(line, _)| *line == name)
            .map(|(_, value)| *value)
    }

    /// The lines that the part must have.
    pub(super) fn required(self) -> &'static [&'static str] {
        match self {
            Self::Call => &["card", "version"],
            Self::Failed | Self::NotOpened => &["kind", "delivery", "phase", "repeatability"],
            Self::Opened => &["account"],
            Self::Sealed => &["status"],
        }
    }
}

/// What the value of a line may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    Alias,
    Delivery,
    Encoding,
    Kind,
    /// A member of a request: a listed word, or that it is there.
    Member,
    /// Words of a list, as many as there are.
    Names(&'static [&'static str]),
    Number(u64),
    Phase,
    Repeatability,
    /// Of HTTP: 100 to 999.
    Status,
    /// One word of a list, `other` or `present`.
    Word(&'static [&'static str]),
}

impl Value {
    pub(super) fn allows(self, text: &str) -> bool {
        match self {
            Self::Alias => super::aliases::is_alias(text),
            Self::Delivery => Delivery::ALL.iter().any(|it| it.name() == text),
            Self::Encoding => super::encoding::Encoding::parse(text).is_some(),
            Self::Kind => PortErrorKind::all().any(|it| it.name() == text),
            Self::Member => is_member_value(text),
            Self::Names(names) => text.split(' ').all(|name| names.contains(&name)),
            Self::Number(most) => is_number(text, most),
            Self::Phase => Phase::ALL.iter().any(|it| it.name() == text),
            Self::Repeatability => Repeatability::ALL.iter().any(|it| it.name() == text),
            Self::Status => text.len() == 3 && is_number(text, 999),
            Self::Word(words) => words.contains(&text) || [OTHER, PRESENT].contains(&text),
        }
    }
}

fn is_number(text: &str, most: u64) -> bool {
    let canonical = text.parse::<u64>().ok().filter(|number| *number <= most);
    canonical.is_some_and(|number| number.to_string() == text)
}

/// A value that isn't on the list.
pub(super) const OTHER: &str = "other";
/// A member that is there, and whose value isn't recorded.
pub(super) const PRESENT: &str = "present";
/// Begins a line about a member of the request's body.
pub(super) const REQUEST: &str = "request ";

const CALL: &[(&str, Value)] = &[
    ("card", Value::Alias),
    ("profile", Value::Alias),
    ("version", Value::Word(&["v2", "v3"])),
];

const HEAD: &[(&str, Value)] = &[
    ("status", Value::Status),
    ("correlation id", Value::Word(&[])),
    ("unique transaction id", Value::Word(&[])),
    ("retry after", Value::Number(MAX_WAIT)),
];

/// The longest wait that is recorded, in seconds: a longer one becomes this.
pub(super) const MAX_WAIT: u64 = 86_400;

const ERROR: &[(&str, Value)] = &[
    ("kind", Value::Kind),
    ("delivery", Value::Delivery),
    ("phase", Value::Phase),
    ("repeatability", Value::Repeatability),
    ("attempts", Value::Number(1000)),
    ("reason", Value::Word(REASONS)),
    ("clock skew", Value::Word(&["ahead", "behind"])),
    ("cause", Value::Word(&[])),
    ("status", Value::Status),
    ("correlation id", Value::Word(&[])),
    ("unique transaction id", Value::Word(&[])),
    ("retry after", Value::Number(MAX_WAIT)),
];

const CREDENTIALS: &[(&str, Value)] = &[
    ("account", Value::Word(&["card", "network-token"])),
    ("state", Value::Word(STATES)),
    ("reason", Value::Word(TOKEN_REASONS)),
    ("network", Value::Word(NETWORKS)),
    ("source", Value::Word(SOURCES)),
    ("number", Value::Word(BRANDS)),
    ("expiry", Value::Word(&[])),
    ("cryptogram", Value::Encoding),
    ("security code", Value::Encoding),
    ("eci", Value::Word(ECIS)),
    ("members", Value::Names(TOKEN_MEMBERS)),
    ("security code check", Value::Word(CHECKS)),
    ("address check", Value::Word(CHECKS)),
    ("details", Value::Names(DETAIL_MEMBERS)),
    ("details type", Value::Word(CARD_TYPES)),
    ("card", Value::Word(CARD_NUMBERS)),
    ("card brand", Value::Word(BRANDS)),
    ("card type", Value::Word(CARD_TYPES)),
    ("card expiry", Value::Word(&[])),
    ("issuer", Value::Names(&["paymentAccountReference"])),
    ("commerce indicator", Value::Word(COMMERCE_INDICATORS)),
    ("billing address", Value::Names(BILLING_MEMBERS)),
    ("token id", Value::Word(&["named"])),
];

/// A member of a request that isn't listed.
pub(super) const UNLISTED: &str = "unlisted";

/// Names between dots, each with an index where it is in a list.
fn is_path(path: &str) -> bool {
    let is_step = |step: &str| {
        let (name, index) = step.split_once('[').unwrap_or((step, "0]"));
        let index = index.strip_suffix(']').unwrap_or_default();
        (REQUEST_MEMBERS.contains(&name) || name == UNLISTED) && is_number(index, 9999)
    };
    path.split('.').all(is_step)
}

fn is_member_value(text: &str) -> bool {
    let listed = LISTED.iter().any(|(_, words)| words.contains(&text));
    listed || ["false", "true", OTHER, PRESENT].contains(&text)
}

/// Whether the format itself writes this word, in any case of letters. What was seen may be the same word by chance.
pub(super) fn is_of_the_format(word: &str) -> bool {
    WORDS.contains(&word.to_lowercase())
}

static WORDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut words: Vec<&str> = vec![
        OTHER,
        PRESENT,
        UNLISTED,
        REQUEST.trim_end(),
        "true",
        "false",
    ];
    for part in Part::ALL {
        words.extend(part.title().trim_matches(['[', ']']).split(' '));
        for (name, value) in part.lines() {
            words.extend(name.split(' '));
            match value {
                Value::Names(listed) | Value::Word(listed) => words.extend(*listed),
                Value::Delivery => words.extend(Delivery::ALL.iter().map(|it| it.name())),
                Value::Encoding => words.extend(super::encoding::NAMES),
                Value::Kind => words.extend(PortErrorKind::all().map(PortErrorKind::name)),
                Value::Phase => words.extend(Phase::ALL.iter().map(|it| it.name())),
                Value::Repeatability => {
                    words.extend(Repeatability::ALL.iter().map(|it| it.name()));
                }
                Value::Alias | Value::Member | Value::Number(_) | Value::Status => {}
            }
        }
    }
    words.extend(REQUEST_MEMBERS);
    words.extend(LISTED.iter().flat_map(|(_, listed)| *listed));
    words.into_iter().map(str::to_lowercase).collect()
});
