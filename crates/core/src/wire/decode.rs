use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::value::RawValue;
use zeroize::Zeroize;

use crate::error::{
    Delivery, Phase, PortError, PortErrorKind, Refusal, Repeatability, UnexpectedResponse,
    VendorErrors,
};
use crate::json_depth;
use crate::json_members::members;
use crate::response_head::ResponseHead;
use crate::sealed::{Jwe, SealedCredentials};
use crate::secret::SecretBytes;

use super::evidence::{self, is_the_services};
use super::status::refusal;
use super::unread::Unread;

/// A response's body is at most this many bytes; larger ones are refused unread.
///
/// The service's answers have about 2 KiB. A transport should stop reading here.
pub const MAX_RESPONSE_BODY: usize = 256 * 1024;

/// A response's body, and where it comes from; `Debug` shows its length alone.
#[non_exhaustive]
pub enum ResponseBody {
    /// As it was received.
    Received(Bytes),
    /// What response message-level encryption handed back after authenticated decryption, or what
    /// its caller allowed in the clear. Plain JSON credentials are accepted here, and
    /// nowhere else; a JWE is here what it is anywhere.
    Decrypted(SecretBytes),
}

impl ResponseBody {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Received(bytes) => bytes,
            Self::Decrypted(bytes) => bytes.expose(),
        }
    }

    /// Wipes what may hold card data, as far as nobody else holds the same bytes.
    fn wipe(self) {
        if let Self::Received(bytes) = self
            && let Ok(mut bytes) = bytes.try_into_mut()
        {
            bytes.zeroize();
        }
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Received(_) => "Received",
            Self::Decrypted(_) => "Decrypted",
        };
        write!(f, "{name}({} bytes)", self.bytes().len())
    }
}

/// Reads a response.
///
/// # Errors
///
/// [`PortError`] for a refusal, with what the service says of it, and for a success that holds
/// anything but a JWE: `Unexpected`, or `Jwe` where it is nearly one.
///
/// ```
/// use http::{HeaderMap, StatusCode};
/// use payment_credentials_core::{PortErrorKind, Refusal, wire::{self, ResponseBody}};
///
/// let body = r#"{"errors":[{"type":"notFound","message":"Token not found"}]}"#;
/// let error = wire::decode(
///     StatusCode::NOT_FOUND,
///     &HeaderMap::new(),
///     ResponseBody::Received(body.into()),
/// )
/// .expect_err("a refusal");
/// assert_eq!(error.kind(), PortErrorKind::Refused(Refusal::NotFound));
/// assert_eq!(error.reason(), Some("notFound"));
/// ```
pub fn decode(
    status: StatusCode,
    headers: &HeaderMap,
    body: ResponseBody,
) -> Result<SealedCredentials, PortError> {
    let head = ResponseHead::received(status, headers);
    let about = About {
        is_the_services: is_the_services(body.bytes()),
        ..About::default()
    };
    decode_after(head, status, headers, body, about)
}

/// What is known of a response besides its head and its body.
#[derive(Clone, Copy, Default)]
pub(crate) struct About {
    /// Whether its body, as it was received, is one that [the service writes](is_the_services) over a
    /// refusal.
    pub(crate) is_the_services: bool,
    /// Whether a refusal counts as the service's without any evidence.
    pub(crate) trusts_bare_refusals: bool,
    /// Whether the request named a profile.
    pub(crate) names_profile: bool,
}

/// Reads a response whose head has been read before.
pub(crate) fn decode_after(
    head: ResponseHead,
    status: StatusCode,
    headers: &HeaderMap,
    body: ResponseBody,
    about: About,
) -> Result<SealedCredentials, PortError> {
    if let Some(error) = refused(status, &head, about) {
        let vendor = VendorErrors::of_refusal(headers, capped(body.bytes()));
        let error = specified(error, &vendor, about).with_head(head);
        return Err(match Unread::of(headers, body.bytes(), &vendor) {
            Some(unread) => error.with_vendor_errors(vendor).with_source(unread),
            None => error.with_vendor_errors(vendor),
        });
    }
    if is_coded(headers) {
        return Err(answered(UnexpectedResponse::Coding).with_head(head));
    }
    read_success(body, head)
}

/// The refusal that a head stands for, whatever its body would have said; none for a success.
pub(crate) fn refusal_of(head: &ResponseHead, trusts_bare_refusals: bool) -> Option<PortError> {
    let status = StatusCode::from_u16(head.status()).ok()?;
    let about = About {
        trusts_bare_refusals,
        ..About::default()
    };
    let error = refused(status, head, about)?;
    Some(error.with_head(head.clone()))
}

/// The error of a refusal, by whom it comes from.
fn refused(status: StatusCode, head: &ResponseHead, about: About) -> Option<PortError> {
    let error = refusal(status)?;
    let is_evident = about.is_the_services || evidence::names_the_call(head);
    if let PortErrorKind::Refused(suspected) = error.kind()
        && needs_evidence(status)
        && !is_evident
        && !about.trusts_bare_refusals
    {
        let kind = PortErrorKind::Unexpected(UnexpectedResponse::NotTheService);
        let (delivery, repeatability) = (Delivery::Unknown, Repeatability::Never);
        let error = PortError::new(kind, delivery, Phase::Decode, repeatability);
        return Some(error.with_suspected_refusal(suspected));
    }
    let declined = about.is_the_services || evidence::declines(head);
    if error.kind() == PortErrorKind::Refused(Refusal::Unavailable) && declined {
        let error = error.with_delivery(Delivery::Answered);
        return Some(error.with_repeatability(Repeatability::Safe));
    }
    Some(error)
}

/// Whether a status is a verdict on the request or the card, which only the service can give. A 401, a
/// 408 and a 429 mean the same whoever sends them; a 5xx leaves the outcome open anyway.
fn needs_evidence(status: StatusCode) -> bool {
    status.is_client_error() && !matches!(status.as_u16(), 401 | 408 | 429)
}

/// What the vendor's code makes of a refusal that one status stands for two of.
fn specified(error: PortError, vendor: &VendorErrors, about: About) -> PortError {
    let refusal = match (error.kind(), vendor.reason()) {
        (PortErrorKind::Refused(Refusal::Forbidden), Some("declined")) => Refusal::Declined,
        (PortErrorKind::Refused(Refusal::NotFound), Some("notFound"))
            if about.names_profile && vendor.speaks_of_the_profile() =>
        {
            Refusal::Dependency
        }
        _ => return error,
    };
    let kind = PortErrorKind::Refused(refusal);
    PortError::new(kind, error.delivery(), error.phase(), error.repeatability())
}

/// A refusal counts whatever its body holds; a body over the cap just isn't read.
fn capped(body: &[u8]) -> &[u8] {
    if body.len() > MAX_RESPONSE_BODY {
        &[]
    } else {
        body
    }
}

/// Whether the body is compressed; nothing is ever inflated.
fn is_coded(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::CONTENT_ENCODING).iter();
    let mut codings = codings.map(http::HeaderValue::as_bytes);
    codings.any(|coding| !coding.eq_ignore_ascii_case(b"identity"))
}

/// Distinguishes a JWE from everything else by the body alone: content types aren't to be relied on.
fn read_success(body: ResponseBody, head: ResponseHead) -> Result<SealedCredentials, PortError> {
    if body.bytes().len() > MAX_RESPONSE_BODY {
        return Err(answered(UnexpectedResponse::TooLarge).with_head(head));
    }
    let text = unquoted(body.bytes());
    let unexpected = match text.first() {
        None => UnexpectedResponse::Empty,
        Some(b'<') => UnexpectedResponse::Html,
        Some(b'{') => return read_object(body, head),
        Some(_) => return read_jwe(text, head),
    };
    Err(answered(unexpected).with_head(head))
}

fn read_jwe(text: &[u8], head: ResponseHead) -> Result<SealedCredentials, PortError> {
    let token = |cause: Box<dyn std::error::Error + Send + Sync>| {
        let error = kind(PortErrorKind::Jwe);
        error.with_source(cause)
    };
    let parsed = str::from_utf8(text)
        .map_err(|cause| token(cause.into()))
        .and_then(|text| text.parse::<Jwe>().map_err(|cause| token(cause.into())));
    match parsed {
        Ok(jwe) => Ok(SealedCredentials::new(jwe, head)),
        Err(error) => Err(error.with_head(head)),
    }
}

/// A JSON object is acceptable only from behind message-level encryption.
fn read_object(body: ResponseBody, head: ResponseHead) -> Result<SealedCredentials, PortError> {
    let error = match ObjectShape::of(body.bytes()) {
        ObjectShape::Errors => {
            let vendor = VendorErrors::read(body.bytes());
            answered(UnexpectedResponse::ErrorBody).with_vendor_errors(vendor)
        }
        ObjectShape::EncryptedResponse => answered(UnexpectedResponse::MessageEncryption),
        ObjectShape::JweAsJson => kind(PortErrorKind::Jwe),
        ObjectShape::Other => match body {
            ResponseBody::Decrypted(plaintext) => {
                return Ok(SealedCredentials::in_plaintext(plaintext, head));
            }
            ResponseBody::Received(_) => answered(UnexpectedResponse::Unencrypted),
        },
    };
    body.wipe();
    Err(error.with_head(head))
}

/// What a JSON object in place of a JWE turns out to be.
enum ObjectShape {
    EncryptedResponse,
    Errors,
    JweAsJson,
    Other,
}

impl ObjectShape {
    /// Looks at the names of the top level; values that may be card data aren't copied.
    fn of(json: &[u8]) -> Self {
        if !json_depth::is_within_json_depth(json) {
            return Self::Other;
        }
        let names = [
            "tokenizedCard",
            "card",
            "errors",
            "response",
            "status",
            "reason",
            "encryptedResponse",
            "ciphertext",
        ];
        let found = str::from_utf8(json)
            .ok()
            .and_then(|json| members(json, names));
        let Some(
            [
                token,
                card,
                errors,
                response,
                status,
                reason,
                encrypted,
                ciphertext,
            ],
        ) = found
        else {
            return Self::Other;
        };
        let is_text = |value: Option<&RawValue>| value.is_some_and(|it| it.get().starts_with('"'));
        let credentials = token.or(card).is_some();
        // The vendor's neighbouring APIs report errors by a status or a reason in words.
        if errors.or(response).is_some() || (!credentials && (is_text(status) || is_text(reason))) {
            Self::Errors
        } else if encrypted.is_some() {
            Self::EncryptedResponse
        } else if ciphertext.is_some() {
            Self::JweAsJson
        } else {
            Self::Other
        }
    }
}

/// The body without blanks at its edges and without one pair of JSON quotes around it.
fn unquoted(body: &[u8]) -> &[u8] {
    let body = body.trim_ascii();
    match body {
        [b'"', inner @ .., b'"'] => inner.trim_ascii(),
        _ => body,
    }
}

fn answered(unexpected: UnexpectedResponse) -> PortError {
    kind(PortErrorKind::Unexpected(unexpected))
}

fn kind(kind: PortErrorKind) -> PortError {
    PortError::new(
        kind,
        Delivery::Answered,
        Phase::Decode,
        Repeatability::Never,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealed::SealedContent;
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    const JWE: &str = "eyJ9.a.b.c.d";

    fn received(body: &[u8]) -> Result<SealedCredentials, PortError> {
        let body = ResponseBody::Received(Bytes::copy_from_slice(body));
        decode(StatusCode::CREATED, &HeaderMap::new(), body)
    }

    #[track_caller]
    fn refuses(body: &str, kind: PortErrorKind) {
        let error = received(body.as_bytes()).expect_err("refused");
        assert_eq!(error.kind(), kind, "{body}");
        assert_eq!(error.delivery(), Delivery::Answered);
        assert_eq!(error.repeatability(), Repeatability::Never);
        assert_eq!(error.status(), Some(201));
    }

    #[track_caller]
    fn unexpected(body: &str, unexpected: UnexpectedResponse) {
        refuses(body, PortErrorKind::Unexpected(unexpected));
    }

    #[test]
    fn takes_a_jwe_in_quotes_or_with_blanks_at_its_edges() {
        for body in [
            JWE,
            "\"eyJ9.a.b.c.d\"",
            " eyJ9.a.b.c.d\r\n",
            "\n\" eyJ9.a.b.c.d \"\n",
        ] {
            let sealed = received(body.as_bytes()).expect("a JWE");
            let SealedContent::Jwe(jwe) = sealed.content() else {
                panic!("not a JWE")
            };
            assert_eq!(jwe.as_str(), JWE);
        }
    }

    #[test]
    fn refuses_what_is_nearly_a_jwe() {
        for body in [
            "a",
            "a.b.c",
            "a.b.c.d",
            "a.b.c.d.e.f",
            "x eyJ9.a.b.c.d",
            "[1]",
            "a.b.c.d.=",
            "\"",
        ] {
            refuses(body, PortErrorKind::Jwe);
        }
        assert_eq!(
            received(b"\xff\xfe").expect_err("refused").kind(),
            PortErrorKind::Jwe
        );
        refuses(
            r#"{"protected":"e30","iv":"","ciphertext":"","tag":""}"#,
            PortErrorKind::Jwe,
        );
        refuses(r#"{"recipients":[{}],"ciphertext":""}"#, PortErrorKind::Jwe);
    }

    #[test]
    fn refuses_every_other_success() {
        unexpected("", UnexpectedResponse::Empty);
        unexpected(" \r\n\t", UnexpectedResponse::Empty);
        unexpected("<!DOCTYPE html><html>", UnexpectedResponse::Html);
        unexpected(
            r#"{"tokenizedCard":{"number":"4895370016750801"}}"#,
            UnexpectedResponse::Unencrypted,
        );
        unexpected("{}", UnexpectedResponse::Unencrypted);
        unexpected("{not json", UnexpectedResponse::Unencrypted);
        unexpected(&"{\"a\":".repeat(10_000), UnexpectedResponse::Unencrypted);
        unexpected(
            r#"{"encryptedResponse":"a.b.c.d.e"}"#,
            UnexpectedResponse::MessageEncryption,
        );
        unexpected(
            r#"{"encryptedResponse":null,"x":1}"#,
            UnexpectedResponse::MessageEncryption,
        );
        unexpected(
            &"a".repeat(MAX_RESPONSE_BODY + 1),
            UnexpectedResponse::TooLarge,
        );
    }

    /// Row C31.
    #[test]
    fn tells_an_error_under_a_success_status() {
        let error = received(br#"{"errors":[{"type":"invalidFields"}]}"#).expect_err("refused");
        assert_eq!(
            error.kind(),
            PortErrorKind::Unexpected(UnexpectedResponse::ErrorBody)
        );
        assert_eq!(error.reason(), Some("invalidFields"));
        let error =
            received(br#"{"status":"INVALID_REQUEST","message":"m"}"#).expect_err("refused");
        assert_eq!(
            error.kind(),
            PortErrorKind::Unexpected(UnexpectedResponse::ErrorBody)
        );
        assert_eq!(error.reason(), Some("INVALID_REQUEST"));
    }

    #[test]
    fn takes_plain_json_from_behind_message_level_encryption_alone() {
        let plaintext = br#"{"tokenizedCard":{}}"#.to_vec();
        let body = ResponseBody::Decrypted(Zeroizing::new(plaintext).into());
        let sealed = decode(StatusCode::CREATED, &HeaderMap::new(), body).expect("credentials");
        assert!(matches!(
            sealed.content(),
            SealedContent::Plaintext(br#"{"tokenizedCard":{}}"#)
        ));
    }

    /// Row C5.
    #[test]
    fn never_inflates() {
        let decode_coded = |coding: &'static str| {
            let headers = [(header::CONTENT_ENCODING, coding.parse().expect("a value"))];
            let body = ResponseBody::Received(JWE.into());
            decode(StatusCode::CREATED, &headers.into_iter().collect(), body)
        };
        for coding in ["gzip", "br", "zstd, gzip", "unknown"] {
            let error = decode_coded(coding).expect_err("refused");
            assert_eq!(
                error.kind(),
                PortErrorKind::Unexpected(UnexpectedResponse::Coding)
            );
        }
        assert!(decode_coded("identity").is_ok());
    }

    /// Rows C27 and G6: what the head shows is enough, where no body comes any more.
    #[test]
    fn a_head_alone_is_the_refusal_that_it_stands_for() {
        let headers = |retry_after: &'static str| {
            let headers = [("v-c-correlation-id", "77"), ("retry-after", retry_after)]
                .map(|(name, value)| (name.parse(), value.parse()));
            headers.map(|(name, value)| (name.expect("a name"), value.expect("a value")))
        };
        let reported = |status: StatusCode, retry_after| {
            let headers = headers(retry_after).into_iter().collect();
            let refusal = refusal_of(&ResponseHead::received(status, &headers), false);
            refusal.map(|error| (error.delivery(), error.repeatability(), error.status()))
        };
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        let declined = Some((Delivery::Answered, Repeatability::Safe, Some(503)));
        assert_eq!(reported(unavailable, "7"), declined);
        let somebody = Some((Delivery::Unknown, Repeatability::MayRepeat, Some(503)));
        assert_eq!(reported(unavailable, "soon"), somebody);
        assert_eq!(reported(StatusCode::CREATED, "7"), None);
    }

    /// Rows C25 and C26.
    #[test]
    fn a_refusal_counts_whatever_its_body_holds() {
        let html = format!("<html>4111111111111111{}", "x".repeat(MAX_RESPONSE_BODY));
        let long = r#"{"errors":[{"type":"gone"}]}"#.to_owned() + &" ".repeat(MAX_RESPONSE_BODY);
        let sealed = r#"{"encryptedResponse":"x"}"#;
        for body in ["", "<html>", &html, &long, "{", sealed] {
            let body = ResponseBody::Received(Bytes::copy_from_slice(body.as_bytes()));
            let error = decode(StatusCode::GONE, &HeaderMap::new(), body).expect_err("refused");
            assert_eq!(error.status(), Some(410));
            assert!(error.vendor_errors().is_empty());
            assert!(!format!("{error:?}").contains("4111111111111111"));
        }
    }

    #[test]
    fn an_error_is_one_line_without_the_body() {
        let error =
            received(br#"{"tokenizedCard":{"number":"4895370016750801"}}"#).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "unexpected response: credentials that are not encrypted (answered, status 201)"
        );
        assert!(!format!("{error:?}").contains("4895370016750801"));
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..200), status in 100_u16..1000) {
            let status = StatusCode::from_u16(status).expect("a status");
            let _ = decode(status, &HeaderMap::new(), ResponseBody::Received(body.into()));
        }
    }
}
