use http::{HeaderMap, StatusCode, header};
use serde_json::value::RawValue;

use crate::error::{
    Delivery, Phase, PortError, PortErrorKind, Refusal, Repeatability, UnexpectedResponse,
    VendorErrors,
};
use crate::json_depth;
use crate::json_members::members;
use crate::response_head::ResponseHead;
use crate::sealed::{Jwe, SealedCredentials};

use super::envelope::Envelope;
use super::evidence::{self, is_the_services};
use super::response_body::{MAX_RESPONSE_BODY, ResponseBody};
use super::status::{needs_evidence, refusal};
use super::unread::Unread;

/// Decodes a response.
///
/// # Errors
///
/// [`PortError`] for a refusal, with the service's own errors. Also for a success whose body isn't a JWE:
/// the kind is `Jwe` if the body nearly is one, and otherwise `Unexpected`.
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
    // Only the body of a refusal is looked at for that.
    let about = About {
        is_the_services: !status.is_success() && is_the_services(body.bytes()),
        ..About::default()
    };
    decode_after(head, status, headers, body, about)
}

/// Facts about a response besides its head and its body.
#[derive(Clone, Copy, Default)]
pub(crate) struct About {
    /// Whether the body, as it was received, is one that [the service writes](is_the_services) with a
    /// refusal.
    pub(crate) is_the_services: bool,
    /// Whether a refusal counts as the service's without any evidence.
    pub(crate) trusts_bare_refusals: bool,
    /// Whether the request named a profile.
    pub(crate) names_profile: bool,
}

/// Decodes a response whose head has already been read.
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

/// The refusal that a head alone means, whatever the body would hold; `None` for a success.
pub(crate) fn refusal_of(head: &ResponseHead, trusts_bare_refusals: bool) -> Option<PortError> {
    let status = StatusCode::from_u16(head.status()).ok()?;
    let about = About {
        trusts_bare_refusals,
        ..About::default()
    };
    let error = refused(status, head, about)?;
    Some(error.with_head(head.clone()))
}

/// The error of a refusal, by the party that sent it.
fn refused(status: StatusCode, head: &ResponseHead, about: About) -> Option<PortError> {
    let error = refusal(status)?;
    let is_evident = about.is_the_services || evidence::names_the_call(head);
    if let PortErrorKind::Refused(suspected) = error.kind()
        && needs_evidence(status, &error)
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

/// Distinguishes two refusals with the same status by the vendor's errors.
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

/// A refusal counts whatever its body holds; a body over the limit just isn't read.
fn capped(body: &[u8]) -> &[u8] {
    if body.len() > MAX_RESPONSE_BODY {
        &[]
    } else {
        body
    }
}

/// Whether the body is compressed; this library never decompresses.
fn is_coded(headers: &HeaderMap) -> bool {
    let mut codings = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .map(http::HeaderValue::as_bytes);
    codings.any(|coding| !coding.eq_ignore_ascii_case(b"identity"))
}

/// Distinguishes a JWE from all other bodies by the body alone, since content types aren't reliable.
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
    let malformed = |cause: Box<dyn std::error::Error + Send + Sync>| {
        let error = kind(PortErrorKind::Jwe);
        error.with_source(cause)
    };
    let parsed = str::from_utf8(text)
        .map_err(|cause| malformed(cause.into()))
        .and_then(|text| text.parse::<Jwe>().map_err(|cause| malformed(cause.into())));
    match parsed {
        Ok(jwe) => Ok(SealedCredentials::new(jwe, head)),
        Err(error) => Err(error.with_head(head)),
    }
}

const STILL_ENCRYPTED: &str =
    "the body is still encrypted where the JWE of the credentials is expected";

/// Accepts a JSON object only as the result of message-level decryption.
fn read_object(body: ResponseBody, head: ResponseHead) -> Result<SealedCredentials, PortError> {
    let error = match ObjectShape::of(body.bytes()) {
        ObjectShape::Errors => {
            let vendor = VendorErrors::read(body.bytes());
            answered(UnexpectedResponse::ErrorBody).with_vendor_errors(vendor)
        }
        ObjectShape::EncryptedResponse => {
            answered(UnexpectedResponse::MessageEncryption).with_source(STILL_ENCRYPTED)
        }
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

/// The meaning of a JSON object that was received in place of a JWE.
enum ObjectShape {
    EncryptedResponse,
    Errors,
    JweAsJson,
    Other,
}

impl ObjectShape {
    /// Reads the names of the top-level members; values that may be card data aren't copied.
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
            "ciphertext",
        ];
        let found = str::from_utf8(json)
            .ok()
            .and_then(|json| members(json, names));
        let Some(
            [
                tokenized_card,
                card,
                errors,
                response,
                status,
                reason,
                ciphertext,
            ],
        ) = found
        else {
            return Self::Other;
        };
        let is_text = |value: Option<&RawValue>| value.is_some_and(|it| it.get().starts_with('"'));
        let credentials = tokenized_card.or(card).is_some();
        // Other APIs of the vendor report errors by a status or a reason in words.
        if errors.or(response).is_some() || (!credentials && (is_text(status) || is_text(reason))) {
            Self::Errors
        } else if Envelope::of(json) != Envelope::Other {
            Self::EncryptedResponse
        } else if ciphertext.is_some() {
            Self::JweAsJson
        } else {
            Self::Other
        }
    }
}

/// The body without white space at its ends and without one pair of JSON quotes around it.
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
mod tests;
