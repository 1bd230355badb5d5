use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::check::MleCheck;
use super::opening::Parts;
use super::outcome::{MleFailure, MleOutcome, fail};
use super::response_keys::ResponseKeys;
use super::rules::{EncryptedContent, Mle, Rules};
use crate::authentication::AuthenticationScheme;
use crate::checked::Verdict;
use crate::checks;
use crate::error_response::{ErrorEntry, ErrorResponse};
use crate::explained::Explained;
use crate::keystore_authority::{Authority, BoxError, Service};
use crate::masking::{shown, shown_key_id};
use crate::reading::{Reading, Tolerated};
use crate::sealer::Sealer;

const ENCRYPTED_REQUEST: &str = "encryptedRequest";

/// Seconds by which `iat` may be off: as many as for the date of an HTTP signature.
const MAX_SKEW: i64 = 300;

/// How a request is refused because of its encryption.
#[derive(Debug)]
pub(crate) enum Refusal {
    Response(ErrorResponse),
    /// The connection is reset, as clients of the service saw it (`cybersource-rest-client-node` 191,
    /// `cybersource-rest-client-java` 240).
    Reset,
}

impl Refusal {
    /// The response; none if there isn't one.
    pub(crate) fn into_response(self) -> Option<ErrorResponse> {
        match self {
            Self::Response(response) => Some(response),
            Self::Reset => None,
        }
    }
}

/// Validates and opens encrypted requests, and seals responses.
pub(crate) struct Gate {
    rules: Rules,
    keys: ResponseKeys,
    authority: Arc<Authority>,
}

impl Gate {
    pub(crate) const fn new(rules: Rules, keys: ResponseKeys, authority: Arc<Authority>) -> Self {
        Self {
            rules,
            keys,
            authority,
        }
    }

    /// Examines a request, whose body is none if it could not be read. There is no caller where callers aren't
    /// authenticated.
    pub(crate) fn examine(
        &self,
        body: Option<&[u8]>,
        caller: Option<Caller<'_>>,
        now: SystemTime,
    ) -> MleOutcome {
        let mut outcome = MleOutcome::default();
        if let Some(caller) = caller {
            self.validate_response_key(caller, &mut outcome);
        }
        if let Some(body) = body {
            self.validate_request(body, caller, now, &mut outcome);
        }
        outcome
    }

    /// Whether refusals are explained.
    pub(crate) const fn is_explaining(&self) -> bool {
        matches!(self.rules.explained, Explained::Yes)
    }

    /// The refusal, explained if the policy asks for it; none if no check failed.
    pub(crate) fn refuse(&self, outcome: &MleOutcome) -> Option<Refusal> {
        let first = outcome.failure()?;
        let faults = match (self.rules.explained, first.check()) {
            (Explained::No, MleCheck::ResponseKeyId) => return Some(Refusal::Reset),
            (Explained::No, _) => vec![ErrorEntry::new("invalidRequest", "Invalid HTTP Body")],
            (Explained::Yes, _) => outcome.failures().iter().map(explain).collect(),
        };
        Some(Refusal::Response(ErrorResponse::listing(400, faults)))
    }

    /// The content of encrypted responses.
    pub(crate) const fn content(&self) -> EncryptedContent {
        self.rules.content
    }

    /// The sealer for the response; none if the response isn't encrypted.
    pub(crate) fn sealer(&self, outcome: &MleOutcome) -> Result<Option<Sealer>, BoxError> {
        let key_id = outcome.response_key_id();
        key_id.map(|key_id| self.keys.sealer(key_id)).transpose()
    }

    fn validate_response_key(&self, caller: Caller<'_>, outcome: &mut MleOutcome) {
        let key_id = match (self.rules.responses, caller.response_key_id) {
            (Mle::Off, _) | (Mle::Optional, None) => return,
            (Mle::Mandatory, None) => {
                let expected = "a JWT with the claim v-c-response-mle-kid";
                return outcome.object(fail(MleCheck::ResponseMle, expected, "none"));
            }
            (Mle::Optional | Mle::Mandatory, Some(key_id)) => key_id,
        };
        let Some(merchant_id) = caller.merchant_id else {
            // The merchant is unknown, which another stage objects to.
            return;
        };
        let owners = [caller.merchant_id, caller.key_owner];
        let expected = format!("v-c-response-mle-kid to name a response key of {merchant_id}");
        let failure = fail(MleCheck::ResponseKeyId, expected, shown_key_id(key_id));
        if outcome.require(self.keys.belongs(key_id, owners), failure) && caller.is_accepted {
            outcome.response_key_id = Some(key_id.to_owned());
        }
    }

    fn validate_request(
        &self,
        body: &[u8],
        caller: Option<Caller<'_>>,
        now: SystemTime,
        outcome: &mut MleOutcome,
    ) {
        // A body that isn't JSON isn't encrypted either; it is refused later, as any other is.
        let parsed = checks::parse(body);
        let is_empty = body.is_empty() || parsed.as_ref().is_ok_and(Map::is_empty);
        let members = parsed.unwrap_or_default();
        let is_encrypted = members.contains_key(ENCRYPTED_REQUEST);
        outcome.is_encrypted = is_encrypted;
        let check = MleCheck::RequestMle;
        match (self.rules.requests, is_encrypted) {
            (Mle::Off | Mle::Optional, false) => return,
            (Mle::Off, true) => {
                let expected = "a body in the clear, as request MLE is off";
                return outcome.object(fail(check, expected, ENCRYPTED_REQUEST));
            }
            (Mle::Mandatory, false) => {
                let expected = "the one member encryptedRequest";
                let failure = fail(check, expected, "a body in the clear");
                return if is_empty {
                    self.tolerate(Tolerated::EmptyInTheClear, failure, outcome);
                } else {
                    outcome.object(failure);
                };
            }
            (Mle::Optional | Mle::Mandatory, true) => {}
        }
        self.validate_scheme(caller, outcome);
        self.open(&members, now, outcome);
    }

    fn validate_scheme(&self, caller: Option<Caller<'_>>, outcome: &mut MleOutcome) {
        let Some(scheme) = caller.and_then(|caller| caller.scheme) else {
            return;
        };
        let expected = "a JWT with an encrypted request";
        let failure = |got: &str| fail(MleCheck::AuthenticationScheme, expected, got);
        match scheme {
            AuthenticationScheme::Jwt => {
                outcome.pass(MleCheck::AuthenticationScheme, expected, "a JWT");
            }
            AuthenticationScheme::HttpSignature => {
                let failure = failure("an HTTP signature");
                self.tolerate(Tolerated::HttpSignatureMle, failure, outcome);
            }
            AuthenticationScheme::Bearer => outcome.object(failure("other credentials")),
        }
    }

    fn open(&self, members: &Map<String, Value>, now: SystemTime, outcome: &mut MleOutcome) {
        let jwe = members.get(ENCRYPTED_REQUEST).and_then(Value::as_str);
        let Some(jwe) = jwe.filter(|_| members.len() == 1) else {
            let expected = "encryptedRequest as the only member, and a text";
            return outcome.object(fail(MleCheck::Envelope, expected, "something else"));
        };
        let Some(parts) = Parts::read(jwe) else {
            let expected = "a compact JWE: five parts of base64url, the first a JSON object";
            return outcome.object(fail(MleCheck::Format, expected, "something else"));
        };
        outcome.pass(MleCheck::Format, "a compact JWE", "a compact JWE");
        let algorithm = self.algorithm(&parts.header, outcome);
        let service = self.service(&parts.header, outcome);
        self.validate_content_type(&parts.header, outcome);
        self.validate_time(&parts.header, now, outcome);
        // What isn't for this key, or by these algorithms, could not be opened.
        let (Some(algorithm), Some(service)) = (algorithm, service) else {
            return;
        };
        outcome.request_key_id = Some(service.key_id.clone());
        let expected = "a JWE that opens with the key of the service's certificate";
        match parts.open(&service.key, algorithm) {
            Ok(opened) => {
                outcome.pass(MleCheck::Decryption, expected, "one that does");
                outcome.opened_body = Some(Bytes::from(opened));
            }
            Err(_unspecified) => {
                outcome.object(fail(MleCheck::Decryption, expected, "one that doesn't"));
            }
        }
    }

    /// The algorithm of the key, if the sandbox can open the JWE.
    fn algorithm(
        &self,
        header: &Map<String, Value>,
        outcome: &mut MleOutcome,
    ) -> Option<&'static OaepAlgorithm> {
        let check = MleCheck::Algorithm;
        let text = |name| header.get(name).and_then(Value::as_str);
        let alg = text("alg");
        let failure = fail(check, "alg RSA-OAEP-256", reported(alg, &OTHER_ALGORITHMS));
        let algorithm = if alg == Some("RSA-OAEP") {
            // In strict reading the JWE is opened all the same, so that its content can be examined too.
            self.tolerate(Tolerated::RsaOaep, failure, outcome);
            Some(&OAEP_SHA1_MGF1SHA1)
        } else {
            let is_known = outcome.require(alg == Some("RSA-OAEP-256"), failure);
            is_known.then_some(&OAEP_SHA256_MGF1SHA256)
        };
        let enc = text("enc");
        let failure = fail(check, "enc A256GCM", reported(enc, &OTHER_ENCRYPTIONS));
        let is_known = outcome.require(enc == Some("A256GCM"), failure);
        let mut unwanted = ["zip", "crit"]
            .into_iter()
            .filter(|name| header.contains_key(*name));
        if let Some(name) = unwanted.next() {
            outcome.object(fail(check, "neither zip nor crit in the header", name));
            return None;
        }
        algorithm.filter(|_| is_known)
    }

    /// The service's key, if the request names it.
    fn service(&self, header: &Map<String, Value>, outcome: &mut MleOutcome) -> Option<&Service> {
        let check = MleCheck::RecipientKeyId;
        let Ok(service) = self.authority.service() else {
            let got = "no randomness from the operating system to make it";
            outcome.object(fail(check, "the service's certificate", got));
            return None;
        };
        let got = header.get("kid").and_then(Value::as_str);
        let expected = format!("the kid {} of the service's certificate", service.key_id);
        let failure = fail(
            check,
            expected,
            got.map_or_else(|| "none".to_owned(), shown_key_id),
        );
        let is_named = outcome.require(got == Some(&service.key_id), failure);
        is_named.then_some(service)
    }

    fn validate_content_type(&self, header: &Map<String, Value>, outcome: &mut MleOutcome) {
        let (check, expected) = (MleCheck::ContentType, "cty JWT");
        match header.get("cty") {
            Some(value) if value.as_str() == Some("JWT") => outcome.pass(check, expected, "JWT"),
            Some(_) => outcome.object(fail(check, expected, "another cty")),
            None => {
                let failure = fail(check, expected, "no cty");
                self.tolerate(Tolerated::NoContentType, failure, outcome);
            }
        }
    }

    fn validate_time(
        &self,
        header: &Map<String, Value>,
        now: SystemTime,
        outcome: &mut MleOutcome,
    ) {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        let expected = format!("iat as seconds, at most {MAX_SKEW} s off {now}");
        let failure = |got: &str| fail(MleCheck::IssuedAt, expected.as_str(), got);
        let Some(value) = header.get("iat") else {
            return self.tolerate(Tolerated::NoIssuedAt, failure("no iat"), outcome);
        };
        let text = value
            .as_str()
            .filter(|text| text.bytes().all(|it| it.is_ascii_digit()));
        let written = text.and_then(|text| text.parse().ok());
        let Some(seconds) = value.as_i64().or(written) else {
            return outcome.object(failure(checks::kind(value)));
        };
        let is_near = seconds.abs_diff(now) <= MAX_SKEW.unsigned_abs();
        if is_near && value.is_string() {
            return self.tolerate(Tolerated::TextTime, failure(checks::kind(value)), outcome);
        }
        outcome.require(is_near, failure(&shown(&seconds.to_string())));
    }

    fn tolerate(&self, tolerated: Tolerated, failure: MleFailure, outcome: &mut MleOutcome) {
        match self.rules.reading {
            Reading::Strict => outcome.object(failure),
            Reading::Tolerant => {
                outcome.note(Verdict::Tolerated(tolerated), &failure);
                outcome.tolerated.push(tolerated);
            }
        }
    }
}

/// Algorithms that exist for such a key, and that the sandbox can't open.
const OTHER_ALGORITHMS: [&str; 3] = ["RSA1_5", "RSA-OAEP-384", "RSA-OAEP-512"];
/// Encryptions that exist, and that the sandbox can't open.
const OTHER_ENCRYPTIONS: [&str; 5] = [
    "A128GCM",
    "A192GCM",
    "A128CBC-HS256",
    "A192CBC-HS384",
    "A256CBC-HS512",
];

/// A header parameter as an explanation shows it. Where the sandbox is the limit, the text says so.
fn reported(name: Option<&str>, unopenable: &[&str]) -> String {
    let name = name.unwrap_or("none");
    if unopenable.contains(&name) {
        return format!(
            "{name}, which the sandbox can't open: that is a limit of the sandbox, and no source says whether \
             the service opens it"
        );
    }
    shown(name)
}

fn explain(failure: &MleFailure) -> ErrorEntry {
    let (expected, got) = (failure.expected(), failure.got());
    let words = "Message-level encryption failed";
    let message = format!("{words}: expected {expected}, got {got}");
    ErrorEntry::new(failure.check().name(), message)
}

/// The body of an encrypted response.
pub(crate) fn envelope(jwe: &str) -> String {
    json!({"encryptedResponse": jwe}).to_string()
}
