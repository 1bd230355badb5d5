//! The SDKs' own files, unchanged, against a service that verifies signatures.

use std::path::Path;

use payment_credentials_config::Config;

use crate::fixtures::{
    SECRET, assert_says, copy, folder, generate, leading_to, notes, sandbox, toml, vector, write,
};

/// Reads a sample from a copy that its owner alone may read, since it holds secrets.
fn read(sample: &str, test: &str) -> Config {
    let sample = Path::new(sample);
    let name = sample.file_name().expect("a name").to_string_lossy();
    let own = copy(sample, &folder(&format!("sample_of_{test}")), &name);
    Config::from_file(own).expect("a configuration")
}

macro_rules! sample {
    ($name:literal) => {
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/config/samples/", $name)
    };
}

async fn check_signs(sample: &str, test: &str) {
    let (sandbox, folder) = (sandbox().await, folder(test));
    let file = read(sample, test);
    generate(&file.overridden_by(leading_to(&sandbox, &folder))).await;
    assert_eq!(sandbox.minted(), 1);
}

#[tokio::test]
async fn python_http_signature() {
    check_signs(
        sample!("python-http-signature.json"),
        "python_http_signature",
    )
    .await;
}

#[tokio::test]
async fn node_http_signature() {
    check_signs(sample!("node-http-signature.json"), "node_http_signature").await;
}

#[tokio::test]
async fn node_jwt_by_shared_secret() {
    check_signs(
        sample!("node-jwt-shared-secret.json"),
        "node_jwt_by_shared_secret",
    )
    .await;
}

#[tokio::test]
async fn g17_configurations_of_the_sdks_for_java_csharp_php_and_ruby() {
    for (sample, test) in [
        (sample!("java-http-signature.properties"), "java"),
        (sample!("csharp-http-signature.json"), "csharp"),
        (sample!("php-http-signature.json"), "php"),
        (sample!("ruby-http-signature.json"), "ruby"),
    ] {
        check_signs(sample, test).await;
        let unknown: Vec<_> = notes(&read(sample, test))
            .into_iter()
            .filter(|note| note.contains("not a known field"))
            .collect();
        assert_eq!(unknown, [""; 0], "{sample}");
    }
}

#[test]
fn g17_a_sample_whose_key_file_is_missing_says_that_one_thing() {
    let java = read(sample!("java-jwt-mle.properties"), "java_mle");
    let error = java.port().expect_err("no key file");
    let [missing] = error.mistakes() else {
        panic!("one mistake: {error}");
    };
    let expected =
        "java-jwt-mle.properties: keyFileName names a file that doesn't exist; looked for ";
    assert!(missing.to_string().starts_with(expected), "{missing}");
    assert!(
        missing
            .to_string()
            .contains("src/main/resources/testrest.p12"),
        "{missing}"
    );
}

/// Samples, and the one thing that each of them lacks here.
const LACKING: &[(&str, &str, &str)] = &[
    (
        sample!("php-cybs.json"),
        "php_cybs",
        "keyFilename names a file that doesn't exist; looked for ",
    ),
    (
        sample!("node-mle.json"),
        "node_mle",
        "keysDirectory names a folder that doesn't exist; ",
    ),
    (
        sample!("node-response-mle.json"),
        "node_response_mle",
        "keysDirectory names a folder that doesn't exist; ",
    ),
    (
        sample!("ruby-mle.json"),
        "ruby_mle",
        "keyFilename names a file that doesn't exist; looked for ",
    ),
    (
        sample!("csharp-jwt.json"),
        "csharp_jwt",
        "keysDirectory has backslashes, which separate folders on Windows alone; ",
    ),
];

#[cfg(not(windows))]
#[test]
fn g17_each_sample_says_the_one_thing_that_it_lacks_and_each_of_its_names_is_known() {
    for (sample, test, lacks) in LACKING {
        let config = read(sample, test);
        let error = config.port().expect_err(sample);
        let [missing] = error.mistakes() else {
            panic!("one mistake: {error}");
        };
        let missing = missing.to_string();
        assert!(missing.contains(&format!(".json: {lacks}")), "{missing}");
        let unknown = |note: &&String| note.contains("not a known field");
        assert_eq!(notes(&config).iter().find(unknown), None, "{sample}");
    }
}

/// Checks a sample with the certificate of the sandbox's own merchant, in a file as the Business
/// Center creates it.
async fn check_certificate(sample: &str, test: &str) {
    let (sandbox, folder) = (sandbox().await, folder(test));
    let merchant = sandbox.merchant();
    write(
        &folder,
        "testrest.p12",
        merchant.keystore().expect("a keystore"),
    );
    let own = format!(
        "merchant_id = '{}'\nkeys_directory = '{}'\nkey_password = '{}'",
        merchant.id(),
        folder.display(),
        merchant.keystore_password(),
    );
    let file = read(sample, test);
    let config = file.overridden_by(toml(&own));
    generate(&config.overridden_by(leading_to(&sandbox, &folder))).await;
    assert_eq!(sandbox.minted(), 1);
}

#[tokio::test]
async fn python_jwt_by_certificate() {
    check_certificate(sample!("python-jwt-p12.toml"), "python_jwt_by_certificate").await;
}

#[tokio::test]
async fn node_jwt_by_certificate() {
    check_certificate(sample!("node-jwt-p12.json"), "node_jwt_by_certificate").await;
}

#[tokio::test]
async fn encryption_without_its_certificate_is_refused_and_then_switched_off() {
    let (sandbox, folder) = (sandbox().await, folder("python_mle"));
    let file = || read(sample!("python-mle.json"), "python_mle");
    let error = file().port().expect_err("not in the clear").to_string();
    assert_says(
        &[error],
        "python-mle.json: mleForRequestPublicCertPath names a file that doesn't exist",
    );
    let off = Config::from_env([("CYBERSOURCE_USEMLEGLOBALLY", "false")]).expect("variables");
    let config = file().overridden_by(off);
    generate(&config.overridden_by(leading_to(&sandbox, &folder))).await;
}

#[tokio::test]
async fn a_file_with_our_own_names_and_secrets_in_files_beside_it() {
    let (sandbox, folder) = (sandbox().await, folder("ours"));
    let text = include_str!("samples/ours.toml");
    let file = write(&folder, "payments.toml", text);
    write(&folder, "secret.txt", format!("{SECRET}\n"));
    for (name, key) in [("current.pem", "merchant"), ("next.pem", "merchant-next")] {
        let key = vector(&format!("jwe/keys/{key}.pkcs8.pem"));
        copy(&key, &folder, name);
    }
    let config = Config::from_file(&file).expect("a configuration");
    assert_eq!(notes(&config), [""; 0]);
    assert_eq!(config.keyring().expect("keys").keys().len(), 2);
    generate(&config.overridden_by(leading_to(&sandbox, &folder))).await;
}

#[test]
fn what_has_no_effect_is_said_in_the_files_own_words() {
    let python = read(sample!("python-http-signature.json"), "python_words");
    let node = read(sample!("node-http-signature.json"), "node_words");
    let lines = notes(&python);
    assert_says(
        &lines,
        "python-http-signature.json: log_config has no effect: ",
    );
    assert_says(
        &lines,
        "python-http-signature.json: timeout has no effect: ",
    );
    assert_says(
        &lines,
        "python-http-signature.json: merchant_secretkey is a secret in plain text; ",
    );
    assert_says(
        &notes(&node),
        "node-http-signature.json: logFilename has no effect: ",
    );
}
