use crate::field::{AnyField, Field};
use crate::fields::Fields;
use crate::value::{Secret, held};

/// The password of a key file: the field that gives it, and what the field gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyFilePassword<'a> {
    pub(crate) field: AnyField,
    pub(crate) given: Option<&'a Secret>,
}

impl<'a> KeyFilePassword<'a> {
    pub(super) fn of(fields: &'a Fields, field: Field<held::Secret>) -> Self {
        Self {
            field: field.row(),
            given: fields.secret(field),
        }
    }
}
