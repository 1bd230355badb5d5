//! Parses the text of a cell.

use payment_credentials::{Delivery, PortError, PortErrorKind, Repeatability};

/// The outcome that a caller must get.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Expected {
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

/// Parses a cell, or the cell of the row's head if this one says "same"; returns `None` if the cell
/// can't occur.
pub(super) fn expected(cell: &str, head: &str) -> Option<Expected> {
    if cell == "." {
        return None;
    }
    if cell == "same" || cell == "same with any body" {
        return expected(head, ".");
    }
    if cell.starts_with("ok") {
        return Some(Expected::Credentials);
    }
    // The repeatability depends on the status: for the two statuses that are staged, a retry never
    // helps.
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
    Some(Expected::Error {
        kinds,
        delivery,
        retry,
    })
}

fn known(word: &str) -> &'static str {
    let known = KINDS.into_iter().find(|known| *known == word);
    known.unwrap_or_else(|| panic!("{word} is no kind"))
}

impl Expected {
    /// Whether the caller got this outcome.
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

/// The name of the kind as in the table, without its contents.
fn word(kind: PortErrorKind) -> String {
    let text = format!("{kind:?}");
    text.split('(').next().expect("a word").to_owned()
}

#[test]
fn cells_are_parsed_as_documented() {
    let error = |kinds, delivery, retry| {
        Some(Expected::Error {
            kinds,
            delivery,
            retry,
        })
    };
    assert_eq!(expected(".", "."), None);
    assert_eq!(
        expected("ok, connection dropped", "."),
        Some(Expected::Credentials)
    );
    assert_eq!(
        expected("Reset/U/o (N/r at byte 0)", "."),
        error(vec!["Reset"], Delivery::Unknown, Repeatability::MayRepeat)
    );
    assert_eq!(
        expected("Jwe or Decrypt/A/x", "."),
        error(
            vec!["Jwe", "Decrypt"],
            Delivery::Answered,
            Repeatability::Never
        )
    );
    assert_eq!(
        expected("same", "Refused/A/r after wait"),
        error(vec!["Refused"], Delivery::Answered, Repeatability::Safe)
    );
}
