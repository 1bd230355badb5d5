//! The stages of a request's examination: each is made, whatever an earlier one objects to.
//!
//! So a refusal can list all objections at once, and the record has all checks. The status is that of the first
//! stage that objects. Without explanations the response says what that stage says, and no more.

use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;
use http::request::Parts;
use serde_json::{Map, Value};

use crate::authentication::{AuthenticationOutcome, Verifier};
use crate::checked::{Checked, Stage, Verdict};
use crate::checks::{self, Head, Target};
use crate::clock::Clock;
use crate::error_response::{ErrorEntry, ErrorResponse};
use crate::mle::{self, Caller, MleOutcome, Refusal};
use crate::reading::{Reading, Tolerated};
use crate::record::Recording;
use crate::secrets::Secrets;

/// The checks that a request has to pass, and what is recorded of it.
pub(crate) struct Gates {
    pub(crate) clock: Clock,
    pub(crate) reading: Reading,
    pub(crate) recording: Recording,
    /// None if callers aren't authenticated.
    pub(crate) verifier: Option<Verifier>,
    pub(crate) mle: mle::Gate,
    pub(crate) secrets: Arc<Secrets>,
}

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unread {
    /// The caller closed the connection, or broke the framing, so no response can be sent.
    Broken,
    Large,
    Slow,
}

/// The outcome of all stages.
pub(crate) struct Examined<'a> {
    pub(crate) authentication: Option<AuthenticationOutcome>,
    pub(crate) mle: MleOutcome,
    /// The checks of all stages, in order.
    pub(crate) checks: Vec<Checked>,
    pub(crate) result: Result<Accepted<'a>, Refusal>,
}

/// A request that no stage objects to.
pub(crate) struct Accepted<'a> {
    pub(crate) target: Target<'a>,
    pub(crate) body: Map<String, Value>,
}

impl Accepted<'_> {
    pub(crate) fn client_correlation_id(&self) -> Option<String> {
        let id = self.body.get("clientCorrelationId");
        id.and_then(Value::as_str).map(str::to_owned)
    }
}

impl Gates {
    /// Examines a request.
    pub(crate) fn examine<'a>(
        &self,
        head: &'a Parts,
        body: Result<&[u8], Unread>,
        now: SystemTime,
    ) -> Examined<'a> {
        let mut line = checks::head(head, self.reading);
        let readable = body.ok();
        let is_acceptable = line.refusal.is_none() && readable.is_some();
        let verifier = self.verifier.as_ref();
        let mut authentication =
            verifier.map(|verifier| verifier.examine(head, readable, now, is_acceptable));
        let caller = authentication.as_ref().map(|it| caller(it, is_acceptable));
        let mle = self.mle.examine(readable, caller, now);
        let is_accepted = caller.map_or(is_acceptable, |caller| caller.is_accepted);
        let mut content = Content::read(readable, &mle, self.reading);
        content.examine_profile(&head.headers, is_accepted && mle.failure().is_none());
        if let Some(outcome) = &mut authentication {
            outcome.add_tolerated(&line.tolerated);
            outcome.add_tolerated(content.tolerated.as_slice());
        }

        let unread = body.err().map(refuse_unread);
        let arrived = unread.iter().flat_map(ErrorResponse::faults);
        let checks = arrived
            .map(|fault| fault.checked(Stage::Http))
            .chain(std::mem::take(&mut line.checks))
            .chain(authentication.iter().flat_map(|it| it.checks().to_vec()))
            .chain(mle.checks().to_vec())
            .chain(content.checks())
            .collect();
        let result = self.conclude(line, unread, authentication.as_ref(), &mle, content);
        Examined {
            authentication,
            mle,
            checks,
            result,
        }
    }

    /// The refusal by the first stage that objects, with the objections of the others if the policy explains.
    fn conclude<'a>(
        &self,
        head: Head<'a>,
        unread: Option<ErrorResponse>,
        authentication: Option<&AuthenticationOutcome>,
        mle: &MleOutcome,
        content: Content,
    ) -> Result<Accepted<'a>, Refusal> {
        let unauthenticated = || self.verifier.as_ref()?.refuse(authentication?);
        let Content {
            body,
            profile,
            faults,
            ..
        } = content;
        let invalid = (!faults.is_empty()).then(|| ErrorResponse::listing(400, faults));
        let refusals = [
            head.refusal.map(Refusal::Response),
            unread.map(Refusal::Response),
            unauthenticated().map(Refusal::Response),
            self.mle.refuse(mle),
            profile.map(Refusal::Response),
            invalid.map(Refusal::Response),
        ];
        let mut refusals = refusals.into_iter().flatten();
        match (refusals.next(), head.target, body) {
            (Some(Refusal::Response(first)), _, _) if self.mle.is_explaining() => {
                let others = refusals.filter_map(Refusal::into_response);
                Err(Refusal::Response(
                    first.and(others.flat_map(ErrorResponse::into_faults)),
                ))
            }
            (Some(first), _, _) => Err(first),
            (None, Some(target), Some(body)) => Ok(Accepted { target, body }),
            (None, _, _) => {
                let cause = "a stage refused without a reason".to_owned();
                let fault = ErrorEntry::new("internalError", cause);
                Err(Refusal::Response(ErrorResponse::new(500, fault)))
            }
        }
    }
}

/// The part of an authentication that encryption depends on.
fn caller(outcome: &AuthenticationOutcome, is_acceptable: bool) -> Caller<'_> {
    Caller {
        is_accepted: is_acceptable && outcome.failure().is_none(),
        scheme: outcome.scheme(),
        merchant_id: outcome.merchant_id(),
        key_owner: outcome.key_owner(),
        response_key_id: outcome.response_key_id(),
    }
}

/// The last stage: the profile, and the body's members.
struct Content {
    /// None if the body could not be read, be opened or be parsed.
    body: Option<Map<String, Value>>,
    profile: Option<ErrorResponse>,
    tolerated: Option<Tolerated>,
    faults: Vec<ErrorEntry>,
}

impl Content {
    /// Reads the body, decrypted if it was encrypted.
    fn read(received: Option<&[u8]>, mle: &MleOutcome, reading: Reading) -> Self {
        let mut content = Self {
            body: None,
            profile: None,
            tolerated: None,
            faults: Vec::new(),
        };
        let Some(body) = received.and_then(|body| mle.content(body)) else {
            return content;
        };
        // No source has an encrypted request without content.
        let is_tolerated = reading == Reading::Tolerant && mle.opened_body().is_none();
        if body.is_empty() && is_tolerated {
            content.tolerated = Some(Tolerated::EmptyBody);
            content.body = Some(Map::new());
            return content;
        }
        match checks::parse(body) {
            Ok(members) => {
                content.faults = checks::members(&members);
                content.body = Some(members);
            }
            Err(refusal) => content.faults = refusal.into_faults(),
        }
        content
    }

    /// The vault is for callers that every other stage accepts.
    fn examine_profile(&mut self, headers: &HeaderMap, is_accepted: bool) {
        if is_accepted {
            self.profile = checks::profile(headers).err();
        }
    }

    fn checks(&self) -> Vec<Checked> {
        let profile = self.profile.iter().flat_map(ErrorResponse::faults);
        let faults = profile.chain(&self.faults);
        let mut checks: Vec<Checked> = faults.map(|fault| fault.checked(Stage::Body)).collect();
        if checks.is_empty() && self.body.is_some() {
            let (verdict, got) = match self.tolerated {
                Some(form) => (Verdict::Tolerated(form), "no body"),
                None => (Verdict::Passed, "such an object"),
            };
            let expected = "one JSON object, as documented";
            checks.push(Checked::new(Stage::Body, "body", verdict, expected, got));
        }
        checks
    }
}

fn refuse_unread(unread: Unread) -> ErrorResponse {
    match unread {
        Unread::Slow | Unread::Broken => {
            let message = "Invalid HTTP Body: it did not arrive in time";
            let fault = ErrorEntry::new("invalidRequest", message);
            ErrorResponse::new(408, fault.valued("a body within 30 s", "one that is late"))
        }
        Unread::Large => {
            let most = checks::MAX_BODY;
            let message = format!("Invalid HTTP Body: it must be {most} bytes at most, got more");
            let fault = ErrorEntry::new("invalidRequest", message);
            let expected = format!("a body of {most} bytes at most");
            ErrorResponse::new(413, fault.valued(&expected, "more"))
        }
    }
}
