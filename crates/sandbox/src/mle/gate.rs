use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::caller::{Caller, Carrier};
use super::check::MleCheck;
use super::opening::Parts;
use super::outcome::{MleFailure, MleOutcome, fail};
use super::response_keys::ResponseKeys;
use super::rules::{EncryptedContent, Mle, Rules};
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

type Examined = Result<(), MleFailure>;

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

    /// Validates a request. There is no caller where callers aren't authenticated.
    pub(crate) fn examine(
        &self,
        body: &[u8],
        caller: Option<Caller<'_>>,
        now: SystemTime,
    ) -> MleOutcome {
        let mut outcome = MleOutcome::default();
        let validation = self
            .validate_response_key(caller, &mut outcome)
            .and_then(|()| self.validate_request(body, caller, now, &mut outcome));
        outcome.failure = validation.err();
        outcome
    }

    /// The 400, explained if the policy asks for it; none if the connection is reset instead.
    ///
    /// Clients of the service saw this reset (`cybersource-rest-client-node` 191,
    /// `cybersource-rest-client-java` 240).
    pub(crate) fn refuse(&self, failure: &MleFailure) -> Option<ErrorResponse> {
        let fault = match (self.rules.explained, failure.check()) {
            (Explained::No, MleCheck::ResponseKeyId) => return None,
            (Explained::No, _) => ErrorEntry::new("invalidRequest", "Invalid HTTP Body"),
            (Explained::Yes, check) => {
                let (expected, got) = (failure.expected(), failure.got());
                let words = "Message-level encryption failed";
                ErrorEntry::new(
                    check.name(),
                    format!("{words}: expected {expected}, got {got}"),
                )
            }
        };
        Some(ErrorResponse::bad_request(fault))
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

    fn validate_response_key(
        &self,
        caller: Option<Caller<'_>>,
        outcome: &mut MleOutcome,
    ) -> Examined {
        let Some(caller) = caller else {
            return Ok(());
        };
        let key_id = match (self.rules.responses, caller.response_key_id) {
            (Mle::Off, _) | (Mle::Optional, None) => return Ok(()),
            (Mle::Mandatory, None) => {
                let expected = "a JWT with the claim v-c-response-mle-kid";
                return Err(fail(MleCheck::ResponseMle, expected, "none"));
            }
            (Mle::Optional | Mle::Mandatory, Some(key_id)) => key_id,
        };
        let owners = [caller.merchant_id, caller.key_owner];
        if !self.keys.belongs(key_id, owners) {
            let expected = format!(
                "v-c-response-mle-kid to name a response key of {}",
                caller.merchant_id.unwrap_or_default()
            );
            let got = shown_key_id(key_id);
            return Err(fail(MleCheck::ResponseKeyId, expected, got));
        }
        outcome.response_key_id = Some(key_id.to_owned());
        Ok(())
    }

    fn validate_request(
        &self,
        body: &[u8],
        caller: Option<Caller<'_>>,
        now: SystemTime,
        outcome: &mut MleOutcome,
    ) -> Examined {
        // A body that isn't JSON isn't encrypted either; it is refused later, as any other is.
        let members = checks::parse(body).unwrap_or_default();
        let encrypted = members.contains_key(ENCRYPTED_REQUEST);
        let check = MleCheck::RequestMle;
        match (self.rules.requests, encrypted) {
            (Mle::Off | Mle::Optional, false) => return Ok(()),
            (Mle::Off, true) => {
                let expected = "a body in the clear, as request MLE is off";
                return Err(fail(check, expected, ENCRYPTED_REQUEST));
            }
            (Mle::Mandatory, false) => {
                let expected = "the one member encryptedRequest";
                return Err(fail(check, expected, "a body in the clear"));
            }
            (Mle::Optional | Mle::Mandatory, true) => {}
        }
        if caller.is_some_and(|caller| caller.carrier != Carrier::Jwt) {
            let expected = "a JWT with an encrypted request";
            return Err(fail(
                MleCheck::AuthenticationScheme,
                expected,
                "other credentials",
            ));
        }
        self.open(&members, now, outcome)
    }

    fn open(
        &self,
        members: &Map<String, Value>,
        now: SystemTime,
        outcome: &mut MleOutcome,
    ) -> Examined {
        let jwe = members.get(ENCRYPTED_REQUEST).and_then(Value::as_str);
        let Some(jwe) = jwe.filter(|_| members.len() == 1) else {
            let expected = "encryptedRequest as the only member, and a text";
            return Err(fail(MleCheck::Envelope, expected, "something else"));
        };
        let Some(parts) = Parts::read(jwe) else {
            let expected = "a compact JWE: five parts of base64url, the first a JSON object";
            return Err(fail(MleCheck::Format, expected, "something else"));
        };
        validate_algorithm(&parts.header)?;
        let service = self.service(&parts.header)?;
        outcome.request_key_id = Some(service.key_id.clone());
        self.validate_content_type(&parts.header, outcome)?;
        self.validate_time(&parts.header, now, outcome)?;
        let opened = parts.open(&service.key).map_err(|_unspecified| {
            let expected = "a JWE that opens with the key of the service's certificate";
            fail(MleCheck::Decryption, expected, "one that doesn't")
        })?;
        outcome.opened_body = Some(Bytes::from(opened));
        Ok(())
    }

    /// The service's key, if the request names it.
    fn service(&self, header: &Map<String, Value>) -> Result<&Service, MleFailure> {
        let check = MleCheck::RecipientKeyId;
        let Ok(service) = self.authority.service() else {
            return Err(fail(
                check,
                "the service's certificate",
                "no randomness from the operating system to make it",
            ));
        };
        let got = header.get("kid").and_then(Value::as_str);
        if got == Some(&service.key_id) {
            return Ok(service);
        }
        let expected = format!("the kid {} of the service's certificate", service.key_id);
        let got = got.map_or_else(|| "none".to_owned(), shown_key_id);
        Err(fail(check, expected, got))
    }

    fn validate_content_type(
        &self,
        header: &Map<String, Value>,
        outcome: &mut MleOutcome,
    ) -> Examined {
        let expected = "cty JWT";
        match header.get("cty") {
            Some(value) if value.as_str() == Some("JWT") => Ok(()),
            Some(_) => Err(fail(MleCheck::ContentType, expected, "another cty")),
            None => {
                let failure = fail(MleCheck::ContentType, expected, "no cty");
                self.tolerate(Tolerated::NoContentType, failure, outcome)
            }
        }
    }

    fn validate_time(
        &self,
        header: &Map<String, Value>,
        now: SystemTime,
        outcome: &mut MleOutcome,
    ) -> Examined {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        let expected = format!("iat as seconds, at most {MAX_SKEW} s off {now}");
        let Some(value) = header.get("iat") else {
            let failure = fail(MleCheck::IssuedAt, expected, "no iat");
            return self.tolerate(Tolerated::NoIssuedAt, failure, outcome);
        };
        match value.as_i64() {
            Some(seconds) if seconds.abs_diff(now) <= MAX_SKEW.unsigned_abs() => Ok(()),
            Some(seconds) => Err(fail(
                MleCheck::IssuedAt,
                expected,
                shown(&seconds.to_string()),
            )),
            None => Err(fail(MleCheck::IssuedAt, expected, checks::kind(value))),
        }
    }

    fn tolerate(
        &self,
        tolerated: Tolerated,
        failure: MleFailure,
        outcome: &mut MleOutcome,
    ) -> Examined {
        match self.rules.reading {
            Reading::Strict => Err(failure),
            Reading::Tolerant => {
                outcome.tolerated.push(tolerated);
                Ok(())
            }
        }
    }
}

fn validate_algorithm(header: &Map<String, Value>) -> Examined {
    let check = MleCheck::Algorithm;
    for (name, wanted) in [("alg", "RSA-OAEP-256"), ("enc", "A256GCM")] {
        let got = header.get(name).and_then(Value::as_str);
        if got != Some(wanted) {
            let got = shown(got.unwrap_or("none"));
            return Err(fail(check, format!("{name} {wanted}"), got));
        }
    }
    let mut unwanted = ["zip", "crit"]
        .into_iter()
        .filter(|name| header.contains_key(*name));
    let failure = |name| fail(check, "neither zip nor crit in the header", name);
    unwanted.next().map(failure).map_or(Ok(()), Err)
}

/// The body of an encrypted response.
pub(crate) fn envelope(jwe: &str) -> String {
    json!({"encryptedResponse": jwe}).to_string()
}
