//! Row G17: letters that look like others, or like nothing, are told by their names.

use payment_credentials_config::Config;

use crate::fixtures::signing_with;

/// A field with such a letter, and what is told of it.
const LETTERS: &[(&str, &str)] = &[
    (
        "merchant_key_id = '08c94330-f618-42a3-b09d-e1e43be5efda\u{200b}'",
        "merchant_key_id has, as character 37, a zero-width space (U+200B), which is invisible; delete it",
    ),
    (
        "merchant_key_id = '08c94330–f618-42a3-b09d-e1e43be5efda'",
        "merchant_key_id has, as character 9, an en dash (U+2013), which looks like a hyphen; write - instead",
    ),
    (
        "merchant_id = '\u{feff}testrest'",
        "merchant_id has, as character 1, a byte order mark (U+FEFF), which is invisible; delete it",
    ),
    (
        "merchant_id = 'testrest\u{a0}'",
        "merchant_id has, as character 9, a no-break space (U+00A0), which looks like a blank; ",
    ),
    (
        "merchant_id = 'tеstrest'",
        "merchant_id has, as character 2, a Cyrillic letter (U+0435), which looks like a plain one; type it anew",
    ),
    (
        "run_environment = 'apitest.cybersource.com\u{200b}'",
        "run_environment has, as character 24, a zero-width space",
    ),
    (
        "intermediate_host = 'gate–way.example'",
        "intermediate_host has, as character 5, an en dash",
    ),
    (
        "authentication_type = 'JWT\u{200b}'",
        "authentication_type has, as character 4, a zero-width space",
    ),
    (
        "jwt_key_type = 'P12\u{ad}'",
        "jwt_key_type has, as character 4, a soft hyphen",
    ),
    (
        "api_version = 'v３'",
        "api_version has, as character 2, a full-width character",
    ),
    (
        "use_proxy = 'true\u{200b}'",
        "use_proxy has, as character 5, a zero-width space",
    ),
    (
        "call_deadline_ms = '−5'",
        "call_deadline_ms has, as character 1, a minus sign (U+2212)",
    ),
    (
        "ssl_ca_cert = 'my\u{200b}root.pem'",
        "ssl_ca_cert names a file that doesn't exist; the path has, as character 3, a zero-width space",
    ),
];

#[test]
fn g17_a_letter_that_is_not_what_it_looks_like_is_named() {
    for (field, expected) in LETTERS {
        let told = match Config::from_toml(field) {
            Err(error) => error.to_string(),
            Ok(_) => signing_with(field).port().expect_err(field).to_string(),
        };
        let expected = format!("TOML: {expected}");
        assert!(told.starts_with(&expected), "{expected}: {told}");
    }
}

#[test]
fn g17_such_a_letter_in_a_fields_name_is_named_too() {
    let told = Config::from_json("{\"merchant\u{ad}ID\": \"canary\"}").expect_err("a soft hyphen");
    assert_eq!(
        told.to_string(),
        "JSON: (a name that isn't shown) is not a known field; did you mean merchant_id? Its name has, as character \
         9, a soft hyphen (U+00AD), which is invisible; delete it"
    );
}

/// Where such a letter breaks nothing, nothing is said of it.
#[test]
fn g17_a_letter_of_another_language_is_no_mistake_by_itself() {
    let fields = "proxy_user = 'Анна – 1'\nuse_proxy = true\nproxy_address = 'proxy.example:3128'\n\
                  proxy_password = 'пароль'";
    let port = signing_with(fields).port();
    assert!(port.is_ok(), "{port:?}");
}
