//! The members of `PostPaymentCredentialsRequest`, as the vendor's `OpenAPI` document defines them.
//!
//! Types, lengths and the values of enumerations are enforced. Patterns are not, because the document's
//! own examples break them. Unlisted members are accepted.

use serde_json::{Map, Value};

use super::body::kind;
use crate::error_response::{ErrorEntry, LISTED};
use crate::masking::shown;

struct Member {
    name: &'static str,
    rule: MemberType,
}

enum MemberType {
    /// True or false.
    Flag,
    /// An array of objects.
    List(&'static [Member]),
    /// An object.
    Object(&'static [Member]),
    /// A string that is one of these.
    OneOf(&'static [&'static str]),
    /// A string with at least and at most so many characters.
    Text(usize, usize),
}

const fn member(name: &'static str, rule: MemberType) -> Member {
    Member { name, rule }
}

/// The document sets no limit for the member; the body as a whole has one.
const UNLIMITED: usize = usize::MAX;

const REQUEST: &[Member] = {
    use MemberType::{List, Object, OneOf, Text};
    &[
        member("authenticatedIdentities", List(IDENTITY)),
        member("clientCorrelationId", Text(0, 36)),
        member("deviceInformation", Object(DEVICE)),
        member("merchantInformation", Object(MERCHANT)),
        member("orderInformation", Object(ORDER)),
        member(
            "paymentCredentialType",
            OneOf(&["CRYPTOGRAM", "NETWORK_TOKEN", "SECURITY_CODE"]),
        ),
        member("transactionType", OneOf(&["AFT", "ECOM"])),
    ]
};

const ORDER: &[Member] = {
    use MemberType::{Object, Text};
    &[
        member(
            "amountDetails",
            Object(&[
                member("currency", Text(0, UNLIMITED)),
                member("totalAmount", Text(0, UNLIMITED)),
            ]),
        ),
        member(
            "billTo",
            Object(&[
                member("address1", Text(0, 60)),
                member("administrativeArea", Text(0, 20)),
                member("country", Text(2, 2)),
                member("email", Text(0, 255)),
                member("firstName", Text(0, 60)),
                member("lastName", Text(0, 60)),
                member("locality", Text(0, 50)),
                member("postalCode", Text(0, 10)),
            ]),
        ),
    ]
};

const MERCHANT: &[Member] = {
    use MemberType::{Object, Text};
    &[member(
        "merchantDescriptor",
        Object(&[
            member("name", Text(0, UNLIMITED)),
            member("url", Text(0, UNLIMITED)),
        ]),
    )]
};

const DEVICE: &[Member] = {
    use MemberType::{Flag, OneOf, Text};
    &[
        member("httpAcceptContent", Text(0, 2048)),
        member("httpBrowserColorDepth", Text(0, 2)),
        member("httpBrowserJavaEnabled", Flag),
        member("httpBrowserJavaScriptEnabled", Flag),
        member("httpBrowserLanguage", Text(0, 8)),
        member("httpBrowserScreenHeight", Text(0, 6)),
        member("httpBrowserScreenWidth", Text(0, 6)),
        member("httpBrowserTimeDifference", Text(0, 5)),
        member("ipAddress", Text(0, 45)),
        member("platformType", OneOf(&["ANDROID", "WEB", "WINDOWS", "iOS"])),
        member("userAgentBrowserValue", Text(0, 2048)),
    ]
};

const IDENTITY: &[Member] = {
    use MemberType::{OneOf, Text};
    &[
        member("data", Text(0, 17_000)),
        member("id", Text(0, 50)),
        member(
            "provider",
            OneOf(&["CLIENT_DEVICE_CERT_JWS", "VISA_PAYMENT_PASSKEY"]),
        ),
        member("relyingPartyId", Text(0, 2000)),
        member("userAuthenticationMethod", OneOf(AUTHENTICATION_METHODS)),
    ]
};

const AUTHENTICATION_METHODS: &[&str] = &[
    "BIOMETRIC",
    "BIOMETRIC_BEHAVIORAL",
    "BIOMETRIC_FACIAL",
    "BIOMETRIC_FINGERPRINT",
    "BIOMETRIC_IRIS",
    "BIOMETRIC_VOICE",
    "DEVICE_UNLOCKED_METHOD_UNKNOWN",
    "KNOWLEDGE_BASED_AUTHENTICATION",
    "OTP_EMAIL",
    "OTP_SMS",
    "OTP_SMS_KNOWLEDGE",
    "PASSCODE",
    "PASSCODE_PASSWORD",
    "PASSWORD",
    "PATTERN",
    "USERNAME_PASSWORD",
    "USER_UNVERIFIED",
];

/// The name of an encrypted body's envelope, which no member of a body may have.
const ENVELOPE: &str = "encryptedRequest";

/// Validates all known members, and reports all faults together.
pub(crate) fn members(body: &Map<String, Value>) -> Vec<ErrorEntry> {
    let mut faults = Vec::new();
    if body.contains_key(ENVELOPE) {
        faults.push(invalid(
            ENVELOPE,
            "the envelope of a request",
            "a member of its content",
        ));
    }
    validate_object("", body, REQUEST, &mut faults);
    faults
}

fn validate_object(
    path: &str,
    object: &Map<String, Value>,
    known: &[Member],
    out: &mut Vec<ErrorEntry>,
) {
    for member in known {
        if let Some(value) = object.get(member.name) {
            let dot = if path.is_empty() { "" } else { "." };
            validate(
                &format!("{path}{dot}{}", member.name),
                value,
                &member.rule,
                out,
            );
        }
    }
}

fn validate(path: &str, value: &Value, rule: &MemberType, out: &mut Vec<ErrorEntry>) {
    if out.len() == LISTED {
        return;
    }
    match (rule, value) {
        (MemberType::Flag, Value::Bool(_)) => {}
        (MemberType::Object(known), Value::Object(object)) => {
            validate_object(path, object, known, out);
        }
        (MemberType::List(known), Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                validate(
                    &format!("{path}[{at}]"),
                    item,
                    &MemberType::Object(known),
                    out,
                );
            }
        }
        (MemberType::OneOf(values), Value::String(text)) => {
            if !values.contains(&text.as_str()) {
                let wanted = format!("one of {}", values.join(", "));
                out.push(invalid(path, &wanted, &shown(text)));
            }
        }
        (MemberType::Text(least, most), Value::String(text)) => {
            let length = text.chars().count();
            if !(*least..=*most).contains(&length) {
                let wanted = format!("{least} to {most} characters");
                out.push(invalid(path, &wanted, &length.to_string()));
            }
        }
        (rule, value) => out.push(invalid(path, rule.kind(), kind(value))),
    }
}

impl MemberType {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Flag => "a boolean",
            Self::List(_) => "an array",
            Self::Object(_) => "an object",
            Self::OneOf(_) | Self::Text(_, _) => "a string",
        }
    }
}

fn invalid(path: &str, wanted: &str, got: &str) -> ErrorEntry {
    ErrorEntry::unmet("invalidFields", path, wanted, got).at(path, "body")
}
