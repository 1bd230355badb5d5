use http::HeaderMap;
use http::header::HOST;
use http::request::Parts;
use serde_json::Value;

use super::check::AuthenticationCheck;
use super::directory::Directory;
use super::outcome::{AuthenticationFailure, AuthenticationOutcome, fail};
use super::replay::Replays;
use crate::checked::Verdict;
use crate::checks::kind;
use crate::masking::shown;
use crate::reading::{Reading, Tolerated};

/// A request, what it is checked against, and the outcome so far.
///
/// A check that fails ends only what depends on it, so that the outcome lists every objection.
pub(super) struct Examination<'a> {
    pub(super) head: &'a Parts,
    /// None if the body could not be read.
    pub(super) body: Option<&'a [u8]>,
    /// Seconds since the epoch.
    pub(super) now: i64,
    pub(super) reading: Reading,
    pub(super) directory: &'a Directory,
    pub(super) replays: &'a Replays,
    /// Whether the request can still be accepted. If not, it uses up no `jti`.
    pub(super) is_acceptable: bool,
    pub(super) outcome: AuthenticationOutcome,
}

impl<'a> Examination<'a> {
    /// The value of a header, if it is text.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        text(&self.head.headers, name)
    }

    /// `Host` as it is signed: in lower case, without a port.
    pub(super) fn host(&self) -> String {
        let host = text(&self.head.headers, HOST.as_str()).unwrap_or_default();
        let port = host.rsplit_once(':').filter(|(_, port)| {
            // An IPv6 address in `Host` has brackets, so digits after its last colon are a port.
            port.bytes().all(|byte| byte.is_ascii_digit())
        });
        port.map_or(host, |(name, _)| name).to_ascii_lowercase()
    }

    /// `Host` in lower case, if it has a port.
    pub(super) fn host_with_port(&self) -> Option<String> {
        let host = text(&self.head.headers, HOST.as_str())?.to_ascii_lowercase();
        (host != self.host()).then_some(host)
    }

    pub(super) fn method(&self) -> String {
        self.head.method.as_str().to_ascii_lowercase()
    }

    pub(super) fn path(&self) -> &'a str {
        self.head.uri.path()
    }

    /// Notes a check that passed.
    pub(super) fn pass(
        &mut self,
        check: AuthenticationCheck,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) {
        let passed = fail(check, expected, got);
        self.outcome.note(Verdict::Passed, &passed);
    }

    /// Notes a check that failed.
    pub(super) fn object(&mut self, failure: AuthenticationFailure) {
        self.outcome.note(Verdict::Refused, &failure);
        self.outcome.failures.push(failure);
    }

    /// Notes a check, whose failure is given, and whether it passed.
    pub(super) fn require(&mut self, holds: bool, failure: AuthenticationFailure) -> bool {
        if holds {
            self.outcome.note(Verdict::Passed, &failure);
        } else {
            self.object(failure);
        }
        holds
    }

    /// Notes a deviation where reading is tolerant, and objects to it where reading is strict.
    pub(super) fn tolerate(&mut self, tolerated: Tolerated, failure: AuthenticationFailure) {
        match self.reading {
            Reading::Strict => self.object(failure),
            Reading::Tolerant => {
                self.outcome.note(Verdict::Tolerated(tolerated), &failure);
                if !self.outcome.tolerated.contains(&tolerated) {
                    self.outcome.tolerated.push(tolerated);
                }
            }
        }
    }

    /// Notes the transacting merchant, if the owner of the key may act for it. The owner is unknown where the
    /// key is.
    pub(super) fn transacting(&mut self, owner: Option<&str>, merchant_id: &str) {
        let got = shown(merchant_id);
        let known = fail(
            AuthenticationCheck::MerchantId,
            "an enrolled merchant",
            got.as_str(),
        );
        if !self.require(self.directory.knows(merchant_id), known) {
            return;
        }
        self.outcome.merchant_id = Some(merchant_id.to_owned());
        if let Some(owner) = owner {
            let expected = format!("a merchant that {owner} may act for");
            let related = fail(AuthenticationCheck::Relation, expected, got);
            self.require(self.directory.may_act(owner, merchant_id), related);
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A claim or header parameter as an explanation shows it. The type is named where another type looks the
/// same, as with `2` and `"2"`.
pub(super) fn reported(value: Option<&Value>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) if is_look_alike(text) => format!("the text {:?}", shown(text)),
        Some(Value::String(text)) => shown(text),
        Some(Value::Number(number)) => format!("the number {}", shown(&number.to_string())),
        Some(value) => kind(value).to_owned(),
    }
}

/// Whether a text looks like a number, a boolean or null.
fn is_look_alike(text: &str) -> bool {
    let parsed = serde_json::from_str(text);
    parsed.is_ok_and(|value: Value| {
        !matches!(value, Value::Object(_) | Value::Array(_) | Value::String(_))
    })
}
