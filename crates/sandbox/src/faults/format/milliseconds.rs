//! Durations as whole milliseconds.

use std::time::Duration;

use serde::{Deserialize as _, Deserializer, Serializer};

/// Rounds up as timers do, so that a replay waits as long as the first run did.
pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    let whole = time.as_nanos().div_ceil(1_000_000);
    to.serialize_u64(u64::try_from(whole).unwrap_or(u64::MAX))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u64::deserialize(from).map(Duration::from_millis)
}
