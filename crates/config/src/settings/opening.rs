use payment_credentials_core::KeyId;
use payment_credentials_jose::OptInAlgorithm;

use super::key_source::key_source;
use super::{KeyFilePassword, KeySource};
use crate::diagnostic::{Diagnostic, Mistakes, Recorded};
use crate::field::{AnyField, Field};
use crate::fields::Fields;
use crate::value::OpeningKeyEntry;

/// A key that opens payment credentials.
#[derive(Debug)]
pub(crate) struct OpeningKey<'a> {
    /// The field that names the file, or holds the key.
    pub(crate) field: AnyField,
    pub(crate) source: KeySource<'a>,
    pub(crate) key_id: Option<KeyId>,
    pub(crate) password: KeyFilePassword<'a>,
}

/// The keys of `opening_key_file` and `opening_keys`, in this order; at least one.
pub(crate) fn opening_keys<'a>(
    fields: &'a Fields,
    mistakes: &mut Mistakes,
) -> Result<Vec<OpeningKey<'a>>, Recorded> {
    let field = Field::OPENING_KEY_FILE;
    let first = key_source(fields, field, Field::OPENING_KEY);
    let first = mistakes.keep(first)?.map(|given| first_key(fields, given));
    let others = fields.keys(Field::OPENING_KEYS).iter();
    let keys = first
        .into_iter()
        .chain(others.map(|entry| other(fields, entry)));
    let keys = mistakes.keep_all(keys)?;
    if keys.is_empty() {
        let remedy = "give the file of the private key whose public half the vendor's Business \
                      Center (its web console) has as the Message-Level Encryption key of the token vault";
        return Err(mistakes.add(fields.missing(field, remedy)));
    }
    Ok(keys)
}

/// The algorithms that are accepted beside those that always are.
pub(crate) fn opening_accepts(fields: &Fields) -> Result<Vec<OptInAlgorithm>, Diagnostic> {
    let field = Field::OPENING_ACCEPTS;
    let algorithms = fields.words(field).iter().map(|name| {
        let mut known = OptInAlgorithm::ALL.iter().copied();
        known.find(|known| known.name() == name).ok_or_else(|| {
            let known: Vec<_> = OptInAlgorithm::ALL.iter().map(|one| one.name()).collect();
            let rule = format!(
                "must be of {}; RSA-OAEP-256 and A256GCM are always accepted, and no other algorithm is",
                known.join(", "),
            );
            fields.diagnostic(field, rule)
        })
    });
    algorithms.collect()
}

fn first_key<'a>(
    fields: &'a Fields,
    (field, source): (AnyField, KeySource<'a>),
) -> Result<OpeningKey<'a>, Diagnostic> {
    Ok(OpeningKey {
        field,
        source,
        key_id: fields.parsed(Field::OPENING_KEY_ID)?,
        password: KeyFilePassword::of(fields, Field::OPENING_KEY_PASSWORD)
            .with_own_of_key(fields, Field::OPENING_KEY_OWN_PASSWORD),
    })
}

fn other<'a>(fields: &Fields, entry: &'a OpeningKeyEntry) -> Result<OpeningKey<'a>, Diagnostic> {
    let field = Field::OPENING_KEYS.row();
    let key_id = entry
        .key_id
        .as_deref()
        .map(|text| fields.parse(field, text));
    let source = match (&entry.file, &entry.key) {
        (Some(file), _) => KeySource::File(file),
        (None, Some(key)) => KeySource::Key(key),
        // An entry has one of them.
        (None, None) => return Err(fields.diagnostic(field, "has an entry without a key")),
    };
    Ok(OpeningKey {
        field,
        source,
        key_id: key_id.transpose()?,
        password: KeyFilePassword {
            field,
            given: entry.password.as_ref(),
            of_key: None,
        },
    })
}
