use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::Value;

use super::captured::CapturedAuthentication;
use super::entry::Entry;
use super::jose::{self, UnsignedJwt};
use crate::authentication::AuthenticationOutcome;
use crate::checked::{Checked, Stage, Verdict};
use crate::masking::shown;
use crate::mle::MleOutcome;
use crate::reading::Tolerated;

/// Bytes that a request takes in the record beside its texts and bodies, roughly.
const OVERHEAD: usize = 1024;

/// A request as it arrived, the checks that it failed, and the status of its response.
///
/// Values of headers that may be secret are not recorded. `Debug` shows no body, and masks texts that look
/// like a card number. Clones share one copy.
#[derive(Clone)]
pub struct ReceivedRequest(Arc<Entry>);

impl ReceivedRequest {
    pub(super) fn new(mut entry: Entry) -> Self {
        entry.show();
        Self(Arc::new(entry))
    }

    /// Bytes of the bodies in this record.
    pub(super) fn bytes(&self) -> usize {
        let opened = self.0.mle.as_ref().and_then(MleOutcome::opened_body);
        self.0.body.len() + opened.map_or(0, <[u8]>::len)
    }

    /// Bytes that the request takes in all, roughly.
    pub(super) fn size(&self) -> usize {
        let value = |value: &Option<String>| value.as_ref().map_or(0, String::len);
        let header = |(name, text): &(String, Option<String>)| name.len() + value(text);
        let headers: usize = self.0.headers.iter().map(header).sum();
        let jwt = self.0.jwt.as_ref().map_or(0, UnsignedJwt::bytes);
        let path = self.0.path.len() + value(&self.0.query);
        let checks: usize = self.0.checks.iter().map(Checked::bytes).sum();
        self.bytes() + headers + jwt + path + checks + OVERHEAD
    }

    /// Whether HTTP delivered the request.
    pub(super) fn is_whole(&self) -> bool {
        self.refused_at().is_none_or(|stage| stage > Stage::Http)
    }

    /// The number of the request, counted from 1 in the order in which requests were recorded.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.0.number
    }

    /// The time by the sandbox's clock: [`Policy::with_clock`](crate::Policy::with_clock).
    #[must_use]
    pub fn received_at(&self) -> SystemTime {
        self.0.received_at
    }

    /// The address that the connection came from.
    #[must_use]
    pub fn peer(&self) -> SocketAddr {
        self.0.peer
    }

    /// The method, in printable characters; empty if the request line could not be read.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.0.shown.method
    }

    /// The path without its query, fit to be shown: printable, and with card numbers masked.
    ///
    /// Some token ids look like a card number. [`expose_path`](Self::expose_path) has them too.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.shown.path
    }

    /// The path as it was received, with characters that a terminal acts on, and with all its digits.
    ///
    /// Secrets are hidden all the same.
    #[must_use]
    pub fn expose_path(&self) -> &str {
        &self.0.path
    }

    /// The query without its question mark, fit to be shown as the [`path`](Self::path) is.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.0.shown.query.as_deref()
    }

    /// The headers in order of arrival; those that may be secret come without their value.
    ///
    /// Values have all their digits, but no characters that a terminal acts on. `Debug` masks card numbers.
    pub fn headers(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0
            .headers
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

    /// The body as it arrived, with whatever the caller put into it; empty if it was too large to be read.
    /// `Debug` and the [`journal`](crate::Sandbox::journal) don't show it.
    ///
    /// The decrypted body is [`MleOutcome::opened_body`].
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.0.body
    }

    /// The status of the response; `None` if the sandbox sent none, as for
    /// [`vault::CLOSES`](crate::vault::CLOSES).
    ///
    /// A fault rule that was added doesn't change this status.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The `v-c-correlation-id` of the response, by which an error of a client can be found here.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.correlation_id.as_deref()
    }

    /// The member `clientCorrelationId` of a body that passed all checks.
    #[must_use]
    pub fn client_correlation_id(&self) -> Option<&str> {
        self.0.client_correlation_id.as_deref()
    }

    /// Whether a cryptogram or a security code was minted for the request.
    #[must_use]
    pub fn is_minted(&self) -> bool {
        self.0.is_minted
    }

    /// The first stage that objected to the request; `None` if the request passed all of them.
    ///
    /// The stages before this one were passed. Those after it were examined too, as far as that is possible.
    #[must_use]
    pub fn refused_at(&self) -> Option<Stage> {
        self.objections().map(Checked::stage).min()
    }

    /// Every check that was made, in the order of the stages, with the expected value and the received one.
    #[must_use]
    pub fn checks(&self) -> &[Checked] {
        &self.0.checks
    }

    /// The checks that the request failed.
    pub fn objections(&self) -> impl Iterator<Item = &Checked> {
        let is_refused = |check: &&Checked| check.verdict() == Verdict::Refused;
        self.checks().iter().filter(is_refused)
    }

    /// The caller's identity, and whether the sandbox accepted it.
    ///
    /// `None` if callers aren't authenticated, or if the request was refused before: because of its path,
    /// its other headers, or a body that is too large to be read.
    #[must_use]
    pub fn authentication(&self) -> Option<&AuthenticationOutcome> {
        self.0.authentication.as_ref()
    }

    /// The outcome of message-level encryption.
    ///
    /// `None` if the request was refused before, for example because of its credentials.
    #[must_use]
    pub fn mle(&self) -> Option<&MleOutcome> {
        self.0.mle.as_ref()
    }

    /// The deviations that [`Policy::tolerant`](crate::Policy::tolerant) accepted, in the order of the stages.
    #[must_use]
    pub fn tolerated(&self) -> Vec<Tolerated> {
        let mut forms = Vec::new();
        for check in self.checks() {
            match check.verdict() {
                Verdict::Tolerated(form) if !forms.contains(&form) => forms.push(form),
                Verdict::Tolerated(_) | Verdict::Passed | Verdict::Refused => {}
            }
        }
        forms
    }

    /// The header of the JWT, decoded, whether or not the sandbox accepted it.
    ///
    /// Texts and numbers that look like a card number are masked. `None` if the request has no JWT, if its
    /// header isn't a JSON object, or if callers aren't authenticated.
    #[must_use]
    pub fn jwt_header(&self) -> Option<Value> {
        self.0.jwt.as_ref()?.header()
    }

    /// The claims of the JWT, as [`jwt_header`](Self::jwt_header) has its header.
    #[must_use]
    pub fn jwt_claims(&self) -> Option<Value> {
        self.0.jwt.as_ref()?.claims()
    }

    /// The header of the JWE that an encrypted request holds, decoded and masked in the same way.
    #[must_use]
    pub fn jwe_header(&self) -> Option<Value> {
        jose::jwe_header(&self.0.body)
    }

    /// The credentials as they arrived; `None` unless the policy asked for them to be captured.
    #[must_use]
    pub fn captured_authentication(&self) -> Option<&CapturedAuthentication> {
        self.0.captured.as_ref()
    }
}

impl fmt::Debug for ReceivedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<(String, Option<String>)> = self
            .headers()
            .map(|(name, value)| (shown(name), value.map(shown)))
            .collect();
        f.debug_struct("ReceivedRequest")
            .field("number", &self.number())
            .field("peer", &self.peer())
            .field("method", &shown(self.method()))
            .field("path", &shown(self.path()))
            .field("query", &self.query().map(shown))
            .field("headers", &headers)
            .field("body_length", &self.body().len())
            .field("status", &self.status())
            .field("authentication", &self.authentication())
            .field("mle", &self.mle())
            .field("objections", &self.objections().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::UNIX_EPOCH;

    use super::*;

    const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

    #[test]
    fn debug_shows_neither_body_nor_card_number_nor_secret() {
        let (head, ()) = http::Request::post("/4111111111111111?q=4111111111111111")
            .header("authorization", "Bearer secret")
            .header("user-agent", "4111111111111111")
            .body(())
            .unwrap()
            .into_parts();
        let mut entry = Entry::of(&head, UNIX_EPOCH, PEER);
        entry.body = b"body text".as_slice().into();
        entry.client_correlation_id = Some("4111111111111111".to_owned());
        entry.refuse(Stage::Body, "x", "y", "4111111111111111");
        let request = ReceivedRequest::new(entry);
        let text = format!("{request:?}");
        assert!(!text.contains("4111111111111111"), "{text}");
        assert!(!text.contains("body text"), "{text}");
        assert!(!text.contains("Bearer"), "{text}");
        assert_eq!(request.header("Authorization"), None);
        assert_eq!(request.header("User-Agent"), Some("4111111111111111"));
    }

    #[test]
    fn what_is_known_of_an_unreadable_request_is_its_first_line() {
        let request = |line| ReceivedRequest::new(Entry::unreadable(line, UNIX_EPOCH, PEER));
        let read = request("POST /a/b?c=d HTTP/1.1");
        assert_eq!(
            (read.method(), read.path(), read.query()),
            ("POST", "/a/b", Some("c=d"))
        );
        let read = request("PO");
        assert_eq!((read.method(), read.path(), read.query()), ("PO", "", None));
        let read = request("");
        assert_eq!((read.method(), read.path(), read.query()), ("", "", None));
    }
}
