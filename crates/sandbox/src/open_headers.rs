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

#[cfg(test)]
mod tests {
    use payment_credentials_core::header::RULES;

    use super::is_open;

    /// The list is the sandbox's own, but what it shows is never what the client calls secret.
    #[test]
    fn a_header_that_the_client_sends_is_shown_unless_it_is_secret() {
        use payment_credentials_core::header::RequestValue::Absent;
        for rule in RULES.iter().filter(|rule| rule.request != Absent) {
            assert_eq!(is_open(rule.name), !rule.secret, "{}", rule.name);
        }
    }
}
