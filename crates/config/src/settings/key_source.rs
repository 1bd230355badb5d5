use std::path::Path;

use crate::diagnostic::Diagnostic;
use crate::field::{AnyField, Field};
use crate::fields::Fields;
use crate::value::{Secret, held};

/// Where a key comes from: a file that a field names, or the key itself in a field or a file of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KeySource<'a> {
    File(&'a Path),
    Key(&'a Secret),
}

/// The source that one of two fields gives, with that field; `None` if neither does.
pub(super) fn key_source(
    fields: &Fields,
    file: Field<held::Path>,
    key: Field<held::Secret>,
) -> Result<Option<(AnyField, KeySource<'_>)>, Diagnostic> {
    match (fields.path(file), fields.secret(key)) {
        (Some(path), None) => Ok(Some((file.row(), KeySource::File(path)))),
        (None, Some(secret)) => Ok(Some((key.row(), KeySource::Key(secret)))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(fields.diagnostic(file, given_twice(fields, key))),
    }
}

/// The rule that a field breaks which is given beside another one for the same thing.
pub(super) fn given_twice(fields: &Fields, other: impl Into<AnyField>) -> String {
    let other = fields.name(other);
    format!("is given together with {other}, which holds the key itself; keep one of them")
}
