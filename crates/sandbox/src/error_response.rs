//! Errors in the format of the vendor's `OpenAPI` document.

use std::error::Error;

use serde_json::{Value, json};

use crate::checked::{Checked, Stage, Verdict};
use crate::masking::without_controls;
use crate::secrets::Secrets;

/// Entries that a body's members cause at most; a body can hold far more faults than anyone reads.
pub(crate) const LISTED: usize = 16;

/// Entries that one response lists at most: those of all stages.
const LISTED_IN_ALL: usize = 64;

/// A response that is not 2xx.
#[derive(Debug)]
pub(crate) struct ErrorResponse {
    pub(crate) status: u16,
    /// The value of `Allow`, on 405.
    pub(crate) allow: Option<&'static str>,
    /// The value of `Retry-After`, on 429.
    pub(crate) retry_after: Option<u8>,
    /// The message of the front end of the service, on 401.
    pub(crate) front_end: Option<String>,
    faults: Vec<ErrorEntry>,
}

/// One member of `errors`.
#[derive(Debug)]
pub(crate) struct ErrorEntry {
    kind: &'static str,
    message: String,
    /// What was expected and what was received, for the record.
    values: Option<(String, String)>,
    detail: Option<(String, &'static str)>,
}

impl ErrorEntry {
    /// A fault of the call as a whole.
    pub(crate) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            values: None,
            detail: None,
        }
    }

    /// A fault of one part of the request: what that part must be, and what was received.
    pub(crate) fn unmet(kind: &'static str, part: &str, expected: &str, got: &str) -> Self {
        let message = format!("{part} must be {expected}, got {got}");
        Self::new(kind, message).valued(expected, got)
    }

    /// Adds what was expected and what was received, for the record.
    pub(crate) fn valued(self, expected: &str, got: &str) -> Self {
        Self {
            values: Some((expected.to_owned(), got.to_owned())),
            ..self
        }
    }

    /// Adds where the fault is: its name, and whether in a header, the path or the body.
    pub(crate) fn at(self, name: impl Into<String>, location: &'static str) -> Self {
        Self {
            detail: Some((name.into(), location)),
            ..self
        }
    }

    /// The fault as the check that a stage refused the request by.
    pub(crate) fn checked(&self, stage: Stage) -> Checked {
        let name = self
            .detail
            .as_ref()
            .map_or_else(|| stage.name(), |(name, _)| name);
        let (expected, got) = match &self.values {
            Some((expected, got)) => (expected.as_str(), got.as_str()),
            None => (self.message.as_str(), "something else"),
        };
        Checked::new(stage, name, Verdict::Refused, expected, got)
    }

    fn to_json(&self) -> Value {
        match &self.detail {
            None => json!({"type": self.kind, "message": self.message}),
            Some((name, location)) => json!({
                "type": self.kind,
                "message": self.message,
                "details": [{"name": name, "location": location}],
            }),
        }
    }
}

impl ErrorResponse {
    pub(crate) fn new(status: u16, fault: ErrorEntry) -> Self {
        Self::listing(status, vec![fault])
    }

    pub(crate) fn listing(status: u16, faults: Vec<ErrorEntry>) -> Self {
        Self {
            status,
            allow: None,
            retry_after: None,
            front_end: None,
            faults,
        }
    }

    /// The 400 for one fault of the request.
    pub(crate) fn bad_request(fault: ErrorEntry) -> Self {
        Self::new(400, fault)
    }

    /// The 500 for a failure of the sandbox itself, which no request can cause.
    pub(crate) fn own_fault(cause: &dyn Error) -> Self {
        let message = format!("the sandbox itself failed: {cause}");
        Self::new(500, ErrorEntry::new("internalError", message))
    }

    /// The same refusal with the faults of later stages after its own.
    pub(crate) fn and(mut self, more: impl IntoIterator<Item = ErrorEntry>) -> Self {
        self.faults.extend(more);
        self
    }

    pub(crate) fn faults(&self) -> &[ErrorEntry] {
        &self.faults
    }

    pub(crate) fn into_faults(self) -> Vec<ErrorEntry> {
        self.faults
    }

    pub(crate) fn hide(&mut self, secrets: &Secrets) {
        let front_end = self.front_end.iter_mut();
        front_end.for_each(|words| secrets.hide(words));
        for fault in &mut self.faults {
            secrets.hide_in(&mut fault.message, fault.kind == "digest");
            without_controls(&mut fault.message);
            if let Some((name, _)) = &mut fault.detail {
                secrets.hide(name);
                without_controls(name);
            }
        }
    }

    /// The response's body.
    pub(crate) fn to_json(&self) -> String {
        let errors: Vec<Value> = self
            .faults
            .iter()
            .take(LISTED_IN_ALL)
            .map(ErrorEntry::to_json)
            .collect();
        match &self.front_end {
            None => json!({ "errors": errors }),
            Some(words) if errors.is_empty() => json!({"response": {"rmsg": words}}),
            Some(words) => json!({"response": {"rmsg": words}, "errors": errors}),
        }
        .to_string()
    }
}

/// An error of the service that the sandbox returns on request.
///
/// The vendor's `OpenAPI` document defines the `type` values, and some of the messages. The 424 is from
/// the TMS developer guide; 429 and 503 are in neither.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Documented {
    status: u16,
    kind: &'static str,
    message: &'static str,
    retry_after: Option<u8>,
}

impl Documented {
    /// The profile doesn't exist.
    pub(crate) const PROFILE: Self = Self::new(424, "notFound", "Profile not found");

    /// The vault doesn't list the token id.
    pub(crate) const UNLISTED: Self = Self::new(
        404,
        "notFound",
        "Token not found: the sandbox's vault lists no such token id for this version",
    );

    pub(crate) const fn new(status: u16, kind: &'static str, message: &'static str) -> Self {
        Self {
            status,
            kind,
            message,
            retry_after: None,
        }
    }

    /// Asks the caller to wait this many seconds.
    pub(crate) const fn with_retry_after(self, seconds: u8) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    pub(crate) const fn status(self) -> u16 {
        self.status
    }
}

impl From<Documented> for ErrorResponse {
    fn from(documented: Documented) -> Self {
        let entry = ErrorEntry::new(documented.kind, documented.message);
        Self {
            retry_after: documented.retry_after,
            ..Self::new(documented.status, entry)
        }
    }
}
