//! An error names the field, the rule and the remedy.

use payment_credentials_config::{Config, Diagnostic};

use crate::fixtures::{SIGNS, assert_says, notes, refusals, signing_with, toml, vector};

fn unread(text: &str) -> String {
    Config::from_toml(text).expect_err("refused").to_string()
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let config =
        toml("merchantid = 'a b'\nauthentication_type = 'http_signature'\nuse_proxy = true");
    let error = config.port().expect_err("refused");
    let lines: Vec<_> = error.mistakes().iter().map(Diagnostic::to_string).collect();
    for beginning in [
        "TOML: run_environment is missing; give",
        "TOML: merchantid can't be used: merchant id: ",
        "TOML: merchant_keyid is missing; give",
        "TOML: merchant_secretkey is missing; give",
        "TOML: proxy_address is missing; give",
    ] {
        assert_says(&lines, beginning);
    }
    assert_eq!(lines.len(), 5, "{lines:#?}");
    let fields: Vec<_> = error.mistakes().iter().map(Diagnostic::field).collect();
    assert!(fields.contains(&"merchantid"), "{fields:?}");
}

#[test]
fn a_missing_field_is_named_as_the_others_are() {
    let node = Config::from_json(
        r#"{"merchantID": "m", "authenticationType": "jwt", "jwtKeyType": "shared_secret"}"#,
    );
    let error = node
        .expect("a configuration")
        .port()
        .expect_err("refused")
        .to_string();
    assert!(
        error.contains("JSON: merchantsecretKey is missing"),
        "{error}"
    );
    let environment = Config::from_env([("CYBERSOURCE_AUTHENTICATION_TYPE", "OAUTH")]);
    let error = environment
        .expect("variables")
        .port()
        .expect_err("refused")
        .to_string();
    assert!(
        error.contains("the environment: CYBERSOURCE_ACCESS_TOKEN is missing"),
        "{error}"
    );
}

#[test]
fn a_value_of_another_kind_is_rejected() {
    for (text, expected) in [
        ("use_proxy = 'yes'", "TOML: use_proxy must be true or false"),
        ("use_proxy = 1", "TOML: use_proxy must be true or false"),
        ("merchantID = true", "TOML: merchantID must be a text"),
        (
            "proxy_port = -1",
            "TOML: proxy_port must be a whole number of 0 or more",
        ),
        (
            "proxy_port = 'x'",
            "TOML: proxy_port must be a whole number of 0 or more",
        ),
        ("keyPass = ['x']", "TOML: keyPass must be a text"),
        (
            "keyPassFile = 1.5",
            "TOML: keyPassFile must be a text that is a path",
        ),
        (
            "mapToControlMLEonAPI = 'x'",
            "TOML: mapToControlMLEonAPI must be a table of operations",
        ),
        (
            "opening_accepts = true",
            "TOML: opening_accepts must be a list of texts, or one text with commas",
        ),
        (
            "opening_accepts = ['RSA-OAEP', false]",
            "TOML: opening_accepts must be a list of texts",
        ),
        (
            "opening_keys = 'x'",
            "TOML: opening_keys must be a list of tables",
        ),
        (
            "opening_keys = [{key_id = 'x'}]",
            "TOML: opening_keys has an entry with neither a file nor a key",
        ),
        (
            "opening_keys = [{file = 'x', kid = 'y'}]",
            "TOML: opening_keys has a key with a member other than",
        ),
        ("merchantid = 2024-02-28", "TOML: merchantid must be a text"),
    ] {
        let error = unread(text);
        assert!(error.starts_with(expected), "{text}: {error}");
    }
}

#[test]
fn an_empty_text_counts_as_no_field() {
    let lines = refusals("use_metakey = true\nportfolio_id = ''");
    assert_says(&lines, "TOML: portfolio_id is missing");
    let empty = "proxy_port = ''\nuse_proxy = ''\nopening_keys = ''\nkeyPass = ''";
    assert!(signing_with(empty).port().is_ok());
}

#[test]
fn two_names_of_a_field_with_different_values_are_rejected() {
    assert_eq!(
        unread("merchantid = 'a'\nmerchantID = 'b'"),
        "TOML: merchantid contradicts merchantID; keep one of them"
    );
    assert_eq!(
        unread("key_password = 'a'\nkey_password_file = 'b'"),
        "TOML: key_password_file contradicts key_password; keep one of them"
    );
    assert!(Config::from_toml("merchantid = 'a'\nmerchantID = 'a'").is_ok());
    let twice = Config::from_json(r#"{"keyPass": "canary-1", "keyPass": "canary-2"}"#);
    let error = twice.expect_err("refused").to_string();
    assert_eq!(error, "JSON: keyPass contradicts keyPass; keep one of them");
}

#[test]
fn an_unknown_field_is_noted_and_a_misspelled_one_rejected() {
    let config = toml("colour = 'blue'\n4111111111111111 = 1");
    let lines = notes(&config);
    assert_says(&lines, "TOML: colour is not a known field; delete it");
    assert_says(
        &lines,
        "TOML: (a name that isn't shown) is not a known field",
    );
    assert_eq!(
        unread("use_metkey = true"),
        "TOML: use_metkey is not a known field; did you mean use_metakey? Correct its name, or delete it"
    );
}

#[test]
fn a_misspelled_variable_is_answered_with_the_variable_that_was_meant() {
    let error = Config::from_env([("CYBERSOURCE_MERCHANT_IDD", "x")]).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the environment: CYBERSOURCE_MERCHANT_IDD is not a known field; did you mean CYBERSOURCE_MERCHANT_ID? \
         Correct its name, or delete it"
    );
}

#[test]
fn a_placeholder_that_nothing_replaced_is_named_as_such() {
    for text in [
        "key_password = '${KEY_PASSWORD}'",
        "merchant_id = '{{ merchant }}'",
    ] {
        let error = unread(text);
        let expected =
            "holds a placeholder such as ${NAME}, which nothing has replaced; give the value";
        assert!(error.ends_with(expected), "{error}");
        assert!(
            !error.contains("KEY_PASSWORD") && !error.contains("{{"),
            "{error}"
        );
    }
}

#[test]
fn an_encrypted_key_in_the_list_asks_for_the_password_of_its_entry() {
    let key = vector("keystores/loads/aes-256.pkcs8.pem");
    let config = toml(&format!("opening_keys = [{{file = '{}'}}]", key.display()));
    assert_eq!(
        config.opener().expect_err("no password").to_string(),
        "TOML: opening_keys has an entry whose key is encrypted; give password or password_file in that entry"
    );
}

#[test]
fn an_opener_needs_a_key() {
    let no_opener = toml(SIGNS).opener().expect_err("no key").to_string();
    assert!(
        no_opener.starts_with("TOML: opening_key_file is missing; give the file of"),
        "{no_opener}"
    );
}

#[test]
fn a_malformed_text_is_reported_by_its_line() {
    for (read, expected) in [
        (
            Config::from_toml("a = 1\nkeyPass = 'canary\n"),
            "TOML: is no valid TOML: line 2, column 18 (keyPass) lacks the closing quote",
        ),
        (
            Config::from_json("{\n\"keyPass\": canary}"),
            "JSON: is no valid JSON: line 2, column 12 (keyPass) lacks double quotes around a text",
        ),
        (
            Config::from_json("[]"),
            "JSON: must be an object, with fields as its members",
        ),
        (
            Config::from_json(""),
            "JSON: is empty; write the fields into it, or {}",
        ),
    ] {
        assert_eq!(read.expect_err("refused").to_string(), expected);
    }
    assert!(Config::from_json(&"[".repeat(100_000)).is_err());
    assert!(Config::from_toml(&format!("a = {}", "[".repeat(100_000))).is_err());
    assert!(Config::from_json("\u{feff}{}").is_ok());
}

/// Row G11.
#[test]
fn g11_a_configuration_with_another_host_replaces_no_keys_and_says_so() {
    let running = signing_with("");
    running.key_set_replacing(&running).expect("the same host");
    let same = signing_with("api_version = 'v3'");
    same.key_set_replacing(&running).expect("the same version");
    for (more, field) in [
        ("intermediate_host = 'gateway.example'", "intermediate_host"),
        ("api_version = 'v2'", "api_version"),
    ] {
        let other = signing_with(more);
        let error = other
            .key_set_replacing(&running)
            .expect_err(field)
            .to_string();
        assert!(
            error.contains(field) && error.contains("build a new port"),
            "{error}"
        );
    }
}
