//! Row G17: variables that nobody set, and what a variable or a line of Java properties can't hold.

use payment_credentials_config::Config;

use crate::fixtures::{folder, notes, write};

fn refused(name: &str, value: &str) -> String {
    let error = Config::from_env([(name, value)]).expect_err(name);
    error.to_string()
}

#[test]
fn g17_the_variables_of_a_kubernetes_service_are_told_as_such() {
    let remedy = "set enableServiceLinks: false in the pod's spec, or rename the Service";
    let expected = format!(
        "the environment: CYBERSOURCE_PROXY_PORT holds an address such as tcp://, as Kubernetes sets it for a Service \
         named cybersource-proxy; {remedy}"
    );
    assert_eq!(
        refused("CYBERSOURCE_PROXY_PORT", "tcp://10.0.0.7:3128"),
        expected
    );
    let links = [
        ("CYBERSOURCE_MERCHANT_ID", "testrest"),
        ("CYBERSOURCE_SERVICE_HOST", "10.0.0.7"),
        ("CYBERSOURCE_SERVICE_PORT", "443"),
        ("CYBERSOURCE_SERVICE_PORT_HTTPS", "443"),
        ("CYBERSOURCE_PORT", "tcp://10.0.0.7:443"),
        ("CYBERSOURCE_PORT_443_TCP", "tcp://10.0.0.7:443"),
        ("CYBERSOURCE_PORT_443_TCP_PROTO", "tcp"),
        ("CYBERSOURCE_PORT_443_TCP_PORT", "443"),
        ("CYBERSOURCE_PORT_443_TCP_ADDR", "10.0.0.7"),
        ("CYBERSOURCE_MOCK_SERVICE_HOST", "10.0.0.8"),
    ];
    let config = Config::from_env(links).expect("variables");
    let expected = [
        format!(
            "the environment: CYBERSOURCE_SERVICE_HOST and 7 more come from Kubernetes, for a Service named \
             cybersource, and no field is meant; {remedy}"
        ),
        format!(
            "the environment: CYBERSOURCE_MOCK_SERVICE_HOST comes from Kubernetes, for a Service named \
             cybersource-mock, and no field is meant; {remedy}"
        ),
    ];
    assert_eq!(notes(&config), expected);
    let meant = Config::from_env([("CYBERSOURCE_PROXY_PORT", "3128")]).expect("variables");
    assert!(!notes(&meant).iter().any(|note| note.contains("Kubernetes")));
}

/// A variable with a list or a table, and the beginning of what is told of it.
const GROUPS: &[(&str, &str)] = &[
    ("OPENING_KEYS", ""),
    ("OPENING_KEYS_0_FILE", "belongs to opening_keys, which "),
    ("MAP_TO_CONTROL_MLE_ON_API", ""),
    (
        "MAP_TO_CONTROL_MLE_ON_API_POSTTOKENPAYMENTCREDENTIALSV3",
        "belongs to map_to_control_mle_on_api, which ",
    ),
    ("MERCHANTS", ""),
    (
        "MERCHANTS_BAKERY_MERCHANT_KEY_ID",
        "belongs to a merchant's table, which ",
    ),
    (
        "MERCHANTS__BAKERY__KEY_PASSWORD",
        "belongs to a merchant's table, which ",
    ),
];

#[test]
fn g17_lists_and_tables_in_the_environment_are_told_to_belong_into_a_file() {
    for (name, expected) in GROUPS {
        let name = format!("CYBERSOURCE_{name}");
        let told = refused(&name, "[{\"canary\": 1}]");
        let expected = format!(
            "the environment: {name} {expected}can't be set in the environment, where all values are texts; write it \
             into a file of TOML or JSON"
        );
        assert!(told.starts_with(&expected), "{told}");
    }
    for name in [
        "CYBERSOURCE_MERCHANTS_DIRECTORY",
        "CYBERSOURCE_MERCHANTS_LIST",
    ] {
        assert!(Config::from_env([(name, "merchants")]).is_ok(), "{name}");
    }
}

#[test]
fn g17_lists_and_tables_in_java_properties_are_told_to_belong_into_another_file() {
    for (line, expected) in [
        (
            "opening_keys[0].file=a.pem",
            "(a name that isn't shown) belongs to opening_keys, which ",
        ),
        ("opening_keys={file=a.pem}", "opening_keys "),
        (
            "mapToControlMLEonAPI.postTokenPaymentCredentialsV3=true",
            "mapToControlMLEonAPI.postTokenPaymentCredentialsV3 belongs to map_to_control_mle_on_api, which ",
        ),
        ("merchants=bakery", "merchants "),
    ] {
        let path = write(&folder("groups"), "payments.properties", line);
        let told = Config::from_file(path).expect_err(line).to_string();
        let expected = format!(
            "payments.properties: {expected}can't be given in Java properties, where all values are texts; write it \
             into a file of TOML or JSON"
        );
        assert!(told.starts_with(&expected), "{told}");
    }
}

#[test]
fn g17_a_file_for_what_is_no_secret_is_told_to_be_read_from_no_file() {
    let variables = [("CYBERSOURCE_MERCHANT_ID_FILE", "/run/secrets/canary")];
    let config = Config::from_env(variables).expect("variables");
    let expected = "the environment: CYBERSOURCE_MERCHANT_ID_FILE is not a known field: CYBERSOURCE_MERCHANT_ID is no \
                    secret, and read from no file; give its value";
    assert_eq!(notes(&config), [expected]);
}
