//! Which files are read and which aren't.

mod readable;

use std::fs;
use std::path::Path;

use payment_credentials_config::Config;

use crate::fixtures::{assert_says, copy, folder, signing_with, toml, vector, write};

fn opener_of(path: &Path) -> Result<(), String> {
    let config = toml(&format!("pemFileDirectory = '{}'", path.display()));
    config.opener().map(drop).map_err(|error| error.to_string())
}

/// Row B5.
#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_noted() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = folder("everybody");
    let path = copy(&vector("jwe/keys/merchant.pkcs8.pem"), &folder, "key.pem");
    let config = toml(&format!("opening_key_file = '{}'", path.display()));
    let notes = || {
        let inventory = config
            .inventory(std::time::UNIX_EPOCH)
            .expect("an inventory");
        inventory
            .notes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(notes(), [""; 0]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("permissions");
    assert_says(
        &notes(),
        "TOML: opening_key_file names a file that everybody on this machine may read",
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("permissions");
    assert_says(
        &notes(),
        "TOML: opening_key_file names a file that the file's group may read",
    );
}

#[cfg(unix)]
#[test]
fn g17_a_configuration_with_secrets_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = folder("configuration");
    for (text, is_refused) in [
        ("key_password = 'x'", true),
        ("[merchants.bakery]\nkey_password = 'x'", true),
        ("opening_keys = [{file = 'x', password = 'y'}]", true),
        ("opening_keys = [{file = 'x', password_file = 'y'}]", false),
        ("key_password_file = 'x'", false),
        ("merchant_id = 'x'", false),
    ] {
        let path = write(&folder, "payments.toml", text);
        assert!(Config::from_file(&path).is_ok());
        for (mode, readers) in [
            (0o604, "everybody on this machine"),
            (0o640, "the file's group"),
        ] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
            let read = Config::from_file(&path).map_err(|error| error.to_string());
            if is_refused {
                let expected = format!(
                    "payments.toml: holds secrets, and {readers} may read it; run `chmod 600` on it (in a Kubernetes \
                     volume, set defaultMode: 0400), or move the secrets to files of their own or to the environment"
                );
                assert_eq!(read.err(), Some(expected), "{text}");
            } else {
                assert!(read.is_ok(), "{text}");
            }
        }
    }
}

#[test]
fn g17_an_error_names_every_path_that_was_tried() {
    let folder = folder("tried");
    let signs = "run_environment = 'test'\nauthentication_type = 'JWT'\nmerchant_id = 'mine'\n\
                 keys_directory = 'keys'\nopening_key_file = 'nowhere.pem'";
    let path = write(&folder, "payments.toml", signs);
    let config = Config::from_file(path).expect("a configuration");
    let at = |path: &str| folder.join(path).display().to_string();
    let remedy = "put it there, or correct the path, which counts from the configuration's folder and then from the \
                  working directory";
    let error = config.port().expect_err("no file").to_string();
    let expected = format!(
        "payments.toml: key_file_name isn't given, and the merchant id names a file that doesn't exist; looked \
         for {}, {}, keys/mine.p12, keys/mine; {remedy}",
        at("keys/mine.p12"),
        at("keys/mine"),
    );
    assert_eq!(error, expected);
    let error = config.opener().expect_err("no file").to_string();
    let expected = format!(
        "payments.toml: opening_key_file names a file that doesn't exist; looked for {}, nowhere.pem; {remedy}",
        at("nowhere.pem")
    );
    assert_eq!(error, expected);
    let card = toml("opening_key_file = '/keys/4111111111111111.pem'");
    let error = card.opener().expect_err("no file").to_string();
    assert!(error.contains("(a path that isn't shown)"), "{error}");
}

#[test]
fn g17_of_two_files_the_one_beside_the_configuration_is_taken_and_that_is_said() {
    let folder = folder("two_files");
    let (key, other) = (
        "jwe/keys/merchant.pkcs8.pem",
        "jwe/keys/merchant-next.pkcs8.pem",
    );
    // Tests run in the crate's own folder, so this path is found from there.
    let relative = "tests/config/opening-key-of-a-test.pem";
    fs::create_dir_all(folder.join("tests/config")).expect("folders");
    copy(
        &vector(key),
        &folder.join("tests/config"),
        "opening-key-of-a-test.pem",
    );
    let text = format!("opening_key_file = '{relative}'");
    let config = Config::from_file(write(&folder, "payments.toml", text)).expect("a configuration");
    let notes = || {
        let inventory = config
            .inventory(std::time::UNIX_EPOCH)
            .expect("an inventory");
        inventory
            .notes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(notes(), [""; 0]);
    let second = copy(
        &vector(other),
        Path::new("tests/config"),
        "opening-key-of-a-test.pem",
    );
    let two = notes();
    copy(
        &vector(key),
        Path::new("tests/config"),
        "opening-key-of-a-test.pem",
    );
    let same = notes();
    fs::remove_file(second).expect("removed");
    let expected = format!(
        "payments.toml: opening_key_file names two files: {} was taken, and {relative} was not",
        folder.join(relative).display()
    );
    assert_eq!(two, [expected]);
    assert_eq!(same, [""; 0], "two files of one content");
}

#[test]
fn the_key_files_name_may_leave_out_its_extension() {
    let folder = vector("keystores/loads");
    for (name, works) in [
        ("service-new", true),
        ("service-new.p12", true),
        ("service-other", false),
    ] {
        let config = signing_with(&format!(
            "jwt_key_type = 'p12'\nmerchant_id = 'keystore_mid'\nkeys_directory = '{}'\n\
             key_file_name = '{name}'\nkey_password = 'testpass'",
            folder.display()
        ));
        assert_eq!(config.port().is_ok(), works, "{name}");
    }
}

#[test]
fn an_error_says_whether_the_key_file_was_named() {
    let refused = |more: &str| {
        let text = format!("jwt_key_type = 'p12'\nkeys_directory = 'nowhere'\n{more}");
        signing_with(&text).port().expect_err("refused").to_string()
    };
    let named = refused("key_file_name = 'mine'");
    assert!(
        named.contains("key_file_name names a file that doesn't exist"),
        "{named}"
    );
    let unnamed = refused("");
    assert!(
        unnamed
            .contains("key_file_name isn't given, and the merchant id names a file that doesn't"),
        "{unnamed}"
    );
}

#[test]
fn relative_paths_are_found_beside_the_file_whichever_origin_names_them() {
    let folder = folder("beside");
    fs::create_dir(folder.join("keys")).expect("a folder");
    let key = vector("keystores/loads/service-new.p12");
    copy(&key, &folder.join("keys"), "mine.p12");
    let text = "run_environment = 'apitest.cybersource.com'\nauthentication_type = 'JWT'\n\
                merchant_id = 'keystore_mid'\nkeys_directory = 'keys'\nkey_password = 'testpass'";
    let file = write(&folder, "payments.toml", text);
    let file = || Config::from_file(&file).expect("a configuration");
    assert!(file().port().is_err());
    let variables = Config::from_env([("CYBERSOURCE_KEY_FILE_NAME", "mine")]);
    assert!(
        file()
            .overridden_by(variables.expect("variables"))
            .port()
            .is_ok()
    );
}

#[test]
fn a_file_with_other_content_is_rejected_with_its_reason() {
    let error = opener_of(&vector("jwe/keys/certificate.pem")).expect_err("refused");
    assert!(
        error.contains("pemFileDirectory can't be used: ") && error.contains("certificate"),
        "{error}"
    );
    let config = signing_with(&format!(
        "jwt_key_type = 'p12'\nmerchant_id = 'somebody_else'\nkeys_directory = '{}'\n\
         key_file_name = 'service-new'\nkey_password = 'testpass'",
        vector("keystores/loads").display()
    ));
    let error = config.port().expect_err("refused").to_string();
    assert!(
        error.contains("TOML: key_file_name can't be used: ") && error.contains("keystore_mid"),
        "{error}"
    );
    let root = format!(
        "ssl_ca_cert = '{}'",
        vector("jwe/keys/merchant.pkcs8.pem").display()
    );
    let error = signing_with(&root).port().expect_err("refused").to_string();
    assert_eq!(
        error,
        "TOML: ssl_ca_cert can't be used: certificate is not usable: this file holds a private key; give the \
         certificate, which is public"
    );
}

#[test]
fn certificates_that_expire_are_noted() {
    let config = signing_with(&format!(
        "jwt_key_type = 'p12'\nmerchant_id = 'keystore_mid'\nkeys_directory = '{}'\n\
         key_file_name = 'service-new'\nkey_password = 'testpass'",
        vector("keystores/loads").display()
    ));
    let end = config
        .port()
        .expect("a port")
        .configured_keys()
        .first()
        .and_then(|key| key.not_after);
    let end = end.expect("an end");
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    for (now, expected) in [
        (
            end + day,
            "TOML: key_file_name holds a certificate that has expired; make a new key",
        ),
        (
            end - 89 * day,
            "TOML: key_file_name holds a certificate that expires in 89 days",
        ),
    ] {
        let inventory = config.inventory(now).expect("an inventory");
        let notes: Vec<_> = inventory.notes.iter().map(ToString::to_string).collect();
        assert_says(&notes, expected);
    }
    let inventory = config.inventory(end - 91 * day).expect("an inventory");
    assert!(
        inventory
            .notes
            .iter()
            .all(|note| !note.to_string().contains("certificate"))
    );
}

#[test]
fn a_password_file_that_is_empty_or_begins_with_a_mark_is_understood() {
    let folder = folder("password_files");
    let key = vector("keystores/loads/aes-256.pkcs8.pem");
    let opens = |content: &str| {
        let password = write(&folder, "password", content);
        let fields = format!(
            "opening_key_file = '{}'\nopening_key_password_file = '{}'",
            key.display(),
            password.display()
        );
        toml(&fields)
            .keyring()
            .map(drop)
            .map_err(|error| error.to_string())
    };
    assert_eq!(opens("\u{feff}testpass\r\n"), Ok(()));
    let empty = "TOML: opening_key_password_file names an empty file; write the secret into it";
    assert_eq!(opens("\n"), Err(empty.to_owned()));
}
