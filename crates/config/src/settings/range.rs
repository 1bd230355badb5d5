use crate::diagnostic::Diagnostic;
use crate::field::Field;
use crate::fields::Fields;
use crate::value::held;

/// The range of a number, and the unit that the error names.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) least: u64,
    pub(super) most: u64,
    pub(super) unit: &'static str,
}

/// A longer deadline was probably meant in another unit.
pub(super) const DEADLINE: Range = Range {
    least: 1,
    most: 600_000,
    unit: "milliseconds",
};

impl Range {
    /// The field's number, if it is given and within this range.
    pub(super) fn number(
        self,
        fields: &Fields,
        field: Field<held::Number>,
    ) -> Result<Option<u64>, Diagnostic> {
        let Some(number) = fields.number(field) else {
            return Ok(None);
        };
        if (self.least..=self.most).contains(&number) {
            return Ok(Some(number));
        }
        let rule = format!("must be {} to {} {}", self.least, self.most, self.unit);
        Err(fields.diagnostic(field, rule))
    }
}

/// A number whose range fits into every platform's `usize`.
pub(super) fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
