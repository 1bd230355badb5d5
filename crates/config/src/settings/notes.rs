use super::{endpoint, signing};
use crate::diagnostic::{Diagnostic, Mistakes};
use crate::field::Field;
use crate::fields::Fields;

/// Notes on settings that work but may not be what was meant.
pub(crate) fn notes(fields: &Fields) -> Vec<Diagnostic> {
    let notes = [host(fields), alias(fields), proxy(fields), client(fields)];
    notes.into_iter().flatten().collect()
}

fn host(fields: &Fields) -> Option<Diagnostic> {
    let endpoint = Mistakes::collect(|mistakes| endpoint(fields, mistakes)).ok()?;
    let says = "is not a host that the vendor documents; check that it is the right one";
    let is_documented = endpoint::is_documented(endpoint.base());
    (!is_documented).then(|| fields.diagnostic(Field::RUN_ENVIRONMENT, says))
}

fn alias(fields: &Fields) -> Option<Diagnostic> {
    let alias = fields.text(Field::KEY_ALIAS)?;
    let owner = signing::owner(fields);
    let is_owner = alias.eq_ignore_ascii_case(fields.text(owner)?);
    let name = owner.row().name;
    let says = format!("has no effect: as in the SDKs, {name} names the signing certificate");
    (!is_owner).then(|| fields.diagnostic(Field::KEY_ALIAS, says))
}

fn proxy(fields: &Fields) -> Option<Diagnostic> {
    let is_used = fields.flag(Field::USE_PROXY) == Some(true);
    let is_named = fields.has(Field::PROXY_ADDRESS);
    let says = "has no effect: use_proxy isn't true";
    (is_named && !is_used).then(|| fields.diagnostic(Field::PROXY_ADDRESS, says))
}

fn client(fields: &Fields) -> Option<Diagnostic> {
    let is_used = fields.flag(Field::ENABLE_CLIENT_CERT) == Some(true);
    let is_named = fields.has(Field::SSL_CLIENT_CERT);
    let says = "has no effect: enable_client_cert isn't true";
    (is_named && !is_used).then(|| fields.diagnostic(Field::SSL_CLIENT_CERT, says))
}
