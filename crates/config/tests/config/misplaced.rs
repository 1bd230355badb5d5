//! Row G17: a value that stands in another's place, or has something around it, is told as that.

use crate::fixtures::{folder, of_key_file, signing_with, toml, vector, write};

#[test]
fn g17_a_key_in_place_of_its_path_is_told_with_the_field_for_it() {
    let pem = "-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----";
    let base64 = format!("MII{}", "ABCD".repeat(100));
    for key in [pem, &base64] {
        for (field, expected) in [
            (
                "opening_key_file",
                "holds the key itself; give it as opening_key",
            ),
            (
                "opening_keys",
                "holds the key itself; give it as key in that entry, in place of file",
            ),
        ] {
            let text = match field {
                "opening_keys" => format!("opening_keys = [{{file = \"{key}\"}}]"),
                _ => format!("{field} = \"{key}\""),
            };
            let told = toml(&text).opener().expect_err(field).to_string();
            assert_eq!(told, format!("TOML: {field} {expected}"));
        }
        for (field, more, expected) in [
            (
                "key_file_name",
                "",
                "holds the key itself; give it as signing_key",
            ),
            (
                "signing_key_file",
                "key_file_name = ''\n",
                "holds the key itself; give it as signing_key, without _file",
            ),
            (
                "ssl_client_cert",
                "enable_client_cert = true\nclient_cert_dir = 'keys'\n",
                "holds the key or the certificate itself; give both as client_identity",
            ),
            (
                "response_mle_private_key_file_path",
                "response_mle = true\n",
                "holds the key itself; give it as response_mle_private_key",
            ),
        ] {
            let more = format!("jwt_key_type = 'P12'\n{more}{field} = \"{key}\"");
            let told = signing_with(&more).port().expect_err(field).to_string();
            let expected = format!("TOML: {field} {expected}");
            assert!(
                told.lines().any(|line| line == expected),
                "{expected}: {told}"
            );
        }
    }
}

#[test]
fn g17_a_path_in_place_of_a_key_is_told_with_the_field_for_it() {
    for (field, file) in [
        ("opening_key", "opening_key_file"),
        ("OPENING_KEY", "CYBERSOURCE_OPENING_KEY_FILE"),
    ] {
        let path = "keys/nt.pem";
        let config = if field == "opening_key" {
            toml(&format!("{field} = '{path}'"))
        } else {
            let variables = [("CYBERSOURCE_OPENING_KEY", path)];
            payment_credentials_config::Config::from_env(variables).expect("variables")
        };
        let told = config.opener().expect_err(field).to_string();
        assert!(
            told.ends_with(&format!("holds a path; give it in {file}")),
            "{told}"
        );
    }
    let told = toml("opening_key = 'canary'")
        .opener()
        .expect_err("a word")
        .to_string();
    assert_eq!(
        told,
        "TOML: opening_key holds a single word, and no key; give the key itself, or, if that is the name of \
         its file, give that in opening_key_file"
    );
    let signing = "jwt_key_type = 'P12'\nsigning_key = '/keys/me.p12'";
    assert_eq!(
        signing_with(signing)
            .port()
            .expect_err("a path")
            .to_string(),
        "TOML: signing_key holds a path; give it in signing_key_file"
    );
    let folder = folder("path");
    let path = write(&folder, "key.pem", "/keys/other.pem\n");
    let told = toml(&format!("opening_key_file = '{}'", path.display())).opener();
    assert_eq!(
        told.expect_err("a path").to_string(),
        "TOML: opening_key_file names a file that holds a path, and no key; give the path that leads to the key"
    );
}

#[test]
fn g17_a_path_that_only_another_program_follows_is_told() {
    for (path, expected) in [
        (
            "https://vault/keys/nt.pem",
            "holds an address such as https://…, which isn't fetched; download the file",
        ),
        (
            "s3://bucket/nt.pem",
            "holds an address such as https://…, which isn't fetched; download the file",
        ),
        (
            "classpath:keys/nt.pem",
            "begins with classpath:, which only Java resolves; give the path of the file",
        ),
    ] {
        let told = toml(&format!("opening_key_file = '{path}'"))
            .opener()
            .expect_err(path)
            .to_string();
        assert!(
            told.starts_with(&format!("TOML: opening_key_file {expected}")),
            "{told}"
        );
    }
    #[cfg(not(windows))]
    {
        let told = toml("opening_key_file = 'C:\\cybs\\nt.pem'")
            .opener()
            .expect_err("Windows")
            .to_string();
        assert!(
            told.contains("begins with a drive of Windows, and this isn't Windows"),
            "{told}"
        );
    }
}

#[test]
fn g17_a_file_in_place_of_the_folder_of_keys_is_told() {
    let file = vector("keystores/loads/service-new.p12");
    assert_eq!(
        of_key_file(&format!("keys_directory = '{}'", file.display())),
        "TOML: keys_directory names a file; give its folder here, and the file's name in key_file_name"
    );
    let key = file.join("key.pem");
    let told = toml(&format!("opening_key_file = '{}'", key.display())).opener();
    assert_eq!(
        told.expect_err("a file").to_string(),
        "TOML: opening_key_file names a file that can't be read, since a file stands where its path has a folder; \
         correct the path"
    );
}

#[test]
fn g17_a_folder_that_two_fields_give_is_told() {
    assert_eq!(
        of_key_file("keys_directory = 'keys'\nkey_file_name = 'keys/me'"),
        "TOML: key_file_name holds the folder too, which keys_directory gives already; give the name of the \
         file alone"
    );
    let told = of_key_file("keys_directory = 'keys'\nkey_file_name = 'keysof/me'");
    assert!(told.contains("names a file that doesn't exist"), "{told}");
}

#[test]
fn g17_a_shared_secret_without_its_kind_of_authentication_is_told() {
    let told = signing_with("jwt_key_type = 'P12'")
        .port()
        .expect_err("no key file")
        .to_string();
    let expected = "; merchant_key_id and merchant_secret_key sign only with authentication_type HTTP_SIGNATURE, or \
                    jwt_key_type SHARED_SECRET";
    assert!(
        told.contains("key_file_name isn't given") && told.ends_with(expected),
        "{told}"
    );
}

#[test]
fn g17_a_folder_of_keys_that_is_none_is_told_as_that_and_a_word_not_shown() {
    for (folder, expected) in [
        (
            "canary7",
            "names a folder that doesn't exist; a word isn't shown, since it may be a password",
        ),
        (
            "classpath:keys",
            "begins with classpath:, which only Java resolves;",
        ),
        (
            "s3://bucket/keys",
            "holds an address such as https://…, which isn't fetched;",
        ),
        (
            "@canary.keys@",
            "holds a reference such as @name@, which nothing has resolved;",
        ),
    ] {
        let told = of_key_file(&format!("keys_directory = '{folder}'"));
        assert!(
            told.starts_with(&format!("TOML: keys_directory {expected}")),
            "{told}"
        );
        assert!(!told.contains("canary"), "{told}");
        let client = format!(
            "enable_client_cert = true\nssl_client_cert = 'c.pem'\nclient_cert_dir = '{folder}'"
        );
        let told = signing_with(&client).port().expect_err(folder).to_string();
        assert!(
            told.starts_with(&format!("TOML: client_cert_dir {expected}")),
            "{told}"
        );
    }
}

#[test]
fn g17_what_stands_in_the_place_of_a_key_in_a_list_is_told_of_its_entry() {
    for (key, expected) in [
        ("keys/nt.pem", "holds a path; give it as file in that entry"),
        (
            "canary",
            "holds a single word, and no key; give the key itself, or, if that is the name of \
             its file, give that as file in that entry",
        ),
        (
            "process.env.CANARY",
            "holds a reference such as process.env.NAME",
        ),
    ] {
        let told = toml(&format!("opening_keys = [{{key = '{key}'}}]"))
            .opener()
            .expect_err(key)
            .to_string();
        assert!(
            told.starts_with(&format!("TOML: opening_keys has an entry that {expected}")),
            "{told}"
        );
    }
}
