use std::fs;
use std::path::{Path, PathBuf};

use payment_credentials_config::{Config, Diagnostic};
use payment_credentials_core::{CredentialsRequest, PaymentCredentialsPort, SealedCredentials};
use payment_credentials_sandbox::{Policy, Sandbox};

pub(crate) const SECRET: &str = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=";
pub(crate) const KEY_ID: &str = "08c94330-f618-42a3-b09d-e1e43be5efda";

/// Fields that sign with a JWT and the published shared secret.
pub(crate) const SIGNS: &str = r#"
    run_environment = "apitest.cybersource.com"
    merchant_id = "testrest"
    authentication_type = "JWT"
    jwt_key_type = "SHARED_SECRET"
    merchant_key_id = "08c94330-f618-42a3-b09d-e1e43be5efda"
    merchant_secret_key = "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE="
"#;

pub(crate) fn toml(text: &str) -> Config {
    Config::from_toml(text).expect("a configuration")
}

/// The configuration that signs, with additional fields.
pub(crate) fn signing_with(more: &str) -> Config {
    toml(SIGNS).overridden_by(toml(more))
}

/// The mistakes of a port that signs with a key file, with these fields.
pub(crate) fn of_key_file(more: &str) -> String {
    let keys = vector("keystores/loads");
    let signs = format!(
        "jwt_key_type = 'P12'\nkeys_directory = '{}'\nkey_file_name = 'service-new'",
        keys.display()
    );
    let config = signing_with(&signs).overridden_by(toml(more));
    config.port().expect_err(more).to_string()
}

/// The notes about the configuration's fields.
pub(crate) fn notes(config: &Config) -> Vec<String> {
    config.notes().iter().map(Diagnostic::to_string).collect()
}

/// Asserts that one of the lines begins with this text.
pub(crate) fn assert_says(lines: &[String], beginning: &str) {
    assert!(
        lines.iter().any(|line| line.starts_with(beginning)),
        "{beginning}: {lines:#?}"
    );
}

/// The mistakes that the port reports when the signing configuration has these additional fields.
pub(crate) fn refusals(more: &str) -> Vec<String> {
    let error = signing_with(more).port().expect_err("refused");
    error.to_string().lines().map(str::to_owned).collect()
}

/// The path of a vector in the repository.
pub(crate) fn vector(path: &str) -> PathBuf {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    vectors.join(path)
}

/// An empty folder for one test.
pub(crate) fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("config")
        .join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Writes a file that only its owner may read.
pub(crate) fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("permissions");
    }
    path
}

/// Writes such a file with the content of another file.
pub(crate) fn copy(from: &Path, folder: &Path, name: &str) -> PathBuf {
    let path = write(folder, name, "");
    let content = fs::OpenOptions::new().read(true).open(from);
    let to = fs::OpenOptions::new().write(true).open(&path);
    let (mut from, mut to) = (content.expect("a file"), to.expect("a file"));
    std::io::copy(&mut from, &mut to).expect("copied");
    path
}

/// A sandbox that accepts its own merchant and the published one.
pub(crate) async fn sandbox() -> Sandbox {
    payment_credentials_test_limit::start();
    let policy = Policy::strict().with_explanations();
    let policy = policy
        .with_shared_secret("testrest", KEY_ID, SECRET)
        .expect("a policy");
    Sandbox::start(policy.into()).await.expect("a sandbox")
}

/// A configuration that connects to the sandbox and opens its responses.
pub(crate) fn leading_to(sandbox: &Sandbox, folder: &Path) -> Config {
    let root = write(folder, "root.pem", sandbox.root_certificate_pem());
    let key = write(folder, "opening.pem", sandbox.merchant().opening_key_pem());
    toml(&format!(
        "intermediate_host = '{}'\nssl_ca_cert = '{}'\nopening_key_file = '{}'\n\
         opening_key_id = '{}'\n",
        sandbox.address(),
        root.display(),
        key.display(),
        sandbox.merchant().opening_key_id(),
    ))
}

/// Calls through the configuration's port and opens the response with the configuration's opener.
pub(crate) async fn generate(config: &Config) -> SealedCredentials {
    use payment_credentials_core::CredentialsOpener as _;

    let port = config.port().expect("a port");
    let opener = config.opener().expect("an opener");
    let request = CredentialsRequest::new("7010000000016241111".parse().expect("an id"));
    let sealed = port.generate(&request).await.expect("credentials");
    opener.open(&sealed).await.expect("opened");
    sealed
}
