//! Row G17: a value that stands in another's place, or has something around it, is told as that.

use crate::fixtures::{folder, signing_with, toml, vector, write};

/// The mistakes of a port that signs with a key file, with these fields.
fn of_key_file(more: &str) -> String {
    let keys = vector("keystores/loads");
    let signs = format!(
        "jwt_key_type = 'P12'\nkeys_directory = '{}'\nkey_file_name = 'service-new'",
        keys.display()
    );
    let config = signing_with(&signs).overridden_by(toml(more));
    config.port().expect_err(more).to_string()
}

#[test]
fn g17_what_is_around_a_password_or_in_its_place_is_told() {
    let folder = folder("passwords");
    for (content, expected) in [
        (
            "# the password\ntestpass",
            "it has more than one line; write the password alone",
        ),
        (
            "testpass\nother=1\n",
            "it has more than one line; write the password alone",
        ),
        (
            "KEY_PASSWORD=testpass\n",
            "it begins with a name, as in NAME=; give the password alone",
        ),
        (
            "password: testpass",
            "it begins with a name, as in NAME=; give the password alone",
        ),
        (
            "dGVzdHBhc3M=",
            "it is the password in base64, as in data: of a Kubernetes Secret; decode it",
        ),
        (
            "dGVzdHBhc3MK",
            "it is the password in base64, as in data: of a Kubernetes Secret; decode it",
        ),
        (
            "testpass # for the test",
            "it has a comment behind it; delete that",
        ),
        (
            "{\"password\": \"testpass\"}",
            "it is JSON; give the member with the password alone",
        ),
        (
            "-----BEGIN PRIVATE KEY-----",
            "it is PEM, and so a key; give the password",
        ),
        (
            "/run/secrets/key-password",
            "its file holds a path; write the password itself into it",
        ),
        (
            "\"testpass\"\n",
            "it has blanks or quotes around it, so delete them",
        ),
    ] {
        let path = write(&folder, "password", content);
        let told = of_key_file(&format!("key_password_file = '{}'", path.display()));
        let expected =
            format!("TOML: key_password_file can't be used: password is wrong; {expected}");
        assert!(told.starts_with(&expected), "{expected}: {told}");
    }
    assert_eq!(
        of_key_file("key_password = '/run/secrets/key-password'"),
        "TOML: key_password can't be used: password is wrong; it is a path; give that in the field of the same \
         name with _file at its end"
    );
}

#[test]
fn g17_a_file_with_bytes_in_place_of_a_secret_is_told() {
    let folder = folder("bytes");
    let p12 = vector("keystores/loads/service-new.p12");
    let bytes = write(&folder, "bytes", [0xc8, 0x12, 0x49, 0xcb, 0xa2, 0xe3, 0x33]);
    let nul = write(&folder, "nul", b"testpass\0");
    let utf16 = write(&folder, "utf16", b"t\0e\0s\0t\0");
    let latin1 = write(&folder, "latin1", b"schl\xfcssel");
    for (path, expected) in [
        (
            p12,
            "holds PKCS#12 or DER; name the file that holds the text of this secret",
        ),
        (
            bytes,
            "holds bytes that are no text; write the text of the secret into it",
        ),
        (
            nul,
            "has a NUL character in it, as programs in C write at an end; delete that",
        ),
        (utf16, "isn't UTF-8 text; save it as UTF-8"),
        (latin1, "isn't UTF-8 text; save it as UTF-8"),
    ] {
        for field in ["key_password_file", "merchant_secret_key_file"] {
            let file = format!("{field} = '{}'", path.display());
            let told = if field.starts_with('k') {
                of_key_file(&file)
            } else {
                let signs = "run_environment = 'test'\nmerchant_id = 'm'\nmerchant_key_id = 'k'\n\
                             authentication_type = 'HTTP_SIGNATURE'\n";
                toml(&format!("{signs}{file}"))
                    .port()
                    .expect_err(field)
                    .to_string()
            };
            let expected = format!("TOML: {field} names a file that {expected}");
            assert!(told.starts_with(&expected), "{expected}: {told}");
        }
    }
}

#[test]
fn g17_a_key_file_without_a_password_is_told_where_one_is_given() {
    let keys = vector("keystores/loads");
    for name in ["null-password", "empty-password", "openssl-empty-password"] {
        let told = of_key_file(&format!(
            "key_file_name = '{name}'\nkey_password = 'canary'"
        ));
        assert_eq!(
            told,
            "TOML: key_password can't be used: password is wrong; the key file has no password, so delete key_password"
        );
        let key = keys.join(format!("{name}.p12"));
        let opening = format!(
            "opening_key_file = '{}'\nopening_key_password = 'canary'",
            key.display()
        );
        assert_eq!(
            toml(&opening).opener().expect_err(name).to_string(),
            "TOML: opening_key_password can't be used: password is wrong; the key file has no password, so delete \
             opening_key_password"
        );
    }
}

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
        "TOML: opening_key holds a single word, and no key; give the key itself, or, if that is the name of its file, \
         opening_key_file"
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
        "TOML: key_file_name holds the folder too, which keys_directory gives already; give the name of the file alone"
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
fn g17_what_stands_in_the_place_of_a_client_or_of_its_password_is_told() {
    let client = |more: &str| {
        let p12 = vector("keystores/client").display().to_string();
        let client = format!(
            "enable_client_cert = true\nclient_cert_dir = '{p12}'\nssl_client_cert = 'client.p12'\n{more}"
        );
        signing_with(&client).port().map(drop)
    };
    client("ssl_key_password = 'testpass'").expect("a port");
    for (password, expected) in [
        ("@canary.password@", "it holds a reference such as @name@"),
        ("dGVzdHBhc3M=", "it is the password in base64"),
        ("NAME=testpass", "it begins with a name, as in NAME="),
    ] {
        let told = client(&format!("ssl_key_password = '{password}'"))
            .expect_err(password)
            .to_string();
        let expected =
            format!("TOML: ssl_key_password can't be used: password is wrong; {expected}");
        assert!(told.starts_with(&expected), "{told}");
    }
    for (identity, expected) in [
        (
            "/keys/client.p12",
            "holds a path; give it in client_identity_file",
        ),
        (
            "canary",
            "holds a single word, and no key; give the key itself, or, if that is",
        ),
        (
            "process.env.CANARY",
            "holds a reference such as process.env.NAME",
        ),
    ] {
        let identity = format!("client_identity = '{identity}'");
        let told = signing_with(&identity)
            .port()
            .expect_err(&identity)
            .to_string();
        assert!(
            told.starts_with(&format!("TOML: client_identity {expected}")),
            "{told}"
        );
    }
    let base64 = format!("MII{}", "ABCD".repeat(100));
    let told = signing_with(&format!("ssl_ca_cert = '{base64}'"))
        .port()
        .expect_err("base64");
    assert_eq!(
        told.to_string(),
        "TOML: ssl_ca_cert holds the certificate itself in base64; give it as PEM, with its lines BEGIN and END, or the \
         path of its file"
    );
}

#[test]
fn g17_what_stands_in_the_place_of_a_key_in_a_list_is_told_of_its_entry() {
    for (key, expected) in [
        ("keys/nt.pem", "holds a path; give it in file in that entry"),
        (
            "canary",
            "holds a single word, and no key; give the key itself, or, if that is the name of its file, file in",
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
