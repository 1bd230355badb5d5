use crate::field::{AnyField, Field};
use crate::fields::Fields;
use crate::value::{Secret, held};

/// The passwords of a key file: the field that gives each, and what the field gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyFilePassword<'a> {
    pub(crate) field: AnyField,
    pub(crate) given: Option<&'a Secret>,
    /// The private key's own, if it is another.
    pub(crate) of_key: Option<(AnyField, Option<&'a Secret>)>,
}

impl<'a> KeyFilePassword<'a> {
    pub(super) fn of(fields: &'a Fields, field: Field<held::Secret>) -> Self {
        Self {
            field: field.row(),
            given: fields.secret(field),
            of_key: None,
        }
    }

    pub(super) fn with_own_of_key(self, fields: &'a Fields, field: Field<held::Secret>) -> Self {
        Self {
            of_key: Some((field.row(), fields.secret(field))),
            ..self
        }
    }
}
