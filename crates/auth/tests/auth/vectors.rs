//! Compares every step of every vector byte by byte.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use payment_credentials_auth::{
    DateHeader, DigestAlgorithmClaim, HttpSignatureAuthenticator, HttpSignatureFormat,
    JwtAuthenticator, JwtFormat, JwtId, JwtIds, MethodCase, RequestTargetLine, ResponseKeyClaim,
    SharedSecret, SharedSecretKey, body_digest,
};
use payment_credentials_core::AuthError;
use payment_credentials_core::seam::UnsignedRequest;
use serde_json::Value;

use crate::fixtures::{at, certificate_key, id, sign};

struct Case {
    folder: PathBuf,
    request: Value,
}

impl Case {
    fn step(&self, file: &str) -> Option<String> {
        #[expect(clippy::disallowed_methods, reason = "vectors are files")]
        let text = fs::read_to_string(self.folder.join(file));
        text.ok()
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.request[member].as_str()
    }

    fn required(&self, member: &str) -> &str {
        self.text(member).expect(member)
    }

    fn unsigned(&self) -> UnsignedRequest {
        let method = self.required("method").parse().expect("a method");
        let body = self.step("body").unwrap_or_default().into();
        let (host, path) = (self.required("host"), self.required("path"));
        let mut unsigned = UnsignedRequest::new(method, host, path, body);
        unsigned.response_key_id = self.text("response_key_id").map(id);
        unsigned
    }

    fn now(&self) -> u64 {
        self.request["now"].as_u64().expect("a time")
    }

    fn shared_secret(&self) -> SharedSecretKey {
        let secret = SharedSecret::from_base64(self.required("secret")).expect("a secret");
        SharedSecretKey::new(
            id(self.required("owner")),
            id(self.required("key_id")),
            secret,
        )
    }

    /// Whether the case sets this member, which must then have the non-default value.
    fn has_format(&self, member: &str, other: &str) -> bool {
        self.text(member)
            .inspect(|text| assert_eq!(*text, other))
            .is_some()
    }

    #[track_caller]
    fn holds(&self, file: &str, ours: &str) {
        let theirs = self.step(file);
        assert_eq!(
            Some(ours),
            theirs.as_deref(),
            "{} {file}",
            self.folder.display()
        );
    }
}

/// The cases of a folder, by name.
fn cases(scheme: &str) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/auth");
    let entries = fs::read_dir(root.join(scheme)).expect("a folder");
    let mut folders: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    folders.sort();
    let case = |folder| {
        let mut case = Case {
            folder,
            request: Value::Null,
        };
        if let Some(text) = case.step("request.json") {
            case.request = serde_json::from_str(&text).expect("JSON");
        }
        case
    };
    folders.into_iter().map(case).collect()
}

fn spelled(headers: &HeaderMap) -> String {
    let line = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        format!("{name}: {}\n", value.to_str().expect("text"))
    };
    let mut lines: Vec<String> = headers.iter().map(line).collect();
    lines.sort();
    lines.concat()
}

#[test]
fn digests() {
    let cases = cases("digest");
    assert_eq!(cases.len(), 5);
    for case in cases {
        let body = case.step("body").expect("a body");
        assert_eq!(body_digest(body.as_bytes()), case.step("digest"), "{body}");
    }
}

fn http_signature(case: &Case) -> HttpSignatureAuthenticator {
    let mut format = HttpSignatureFormat::default();
    if case.has_format("date", "v-c-date") {
        format = format.with_date(DateHeader::VcDate);
    }
    if case.has_format("request_target", "(request-target)") {
        format = format.with_request_target(RequestTargetLine::Parenthesised);
    }
    let authenticator = HttpSignatureAuthenticator::new(case.shared_secret()).format(format);
    match case.text("merchant") {
        Some(merchant) => authenticator.for_merchant(id(merchant)),
        None => authenticator,
    }
}

#[test]
fn http_signatures() {
    let cases = cases("http-signature");
    assert_eq!(cases.len(), 13);
    let mut whole = 0;
    for case in cases {
        let (authenticator, unsigned) = (http_signature(&case), case.unsigned());
        let (now, digest) = (at(case.now()), case.step("digest"));
        let string_to_sign = authenticator
            .string_to_sign(&unsigned, now, digest.as_deref())
            .expect("lines");
        case.holds("string-to-sign", &string_to_sign);
        case.holds("signature", &authenticator.signature(&string_to_sign));
        if case.step("body").is_some() {
            whole += 1;
            assert_eq!(body_digest(&unsigned.body), digest);
            let headers = sign(&authenticator, &unsigned, now).expect("headers");
            case.holds("headers", &spelled(&headers));
        }
    }
    assert_eq!(whole, 5);
}

/// Returns the same JWT ID each time.
#[derive(Debug)]
struct Always(JwtId);

impl JwtIds for Always {
    fn draw(&self) -> Result<JwtId, AuthError> {
        Ok(self.0)
    }
}

fn configured(authenticator: JwtAuthenticator, case: &Case) -> JwtAuthenticator {
    let mut format = JwtFormat::default();
    if case.has_format("digest_algorithm", "digest-algorithm") {
        format = format.with_digest_algorithm(DigestAlgorithmClaim::Dashed);
    }
    if case.has_format("request_method", "upper") {
        format = format.with_request_method(MethodCase::Upper);
    }
    if case.has_format("response_key", "v-c-api-response-mle-kid") {
        format = format.with_response_key(ResponseKeyClaim::ApiResponse);
    }
    let jwt_id: uuid::Uuid = case.required("jti").parse().expect("a UUID");
    let jwt_ids = Always(JwtId::from_random(*jwt_id.as_bytes()));
    let authenticator = authenticator.format(format).jwt_ids(Arc::new(jwt_ids));
    let authenticator = match case.request["backdating"].as_u64() {
        Some(seconds) => authenticator
            .backdating(Duration::from_secs(seconds))
            .expect("short"),
        None => authenticator,
    };
    match case.text("merchant") {
        Some(merchant) => authenticator.for_merchant(id(merchant)),
        None => authenticator,
    }
}

fn is_signed_so(case: &Case, authenticator: &JwtAuthenticator) {
    let unsigned = case.unsigned();
    assert_eq!(body_digest(&unsigned.body), case.step("digest"));
    let headers = sign(authenticator, &unsigned, at(case.now())).expect("headers");
    let jwt = headers["authorization"].to_str().expect("text");
    let parts: Vec<&str> = jwt.trim_start_matches("Bearer ").split('.').collect();
    let decoded = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
        String::from_utf8(bytes).expect("UTF-8")
    };
    case.holds("header.json", &decoded(parts[0]));
    case.holds("claims.json", &decoded(parts[1]));
    case.holds("signature", parts[2]);
    case.holds("headers", &spelled(&headers));
}

#[test]
fn jwts_by_shared_secret() {
    let cases = cases("jwt-hs256");
    assert_eq!(cases.len(), 7);
    for case in cases {
        let authenticator = JwtAuthenticator::with_shared_secret(case.shared_secret());
        is_signed_so(&case, &configured(authenticator, &case));
    }
}

#[test]
fn jwts_by_certificate() {
    let cases = cases("jwt-rs256");
    assert_eq!(cases.len(), 7);
    for case in cases {
        let authenticator =
            JwtAuthenticator::with_certificate(certificate_key(case.required("owner")));
        is_signed_so(&case, &configured(authenticator, &case));
    }
}
