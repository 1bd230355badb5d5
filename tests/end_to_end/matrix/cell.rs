//! What a cell's text asks for.

use payment_credentials::{Delivery, PortError, PortErrorKind, Repeatability};

/// What a caller must be told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Told {
    Credentials,
    Error {
        /// Any of these.
        kinds: Vec<&'static str>,
        delivery: Delivery,
        retry: Repeatability,
    },
}

const KINDS: [&str; 12] = [
    "Connect",
    "Deadline",
    "Decrypt",
    "Framing",
    "KeyService",
    "Payload",
    "Refused",
    "Request",
    "Reset",
    "Tls",
    "Jwe",
    "Unexpected",
];

/// Reads a cell, and where it says "same" what the row has for the head; none if it can't occur.
pub(super) fn told(cell: &str, head: &str) -> Option<Told> {
    if cell == "." {
        return None;
    }
    if cell == "same" || cell == "same with any body" {
        return told(head, ".");
    }
    if cell.starts_with("ok") {
        return Some(Told::Credentials);
    }
    // By status: the two that are staged never help.
    let cell = cell.replace("Refused/A by status", "Refused/A/x");
    let mut parts = cell.split('/');
    let mut part = || parts.next().expect("kind / delivery / retry");
    let kinds = part().split(" or ").map(known).collect();
    let delivery = match part() {
        "N" => Delivery::NotSent,
        "U" => Delivery::Unknown,
        "A" => Delivery::Answered,
        other => panic!("{other} is no delivery"),
    };
    let retry = match part().chars().next() {
        Some('r') => Repeatability::Safe,
        Some('o') => Repeatability::MayRepeat,
        Some('x') => Repeatability::Never,
        other => panic!("{other:?} is no retry"),
    };
    Some(Told::Error {
        kinds,
        delivery,
        retry,
    })
}

fn known(word: &str) -> &'static str {
    let known = KINDS.into_iter().find(|known| *known == word);
    known.unwrap_or_else(|| panic!("{word} is no kind"))
}

impl Told {
    /// Whether that is what the caller was told.
    pub(super) fn fits(&self, outcome: Result<(), &PortError>) -> bool {
        match (self, outcome) {
            (Self::Credentials, Ok(())) => true,
            (
                Self::Error {
                    kinds,
                    delivery,
                    retry,
                },
                Err(error),
            ) => {
                let kind = word(error.kind());
                kinds.contains(&kind.as_str())
                    && (error.delivery(), error.repeatability()) == (*delivery, *retry)
            }
            (Self::Credentials, Err(_)) | (Self::Error { .. }, Ok(())) => false,
        }
    }
}

/// The kind as the table spells it: without what it is about.
fn word(kind: PortErrorKind) -> String {
    let spelt = format!("{kind:?}");
    spelt.split('(').next().expect("a word").to_owned()
}

#[test]
fn cells_are_read_as_they_are_meant() {
    let error = |kinds, delivery, retry| {
        Some(Told::Error {
            kinds,
            delivery,
            retry,
        })
    };
    assert_eq!(told(".", "."), None);
    assert_eq!(told("ok, connection dropped", "."), Some(Told::Credentials));
    assert_eq!(
        told("Reset/U/o (N/r at byte 0)", "."),
        error(vec!["Reset"], Delivery::Unknown, Repeatability::MayRepeat)
    );
    assert_eq!(
        told("Jwe or Decrypt/A/x", "."),
        error(
            vec!["Jwe", "Decrypt"],
            Delivery::Answered,
            Repeatability::Never
        )
    );
    assert_eq!(
        told("same", "Refused/A/r after wait"),
        error(vec!["Refused"], Delivery::Answered, Repeatability::Safe)
    );
}
