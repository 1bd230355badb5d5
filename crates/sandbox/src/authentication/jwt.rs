//! JWTs, as the guide "Getting Started with REST" specifies them, and those of version 1.

mod claims;
mod version_1;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Map, Value};

use super::check::{AuthenticationCheck, AuthenticationScheme};
use super::directory::VerifyingKey;
use super::examination::{Examination, reported};
use super::mistakes;
use super::outcome::{AuthenticationFailure, fail};
use crate::checks;
use crate::masking::{shown, shown_key_id};

type Members = Map<String, Value>;

/// The parts of a JWT, decoded.
struct Jwt {
    header: Members,
    claims: Members,
    /// The first two parts as they were sent.
    signed: String,
    signature: Vec<u8>,
}

/// Validates the text after `Bearer`.
pub(super) fn validate(jwt: &str, at: &mut Examination<'_>) {
    at.outcome.scheme = Some(AuthenticationScheme::Jwt);
    let jwt = match Jwt::read(jwt) {
        Ok(jwt) => jwt,
        Err(failure) => return at.object(failure),
    };
    at.pass(AuthenticationCheck::Format, "a JWT", "a JWT");
    if jwt.header.contains_key("crit") {
        let expected = "no header member crit";
        at.object(fail(AuthenticationCheck::Format, expected, "crit"));
    }
    if version_1::is_meant(&jwt.header) {
        return version_1::validate(&jwt, at);
    }
    let owner = verify(&jwt, at);
    claims::validate(&jwt.claims, owner.as_deref(), at);
}

impl Jwt {
    fn read(jwt: &str) -> Result<Self, AuthenticationFailure> {
        let parts: Vec<&str> = jwt.split('.').collect();
        let &[header, claims, signature] = parts.as_slice() else {
            let got = format!("{} of them", parts.len());
            return Err(malformed("three parts, divided by dots", &got));
        };
        let signed = format!("{header}.{claims}");
        Ok(Self {
            header: members("the JWT's header", header)?,
            claims: members("the JWT's claims", claims)?,
            signed,
            signature: BASE64URL.decode(signature).map_err(|_fault| {
                malformed("a signature in base64url", other_encoding(signature))
            })?,
        })
    }

    /// Checks the signature by the key, which determines the algorithm. Where the header names another
    /// algorithm, the signature isn't verified.
    fn check_signature(&self, owner: &str, key: VerifyingKey<'_>, at: &mut Examination<'_>) {
        let wanted = key.algorithm();
        if !self.check_algorithm(key, at) {
            return;
        }
        let signed = self.signed.as_bytes();
        let is_valid = key.verifies(signed, &self.signature);
        let expected = format!("a {wanted} signature by {owner}'s key over the first two parts");
        let got = if is_valid {
            "that signature".to_owned()
        } else {
            self.mistake(key, at)
        };
        let check = AuthenticationCheck::Signature;
        at.require(is_valid, fail(check, expected, got));
    }

    /// What is wrong with a signature that isn't valid.
    fn mistake(&self, key: VerifyingKey<'_>, at: &Examination<'_>) -> String {
        let signed = self.signed.as_bytes();
        if let Some(mistake) = mistakes::by_another_form(key, signed, &self.signature) {
            return mistake.to_owned();
        }
        match self.signer(at) {
            Some(id) => format!("a signature by the key {id}, which isn't the one of kid"),
            None => "another signature".to_owned(),
        }
    }

    /// The id of the enrolled key that made the signature, whatever the header says.
    fn signer(&self, at: &Examination<'_>) -> Option<String> {
        let id = mistakes::signer(at.directory, self.signed.as_bytes(), &self.signature)?;
        Some(shown_key_id(id))
    }

    fn check_algorithm(&self, key: VerifyingKey<'_>, at: &mut Examination<'_>) -> bool {
        let wanted = key.algorithm();
        let got = self.header.get("alg").and_then(Value::as_str);
        let unverifiable = got.filter(|name| key.other_algorithms().contains(name));
        let sent = reported(self.header.get("alg"));
        let told = if unverifiable.is_some() {
            format!(
                "{sent}, which the guide allows too: that the sandbox verifies {wanted} alone is a limit of the \
                 sandbox, and no mistake of the client"
            )
        } else if got == Some(wanted) || !matches!(got, Some("HS256" | "RS256")) {
            sent
        } else if let Some(id) = self.signer(at) {
            format!("{sent} and a signature by the key {id}: that is the kid to send")
        } else {
            format!("{sent}, where kid names {}", key.kind())
        };
        let failure = fail(
            AuthenticationCheck::Algorithm,
            format!("alg {wanted}"),
            told,
        );
        at.require(got == Some(wanted), failure)
    }
}

impl VerifyingKey<'_> {
    const fn algorithm(&self) -> &'static str {
        match self {
            Self::Secret(_) => "HS256",
            Self::Rsa(_) => "RS256",
        }
    }

    const fn kind(self) -> &'static str {
        match self {
            Self::Secret(_) => "a shared secret",
            Self::Rsa(_) => "a certificate",
        }
    }

    /// The algorithms that the guide allows for such a key, and that the sandbox can't verify.
    const fn other_algorithms(&self) -> &'static [&'static str] {
        match self {
            Self::Secret(_) => &["HS384", "HS512"],
            Self::Rsa(_) => &["RS384", "RS512", "PS256", "PS384", "PS512"],
        }
    }
}

fn malformed(expected: &str, got: &str) -> AuthenticationFailure {
    fail(AuthenticationCheck::Format, expected, got)
}

fn members(name: &str, part: &str) -> Result<Members, AuthenticationFailure> {
    let parsed = BASE64URL
        .decode(part)
        .ok()
        .and_then(|json| checks::parse(&json).ok());
    let expected = || format!("{name} as one JSON object in base64url without padding");
    parsed.ok_or_else(|| malformed(&expected(), other_encoding(part)))
}

/// What a part of a JWT is that can't be read.
fn other_encoding(part: &str) -> &'static str {
    if part.ends_with('=') {
        "one with padding (=), which a JWT has none of"
    } else if part.contains(['+', '/']) {
        "standard base64, which has + and / in place of - and _"
    } else {
        "something else"
    }
}

/// Verifies the signature of version 2, and returns the owner of the key.
fn verify(jwt: &Jwt, at: &mut Examination<'_>) -> Option<String> {
    let value = jwt.header.get("kid");
    let Some(key_id) = value.and_then(Value::as_str) else {
        let expected = "a kid in the JWT's header";
        at.object(fail(AuthenticationCheck::KeyId, expected, reported(value)));
        return None;
    };
    let directory = at.directory;
    let Some((owner, key)) = directory.key(key_id) else {
        let expected = "the kid of an enrolled key";
        let sent = shown_key_id(key_id);
        let got = match jwt.signer(at) {
            Some(id) => format!("{sent}, and a signature by the key {id}: that is the kid to send"),
            None => sent,
        };
        at.object(fail(AuthenticationCheck::KeyId, expected, got));
        return None;
    };
    at.outcome.key_id = Some(key_id.to_owned());
    at.outcome.key_owner = Some(owner.to_owned());
    at.pass(
        AuthenticationCheck::KeyId,
        "the kid of an enrolled key",
        shown(key_id),
    );
    same(&jwt.header, "typ", "JWT", AuthenticationCheck::JwtType, at);
    jwt.check_signature(owner, key, at);
    Some(owner.to_owned())
}

/// Checks that a member is this text.
fn same(
    members: &Members,
    name: &str,
    wanted: &str,
    check: AuthenticationCheck,
    at: &mut Examination<'_>,
) {
    let holds = members.get(name).and_then(Value::as_str) == Some(wanted);
    at.require(holds, unequal(members, name, wanted, check));
}

/// The failure of a member that isn't this text.
fn unequal(
    members: &Members,
    name: &str,
    wanted: &str,
    check: AuthenticationCheck,
) -> AuthenticationFailure {
    let value = members.get(name);
    // Where a number looks like the text, the text is shown in quotes.
    let expected = match value {
        Some(Value::Number(_)) => format!("{name} {wanted:?}, a text"),
        Some(_) | None => format!("{name} {wanted}"),
    };
    fail(check, expected, reported(value))
}
