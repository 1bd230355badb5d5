//! The headers whose values may be shown.

/// Headers whose values are recorded: those of the protocol that hold no secret.
const OPEN: [&str; 17] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "date",
    "digest",
    "expect",
    "host",
    "profile-id",
    "transfer-encoding",
    "user-agent",
    "v-c-client-correlation-id",
    "v-c-client-id",
    "v-c-correlation-id",
    "v-c-date",
    "v-c-merchant-id",
];

/// Whether a header's value may be shown.
pub(crate) fn is_open(name: &str) -> bool {
    OPEN.contains(&name)
}
