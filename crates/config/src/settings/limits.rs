use std::time::Duration;

use super::range::{DEADLINE, Range, size};
use crate::diagnostic::{Mistakes, Recorded};
use crate::field::Field;
use crate::fields::Fields;

const RETRIES: Range = Range {
    least: 0,
    most: 10,
    unit: "retries",
};

const CALLS: Range = Range {
    least: 1,
    most: 100_000,
    unit: "calls",
};

/// The limits on retries and calls.
#[derive(Debug)]
pub(crate) struct LimitSettings {
    pub(crate) max_retries: Option<u32>,
    pub(crate) calls_per_second: Option<u32>,
    pub(crate) max_concurrent_calls: Option<usize>,
    pub(crate) total_deadline: Option<Duration>,
}

pub(crate) fn limits(fields: &Fields, mistakes: &mut Mistakes) -> Result<LimitSettings, Recorded> {
    let mut number = |range: Range, field| mistakes.keep(range.number(fields, field));
    let max_retries = number(RETRIES, Field::MAX_RETRIES);
    let calls_per_second = number(CALLS, Field::CALLS_PER_SECOND);
    let max_concurrent_calls = number(CALLS, Field::MAX_CONCURRENT_CALLS);
    let total_deadline = number(DEADLINE, Field::TOTAL_DEADLINE);
    Ok(LimitSettings {
        max_retries: max_retries?.map(small),
        calls_per_second: calls_per_second?.map(small),
        max_concurrent_calls: max_concurrent_calls?.map(size),
        total_deadline: total_deadline?.map(Duration::from_millis),
    })
}

/// A number whose range fits into 32 bits.
fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
