//! Checks the vendor's limits before anything is sent.

use std::fmt;

use serde_json::Value;

use crate::json_depth::MAX_JSON_DEPTH;
use crate::shown;

use super::members_macro::{Held, Member, Members};
use super::{PaymentCredentialType, RequestBody, TransactionType};

/// The most bytes that a request's body may have. This is a limit of this library, far above the sum of the
/// documented limits of the members.
pub(crate) const MAX_BODY: usize = 256 * 1024;

/// A member of a request that can't be sent. The error names the member and the limit, not the value.
///
/// ```
/// use payment_credentials_core::{CredentialsRequest, request::{RequestBody, TransactionType}};
///
/// let request = CredentialsRequest::new("7010000000016241111".parse()?);
/// let body = RequestBody::default().with_transaction_type(TransactionType::Aft);
/// let error = request.with_body(body).expect_err("refused");
/// assert_eq!(
///     error.to_string(),
///     "transactionType: AFT needs paymentCredentialType CRYPTOGRAM",
/// );
/// # Ok::<(), payment_credentials_core::ParseValueError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}: {rule}", place(.member))]
pub struct RequestError {
    member: String,
    rule: RequestRule,
}

impl RequestError {
    pub(crate) fn new(member: impl Into<String>, rule: RequestRule) -> Self {
        Self {
            member: member.into(),
            rule,
        }
    }

    /// Adds the member that holds the object.
    fn within(mut self, member: &str) -> Self {
        self.member = format!("{member}.{}", self.member);
        self
    }

    /// The member's path, such as `orderInformation.billTo.email`; empty for the body as a whole.
    #[must_use]
    pub fn member(&self) -> &str {
        &self.member
    }

    /// The broken rule.
    #[must_use]
    pub fn rule(&self) -> RequestRule {
        self.rule
    }
}

fn place(member: &str) -> &str {
    if member.is_empty() {
        "the request's body"
    } else {
        member
    }
}

/// The rule that a member of a request breaks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RequestRule {
    /// Account funding requires a cryptogram.
    AftNeedsCryptogram,
    /// An extra member has the name of the envelope of encrypted requests. The service would take the body for one.
    Envelope,
    /// The value can't be written as JSON.
    NotJson,
    /// The value nests deeper than the limit.
    TooDeep {
        /// The greatest allowed depth.
        max: usize,
    },
    /// The whole body has more bytes than the limit.
    TooLarge {
        /// The greatest allowed number of bytes.
        max: usize,
    },
    /// The text has more characters than the vendor accepts.
    TooLong {
        /// The greatest allowed number of characters.
        max: usize,
    },
    /// The text has fewer characters than the vendor accepts. What is unknown is left out instead.
    TooShort {
        /// The smallest allowed number of characters.
        min: usize,
    },
    /// An extra member has the name of a member with a field of its own.
    Typed,
}

impl fmt::Display for RequestRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AftNeedsCryptogram => f.write_str("AFT needs paymentCredentialType CRYPTOGRAM"),
            Self::Envelope => {
                f.write_str("is the envelope of encrypted requests; message encryption writes it")
            }
            Self::NotJson => f.write_str("can't be written as JSON"),
            Self::TooDeep { max } => write!(f, "nests deeper than {max} levels"),
            Self::TooLarge { max } => write!(f, "has more than {max} bytes"),
            Self::TooLong { max } => write!(f, "has more than {max} characters"),
            Self::TooShort { min } => write!(f, "has fewer than {min} characters"),
            Self::Typed => {
                f.write_str("has a field of its own; set that instead of an extra member")
            }
        }
    }
}

/// The one member of an encrypted request.
const ENVELOPE: &str = "encryptedRequest";

/// Checks a body against the vendor's limits.
pub(super) fn check(body: &RequestBody) -> Result<(), RequestError> {
    let aft = body.transaction_type == Some(TransactionType::Aft);
    let cryptogram = body.payment_credential_type == Some(PaymentCredentialType::Cryptogram);
    if aft && !cryptogram {
        return Err(RequestError::new(
            "transactionType",
            RequestRule::AftNeedsCryptogram,
        ));
    }
    if body.extra.iter().any(|(name, _)| name == ENVELOPE) {
        return Err(RequestError::new(ENVELOPE, RequestRule::Envelope));
    }
    check_object(body, 1)
}

/// Checks an object at this depth. The path of an error is made on the way out, only if there is one.
fn check_object(object: &dyn Members, depth: usize) -> Result<(), RequestError> {
    let members = object.members();
    for (name, value) in object.extra().iter() {
        // The name is the caller's text, so it is made printable.
        let broken = |rule| Err(RequestError::new(shown::printable(name, 64), rule));
        if members.iter().any(|member| member.name == name) {
            return broken(RequestRule::Typed);
        }
        if !fits(value, MAX_JSON_DEPTH.saturating_sub(depth)) {
            return broken(RequestRule::TooDeep {
                max: MAX_JSON_DEPTH,
            });
        }
    }
    members
        .into_iter()
        .try_for_each(|member| check_member(member, depth))
}

/// Checks a member of an object at this depth.
fn check_member(member: Member<'_>, depth: usize) -> Result<(), RequestError> {
    let name = member.name;
    match member.held {
        Some(Held::Text(text)) => {
            check_length(text, member.min, member.max).map_err(|rule| RequestError::new(name, rule))
        }
        Some(Held::Object(inner)) => {
            check_object(inner, depth + 1).map_err(|error| error.within(name))
        }
        Some(Held::List(list)) => list.into_iter().enumerate().try_for_each(|(nth, inner)| {
            let checked = check_object(inner, depth + 2);
            checked.map_err(|error| error.within(&format!("{name}[{nth}]")))
        }),
        Some(Held::Flag(_)) | None => Ok(()),
    }
}

fn check_length(text: &str, min: Option<usize>, max: Option<usize>) -> Result<(), RequestRule> {
    if min.is_none() && max.is_none() {
        return Ok(());
    }
    let length = text.chars().count();
    match (min, max) {
        (Some(min), _) if length < min => Err(RequestRule::TooShort { min }),
        (_, Some(max)) if length > max => Err(RequestRule::TooLong { max }),
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

/// Whether a value nests no deeper than `depth`; the recursion goes no deeper either.
fn fits(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(list) => depth > 0 && list.iter().all(|inner| fits(inner, depth - 1)),
        Value::Object(object) => depth > 0 && object.values().all(|inner| fits(inner, depth - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::{
        AuthenticatedIdentity, BillTo, CredentialsRequest, DeviceInformation, ExtraMembers,
        OrderInformation,
    };

    fn request() -> CredentialsRequest {
        CredentialsRequest::new("7010000000016241111".parse().expect("a token id"))
    }

    #[track_caller]
    fn refuses(body: RequestBody, expected: &str) {
        let error = request().with_body(body).expect_err("refused");
        assert_eq!(error.to_string(), expected);
    }

    fn extra(name: &str, value: Value) -> ExtraMembers {
        [(name, value)].into_iter().collect()
    }

    #[test]
    fn refuses_aft_without_a_cryptogram() {
        let expected = "transactionType: AFT needs paymentCredentialType CRYPTOGRAM";
        let aft = RequestBody::default().with_transaction_type(TransactionType::Aft);
        refuses(aft.clone(), expected);
        let aft_as_text = RequestBody::default().with_transaction_type("AFT");
        refuses(aft_as_text, expected);
        let code = PaymentCredentialType::SecurityCode;
        refuses(aft.clone().with_payment_credential_type(code), expected);
        let cryptogram = aft.with_payment_credential_type(PaymentCredentialType::Cryptogram);
        assert!(request().with_body(cryptogram).is_ok());
    }

    #[test]
    fn counts_characters_against_the_vendors_limits() {
        let billed = |bill_to| {
            RequestBody::default()
                .with_order_information(OrderInformation::default().with_bill_to(bill_to))
        };
        let sixty = "é".repeat(60);
        let fits = billed(BillTo::default().with_first_name(sixty.as_str()));
        assert!(request().with_body(fits).is_ok());
        refuses(
            billed(BillTo::default().with_first_name(sixty + "é")),
            "orderInformation.billTo.firstName: has more than 60 characters",
        );
        refuses(
            billed(BillTo::default().with_country("USA")),
            "orderInformation.billTo.country: has more than 2 characters",
        );
        for short in ["", "U"] {
            refuses(
                billed(BillTo::default().with_country(short)),
                "orderInformation.billTo.country: has fewer than 2 characters",
            );
        }
        let identity = AuthenticatedIdentity::default().with_data("d".repeat(17_001));
        refuses(
            RequestBody::default()
                .with_authenticated_identities([AuthenticatedIdentity::default(), identity]),
            "authenticatedIdentities[1].data: has more than 17000 characters",
        );
    }

    #[test]
    fn an_extra_member_cannot_stand_in_for_a_typed_one() {
        let device = DeviceInformation::default().with_extra(extra("ipAddress", json!("x")));
        refuses(
            RequestBody::default().with_device_information(device),
            "deviceInformation.ipAddress: has a field of its own; set that instead of an extra member",
        );
        let body = RequestBody::default().with_extra(extra("transactionType", json!("AFT")));
        assert!(request().with_body(body).is_err());
    }

    #[test]
    fn an_extra_member_cannot_be_the_envelope() {
        refuses(
            RequestBody::default().with_extra(extra("encryptedRequest", json!("a.b.c.d.e"))),
            "encryptedRequest: is the envelope of encrypted requests; message encryption writes it",
        );
        let device = DeviceInformation::default().with_extra(extra("encryptedRequest", json!(1)));
        let body = RequestBody::default().with_device_information(device);
        assert!(
            request().with_body(body).is_ok(),
            "further inside it is a member"
        );
    }

    #[test]
    fn bounds_depth_and_size() {
        let nested = |levels| (0..levels).fold(json!(1), |value, _| json!([value]));
        let body = |levels| RequestBody::default().with_extra(extra("new", nested(levels)));
        assert!(request().with_body(body(MAX_JSON_DEPTH - 1)).is_ok());
        refuses(body(MAX_JSON_DEPTH), "new: nests deeper than 16 levels");
        let object = |levels| (0..levels).fold(json!(1), |value, _| json!({ "a": value }));
        let device = |value| {
            let device = DeviceInformation::default().with_extra(extra("new", value));
            request().with_body(RequestBody::default().with_device_information(device))
        };
        assert!(device(object(MAX_JSON_DEPTH - 2)).is_ok());
        assert!(device(nested(MAX_JSON_DEPTH - 1)).is_err());
        assert!(device(object(MAX_JSON_DEPTH - 1)).is_err());
        let identity = |value| {
            let identity = AuthenticatedIdentity::default().with_extra(extra("new", value));
            request().with_body(RequestBody::default().with_authenticated_identities([identity]))
        };
        assert!(identity(object(MAX_JSON_DEPTH - 3)).is_ok());
        let error = identity(object(MAX_JSON_DEPTH - 2)).expect_err("refused");
        assert_eq!(error.member(), "authenticatedIdentities[0].new");
        assert_eq!(
            error.rule(),
            RequestRule::TooDeep {
                max: MAX_JSON_DEPTH
            }
        );
        let large = extra("new", json!("x".repeat(MAX_BODY)));
        refuses(
            RequestBody::default().with_extra(large),
            "the request's body: has more than 262144 bytes",
        );
    }

    #[test]
    fn debug_shows_no_personal_data() {
        let bill_to = BillTo::default().with_email("ann@example.com");
        let device = DeviceInformation::default()
            .with_ip_address("203.0.113.7")
            .with_extra(extra("serial", json!("hunter2")));
        let body = RequestBody::default()
            .with_order_information(OrderInformation::default().with_bill_to(bill_to))
            .with_device_information(device);
        let shown = format!("{:?}", request().with_body(body).expect("a request"));
        for personal in ["ann@example.com", "203.0.113.7", "hunter2"] {
            assert!(!shown.contains(personal), "{shown}");
        }
        assert!(shown.contains("serial"), "{shown}");
    }
}
