//! Whatever is given, there is an end, and no panic.

use payment_credentials_config::Config;
use proptest::prelude::*;

use crate::fixtures::notes;

/// Field names and values of every kind, at random.
fn members() -> impl Strategy<Value = Vec<(String, String)>> {
    let page = include_str!("../../FIELDS.md");
    let names = page.split('`').skip(1).step_by(2).map(str::to_owned);
    let name = prop_oneof![
        4 => proptest::sample::select(names.collect::<Vec<_>>()),
        1 => ".{0,12}",
    ];
    let value = prop_oneof![
        Just("true".to_owned()),
        Just("null".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| format!("{number:e}")),
        ".{0,24}".prop_map(|text| serde_json::Value::from(text).to_string()),
        Just("\"JWT\"".to_owned()),
        Just("\"http_signature\"".to_owned()),
        Just("\"SHARED_SECRET\"".to_owned()),
        Just("[{\"file\": \"x\"}, 3]".to_owned()),
        Just("{\"postTokenPaymentCredentialsV3\": \"::\"}".to_owned()),
    ];
    proptest::collection::vec((name, value), 0..12)
}

proptest! {
    #[test]
    fn no_text_causes_a_panic(text in ".{0,80}") {
        let _ = Config::from_toml(&text);
        let _ = Config::from_json(&text);
    }

    #[test]
    fn no_fields_cause_a_panic(members in members()) {
        let members = members.iter().map(|(name, value)| {
            format!("{}: {value}", serde_json::Value::from(name.as_str()))
        });
        let text = format!("{{{}}}", members.collect::<Vec<_>>().join(", "));
        if let Ok(config) = Config::from_json(&text) {
            let lines = notes(&config);
            prop_assert!(lines.iter().all(|line| !line.contains('\n')));
            let _ = config.port();
            let _ = config.opener();
            if let Err(error) = config.inventory(std::time::UNIX_EPOCH) {
                prop_assert_eq!(error.to_string().lines().count(), error.mistakes().len());
            }
        }
    }
}

/// Some of the names are misspelled. Each of them would be a mistake if it were looked up; the others
/// would be notes.
#[test]
fn too_many_names_are_rejected_before_any_is_looked_up() {
    // The names are short enough that together they don't exceed the limit for a text.
    let names = || (0..40_000).map(|index| format!("merchant{index:x}"));
    let toml = names()
        .map(|name| format!("{name} = 1"))
        .collect::<Vec<_>>()
        .join("\n");
    let json: Vec<_> = names().map(|name| format!("\"{name}\":1")).collect();
    let json = format!("{{{}}}", json.join(","));
    let variables = names().map(|name| (format!("CYBERSOURCE_{name}"), "1"));
    for refused in [
        Config::from_toml(&toml),
        Config::from_json(&json),
        Config::from_env(variables),
    ] {
        let error = refused.expect_err("refused").to_string();
        let says = "has more than 256 fields; delete those that aren't configuration";
        assert!(error.ends_with(says), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn long_texts_are_rejected() {
    let long = "x".repeat(1024 * 1024);
    for refused in [
        Config::from_toml(&format!("a = '{long}'")),
        Config::from_json(&format!("{{\"a\":\"{long}\"}}")),
        Config::from_env([("CYBERSOURCE_A", &*long)]),
    ] {
        let error = refused.expect_err("refused").to_string();
        let says = "is longer than 1 MiB; delete what isn't configuration";
        assert!(error.ends_with(says), "{error}");
    }
}

#[test]
fn the_environments_other_variables_are_ignored() {
    let others = (0..10_000).map(|index| (format!("OTHER_{index}"), "x".repeat(200)));
    assert!(Config::from_env(others).is_ok());
}

#[test]
fn too_many_opening_keys_are_rejected() {
    let with = |count| {
        let keys = vec!["{ file = 'k.pem' }"; count].join(",");
        Config::from_toml(&format!("opening_keys = [{keys}]"))
    };
    assert!(with(64).is_ok());
    let error = with(65).expect_err("refused").to_string();
    assert!(error.contains("has more than 64 keys"), "{error}");
}
