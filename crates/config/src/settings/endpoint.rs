use payment_credentials_core::{ApiVersion, BaseAddress, ConnectTo, Endpoint, Environment};

use super::host;
use crate::diagnostic::{Diagnostic, Mistakes, Recorded};
use crate::field::Field;
use crate::fields::Fields;

/// The endpoint that calls go to.
pub(crate) fn endpoint(fields: &Fields, mistakes: &mut Mistakes) -> Result<Endpoint, Recorded> {
    let base = mistakes.keep(base(fields));
    let version = mistakes.keep(version(fields));
    let connect_to = mistakes.keep(connect_to(fields));
    let endpoint = Endpoint::custom(base?).with_version(version?);
    match connect_to? {
        None => Ok(endpoint),
        Some(elsewhere) => {
            let connected = endpoint.with_connect_to(elsewhere);
            mistakes
                .keep(connected.map_err(|error| fields.unusable(Field::INTERMEDIATE_HOST, &error)))
        }
    }
}

fn base(fields: &Fields) -> Result<BaseAddress, Diagnostic> {
    let field = Field::RUN_ENVIRONMENT;
    let remedy = format!("give the host, such as {}", Environment::Test.host());
    let text = fields.required(field, &remedy)?;
    host::address(text).map_err(|rule| fields.refused(field, text, rule))
}

fn version(fields: &Fields) -> Result<ApiVersion, Diagnostic> {
    let field = Field::API_VERSION;
    let Some(text) = fields.text(field) else {
        return Ok(ApiVersion::default());
    };
    match text.trim().to_ascii_lowercase().as_str() {
        "v2" | "2" => Ok(ApiVersion::V2),
        "v3" | "3" => Ok(ApiVersion::V3),
        _ => Err(fields.refused(field, text, "must be v2 or v3")),
    }
}

fn connect_to(fields: &Fields) -> Result<Option<ConnectTo>, Diagnostic> {
    let field = Field::INTERMEDIATE_HOST;
    let Some(text) = fields.text(field) else {
        return Ok(None);
    };
    if text.starts_with("http://") {
        let rule = "is a plain http address, which would expose card data; give an https address";
        return Err(fields.diagnostic(field, rule));
    }
    let rest = text.strip_prefix("https://").unwrap_or(text);
    let rest = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
    let rule = "must be host[:port] or https://host[:port]";
    let malformed = |_| fields.refused(field, text, rule);
    let address: BaseAddress = format!("https://{rest}").parse().map_err(malformed)?;
    format!("{}:{}", address.host(), address.port())
        .parse()
        .map(Some)
        .map_err(malformed)
}
