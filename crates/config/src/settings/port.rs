use std::time::Duration;

use payment_credentials_hyper::HyperPortBuilder;

use crate::diagnostic::{Diagnostic, Mistakes, Recorded};
use crate::field::Field;
use crate::fields::Fields;
use crate::value::held;

type SetNumber = fn(HyperPortBuilder, u64) -> HyperPortBuilder;
type SetFlag = fn(HyperPortBuilder) -> HyperPortBuilder;

/// The numbers that go to the port's builder: the field, its range, and its setter.
const NUMBERS: &[(Field<held::Number>, Range, SetNumber)] = &[
    (Field::CALL_DEADLINE, DEADLINE, |port, limit| {
        port.call_deadline(Duration::from_millis(limit))
    }),
    (Field::CONNECT_DEADLINE, DEADLINE, |port, limit| {
        port.connect_deadline(Duration::from_millis(limit))
    }),
];

/// The flags that go to the port's builder: the field, and the setter that is called if it is true.
const FLAGS: &[(Field<held::Flag>, SetFlag)] = &[(
    Field::TRUST_BARE_REFUSALS,
    HyperPortBuilder::trust_bare_refusals,
)];

/// The range of a number, from 1 to `most`, and the unit that the error names.
#[derive(Clone, Copy)]
struct Range {
    most: u64,
    unit: &'static str,
}

/// A longer deadline was probably meant in another unit.
const DEADLINE: Range = Range {
    most: 600_000,
    unit: "milliseconds",
};

/// The setters to call on the port's builder, and the numbers to call them with.
#[derive(Debug)]
pub(crate) struct PortSettings {
    numbers: Vec<(SetNumber, u64)>,
    flags: Vec<SetFlag>,
}

impl PortSettings {
    pub(crate) fn set_on(self, builder: HyperPortBuilder) -> HyperPortBuilder {
        let builder = self
            .numbers
            .into_iter()
            .fold(builder, |builder, (set, number)| set(builder, number));
        self.flags
            .into_iter()
            .fold(builder, |builder, set| set(builder))
    }
}

pub(crate) fn port(fields: &Fields, mistakes: &mut Mistakes) -> Result<PortSettings, Recorded> {
    let numbers = NUMBERS.iter().filter_map(|(field, range, set)| {
        let number = fields.number(*field)?;
        let number = in_range(fields, *field, *range, number);
        Some(number.map(|number| (*set, number)))
    });
    let flags = FLAGS.iter().filter(|(field, _)| fields.is_true(*field));
    Ok(PortSettings {
        flags: flags.map(|(_, set)| *set).collect(),
        numbers: mistakes.keep_all(numbers)?,
    })
}

fn in_range(
    fields: &Fields,
    field: Field<held::Number>,
    range: Range,
    number: u64,
) -> Result<u64, Diagnostic> {
    if (1..=range.most).contains(&number) {
        return Ok(number);
    }
    let rule = format!("must be 1 to {} {}", range.most, range.unit);
    Err(fields.diagnostic(field, rule))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Row;
    use crate::value::Kind;

    fn names(kind: fn(&Kind) -> bool) -> Vec<&'static str> {
        let rows = Row::ALL.iter().filter(|row| kind(&row.kind));
        rows.map(|row| row.name).collect()
    }

    /// A number that is read and goes nowhere would be a deadline that does nothing.
    #[test]
    fn every_number_has_its_setter() {
        let mut set: Vec<_> = NUMBERS.iter().map(|(field, ..)| field.row().name).collect();
        set.push(Field::PROXY_PORT.row().name); // goes into an address
        set.sort_unstable();
        let mut all = names(|kind| matches!(kind, Kind::Number));
        all.sort_unstable();
        assert_eq!(set, all);
    }
}
