//! Fields for what code sets on builders.

use payment_credentials_core::{
    CredentialsRequest, PaymentCredentialsPort as _, PortErrorKind, UnexpectedResponse,
};

use crate::fixtures::{SIGNS, folder, leading_to, sandbox, signing_with, toml};

/// What the port's builder shows with a field.
fn built(field: &str) -> String {
    let config = signing_with(field);
    format!("{:?}", config.port_builder().expect("a builder"))
}

#[test]
fn settings_of_connections_reach_the_builder() {
    for (field, shown) in [
        ("tls_deadline_ms = 250", "tls_deadline: 250ms"),
        ("idle_timeout_ms = '9000'", "idle_timeout: 9s"),
        ("max_idle_connections = 0", "max_idle_connections: 0"),
        ("max_handshakes = 7", "max_handshakes: 7"),
        ("trusted_roots = 'bundled'", "roots: Bundled"),
        ("trusted_roots = 'Extra_Only'", "roots: ExtraOnly"),
        ("trusted_roots = 'platform'", "roots: Platform"),
        ("on_clock_skew = 'sign_again'", "on_clock_skew: SignAgain"),
        ("on_clock_skew = 'report'", "on_clock_skew: Report"),
    ] {
        let builder = built(field);
        assert!(builder.contains(shown), "{field}: {builder}");
    }
}

#[test]
fn the_format_of_a_jwt_reaches_its_signer() {
    for (field, shown) in [
        (
            "response_key_claim = 'v-c-api-response-mle-kid'",
            "response_key: ApiResponse",
        ),
        (
            "digest_algorithm_claim = 'digest-algorithm'",
            "digest_algorithm: Dashed",
        ),
        ("request_method_claim = 'POST'", "request_method: Upper"),
        ("request_method_claim = 'post'", "request_method: Lower"),
        ("", "response_key: Response"),
    ] {
        let builder = built(field);
        assert!(builder.contains(shown), "{field}: {builder}");
    }
}

#[test]
fn a_value_that_is_none_of_its_words_is_refused_with_the_words() {
    for (field, rule) in [
        (
            "trusted_roots = 'all'",
            "trusted_roots must be platform or bundled or extra_only",
        ),
        (
            "on_clock_skew = 'ignore'",
            "on_clock_skew must be report or sign_again",
        ),
        (
            "response_key_claim = 'kid'",
            "response_key_claim must be v-c-response-mle-kid or v-c-api-response-mle-kid",
        ),
        (
            "max_handshakes = 0",
            "max_handshakes must be 1 to 10000 connections",
        ),
        (
            "tls_deadline_ms = 0",
            "tls_deadline_ms must be 1 to 600000 milliseconds",
        ),
    ] {
        let error = signing_with(field).port().expect_err("refused").to_string();
        assert_eq!(error, format!("TOML: {rule}"));
    }
}

/// The error of a call whose response is plain JSON; `None` if the call succeeds.
async fn plain_json(more: &str) -> Option<PortErrorKind> {
    let sandbox = sandbox().await;
    let unencrypted = r#"[{"phase": "body", "fault": "unencrypted"}]"#;
    sandbox.faults().add_json(unencrypted).expect("a rule");
    let config = toml(SIGNS).overridden_by(leading_to(&sandbox, &folder("plain_json")));
    let config = config.overridden_by(toml(more));
    let request = CredentialsRequest::new("7010000000016241111".parse().expect("an id"));
    let port = config.port().expect("a port");
    let called = port.generate(&request).await;
    called.err().map(|error| error.kind())
}

#[tokio::test]
async fn credentials_as_plain_json_are_accepted_only_where_the_field_says_so() {
    let refused = PortErrorKind::Unexpected(UnexpectedResponse::Unencrypted);
    assert_eq!(plain_json("").await, Some(refused));
    let accepted = plain_json("accept_credentials_in_the_clear = true").await;
    assert_eq!(accepted, None);
}
