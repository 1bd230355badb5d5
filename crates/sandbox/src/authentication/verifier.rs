use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::check::{AuthenticationCheck, AuthenticationScheme};
use super::examination::Examination;
use super::outcome::{AuthenticationFailure, AuthenticationOutcome, fail};
use super::replay::Replays;
use super::rules::Rules;
use super::{date, http_signature, jwt, mistakes};
use crate::api_keys::ApiKeys;
use crate::enrolment::EnrolmentError;
use crate::error_response::{ErrorEntry, ErrorResponse};
use crate::explained::Explained;

/// Validates the credentials of requests by the rules of one policy.
#[derive(Debug)]
pub(crate) struct Verifier {
    rules: Rules,
    replays: Replays,
}

impl Verifier {
    /// A verifier that knows the policy's merchant accounts, and the sandbox's own merchant and portfolio.
    pub(crate) fn new(
        mut rules: Rules,
        merchant: &Arc<ApiKeys>,
        portfolio: &Arc<ApiKeys>,
        merchant_ids: &[String],
    ) -> Result<Self, EnrolmentError> {
        rules.directory.add_own(merchant)?;
        rules.directory.add_own(portfolio)?;
        for merchant_id in merchant_ids {
            rules.directory.relate(portfolio.owner(), merchant_id);
        }
        Ok(Self::without_own(rules))
    }

    /// A verifier that knows the policy's merchant accounts alone.
    pub(super) fn without_own(rules: Rules) -> Self {
        let replays = Replays::default();
        Self { rules, replays }
    }

    /// Examines the credentials, with the body unless it could not be read. A request that an earlier stage
    /// refused isn't acceptable any more, and uses up no `jti`.
    pub(crate) fn examine(
        &self,
        head: &Parts,
        body: Option<&[u8]>,
        now: SystemTime,
        is_acceptable: bool,
    ) -> AuthenticationOutcome {
        let mut examination = Examination {
            head,
            body,
            now: date::seconds(now),
            reading: self.rules.reading,
            directory: &self.rules.directory,
            replays: &self.replays,
            is_acceptable,
            outcome: AuthenticationOutcome::default(),
        };
        validate(head, &mut examination);
        examination.outcome
    }

    /// The 401, with an explanation of every failure if the policy asks for one; none if there is no failure.
    pub(crate) fn refuse(&self, outcome: &AuthenticationOutcome) -> Option<ErrorResponse> {
        let first = outcome.failure()?;
        let faults = match self.rules.explained {
            Explained::No => Vec::new(),
            Explained::Yes => outcome.failures().iter().flat_map(explain).collect(),
        };
        let mut refusal = ErrorResponse::listing(401, faults);
        refusal.front_end = Some(first.message.clone());
        Some(refusal)
    }
}

fn validate(head: &Parts, at: &mut Examination<'_>) {
    let signature = head.headers.get("signature");
    let check = AuthenticationCheck::Credentials;
    match (head.headers.get(AUTHORIZATION), signature) {
        (Some(_), Some(_)) => {
            let got = "Authorization and Signature";
            at.object(fail(check, "credentials of one scheme", got));
        }
        (Some(authorization), None) => {
            let authorization = authorization.to_str().unwrap_or_default();
            let Some(bearer) = bearer(authorization) else {
                let expected = "Authorization: Bearer and one word";
                return at.object(fail(
                    check,
                    expected,
                    mistakes::authorization(authorization),
                ));
            };
            at.pass(check, "credentials of one scheme", "Authorization");
            validate_bearer(bearer, at);
        }
        (None, signature) => {
            if let Some(failure) = missing(&head.headers) {
                return at.object(failure);
            }
            at.pass(check, "credentials of one scheme", "Signature");
            let signature = signature.and_then(|signature| signature.to_str().ok());
            http_signature::validate(signature.unwrap_or_default(), at);
        }
    }
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, word) = authorization.split_once(' ')?;
    let is_word = !word.contains(' ');
    (is_word && scheme.eq_ignore_ascii_case("Bearer")).then_some(word)
}

/// Access credentials are tried first, because one may look like a JWT.
fn validate_bearer(bearer: &str, at: &mut Examination<'_>) {
    let check = AuthenticationCheck::BearerAccessToken;
    let expected = "an enrolled credential, or a JWT";
    if let Some(merchant_id) = at.directory.bearer(bearer) {
        at.pass(check, expected, "an enrolled credential");
        at.outcome.scheme = Some(AuthenticationScheme::Bearer);
        at.outcome.merchant_id = Some(merchant_id.to_owned());
        return;
    }
    if bearer.contains('.') {
        return jwt::validate(bearer, at);
    }
    at.outcome.scheme = Some(AuthenticationScheme::Bearer);
    let got = format!("an unknown one of {} characters", bearer.len());
    at.object(fail(check, expected, got));
}

/// The failure of a request that lacks a header of HTTP signatures. The front end names missing ones in these
/// words (`CyberSource/cybersource-rest-client-dotnet` issue 236).
fn missing(headers: &HeaderMap) -> Option<AuthenticationFailure> {
    let sent = |name: &str| headers.contains_key(name);
    let mut missing = String::new();
    for (name, is_sent) in [
        ("v-c-merchant-id", sent("v-c-merchant-id")),
        ("signature", sent("signature")),
        ("date", sent("date") || sent("v-c-date")),
    ] {
        if !is_sent {
            missing.push_str(name);
            missing.push(',');
        }
    }
    if missing.is_empty() {
        return None;
    }
    let expected = "Authorization, or v-c-merchant-id, signature and date";
    let mut failure = fail(
        AuthenticationCheck::Credentials,
        expected,
        format!("no {missing}"),
    );
    failure.message = format!("missing http required header : {missing}");
    Some(failure)
}

/// Explains a failure in an entry for each line, because clients cut long texts, and most show no line
/// breaks.
fn explain(failure: &AuthenticationFailure) -> Vec<ErrorEntry> {
    let (message, got) = (&failure.message, &failure.got);
    let kind = failure.check.name();
    let mut lines = failure.expected.lines();
    let (Some(only), None) = (lines.next(), lines.next()) else {
        let summary = format!("{message}: expected the signature of the lines below, got {got}");
        let lines = failure
            .expected
            .lines()
            .map(|line| ErrorEntry::new("stringToSign", line));
        return std::iter::once(ErrorEntry::new(kind, summary))
            .chain(lines)
            .collect();
    };
    let summary = format!("{message}: expected {only}, got {got}");
    vec![ErrorEntry::new(kind, summary)]
}
