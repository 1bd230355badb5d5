use payment_credentials_core::{ApiVersion, KeyId};

use crate::field::Field;
use crate::fields::Fields;
use crate::remark::{Mistakes, Remark};
use crate::value::Secret;

/// The certificate that requests are encrypted for, where the SDKs aren't told another.
const REQUEST_KEY_ALIAS: &str = "CyberSource_SJC_US";

/// The message-level encryption that is asked for.
#[derive(Debug)]
#[expect(
    dead_code,
    reason = "judged, so that message-level encryption plugs in here"
)]
pub(crate) struct Mle<'a> {
    pub(crate) request: Option<RequestMle<'a>>,
    pub(crate) response: Option<ResponseMle<'a>>,
}

/// Requests are encrypted.
#[derive(Debug)]
#[expect(dead_code, reason = "as for Mle")]
pub(crate) struct RequestMle<'a> {
    pub(crate) key_alias: &'a str,
    /// None: the certificate is in the key file.
    pub(crate) certificate: Option<&'a str>,
}

/// Answers are to be encrypted.
#[derive(Debug)]
#[expect(dead_code, reason = "as for Mle")]
pub(crate) struct ResponseMle<'a> {
    /// None: it is in the key's certificate.
    pub(crate) key_id: Option<KeyId>,
    pub(crate) key: ResponseMleKey<'a>,
}

/// The key that opens encrypted answers.
#[derive(Debug)]
#[expect(dead_code, reason = "as for Mle")]
pub(crate) enum ResponseMleKey<'a> {
    File(&'a str, Option<&'a Secret>),
    Here(&'a Secret),
}

/// Reads what is asked for, and refuses it: never is sent in the clear what should be encrypted.
pub(crate) fn mle<'a>(
    fields: &'a Fields,
    version: ApiVersion,
    mistakes: &mut Mistakes,
) -> Option<Mle<'a>> {
    let by_operation = mistakes.keep(by_operation(fields, version))?;
    let asked = |field, of_operation: Option<bool>| {
        let field = of_operation.map_or(field, |_| Field::MleByOperation);
        let is_asked = of_operation.or_else(|| fields.flag(field));
        (is_asked == Some(true)).then_some(field)
    };
    let request = asked(Field::RequestMle, by_operation.request);
    let response = asked(Field::ResponseMle, by_operation.response);
    for field in [request, response].into_iter().flatten() {
        mistakes.add(fields.remark(field, refusal(fields)));
    }
    let response = response.map(|_| mistakes.keep(response_mle(fields)));
    Some(Mle {
        request: request.map(|_| request_mle(fields)),
        response: response.map_or(Some(None), |judged| judged.map(Some))?,
    })
}

/// With HTTP Signature the SDKs send in the clear.
fn refusal(fields: &Fields) -> &'static str {
    let authentication = fields.text(Field::AuthenticationType).unwrap_or_default();
    if authentication.trim().eq_ignore_ascii_case("HTTP_SIGNATURE") {
        return "asks for message-level encryption, which HTTP Signature can't carry; use a JWT, or \
                set it to false";
    }
    "asks for message-level encryption, which no field sets up in this version; set it to false, \
     and give it to Config::port_builder"
}

fn request_mle(fields: &Fields) -> RequestMle<'_> {
    let key_alias = fields.text(Field::RequestMleKeyAlias);
    RequestMle {
        key_alias: key_alias.unwrap_or(REQUEST_KEY_ALIAS),
        certificate: fields.text(Field::RequestMleCertificate),
    }
}

fn response_mle(fields: &Fields) -> Result<ResponseMle<'_>, Remark> {
    let field = Field::ResponseMleKeyId;
    let key_id = fields.text(field).map(|text| fields.parsed(field, text));
    let password = fields.secret(Field::ResponseMleKeyPassword);
    let key = match (
        fields.text(Field::ResponseMleKeyFile),
        fields.secret(Field::ResponseMleKey),
    ) {
        (Some(file), None) => ResponseMleKey::File(file, password),
        (None, Some(key)) => ResponseMleKey::Here(key),
        (Some(_), Some(_)) => {
            let rule = "stands beside the key itself; keep one of them";
            return Err(fields.remark(Field::ResponseMleKeyFile, rule));
        }
        (None, None) => {
            let remedy = "give the file of the key that opens encrypted answers";
            return Err(fields.missing(Field::ResponseMleKeyFile, remedy));
        }
    };
    Ok(ResponseMle {
        key_id: key_id.transpose()?,
        key,
    })
}

/// What is said for this operation in particular.
#[derive(Debug, Default)]
struct ByOperation {
    request: Option<bool>,
    response: Option<bool>,
}

fn by_operation(fields: &Fields, version: ApiVersion) -> Result<ByOperation, Remark> {
    let field = Field::MleByOperation;
    let operation = if version == ApiVersion::V2 {
        "posttokenpaymentcredentials"
    } else {
        "posttokenpaymentcredentialsv3"
    };
    let is_ours =
        |(name, _): &&(String, String)| name.replace('_', "").eq_ignore_ascii_case(operation);
    let Some((_, asked)) = fields.per_operation(field).iter().find(is_ours) else {
        return Ok(ByOperation::default());
    };
    let (request, response) = asked.split_once("::").unwrap_or((asked, ""));
    let half = |text: &str| match text.trim().to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => {
            let rule = "must hold values such as true::false, of which one half may be left out";
            Err(fields.remark(field, rule))
        }
    };
    Ok(ByOperation {
        request: half(request)?,
        response: half(response)?,
    })
}
