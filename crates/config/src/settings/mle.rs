use std::path::Path;

use payment_credentials_core::{ApiVersion, KeyId};
use payment_credentials_jose::Recipient;

use super::key_source::key_source;
use super::signing::{self, JwtKeyType};
use super::{KeyFilePassword, KeySource};
use crate::diagnostic::{Diagnostic, Mistakes, Recorded};
use crate::field::{AnyField, Field};
use crate::fields::Fields;
use crate::near::nearest;
use crate::value::held;

/// The message-level encryption that is configured; nothing is encrypted by default.
#[derive(Debug, Default)]
pub(crate) struct Mle<'a> {
    pub(crate) request: Option<RequestMle<'a>>,
    pub(crate) response: Option<ResponseMle<'a>>,
    pub(crate) accepts_credentials_in_the_clear: bool,
}

/// How requests are encrypted.
#[derive(Debug)]
pub(crate) struct RequestMle<'a> {
    /// The field that asks for encryption.
    pub(crate) requested_by: AnyField,
    /// The common name of the service's certificate.
    pub(crate) key_alias: &'a str,
    /// `None` if the certificate is in a key file.
    pub(crate) certificate: Option<&'a Path>,
}

/// How encrypted responses are opened.
#[derive(Debug)]
pub(crate) struct ResponseMle<'a> {
    /// The field that asks for encryption.
    pub(crate) requested_by: AnyField,
    /// The merchant account that owns the key: the common name of the key's certificate.
    pub(crate) owner: &'a str,
    /// `None` if the key's certificate has the key id.
    pub(crate) key_id: Option<KeyId>,
    /// The field that names the file, or holds the key.
    pub(crate) key_field: AnyField,
    pub(crate) key: KeySource<'a>,
    pub(crate) password: KeyFilePassword<'a>,
}

impl Mle<'_> {
    /// The field that asks for encrypted requests, or else the one that asks for encrypted responses.
    pub(crate) fn requested_by(&self) -> Option<AnyField> {
        self.request
            .as_ref()
            .map(|request| request.requested_by)
            .or_else(|| self.response.as_ref().map(|response| response.requested_by))
    }
}

/// Reads the settings. As in the SDKs, a setting for this operation wins over one for all operations,
/// in each direction.
pub(crate) fn mle<'a>(
    fields: &'a Fields,
    version: ApiVersion,
    mistakes: &mut Mistakes,
) -> Result<Mle<'a>, Recorded> {
    let by_operation = mistakes.keep(by_operation(fields, version))?;
    let request = asked(fields, Field::REQUEST_MLE, by_operation.request)
        .map(|field| request_mle(fields, field))
        .transpose();
    let response = asked(fields, Field::RESPONSE_MLE, by_operation.response)
        .map(|field| response_mle(fields, field))
        .transpose();
    let (request, response) = (mistakes.keep(request), mistakes.keep(response));
    Ok(Mle {
        request: request?,
        response: response?,
        accepts_credentials_in_the_clear: fields.is_true(Field::ACCEPT_CREDENTIALS_IN_THE_CLEAR),
    })
}

/// The field that asks for a direction, if one does.
fn asked(
    fields: &Fields,
    field: Field<held::Flag>,
    of_operation: Option<bool>,
) -> Option<AnyField> {
    let (field, is_asked) = match of_operation {
        Some(is_asked) => (Field::MLE_BY_OPERATION.row(), is_asked),
        None => (field.row(), fields.is_true(field)),
    };
    is_asked.then_some(field)
}

fn request_mle(fields: &Fields, requested_by: AnyField) -> Result<RequestMle<'_>, Diagnostic> {
    carried(fields, requested_by)?;
    let certificate = fields.path(Field::REQUEST_MLE_CERTIFICATE);
    let by_secret = signing::jwt_key_type(fields) == Ok(JwtKeyType::SharedSecret);
    if certificate.is_none() && by_secret {
        let remedy = "a shared secret has no key file with the service's certificate, so give the \
                      file of that certificate";
        return Err(fields.missing(Field::REQUEST_MLE_CERTIFICATE, remedy));
    }
    let key_alias = fields.text(Field::REQUEST_MLE_KEY_ALIAS);
    Ok(RequestMle {
        requested_by,
        key_alias: key_alias.unwrap_or(Recipient::COMMON_NAME),
        certificate,
    })
}

fn response_mle(fields: &Fields, requested_by: AnyField) -> Result<ResponseMle<'_>, Diagnostic> {
    carried(fields, requested_by)?;
    let file = Field::RESPONSE_MLE_KEY_FILE;
    let given = key_source(fields, file, Field::RESPONSE_MLE_KEY)?;
    let remedy = "give the file of the key that opens encrypted responses";
    let (key_field, key) = given.ok_or_else(|| fields.missing(file, remedy))?;
    Ok(ResponseMle {
        requested_by,
        owner: fields.required(signing::owner(fields), signing::ID)?,
        key_id: fields.parsed(Field::RESPONSE_MLE_KEY_ID)?,
        key_field,
        key,
        password: KeyFilePassword::of(fields, Field::RESPONSE_MLE_KEY_PASSWORD),
    })
}

/// Rejects message-level encryption without a JWT, the only kind of authentication that can carry it.
/// With HTTP Signature, the SDKs send in the clear what should be encrypted.
fn carried(fields: &Fields, requested_by: AnyField) -> Result<(), Diagnostic> {
    let field = Field::AUTHENTICATION_TYPE;
    // Of a missing or invalid kind, the mistake is told already.
    let others = ["HTTP_SIGNATURE", "OAUTH", "MUTUAL_AUTH"];
    if !others.iter().any(|other| names(fields, field, other)) {
        return Ok(());
    }
    let rule = format!(
        "asks for message-level encryption, which HTTP Signature and others can't carry; set {} to \
         JWT, or this field to false",
        fields.name(field)
    );
    Err(fields.diagnostic(requested_by, rule))
}

/// Whether a text is this word, in any case.
fn names(fields: &Fields, field: Field<held::Text>, word: &str) -> bool {
    let text = fields.text(field).unwrap_or_default();
    text.trim().eq_ignore_ascii_case(word)
}

/// The names of this operation in the SDKs.
const OPERATION: &str = "postTokenPaymentCredentials";
const OPERATION_OF_V3: &str = "postTokenPaymentCredentialsV3";

/// A name as the SDKs of all languages have it in common.
fn folded(name: &str) -> String {
    name.replace('_', "").to_ascii_lowercase()
}

/// Whether a name of the map may be a slip for one of these: encryption that was asked for must not be left out.
fn is_nearly(given: &str, operations: &[&str]) -> bool {
    let given = folded(given);
    let given = given.strip_suffix("withhttpinfo").unwrap_or(&given);
    let known = operations.iter().map(|operation| (folded(operation), ()));
    nearest(given, known, 2).is_some()
}

/// The settings for this operation alone.
#[derive(Debug, Default)]
struct ByOperation {
    request: Option<bool>,
    response: Option<bool>,
}

fn by_operation(fields: &Fields, version: ApiVersion) -> Result<ByOperation, Diagnostic> {
    let field = Field::MLE_BY_OPERATION;
    let [operation, other] = if version == ApiVersion::V2 {
        [OPERATION, OPERATION_OF_V3]
    } else {
        [OPERATION_OF_V3, OPERATION]
    };
    let setting = |name: &str| {
        let name = folded(name);
        let mut all = fields.per_operation(field).iter();
        all.find(|(given, _)| folded(given) == name)
    };
    // The Python SDK's method with headers in its response has a name of its own.
    let with_http_info = || setting(&format!("{operation}withhttpinfo"));
    let Some((_, asked)) = setting(operation).or_else(with_http_info) else {
        let mut all = fields.per_operation(field).iter();
        if all.any(|(given, asked)| {
            is_nearly(given, &[operation, other]) && folded(asked).contains("true")
        }) {
            let rule = format!(
                "asks for encryption by a name that is nearly {operation}, the operation of this api_version; \
                 correct the name (api_version v2 has {OPERATION}, v3 has {OPERATION_OF_V3})"
            );
            return Err(fields.diagnostic(field, rule));
        }
        return Ok(ByOperation::default());
    };
    let (request, response) = asked.split_once("::").unwrap_or((asked, ""));
    let half = |text: &str| match text.trim().to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => {
            let rule = "must hold values `request::response`, where each half is true, false or empty, such as \
                        true::false";
            Err(fields.diagnostic(field, rule))
        }
    };
    Ok(ByOperation {
        request: half(request)?,
        response: half(response)?,
    })
}
