use crate::folder::Folder;
use crate::program::{Sandbox, run};

#[test]
fn a_keystore_is_listed_with_its_key_its_certificate_and_their_dates() {
    let sandbox = Sandbox::start(&[]);
    let (file, password) = (
        sandbox.file("sandbox_merchant.p12"),
        sandbox.file("keystore-password.txt"),
    );
    let ended = run(&["keys", &file, "--password-file", &password, "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.errors);
    let listed: serde_json::Value = serde_json::from_str(&ended.output).expect("JSON");
    let key = &listed["keys"][0];
    assert_eq!(
        (&key["algorithm"], &key["bits"]),
        (&"RSA".into(), &2048.into())
    );
    assert!(
        key["subject"]
            .as_str()
            .expect("text")
            .contains("sandbox_merchant"),
        "{key}"
    );
    assert!(
        key["notAfter"].is_string() && key["keyId"].is_string(),
        "{key}"
    );
    drop(sandbox.end());
}

#[test]
fn a_configuration_lists_what_each_key_is_for() {
    let sandbox = Sandbox::start(&[]);
    let config = sandbox.file("payment-credentials.toml");
    let ended = run(&["keys", "--config", &config]);
    assert_eq!(ended.code, 0, "{}", ended.errors);
    for purpose in ["signs requests", "opens payment credentials"] {
        assert!(ended.output.contains(purpose), "{}", ended.output);
    }
    drop(sandbox.end());
}

#[test]
fn a_certificate_that_ends_soon_ends_with_exit_code_1() {
    let sandbox = Sandbox::start(&[]);
    let file = sandbox.file("root.pem");
    assert_eq!(run(&["keys", &file, "--expires-within", "0"]).code, 0);
    let ended = run(&["keys", &file, "--expires-within", "4000000"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended
            .errors
            .contains("1 of the certificates end within 4000000 days"),
        "{}",
        ended.errors
    );
    drop(sandbox.end());
}

#[test]
fn files_that_cant_be_read_are_named_beside_those_that_can() {
    let sandbox = Sandbox::start(&[]);
    let folder = Folder::new();
    let (good, bad) = (
        sandbox.file("opening-key.pem"),
        folder.file("bad.p12", "hello"),
    );
    let ended = run(&["keys", &bad, &good, "/nowhere/at-all.pem"]);
    assert_eq!(ended.code, 3);
    assert!(
        ended.output.contains("opening-key.pem: private key, RSA"),
        "{}",
        ended.output
    );
    assert!(
        ended.errors.contains("bad.p12 can't be read"),
        "{}",
        ended.errors
    );
    assert!(
        ended.errors.contains("/nowhere/at-all.pem can't be read"),
        "{}",
        ended.errors
    );
    drop(sandbox.end());
}

#[test]
fn a_file_is_bounded() {
    let folder = Folder::new();
    let long = folder.file("long.pem", vec![b'A'; 2 * 1024 * 1024]);
    let ended = run(&["keys", &long]);
    assert_eq!(ended.code, 3);
    assert!(
        ended.errors.contains("longer than 1 MiB"),
        "{}",
        ended.errors
    );
    let endless = run(&["keys", "/dev/zero"]);
    assert_eq!(endless.code, 3);
}
