//! Fields that are given, and that nothing reads because of what another field says or lacks.
//!
//! Fields that the SDKs' samples fill in although nothing reads them, such as a key file beside a shared secret, aren't
//! noted.

use crate::diagnostic::{Diagnostic, Mistakes};
use crate::field::{AnyField, Field};
use crate::fields::Fields;
use crate::settings::signing::{JwtKeyType, jwt_key_type};
use crate::settings::{endpoint, mle};

/// Fields that are read only under a condition, and what to do where it isn't met.
struct Conditional {
    fields: &'static [AnyField],
    is_read: fn(&Fields) -> bool,
    why: &'static str,
}

const CONDITIONAL: &[Conditional] = &[
    Conditional {
        fields: &[Field::TOTAL_DEADLINE.row()],
        is_read: |fields| {
            fields.has(Field::MAX_RETRIES)
                || fields.has(Field::CALLS_PER_SECOND)
                || fields.has(Field::MAX_CONCURRENT_CALLS)
        },
        why: "without retries and waits, call_deadline_ms limits a call; set that, or max_retries, \
              calls_per_second or max_concurrent_calls",
    },
    Conditional {
        fields: &[
            Field::OPENING_KEY_ID.row(),
            Field::OPENING_KEY_PASSWORD.row(),
            Field::OPENING_KEY_OWN_PASSWORD.row(),
        ],
        is_read: |fields| {
            !fields.has(Field::OPENING_KEYS)
                || fields.has(Field::OPENING_KEY_FILE)
                || fields.has(Field::OPENING_KEY)
        },
        why: "it belongs to opening_key_file or opening_key, and neither is given; give one, or write this into \
              the key's entry of opening_keys",
    },
    Conditional {
        fields: &[
            Field::SIGNING_KEY.row(),
            Field::SIGNING_KEY_ID.row(),
            Field::KEY_OWN_PASSWORD.row(),
        ],
        is_read: signs_by_certificate,
        why: "only a JWT with a key file reads it; set authentication_type to JWT and jwt_key_type to P12, or \
              delete this field",
    },
    Conditional {
        fields: &[Field::KEYS_DIRECTORY.row()],
        is_read: |fields| !fields.has(Field::SIGNING_KEY) || !signs_by_certificate(fields),
        why: "signing_key gives the key file; delete one of the two",
    },
    Conditional {
        fields: &[
            Field::RESPONSE_KEY_CLAIM.row(),
            Field::DIGEST_ALGORITHM_CLAIM.row(),
            Field::REQUEST_METHOD_CLAIM.row(),
        ],
        is_read: |fields| is_kind(fields, "JWT"),
        why: "it is about a JWT; set authentication_type to JWT, or delete this field",
    },
    Conditional {
        fields: &[Field::ACCESS_TOKEN.row()],
        is_read: |fields| is_kind(fields, "OAUTH"),
        why: "set authentication_type to OAUTH, or delete this field",
    },
    Conditional {
        fields: &[
            Field::PROXY_PORT.row(),
            Field::PROXY_USER.row(),
            Field::PROXY_PASSWORD.row(),
        ],
        // The address has a note of its own.
        is_read: |fields| fields.is_true(Field::USE_PROXY) || fields.has(Field::PROXY_ADDRESS),
        why: "use_proxy isn't true; set it to true and give proxy_address, or delete this field",
    },
    Conditional {
        fields: &[Field::PRIVATE_KEY.row()],
        is_read: |fields| {
            let in_folder = fields.is_true(Field::ENABLE_CLIENT_CERT);
            !fields.has(Field::CLIENT_IDENTITY) && (in_folder || fields.has(Field::SSL_CLIENT_CERT))
        },
        why: "it is the key of ssl_client_cert; give that and set enable_client_cert to true, or delete this field",
    },
    Conditional {
        fields: &[Field::REQUEST_MLE_CERTIFICATE.row()],
        is_read: |fields| asks_for_mle(fields).is_none_or(|(requests, _)| requests),
        why: "requests aren't encrypted; set request_mle to true and authentication_type to JWT, or delete this field",
    },
    Conditional {
        fields: &[
            Field::RESPONSE_MLE_KEY_FILE.row(),
            Field::RESPONSE_MLE_KEY.row(),
        ],
        is_read: |fields| asks_for_mle(fields).is_none_or(|(_, responses)| responses),
        why: "nothing asks for encrypted responses; set response_mle to true, or delete this field",
    },
];

/// The notes that given fields are not read.
pub(crate) fn unused(fields: &Fields) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    for conditional in CONDITIONAL {
        let given = conditional
            .fields
            .iter()
            .filter(|field| fields.has(**field));
        if !(conditional.is_read)(fields) {
            let message = format!("has no effect: {}", conditional.why);
            notes.extend(given.map(|field| fields.diagnostic(*field, message.clone())));
        }
    }
    notes
}

/// Whether the authentication is of this kind, or isn't known.
fn is_kind(fields: &Fields, kind: &str) -> bool {
    let given = fields.text(Field::AUTHENTICATION_TYPE);
    given.is_none_or(|given| given.trim().eq_ignore_ascii_case(kind))
}

fn signs_by_certificate(fields: &Fields) -> bool {
    is_kind(fields, "JWT") && jwt_key_type(fields) != Ok(JwtKeyType::SharedSecret)
}

/// Whether requests are encrypted, and responses; `None` if the settings have mistakes.
fn asks_for_mle(fields: &Fields) -> Option<(bool, bool)> {
    let asked = Mistakes::collect(|mistakes| {
        let endpoint = endpoint(fields, mistakes)?;
        let mle = mle(fields, endpoint.version(), mistakes)?;
        Ok((mle.request.is_some(), mle.response.is_some()))
    });
    asked.ok()
}
