use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::HeaderMap;
use http::request::Parts;
use zeroize::Zeroizing;

use crate::authentication::AuthenticationOutcome;
use crate::checked::Checked;
use crate::masking::shown;
use crate::mle::MleOutcome;
use crate::open_headers::is_open;
use crate::reading::Tolerated;

/// Requests that are recorded; older ones are dropped.
const REMEMBERED: usize = 1024;
/// Bytes of bodies that are recorded in total.
const REMEMBERED_BYTES: usize = 16 * 1024 * 1024;

/// Whether the headers with a request's credentials are recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Recording {
    Captured,
    Forgotten,
}

impl Recording {
    /// The credentials as they arrived, if they are recorded.
    pub(crate) fn capture(self, headers: &HeaderMap) -> Option<CapturedAuthentication> {
        match self {
            Self::Forgotten => None,
            Self::Captured => Some(CapturedAuthentication::read(headers)),
        }
    }
}

/// A request as it arrived, and the status of its response.
///
/// Values of headers that may be secret are not recorded. `Debug` shows no body, and masks texts that look
/// like a card number.
#[derive(Clone)]
pub struct ReceivedRequest {
    method: String,
    path: String,
    headers: Vec<(String, Option<String>)>,
    body: Bytes,
    status: Option<u16>,
    authentication: Option<AuthenticationOutcome>,
    mle: Option<MleOutcome>,
    checks: Vec<Checked>,
    captured: Option<CapturedAuthentication>,
}

impl ReceivedRequest {
    pub(crate) fn new(head: &Parts, body: Bytes) -> Self {
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| {
                let open = is_open(name.as_str());
                let value = || String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), open.then(value))
            })
            .collect();
        Self {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            headers,
            body,
            status: None,
            authentication: None,
            mle: None,
            checks: Vec::new(),
            captured: None,
        }
    }

    pub(crate) fn authenticated(mut self, outcome: Option<AuthenticationOutcome>) -> Self {
        self.authentication = outcome;
        self
    }

    pub(crate) fn encrypted(mut self, outcome: Option<MleOutcome>) -> Self {
        self.mle = outcome;
        self
    }

    pub(crate) fn checked(mut self, checks: Vec<Checked>) -> Self {
        self.checks = checks;
        self
    }

    pub(crate) fn captured(mut self, credentials: Option<CapturedAuthentication>) -> Self {
        self.captured = credentials;
        self
    }

    pub(crate) fn responded(mut self, status: Option<u16>) -> Self {
        self.status = status;
        self
    }

    /// Bytes of the bodies in this record.
    fn bytes(&self) -> usize {
        let opened = self.mle.as_ref().and_then(MleOutcome::opened_body);
        self.body.len() + opened.map_or(0, <[u8]>::len)
    }

    /// The method, as it was received.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path, without a query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The headers in order of arrival; those that may be secret come without their value.
    pub fn headers(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// The value of the first header with this name, in any case.
    ///
    /// `None` if the header was not sent, or may be secret (as `Authorization` is).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| value)
    }

    /// The body as it arrived; empty if it was too large to be read.
    ///
    /// The decrypted body is [`MleOutcome::opened_body`].
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The status of the response; `None` if the sandbox sent none, as for
    /// [`vault::CLOSES`](crate::vault::CLOSES).
    ///
    /// A fault rule that was added doesn't change this status.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        self.status
    }

    /// The caller's identity, and whether the sandbox accepted it.
    ///
    /// `None` if callers aren't authenticated.
    #[must_use]
    pub const fn authentication(&self) -> Option<&AuthenticationOutcome> {
        self.authentication.as_ref()
    }

    /// The outcome of message-level encryption.
    #[must_use]
    pub const fn mle(&self) -> Option<&MleOutcome> {
        self.mle.as_ref()
    }

    /// Every check that was made, stage by stage. A check that depends on one that failed is not made.
    #[must_use]
    pub fn checks(&self) -> &[Checked] {
        &self.checks
    }

    /// Deviations of headers, credentials and body that [`Policy::tolerant`](crate::Policy::tolerant) accepted.
    #[must_use]
    pub fn tolerated(&self) -> &[Tolerated] {
        self.authentication
            .as_ref()
            .map_or(&[], AuthenticationOutcome::tolerated)
    }

    /// The credentials as they arrived; `None` unless the policy asked for them to be captured.
    #[must_use]
    pub const fn captured_authentication(&self) -> Option<&CapturedAuthentication> {
        self.captured.as_ref()
    }
}

impl fmt::Debug for ReceivedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<(&str, Option<String>)> = self
            .headers()
            .map(|(name, value)| (name, value.map(shown)))
            .collect();
        f.debug_struct("ReceivedRequest")
            .field("method", &shown(&self.method))
            .field("path", &shown(&self.path))
            .field("headers", &headers)
            .field("body_length", &self.body.len())
            .field("status", &self.status)
            .field("authentication", &self.authentication)
            .field("mle", &self.mle)
            .finish_non_exhaustive()
    }
}

/// The credentials of a request as they arrived, for comparing clients. They are secret.
///
/// [`Policy::with_captured_authentication`](crate::Policy::with_captured_authentication) asks for them.
#[derive(Clone)]
pub struct CapturedAuthentication {
    authorization: Option<Zeroizing<String>>,
    signature: Option<Zeroizing<String>>,
}

impl CapturedAuthentication {
    fn read(headers: &HeaderMap) -> Self {
        let text = |name| {
            let value: &http::HeaderValue = headers.get(name)?;
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            Some(Zeroizing::new(text))
        };
        Self {
            authorization: text("authorization"),
            signature: text("signature"),
        }
    }

    /// The value of `Authorization`.
    #[must_use]
    pub fn expose_authorization(&self) -> Option<&str> {
        self.authorization.as_ref().map(|text| text.as_str())
    }

    /// The value of `Signature`.
    #[must_use]
    pub fn expose_signature(&self) -> Option<&str> {
        self.signature.as_ref().map(|text| text.as_str())
    }
}

impl fmt::Debug for CapturedAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CapturedAuthentication")
            .finish_non_exhaustive()
    }
}

/// The last requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Record {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    requests: VecDeque<ReceivedRequest>,
    bytes: usize,
}

impl Record {
    pub(crate) fn add(&self, request: ReceivedRequest) {
        let mut kept = self.lock();
        kept.bytes += request.bytes();
        kept.requests.push_back(request);
        while kept.requests.len() > REMEMBERED || kept.bytes > REMEMBERED_BYTES {
            let Some(oldest) = kept.requests.pop_front() else {
                break;
            };
            kept.bytes -= oldest.bytes();
        }
    }

    pub(crate) fn all(&self) -> Vec<ReceivedRequest> {
        self.lock().requests.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while the lock is held.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str, body: Vec<u8>) -> ReceivedRequest {
        let (head, ()) = http::Request::post(path)
            .header("authorization", "Bearer secret")
            .header("user-agent", "4111111111111111")
            .body(())
            .unwrap()
            .into_parts();
        ReceivedRequest::new(&head, body.into()).responded(Some(201))
    }

    #[test]
    fn the_oldest_requests_make_room() {
        let record = Record::default();
        for at in 0..REMEMBERED + 3 {
            record.add(request(&format!("/{at}"), Vec::new()));
        }
        let all = record.all();
        assert_eq!(all.len(), REMEMBERED);
        assert_eq!(all[0].path(), "/3");
    }

    #[test]
    fn large_bodies_make_room_too() {
        let record = Record::default();
        for at in 0..3 {
            record.add(request(&format!("/{at}"), vec![0; REMEMBERED_BYTES / 2]));
        }
        assert_eq!(record.all().len(), 2);
    }

    #[test]
    fn debug_shows_neither_body_nor_card_number_nor_secret() {
        let request = request("/4111111111111111", b"body text".to_vec());
        let text = format!("{request:?}");
        assert!(!text.contains("4111111111111111"), "{text}");
        assert!(!text.contains("body text"), "{text}");
        assert!(!text.contains("Bearer"), "{text}");
        assert_eq!(request.header("Authorization"), None);
        assert_eq!(request.header("User-Agent"), Some("4111111111111111"));
    }
}
