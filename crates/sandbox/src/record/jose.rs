//! What a JWT or a JWE says in the clear, for the record: never a signature, and nothing encrypted.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::{Map, Value};

use crate::masking::{masked, shown_key_id};
use crate::secrets::Secrets;

/// Members that hold a key id. These have 22 digits, some of which look like a card number.
const KEY_IDS: [&str; 3] = ["kid", "v-c-response-mle-kid", "v-c-api-response-mle-kid"];

/// Levels of JSON that are decoded.
const MAX_DEPTH: usize = 16;

/// The header and the claims of a JWT, as they arrived. The signature is not kept, so that nobody can use the
/// record to make a call.
#[derive(Clone, Debug)]
pub(super) struct UnsignedJwt {
    header: String,
    claims: String,
    secrets: Arc<Secrets>,
}

impl UnsignedJwt {
    /// The JWT after `Bearer`; none unless there are three parts.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (_, jwt) = value.split_once(' ')?;
        let parts: Vec<&str> = jwt.split('.').collect();
        let &[header, claims, _signature] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            header: header.to_owned(),
            claims: claims.to_owned(),
            secrets: Arc::default(),
        })
    }

    /// Hides these once it is decoded.
    pub(super) fn hide(&mut self, secrets: &Arc<Secrets>) {
        self.secrets = Arc::clone(secrets);
    }

    pub(super) fn header(&self) -> Option<Value> {
        self.hidden(&self.header)
    }

    pub(super) fn claims(&self) -> Option<Value> {
        self.hidden(&self.claims)
    }

    fn hidden(&self, part: &str) -> Option<Value> {
        let mut value = decoded(part)?;
        hide(&mut value, &self.secrets);
        Some(value)
    }

    pub(super) fn bytes(&self) -> usize {
        self.header.len() + self.claims.len()
    }
}

/// The protected header of the JWE in `{"encryptedRequest": JWE}`.
pub(super) fn jwe_header(body: &[u8]) -> Option<Value> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let jwe = body.get("encryptedRequest")?.as_str()?;
    let (header, _) = jwe.split_once('.')?;
    decoded(header)
}

/// Hides secrets in all texts. What is decoded has few levels.
fn hide(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => secrets.hide(text),
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, secrets)),
        Value::Object(members) => {
            let hidden = std::mem::take(members)
                .into_iter()
                .map(|(mut name, mut value)| {
                    if let Value::String(text) = &mut value {
                        secrets.hide_in(text, name == "digest");
                    } else {
                        hide(&mut value, secrets);
                    }
                    secrets.hide(&mut name);
                    (name, value)
                });
            *members = hidden.collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// One JSON object in base64url, masked. Padding is ignored: the record shows what a check refused, too.
fn decoded(part: &str) -> Option<Value> {
    let json = BASE64URL.decode(part.trim_end_matches('=')).ok()?;
    let members: Map<String, Value> = serde_json::from_slice(&json).ok()?;
    Some(Value::Object(masked_members(&members, MAX_DEPTH)))
}

fn masked_members(members: &Map<String, Value>, depth: usize) -> Map<String, Value> {
    let member = |(name, value): (&String, &Value)| {
        let value = match value.as_str() {
            Some(key_id) if KEY_IDS.contains(&name.as_str()) => Value::String(shown_key_id(key_id)),
            Some(_) | None => masked_value(value, depth),
        };
        (masked(name), value)
    };
    members.iter().map(member).collect()
}

fn masked_value(value: &Value, depth: usize) -> Value {
    let Some(deeper) = depth.checked_sub(1) else {
        return Value::String("[too deep]".to_owned());
    };
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(number) => {
            let text = number.to_string();
            let masked = masked(&text);
            if masked == text {
                value.clone()
            } else {
                Value::String(masked)
            }
        }
        Value::String(text) => Value::String(masked(text)),
        Value::Array(items) => items
            .iter()
            .map(|item| masked_value(item, deeper))
            .collect(),
        Value::Object(members) => Value::Object(masked_members(members, deeper)),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn jwt(header: &Value, claims: &Value) -> UnsignedJwt {
        let part = |value: &Value| BASE64URL.encode(value.to_string());
        let text = format!("Bearer {}.{}.c2lnbmF0dXJl", part(header), part(claims));
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&text).unwrap());
        UnsignedJwt::read(&headers).unwrap()
    }

    #[test]
    fn what_looks_like_a_card_number_is_masked_at_any_depth_and_in_names() {
        let claims = json!({
            "jti": "4111111111111111",
            "number": 4_111_111_111_111_111_u64,
            "list": [{"4111111111111111": "4111-1111-1111-1111"}],
            "iat": 1_700_000_000,
        });
        let decoded = jwt(&json!({}), &claims).claims().unwrap();
        assert!(!decoded.to_string().contains("1111"), "{decoded}");
        assert_eq!(decoded["iat"], 1_700_000_000);
    }

    #[test]
    fn a_key_id_of_22_digits_stays_readable_and_a_card_number_in_its_place_does_not() {
        let header = |kid: &str| jwt(&json!({"kid": kid}), &json!({})).header().unwrap();
        assert_eq!(
            header("4111111111111111000000")["kid"],
            "4111111111111111000000"
        );
        assert_eq!(header("4111111111111111")["kid"], "a text of 16 characters");
    }

    #[test]
    fn the_signature_is_not_kept() {
        let kept = format!("{:?}", jwt(&json!({"alg": "RS256"}), &json!({})));
        assert!(!kept.contains("c2lnbmF0dXJl"), "{kept}");
    }

    #[test]
    fn the_header_of_an_encrypted_request_is_decoded() {
        let header = BASE64URL.encode(r#"{"alg":"RSA-OAEP-256","kid":"1700000000000000000033"}"#);
        let body = json!({"encryptedRequest": format!("{header}.a.b.c.d")}).to_string();
        let decoded = jwe_header(body.as_bytes()).unwrap();
        assert_eq!(decoded["alg"], "RSA-OAEP-256");
        assert_eq!(decoded["kid"], "1700000000000000000033");
        assert_eq!(jwe_header(b"{}"), None);
        assert_eq!(jwe_header(b"no JSON"), None);
    }
}
