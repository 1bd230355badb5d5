mod unused;

use std::path::Path;

use payment_credentials_core::Environment;

use super::{endpoint, host, signing};
use crate::diagnostic::{Diagnostic, Mistakes};
use crate::field::Field;
use crate::fields::Fields;
use crate::misplaced::is_key_id;
use crate::value::held;

pub(crate) use unused::unused;

/// Notes on settings that work but may not be what was meant.
pub(crate) fn notes(fields: &Fields) -> Vec<Diagnostic> {
    let notes = [
        unknown_host(fields),
        alias(fields),
        without_its_flag(fields, Field::PROXY_ADDRESS, Field::USE_PROXY),
        without_its_flag(fields, Field::SSL_CLIENT_CERT, Field::ENABLE_CLIENT_CERT),
        without_its_flag(fields, Field::PORTFOLIO_ID, Field::USE_META_KEY),
        portfolio_as_merchant(fields),
        key_id_as_merchant(fields),
        one_file_for_two(fields),
        other_environment(fields),
    ];
    let notes = notes.into_iter().flatten();
    let notes = notes.chain(short_deadlines(fields));
    notes.chain(late_connection(fields)).collect()
}

fn portfolio_as_merchant(fields: &Fields) -> Option<Diagnostic> {
    let (portfolio, merchant) = (Field::PORTFOLIO_ID, Field::MERCHANT_ID);
    let same = fields
        .text(portfolio)?
        .eq_ignore_ascii_case(fields.text(merchant)?);
    let message = format!(
        "is the value of {} too; with a MetaKey, give there the merchant that requests are made for",
        fields.name(merchant)
    );
    (same && fields.is_true(Field::USE_META_KEY)).then(|| fields.diagnostic(portfolio, message))
}

fn key_id_as_merchant(fields: &Fields) -> Option<Diagnostic> {
    let field = Field::MERCHANT_ID;
    let message = "has the form of a key's id; check that it is the merchant id";
    is_key_id(fields.text(field)?).then(|| fields.diagnostic(field, message))
}

/// The key that opens credentials has one job: its public half is registered for it alone.
pub(crate) fn one_file_for_two(fields: &Fields) -> Option<Diagnostic> {
    let (opening, responses) = (Field::OPENING_KEY_FILE, Field::RESPONSE_MLE_KEY_FILE);
    let key = fields.path(opening)?;
    let signs = fields.text(Field::KEY_FILE_NAME).is_some_and(|name| {
        let folder = fields
            .path(Field::KEYS_DIRECTORY)
            .unwrap_or_else(|| Path::new("resources"));
        folder.join(name) == key || folder.join(format!("{name}.p12")) == key
    });
    let opens_responses = fields.path(responses) == Some(key);
    let other = match (signs, opens_responses) {
        (true, _) => fields.name(Field::KEY_FILE_NAME),
        (false, true) => fields.name(responses),
        (false, false) => return None,
    };
    let message = format!(
        "names the file that {other} names too; the vendor's Business Center (its web console) has a key for each \
         purpose, so check that this is the one for payment credentials"
    );
    Some(fields.diagnostic(opening, message))
}

/// An address to connect to that is the vendor's for another environment.
fn other_environment(fields: &Fields) -> Option<Diagnostic> {
    let endpoint = Mistakes::collect(|mistakes| endpoint(fields, mistakes)).ok()?;
    let elsewhere = endpoint.connect_to()?.host().to_string();
    let is_base = endpoint.base().host().to_string() == elsewhere;
    let is_other = Environment::ALL
        .into_iter()
        .any(|it| it.host() == elsewhere);
    let message = format!(
        "is another host of the vendor's than that of {}; delete this field, or correct that one",
        fields.name(Field::RUN_ENVIRONMENT)
    );
    (is_other && !is_base).then(|| fields.diagnostic(Field::INTERMEDIATE_HOST, message))
}

/// Time limits so short that they were probably meant in seconds.
fn short_deadlines(fields: &Fields) -> impl Iterator<Item = Diagnostic> {
    const SHORT: u64 = 200;
    let deadlines = [
        Field::CALL_DEADLINE,
        Field::CONNECT_DEADLINE,
        Field::TLS_DEADLINE,
        Field::IDLE_TIMEOUT,
        Field::TOTAL_DEADLINE,
    ];
    deadlines.into_iter().filter_map(|field| {
        let is_short = (1..SHORT).contains(&fields.number(field)?);
        let message = "is very short; it counts milliseconds, so write 1000 for a second";
        is_short.then(|| fields.diagnostic(field, message))
    })
}

/// A limit on connecting that a call can't reach.
fn late_connection(fields: &Fields) -> Option<Diagnostic> {
    let (call, connect) = (Field::CALL_DEADLINE, Field::CONNECT_DEADLINE);
    let is_late = fields.number(connect)? > fields.number(call)?;
    let message = format!(
        "is longer than {}, at which a call ends, connected or not; make it shorter",
        fields.name(call)
    );
    is_late.then(|| fields.diagnostic(connect, message))
}

fn unknown_host(fields: &Fields) -> Option<Diagnostic> {
    let endpoint = Mistakes::collect(|mistakes| endpoint(fields, mistakes)).ok()?;
    let name = endpoint.base().host().to_string();
    let message = if host::is_documented_host(&name) {
        "has another port than 443, which is the vendor's; delete the port"
    } else if host::is_in_a_domain_of_the_vendor(&name) {
        "is not a host that the vendor documents, though in the vendor's domain; check that it is the right one"
    } else if host::has_the_vendors_name(&name) {
        "has the vendor's name and isn't in the vendor's domain, and credentials go there; check that it is a host of \
         your own"
    } else {
        "is not a host that the vendor documents; check that it is the right one"
    };
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
