//! Settings that can't work, or must not be used.

use crate::fixtures::{assert_says, refusals, signing_with};

/// Row B15: certificates are always validated, whatever the file says.
#[test]
fn settings_that_endanger_card_data_are_rejected() {
    for (more, expected) in [
        (
            "ssl_verify = false",
            "TOML: ssl_verify must not be false: certificates are always checked",
        ),
        ("verify_ssl = 'False'", "TOML: verify_ssl must not be false"),
        (
            "disableSSLVerification = true",
            "TOML: disableSSLVerification must not be true",
        ),
        (
            "run_environment = 'http://api.cybersource.com'",
            "TOML: run_environment can't be used: ",
        ),
        (
            "intermediateHost = 'http://localhost:8080'",
            "TOML: intermediateHost is a plain http address",
        ),
    ] {
        assert_says(&refusals(more), expected);
    }
    assert!(
        signing_with("ssl_verify = true\ndisable_ssl_verification = false")
            .port()
            .is_ok()
    );
}

#[test]
fn b17_http_signature_never_sends_in_the_clear_what_should_be_encrypted() {
    for (kind, asks) in [
        ("HTTP_Signature", "useMLEGlobally"),
        ("HTTP_SIGNATURE", "response_mle"),
        ("OAUTH", "request_mle"),
        ("MUTUAL_AUTH", "request_mle"),
    ] {
        let lines = refusals(&format!("authenticationType = '{kind}'\n{asks} = true"));
        let expected = format!(
            "TOML: {asks} asks for message-level encryption, which HTTP Signature and others can't \
             carry; set authenticationType to JWT, or this field to false"
        );
        assert_says(&lines, &expected);
    }
}

#[test]
fn the_keys_of_encrypted_responses_are_validated() {
    let on = "enableResponseMleGlobally = true\n";
    for (more, expected) in [
        ("", "TOML: response_mle_private_key_file_path is missing"),
        (
            "responseMlePrivateKeyFilePath = 'a.p12'\nresponseMlePrivateKey = 'b'",
            "TOML: responseMlePrivateKeyFilePath is given together with responseMlePrivateKey, which holds",
        ),
        (
            "responseMlePrivateKeyFilePath = 'a.p12'\nresponseMleKID = 'a b'",
            "TOML: responseMleKID can't be used: key id",
        ),
    ] {
        assert_says(&refusals(&format!("{on}{more}")), expected);
    }
}

#[test]
fn values_out_of_range_are_rejected() {
    for (more, expected) in [
        ("api_version = 'v1'", "TOML: api_version must be v2 or v3"),
        (
            "call_deadline_ms = 0",
            "TOML: call_deadline_ms must be 1 to 600000 milliseconds",
        ),
        (
            "connect_deadline_ms = 600001",
            "TOML: connect_deadline_ms must be 1 to 600000",
        ),
        (
            "authentication_type = 'basic'",
            "TOML: authentication_type must be JWT, HTTP_SIGNATURE",
        ),
        (
            "authentication_type = 'mutual_auth'",
            "TOML: authentication_type is MUTUAL_AUTH, which needs",
        ),
        (
            "jwt_key_type = 'RSA'",
            "TOML: jwt_key_type must be P12 or SHARED_SECRET",
        ),
        (
            "use_metakey = true",
            "TOML: portfolio_id is missing; give the portfolio",
        ),
    ] {
        assert_says(&refusals(more), expected);
    }
}

#[test]
fn invalid_hosts_are_rejected() {
    for (more, expected) in [
        (
            "intermediate_host = 'a/b'",
            "TOML: intermediate_host must be host[:port]",
        ),
        (
            "run_environment = 'https://u:p@h'",
            "TOML: run_environment can't be used: ",
        ),
        (
            "run_environment = 'h.example:0'",
            "TOML: run_environment can't be used: ",
        ),
    ] {
        assert_says(&refusals(more), expected);
    }
}

#[test]
fn a_proxy_or_a_client_certificate_needs_all_its_fields() {
    for (more, expected) in [
        (
            "use_proxy = true\nproxy_address = 'ftp://h'\nproxy_port = 1",
            "TOML: proxy_address can't be used: ",
        ),
        (
            "use_proxy = true\nproxy_address = 'h'\nproxy_port = 1\nproxy_user = 'u'",
            "TOML: proxy_password is missing",
        ),
        (
            "use_proxy = true\nproxy_address = 'h'\nproxy_port = 1\nproxy_password = 'p'",
            "TOML: proxy_user is missing",
        ),
        (
            "use_proxy = true\nproxy_address = 'http://h:3128/proxy.pac'",
            "TOML: proxy_address has a path, as the address of a PAC file does; give http://host:port of the proxy itself",
        ),
        (
            "use_proxy = true\nproxy_address = 'fe80::1'\nproxy_port = 3128",
            "TOML: proxy_address is an IPv6 address without brackets; write http://[address]:port",
        ),
        (
            "use_proxy = true\nproxy_address = 'h'\nproxy_port = 70000",
            "TOML: proxy_port must be 1 to 65535 (a port)",
        ),
        (
            "use_proxy = true\nproxy_address = 'https://apitest.cybersource.com:443'",
            "TOML: proxy_address is a host of the vendor's, and no proxy; give the proxy of your own network",
        ),
        (
            "enable_client_cert = true",
            "TOML: client_cert_dir is missing; give it",
        ),
    ] {
        assert_says(&refusals(more), expected);
    }
}

#[test]
fn ids_and_secrets_are_validated() {
    for (more, expected) in [
        (
            "merchant_secret_key = 'not base64!'",
            "TOML: merchant_secret_key can't be used: shared secret",
        ),
        (
            "merchant_secret_key = 'c2hvcnQ='",
            "TOML: merchant_secret_key can't be used: shared secret is shorter",
        ),
        (
            "merchant_key_id = \"a\\r\\nb\"",
            "TOML: merchant_key_id can't be used: key id",
        ),
        (
            "merchant_id = \"a\\u0000\"",
            "TOML: merchant_id can't be used: merchant id",
        ),
    ] {
        assert_says(&refusals(more), expected);
    }
}
