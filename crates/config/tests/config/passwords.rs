//! Row G17: a password or the file of a secret that is of no use is told by what is noticed about it.

use crate::fixtures::{folder, of_key_file, signing_with, toml, vector, write};

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
            "TOML: key_password can't be used: password is wrong; the key file has no password, so delete \
             key_password"
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
        "TOML: ssl_ca_cert holds the certificate itself in base64; give it as PEM, with its lines BEGIN and \
         END, or the path of its file"
    );
}
