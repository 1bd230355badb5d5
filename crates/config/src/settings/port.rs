use std::time::Duration;

use payment_credentials_core::OnClockSkew;
use payment_credentials_hyper::HyperPortBuilder;

use super::range::{DEADLINE, Range, size};
use crate::diagnostic::{Mistakes, Recorded};
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
    (Field::TLS_DEADLINE, DEADLINE, |port, limit| {
        port.tls_deadline(Duration::from_millis(limit))
    }),
    (Field::IDLE_TIMEOUT, DEADLINE, |port, limit| {
        port.idle_timeout(Duration::from_millis(limit))
    }),
    (
        Field::MAX_IDLE_CONNECTIONS,
        IDLE_CONNECTIONS,
        |port, count| port.max_idle_connections(size(count)),
    ),
    (Field::MAX_HANDSHAKES, HANDSHAKES, |port, count| {
        port.max_handshakes(size(count))
    }),
];

/// The flags that go to the port's builder: the field, and the setter that is called if it is true.
const FLAGS: &[(Field<held::Flag>, SetFlag)] = &[(
    Field::TRUST_BARE_REFUSALS,
    HyperPortBuilder::trust_bare_refusals,
)];

const ON_CLOCK_SKEW: &[(&str, OnClockSkew)] = &[
    ("report", OnClockSkew::Report),
    ("sign_again", OnClockSkew::SignAgain),
];

const IDLE_CONNECTIONS: Range = Range {
    least: 0,
    most: 100_000,
    unit: "connections",
};

const HANDSHAKES: Range = Range {
    least: 1,
    most: 10_000,
    unit: "connections",
};

/// The setters to call on the port's builder, and the numbers to call them with.
#[derive(Debug)]
pub(crate) struct PortSettings {
    on_clock_skew: OnClockSkew,
    numbers: Vec<(SetNumber, u64)>,
    flags: Vec<SetFlag>,
}

impl PortSettings {
    pub(crate) fn set_on(self, builder: HyperPortBuilder) -> HyperPortBuilder {
        let builder = self
            .numbers
            .into_iter()
            .fold(builder, |builder, (set, number)| set(builder, number));
        let builder = self
            .flags
            .into_iter()
            .fold(builder, |builder, set| set(builder));
        builder.on_clock_skew(self.on_clock_skew)
    }
}

pub(crate) fn port(fields: &Fields, mistakes: &mut Mistakes) -> Result<PortSettings, Recorded> {
    let numbers = NUMBERS.iter().filter_map(|(field, range, set)| {
        let number = range.number(fields, *field).transpose()?;
        Some(number.map(|number| (*set, number)))
    });
    let numbers = mistakes.keep_all(numbers);
    let on_clock_skew = mistakes.keep(fields.one_of(Field::ON_CLOCK_SKEW, ON_CLOCK_SKEW));
    let flags = FLAGS.iter().filter(|(field, _)| fields.is_true(*field));
    Ok(PortSettings {
        flags: flags.map(|(_, set)| *set).collect(),
        numbers: numbers?,
        on_clock_skew: on_clock_skew?.unwrap_or_default(),
    })
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
        let limits = [
            Field::MAX_RETRIES,
            Field::CALLS_PER_SECOND,
            Field::MAX_CONCURRENT_CALLS,
            Field::TOTAL_DEADLINE,
        ];
        set.extend(limits.map(|field| field.row().name)); // go to the layers
        set.sort_unstable();
        let mut all = names(|kind| matches!(kind, Kind::Number));
        all.sort_unstable();
        assert_eq!(set, all);
    }
}
