//! Each field of the table has its effect or is reported.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use payment_credentials_config::Config;
use payment_credentials_core::{
    ApiVersion, CredentialsRequest, KeyPurpose, PaymentCredentialsPort as _, PortErrorKind,
    Refusal, UnexpectedResponse,
};

use crate::fixtures::{SIGNS, assert_says, notes, signing_with, toml, vector};

/// Which test of this folder proves a field's effect.
const SHOWN: &[(&str, &[&str])] = &[
    (
        "samples",
        &[
            "merchant_id",
            "run_environment",
            "intermediate_host",
            "authentication_type",
            "jwt_key_type",
            "merchant_key_id",
            "merchant_secret_key",
            "keys_directory",
            "key_file_name",
            "key_password",
            "opening_key_file",
            "opening_key_id",
            "opening_keys",
            "ssl_ca_cert",
        ],
    ),
    (
        "effects",
        &[
            "api_version",
            "key_alias",
            "signing_key_id",
            "use_metakey",
            "portfolio_id",
            "access_token",
            "call_deadline_ms",
            "connect_deadline_ms",
            "trust_bare_refusals",
            "use_proxy",
            "proxy_address",
            "proxy_port",
            "proxy_user",
            "proxy_password",
            "enable_client_cert",
            "client_cert_dir",
            "ssl_client_cert",
            "private_key",
        ],
    ),
    (
        "as_in_code",
        &[
            "accept_credentials_in_the_clear",
            "digest_algorithm_claim",
            "idle_timeout_ms",
            "max_handshakes",
            "max_idle_connections",
            "on_clock_skew",
            "request_method_claim",
            "response_key_claim",
            "tls_deadline_ms",
            "trusted_roots",
        ],
    ),
    (
        "limits",
        &[
            "calls_per_second",
            "max_concurrent_calls",
            "max_retries",
            "total_deadline_ms",
        ],
    ),
    ("merchants", &["merchants_directory"]),
    (
        "inline",
        &[
            "client_identity",
            "key_own_password",
            "opening_key",
            "opening_key_own_password",
            "signing_key",
            "ssl_key_own_password",
            "ssl_key_password",
        ],
    ),
    ("settings", &["ssl_verify", "disable_ssl_verification"]),
    ("opening", &["opening_accepts"]),
    ("secrets", &["opening_key_password"]),
    (
        "encryption",
        &[
            "request_mle",
            "response_mle",
            "map_to_control_mle_on_api",
            "response_mle_kid",
            "response_mle_private_key_file_path",
            "response_mle_private_key",
            "request_mle_key_alias",
            "mle_for_request_public_cert_path",
            "response_mle_private_key_file_password",
        ],
    ),
];

#[test]
fn every_field_is_in_a_test() {
    let page = include_str!("../../FIELDS.md");
    let rows = page
        .lines()
        .take_while(|line| line.starts_with('|'))
        .skip(2);
    let fields: BTreeSet<_> = rows
        .map(|row| row.split('`').nth(1).expect("a name"))
        .collect();
    let shown = SHOWN.iter().flat_map(|(_, names)| names.iter().copied());
    assert_eq!(fields, shown.collect());
}

#[test]
fn a_host_a_version_and_an_address_to_dial() {
    for (given, host, version) in [
        (
            "run_environment = 'api.cybersource.com'",
            "api.cybersource.com",
            ApiVersion::V3,
        ),
        (
            "run_environment = 'API.IN.cybersource.com'\napi_version = 'v2'",
            "api.in.cybersource.com",
            ApiVersion::V2,
        ),
        (
            "run_environment = 'CyberSource.Environment.PRODUCTION'",
            "api.cybersource.com",
            ApiVersion::V3,
        ),
        (
            "run_environment = 'cybersource.in.environment.SANDBOX'",
            "apitest.cybersource.com",
            ApiVersion::V3,
        ),
        (
            "run_environment = 'cybesource.in.environment.PRODUCTION'",
            "api.in.cybersource.com",
            ApiVersion::V3,
        ),
        (
            "run_environment = 'https://api.cybersource.com'",
            "api.cybersource.com",
            ApiVersion::V3,
        ),
    ] {
        let config = toml(given);
        let endpoint = config.endpoint().expect("an endpoint");
        assert_eq!(
            (&*endpoint.base().host().to_string(), endpoint.version()),
            (host, version),
            "{given}"
        );
        assert_eq!(notes(&config), [""; 0], "{given}");
    }
    for (given, dialled) in [
        (
            "https://manage.windowsazure.com",
            "manage.windowsazure.com:443",
        ),
        ("manage.windowsazure.com/", "manage.windowsazure.com:443"),
        ("Gateway.example:8443", "gateway.example:8443"),
        ("[::1]:8443", "[::1]:8443"),
    ] {
        let config = toml(&format!(
            "run_environment = 'api.cybersource.com'\nIntermediateHost = '{given}'"
        ));
        let endpoint = config.endpoint().expect("an endpoint");
        let address = endpoint.connect_to().expect("an address");
        assert_eq!(format!("{}:{}", address.host(), address.port()), dialled);
        assert_eq!(endpoint.base().host().to_string(), "api.cybersource.com");
    }
}

#[test]
fn deadlines_reach_the_port() {
    let config = signing_with("call_deadline_ms = '8000'\nconnect_deadline_ms = 100");
    let port = config.port().expect("a port");
    assert_eq!(port.call_deadline(), Duration::from_secs(8));
    let builder = format!("{:?}", config.port_builder().expect("a builder"));
    assert!(builder.contains("connect_deadline: 100ms"), "{builder}");
}

/// Starts a server that answers each connection with a 410 that shows no sign of the service.
/// Returns the server's address.
fn bare_gone() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = Vec::new();
            let mut read = [0; 4096];
            // The body is a JSON object without nested objects, so its first `}` ends it.
            while !request.ends_with(b"}") {
                let length = stream.read(&mut read).expect("a request");
                assert_ne!(length, 0, "the request ends in its body");
                request.extend_from_slice(read.get(..length).expect("within"));
            }
            let gone = b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(gone).expect("written");
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn bare_refusals_are_trusted_where_a_flag_says_so() {
    let gone = PortErrorKind::Refused(Refusal::Gone);
    let unexpected = PortErrorKind::Unexpected(UnexpectedResponse::NotTheService);
    let address = bare_gone();
    for (more, kind) in [
        ("", unexpected),
        ("trust_bare_refusals = false", unexpected),
        ("trust_bare_refusals = true", gone),
    ] {
        let config = signing_with(&format!("run_environment = '{address}'\n{more}"));
        let port = config.port().expect("a port");
        let request = CredentialsRequest::new("7010000000016241111".parse().expect("an id"));
        let error = port.generate(&request).await.expect_err("refused");
        assert_eq!(error.kind(), kind, "{more}");
    }
}

#[test]
fn a_metakey_signs_for_other_merchants() {
    let other = "merchant_of_the_portfolio".parse().expect("a merchant");
    let port = toml(SIGNS).port().expect("a port");
    assert!(port.for_merchant(other).is_err());
    let config = signing_with("use_metakey = true\nportfolio_id = 'portfolio'");
    let port = config.port().expect("a port");
    let other = "merchant_of_the_portfolio".parse().expect("a merchant");
    assert!(port.for_merchant(other).is_ok());
}

#[test]
fn an_access_token_is_used() {
    let config = signing_with("authentication_type = 'OAuth'\naccess_token = 'mF_9.B5f-4.1JqM'");
    let authenticator = config.authenticator().expect("an authenticator");
    assert!(format!("{authenticator:?}").starts_with("BearerAuthenticator"));
}

/// A configuration with the certificate of the vectors: merchant, file and password.
fn certificate(more: &str) -> Config {
    let folder = vector("keystores/loads");
    toml(&format!(
        "run_environment = 'apitest.cybersource.com'\nmerchant_id = 'keystore_mid'\n\
         authentication_type = 'jwt'\nkeys_directory = '{}'\nkey_file_name = 'service-new'\n\
         key_password = 'testpass'\n{more}",
        folder.display()
    ))
}

#[test]
fn the_key_id_of_a_certificate_or_another() {
    let key_id = |config: Config| {
        let keys = config.port().expect("a port").configured_keys();
        let key = keys.first().expect("a key");
        assert_eq!((keys.len(), key.purpose), (1, KeyPurpose::SignRequests));
        key.key_id.as_ref().expect("a key id").as_str().to_owned()
    };
    assert_eq!(key_id(certificate("signing_key_id = 'another'")), "another");
    assert_ne!(key_id(certificate("")), "another");
}

#[test]
fn another_alias_is_noted_and_not_used() {
    let config = certificate("key_alias = 'somebody'");
    assert_says(
        &notes(&config),
        "TOML: key_alias has no effect: as in the SDKs, the certificate whose common name is the value of \
         merchant_id signs",
    );
    assert!(config.port().is_ok());
    assert!(
        notes(&certificate("key_alias = 'Keystore_MID'"))
            .iter()
            .all(|it| !it.contains("alias"))
    );
}

#[test]
fn a_proxy_with_its_user() {
    for proxy in [
        "proxy_address = 'http://proxy.example'\nproxy_port = '8080'",
        "proxyAddress = 'proxy.example:8080'",
    ] {
        let config = signing_with(&format!(
            "use_proxy = true\n{proxy}\nproxy_username = 'checkout'\nproxy_password = 'canary-7'"
        ));
        let builder = format!("{:?}", config.port_builder().expect("a builder"));
        assert!(
            builder.contains("proxy.example") && builder.contains("8080"),
            "{builder}"
        );
        assert!(!builder.contains("canary-7"), "{builder}");
    }
    let off = signing_with("proxy_address = 'http://proxy.example:8080'");
    assert_says(
        &notes(&off),
        "TOML: proxy_address has no effect: use_proxy isn't true; set it to true, or delete this field",
    );
    let builder = format!("{:?}", off.port_builder().expect("a builder"));
    assert!(!builder.contains("proxy.example"), "{builder}");
}

#[test]
fn the_environments_proxy_is_used_if_it_is_passed_in_and_no_field_says_otherwise() {
    let variables = [
        ("HTTPS_PROXY", "http://checkout:canary-7@proxy.example:8080"),
        ("PATH", "/usr/bin"),
    ];
    let shown = |more: &str| {
        let config = signing_with(more).with_proxy_from_env(variables);
        assert!(!format!("{config:?}").contains("canary-7"), "{config:?}");
        format!("{:?}", config.port_builder().expect("a builder"))
    };
    let builder = shown("");
    assert!(
        builder.contains("Proxy(http://proxy.example:8080, with a password)"),
        "{builder}"
    );
    assert!(!shown("use_proxy = false").contains("proxy.example"));
    let field = shown("use_proxy = true\nproxy_address = 'http://field.example:1'");
    assert!(field.contains("field.example") && !field.contains("proxy.example"));
    let none = signing_with("").port_builder().expect("a builder");
    assert!(!format!("{none:?}").contains("proxy.example"));

    let excepted = [
        ("https_proxy", "http://proxy.example"),
        ("no_proxy", "cybersource.com"),
    ];
    let config = signing_with("").with_proxy_from_env(excepted);
    let builder = format!("{:?}", config.port_builder().expect("a builder"));
    assert!(!builder.contains("proxy.example"), "{builder}");

    let socks = signing_with("").with_proxy_from_env([("all_proxy", "socks5://canary-7:1")]);
    let error = socks.port().expect_err("refused").to_string();
    let expected = "the environment: all_proxy must start with http:// or https://";
    assert_eq!(error, expected);
}

#[test]
fn a_client_certificate_is_read_with_its_key() {
    let folder = vector("jwe/keys");
    let client = format!(
        "authentication_type = 'MUTUAL_AUTH'\nenable_client_cert = true\nclient_cert_dir = '{}'\n\
         ssl_client_cert = 'certificate.pem'\nprivate_key = 'merchant.pkcs8.pem'",
        folder.display(),
    );
    let builder = signing_with(&client).port_builder().expect("a builder");
    assert!(
        format!("{builder:?}").contains("ClientIdentity"),
        "{builder:?}"
    );
    let off = signing_with("sslClientCert = 'client.pem'");
    assert_says(
        &notes(&off),
        "TOML: sslClientCert has no effect: enable_client_cert isn't true; set it to true, or delete this field",
    );
}

#[test]
fn variables_override_a_file_field_by_field() {
    let variables = [
        ("CYBERSOURCE_MERCHANTID", "of_the_environment"),
        ("CYBERSOURCE_CALL_DEADLINE_MS", "1000"),
        ("CYBERSOURCE_COLOUR", "blue"),
        ("MERCHANTID", "of_another_program"),
    ];
    let environment = Config::from_env(variables).expect("variables");
    assert_says(
        &notes(&environment),
        "the environment: CYBERSOURCE_COLOUR is not a known field",
    );
    let config = toml(SIGNS).overridden_by(environment);
    let port = config.port().expect("a port");
    assert_eq!(port.call_deadline(), Duration::from_secs(1));
    let authenticator = format!("{:?}", config.authenticator().expect("an authenticator"));
    assert!(
        authenticator.contains("of_the_environment"),
        "{authenticator}"
    );
}
