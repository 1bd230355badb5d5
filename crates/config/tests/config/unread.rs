//! Row G17: what is given and has no effect is noted, with what to set instead.

use std::sync::Arc;

use payment_credentials_config::Config;

use crate::fixtures::{assert_says, notes, signing_with};

const OF_PORT: &str = "has no effect on the port of Config::port; put what Config::limits returns around that port, or \
                       take the port from Config::merchants";

#[test]
fn g17_limits_that_the_port_alone_does_not_have_are_noted_unless_they_are_asked_for() {
    for field in [
        "max_retries = 2",
        "calls_per_second = 5",
        "max_concurrent_calls = 8",
    ] {
        let config = || signing_with(field);
        let name = field.split(' ').next().expect("a name");
        let expected = format!("TOML: {name} {OF_PORT}");
        let alone = config();
        assert!(!notes(&alone).contains(&expected), "before a port");
        let port = alone.port().expect("a port");
        assert!(notes(&alone).contains(&expected), "{:?}", notes(&alone));
        let limits = alone.limits().expect("limits");
        assert!(limits.around(Arc::new(port)).is_ok());
        assert!(!notes(&alone).contains(&expected), "after the limits");
        let several = config();
        several.merchants().expect("merchants");
        assert!(!notes(&several).contains(&expected), "of merchants");
    }
}

#[test]
fn g17_a_limit_out_of_its_range_is_refused_for_every_port() {
    let rule = "TOML: calls_per_second must be 1 to 100000 calls";
    let config = || signing_with("calls_per_second = 0");
    assert_eq!(config().port().expect_err("refused").to_string(), rule);
    assert_eq!(config().merchants().expect_err("refused").to_string(), rule);
}

/// Fields, and the field that is noted with what is told of it; nothing, if all of them are read.
const READ_OR_NOT: &[(&str, &str)] = &[
    (
        "total_deadline_ms = 9000",
        "total_deadline_ms has no effect: without retries and waits, call_deadline_ms limits a call; ",
    ),
    ("total_deadline_ms = 9000\nmax_retries = 1", ""),
    (
        "opening_key_id = 'a'\nopening_keys = [{file = 'b.pem'}]",
        "opening_key_id has no effect: it belongs to opening_key_file or opening_key, and neither is given; ",
    ),
    ("opening_key_id = 'a'\nopening_key_file = 'b.pem'", ""),
    (
        "signing_key_id = 'a'",
        "signing_key_id has no effect: only a JWT with a key file reads it; ",
    ),
    ("signing_key_id = 'a'\njwt_key_type = 'P12'", ""),
    (
        "keys_directory = 'keys'\nsigning_key = 'canary'\njwt_key_type = 'P12'",
        "keys_directory has no effect: signing_key gives the key file; delete one of the two",
    ),
    (
        "keys_directory = 'keys'\nkey_file_name = 'a.p12'\nkey_password = 'canary'",
        "",
    ),
    (
        "request_method_claim = 'POST'\nauthentication_type = 'HTTP_SIGNATURE'",
        "request_method_claim has no effect: it is about a JWT; set authentication_type to JWT, or delete",
    ),
    ("request_method_claim = 'POST'", ""),
    (
        "access_token = 'canary'",
        "access_token has no effect: set authentication_type to OAUTH, or delete this field",
    ),
    ("access_token = 'canary'\nauthentication_type = 'oauth'", ""),
    (
        "proxy_user = 'canary'",
        "proxy_user has no effect: use_proxy isn't true; set it to true and give proxy_address, ",
    ),
    (
        "private_key = 'canary.pem'\nclient_identity = 'canary'",
        "private_key has no effect: it is the key of ssl_client_cert; ",
    ),
    (
        "mle_for_request_public_cert_path = 'a.pem'",
        "mle_for_request_public_cert_path has no effect: requests aren't encrypted; set request_mle to true ",
    ),
    (
        "mle_for_request_public_cert_path = 'a.pem'\nrequest_mle = true",
        "",
    ),
    (
        "response_mle_private_key_file_path = 'a.p12'",
        "response_mle_private_key_file_path has no effect: nothing asks for encrypted responses; ",
    ),
    (
        "connect_deadline_ms = 9000\ncall_deadline_ms = 8000",
        "connect_deadline_ms is longer than call_deadline_ms, at which a call ends, connected or not; ",
    ),
    (
        "include = 'canary.toml'",
        "include has no effect: no other file is read; read each, and join them by `Config::overridden_by`",
    ),
    ("connect_deadline_ms = 8000\ncall_deadline_ms = 8000", ""),
];

#[test]
fn g17_a_field_that_nothing_reads_is_noted_with_what_would_read_it() {
    for (more, expected) in READ_OR_NOT {
        let lines = notes(&signing_with(more));
        assert!(
            !lines.iter().any(|line| line.contains("canary")),
            "{lines:?}"
        );
        if expected.is_empty() {
            let is_told =
                |line: &&String| line.contains("has no effect") || line.contains("longer");
            assert_eq!(lines.iter().find(is_told), None, "{more}");
        } else {
            assert_says(&lines, &format!("TOML: {expected}"));
        }
    }
}

#[test]
fn g17_a_proxy_of_the_environment_that_is_not_read_is_noted() {
    let read = |variable: (&str, &str), more: &str| {
        let set = [variable, ("NO_PROXY", ".internal.example")];
        let variables = Config::from_env(set).expect("variables");
        let config = signing_with(more).overridden_by(variables);
        assert!(
            !notes(&config)
                .iter()
                .any(|line| line.contains("isn't read"))
        );
        config.port().expect("a port");
        config
    };
    let text = "is set and isn't read; to use a proxy, set use_proxy to true and proxy_address; to use none, set \
                use_proxy to false; in code, Config::with_proxy_from_env reads the variable";
    let address = "http://user:canary@proxy.example:3128";
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let config = read((name, address), "");
        let expected = format!("the environment: {name} {text}");
        let lines = notes(&config);
        assert!(lines.contains(&expected), "{lines:?}");
        assert!(!format!("{config:?}").contains("canary"));
        let reads = config.with_proxy_from_env([(name, address)]);
        assert!(!notes(&reads).contains(&expected));
    }
    for (variable, more) in [
        (("HTTPS_PROXY", address), "use_proxy = false"),
        (("HTTPS_PROXY", ""), ""),
        (("HTTP_PROXY", address), ""),
        (
            ("HTTPS_PROXY", address),
            "run_environment = 'https://gateway.internal.example'",
        ),
    ] {
        let lines = notes(&read(variable, more));
        assert!(
            !lines.iter().any(|line| line.contains("isn't read")),
            "{lines:?}"
        );
    }
}

#[test]
fn g17_no_trusted_root_is_told_in_words_of_the_configuration() {
    let error = signing_with("trusted_roots = 'extra_only'").port();
    assert_eq!(
        error.expect_err("nothing to trust").to_string(),
        "TOML: trusted_roots is extra_only, and ssl_ca_cert is missing, so that no certificate would be trusted; name \
         the file of your root certificate there, or set this field to platform or bundled"
    );
}
