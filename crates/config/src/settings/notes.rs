use super::{endpoint, host, signing};
use crate::diagnostic::{Diagnostic, Mistakes};
use crate::field::Field;
use crate::fields::Fields;
use crate::value::held;

/// Notes on settings that work but may not be what was meant.
pub(crate) fn notes(fields: &Fields) -> Vec<Diagnostic> {
    let notes = [
        unknown_host(fields),
        alias(fields),
        without_its_flag(fields, Field::PROXY_ADDRESS, Field::USE_PROXY),
        without_its_flag(fields, Field::SSL_CLIENT_CERT, Field::ENABLE_CLIENT_CERT),
        without_its_flag(fields, Field::PORTFOLIO_ID, Field::USE_META_KEY),
    ];
    notes.into_iter().flatten().collect()
}

fn unknown_host(fields: &Fields) -> Option<Diagnostic> {
    let endpoint = Mistakes::collect(|mistakes| endpoint(fields, mistakes)).ok()?;
    let message = "is not a host that the vendor documents; check that it is the right one";
    let is_documented = host::is_documented(endpoint.base());
    (!is_documented).then(|| fields.diagnostic(Field::RUN_ENVIRONMENT, message))
}

fn alias(fields: &Fields) -> Option<Diagnostic> {
    let alias = fields.text(Field::KEY_ALIAS)?;
    let owner = signing::owner(fields);
    let is_owner = alias.eq_ignore_ascii_case(fields.text(owner)?);
    let name = owner.row().name;
    let message = format!(
        "has no effect: as in the SDKs, the certificate whose common name is the value of {name} signs; \
         delete this field"
    );
    (!is_owner).then(|| fields.diagnostic(Field::KEY_ALIAS, message))
}

/// A field that has no effect unless a flag is true.
fn without_its_flag(
    fields: &Fields,
    field: Field<held::Text>,
    flag: Field<held::Flag>,
) -> Option<Diagnostic> {
    let is_ignored = fields.has(field) && !fields.is_true(flag);
    let flag = flag.row().name;
    let message = format!("has no effect: {flag} isn't true; set it to true, or delete this field");
    is_ignored.then(|| fields.diagnostic(field, message))
}
