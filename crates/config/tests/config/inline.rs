//! Row G17: keys and secrets from variables, so that nothing has to touch a disk.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payment_credentials_config::Config;

use crate::fixtures::{
    folder, generate, leading_to, notes, sandbox, signing_with, toml, vector, write,
};

fn content(path: &str) -> Vec<u8> {
    #[expect(clippy::disallowed_methods, reason = "vectors are files")]
    let read = fs::read(vector(path));
    read.expect("a vector")
}

fn text(path: &str) -> String {
    String::from_utf8(content(path)).expect("UTF-8")
}

fn variables(variables: &[(&str, String)]) -> Config {
    let prefixed = variables
        .iter()
        .map(|(name, value)| (format!("CYBERSOURCE_{name}"), value.clone()));
    Config::from_env(prefixed).expect("variables")
}

#[tokio::test]
async fn g17_every_key_and_secret_comes_from_variables() {
    let (sandbox, folder) = (sandbox().await, folder("inline"));
    let merchant = sandbox.merchant();
    let keystore = STANDARD.encode(merchant.keystore().expect("a keystore"));
    let config = variables(&[
        ("RUN_ENVIRONMENT", "test".to_owned()),
        ("MERCHANT_ID", merchant.id().to_owned()),
        ("AUTHENTICATION_TYPE", "JWT".to_owned()),
        ("SIGNING_KEY", keystore),
        ("KEY_PASSWORD", merchant.keystore_password().to_owned()),
        (
            "OPENING_KEY",
            merchant.opening_key_pem().replace('\n', "\\n"),
        ),
        ("OPENING_KEY_ID", merchant.opening_key_id().to_owned()),
        ("SSL_CA_CERT", sandbox.root_certificate_pem().to_owned()),
        ("INTERMEDIATE_HOST", sandbox.address().to_string()),
    ]);
    fs::remove_dir_all(folder).expect("nothing is read from a disk");
    generate(&config).await;
    assert_eq!(notes(&config), [""; 0]);
}

#[tokio::test]
async fn g17_a_signing_key_of_any_format_is_named_by_its_path_too() {
    let (sandbox, folder) = (sandbox().await, folder("signing_key_file"));
    let merchant = sandbox.merchant();
    let path = write(
        &folder,
        "any-name",
        merchant.keystore().expect("a keystore"),
    );
    let config = toml(&format!(
        "run_environment = 'test'\nmerchant_id = '{}'\nauthentication_type = 'JWT'\n\
         signing_key_file = '{}'\nkey_password = '{}'",
        merchant.id(),
        path.display(),
        merchant.keystore_password()
    ));
    generate(&config.overridden_by(leading_to(&sandbox, &folder))).await;
}

#[test]
fn g17_a_key_without_a_certificate_signs_under_the_given_id() {
    let jwk = text("keystores/loads/merchant.jwk");
    let signs = |more: &str| {
        let fields = format!("jwt_key_type = 'P12'\nsigning_key = '''{jwk}'''\n{more}");
        signing_with(&fields)
            .port()
            .map_err(|error| error.to_string())
    };
    let port = signs("signing_key_id = 'mine'").expect("a port");
    let ids: Vec<_> = port
        .configured_keys()
        .into_iter()
        .filter_map(|key| key.key_id)
        .collect();
    assert_eq!(ids, ["mine".parse().expect("a key id")]);
    let error = signs("").expect_err("no id");
    assert!(
        error.starts_with("TOML: signing_key can't be used: "),
        "{error}"
    );
}

#[test]
fn g17_opening_keys_are_inline_each_and_chosen_from_a_set_by_kid() {
    let set = text("keystores/loads/set.jwk");
    let pem = text("jwe/keys/merchant-3072.pkcs8.pem");
    let config = toml(&format!(
        "opening_key = '''{set}'''\nopening_key_id = 'next'\n\
         opening_keys = [{{ key = '''{pem}''', key_id = 'other' }}]"
    ));
    let keyring = config.keyring().expect("keys");
    let keys: Vec<_> = keyring
        .keys()
        .iter()
        .map(|key| (key.key_id().map(ToString::to_string), key.bits()))
        .collect();
    assert_eq!(
        keys,
        [(Some("next".into()), 2048), (Some("other".into()), 3072)]
    );
    let none = toml(&format!("opening_key = '''{set}'''")).keyring();
    let error = none.expect_err("which?").to_string();
    assert!(
        error.contains("a JWK set of several keys; say which by its `kid`"),
        "{error}"
    );
}

#[test]
fn g14_a_key_with_a_password_of_its_own_is_opened_with_both() {
    let file = vector("keystores/loads/two-passwords.p12");
    let opens = |more: &str| {
        let fields = format!(
            "opening_key_file = '{}'\nopening_key_password = 'testpass'\n{more}",
            file.display()
        );
        toml(&fields)
            .keyring()
            .map(drop)
            .map_err(|error| error.to_string())
    };
    assert_eq!(opens("opening_key_own_password = 'another'"), Ok(()));
    let missing = opens("").expect_err("one password");
    let expected = "TOML: opening_key_own_password can't be used: key password is missing: the private key in \
                    this file is encrypted with another password than the file; give that one as well";
    assert_eq!(missing, expected);
    let wrong = opens("opening_key_own_password = 'wrong'").expect_err("a wrong one");
    assert!(
        wrong.starts_with("TOML: opening_key_own_password can't be used: key password is wrong"),
        "{wrong}"
    );
    let signs = signing_with(&format!(
        "jwt_key_type = 'P12'\nmerchant_id = 'keystore_mid'\nkeys_directory = '{}'\n\
         key_file_name = 'two-passwords'\nkey_password = 'testpass'\nkey_own_password = 'another'",
        vector("keystores/loads").display()
    ));
    assert!(signs.port().is_ok());
}

/// The error of a port with a client identity; `None` if it can be built.
fn client(fields: &str) -> Option<String> {
    signing_with(fields)
        .port()
        .err()
        .map(|error| error.to_string())
}

#[test]
fn g16_a_client_identity_is_a_keystore_or_encrypted_pem_in_files_or_inline() {
    let folder = vector("keystores/client");
    let in_files = |more: &str| {
        format!(
            "enable_client_cert = true\nclient_cert_dir = '{}'\n{more}",
            folder.display()
        )
    };
    let p12 = STANDARD.encode(content("keystores/client/client.p12"));
    let pem = text("keystores/client/client-encrypted.pem");
    for fields in [
        in_files("clientCertFile = 'client.p12'\nclientCertPassword = 'testpass'"),
        in_files("sslClientCert = 'client-encrypted.pem'\nsslKeyPassword = 'testpass'"),
        in_files("ssl_client_cert = 'client-openssl.pem'\nssl_key_password = 'testpass'"),
        in_files(
            "ssl_client_cert = 'client.p12'\nprivate_key = 'client-encrypted.pem'\nssl_key_password = 'testpass'",
        ),
        format!("client_identity = '{p12}'\nssl_key_password = 'testpass'"),
        format!("client_identity = '''{pem}'''\nssl_key_password = 'testpass'"),
        format!(
            "authentication_type = 'MUTUAL_AUTH'\nclient_identity_file = '{}'\nssl_key_password = 'testpass'",
            folder.join("client.p12").display()
        ),
    ] {
        assert_eq!(client(&fields), None, "{fields}");
    }
    let wrong = in_files("ssl_client_cert = 'client.p12'\nssl_key_password = 'wrong'");
    let error = client(&wrong).expect("a wrong password");
    assert!(
        error.starts_with("TOML: ssl_key_password can't be used: password is wrong"),
        "{error}"
    );
    let missing = client(&format!("client_identity = '{p12}'")).expect("no password");
    assert!(
        missing.starts_with("TOML: ssl_key_password can't be used: password is missing"),
        "{missing}"
    );
}

#[test]
fn g16_a_client_identity_whose_key_has_a_password_of_its_own_is_read_with_both() {
    let p12 = STANDARD.encode(content("keystores/client/client-two-passwords.p12"));
    let with = |more: &str| {
        client(&format!(
            "client_identity = '{p12}'\nssl_key_password = 'testpass'\n{more}"
        ))
    };
    assert_eq!(with("ssl_key_own_password = 'another'"), None);
    for (more, expected) in [
        ("", "is missing"),
        ("ssl_key_own_password = 'wrong'", "is wrong"),
    ] {
        let error = with(more).expect("refused");
        let expected = format!("TOML: ssl_key_own_password can't be used: key password {expected}");
        assert!(error.starts_with(&expected), "{error}");
    }
}

#[test]
fn g14_of_a_clients_two_files_the_one_that_is_at_fault_is_named() {
    let error = client(&format!(
        "enable_client_cert = true\nclient_cert_dir = '{}'\nssl_client_cert = 'client/client-encrypted.pem'\n\
         private_key = 'refused/java.jks'\nssl_key_password = 'testpass'",
        vector("keystores").display()
    ));
    let error = error.expect("refused");
    let expected = "TOML: private_key can't be used: client identity is not usable: this file holds a Java \
                    keystore; convert it with `keytool ";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn g17_a_key_that_is_given_twice_is_refused() {
    let folder = vector("keystores/client");
    for (fields, expected) in [
        (
            "opening_key = 'x'\nopening_key_file = 'y'".to_owned(),
            "opening_key_file is given together with opening_key, which holds the key itself; keep one of them",
        ),
        (
            "jwt_key_type = 'P12'\nsigning_key = 'x'\nkey_file_name = 'y'".to_owned(),
            "key_file_name is given together with signing_key, which holds the key itself; keep one of them",
        ),
        (
            format!(
                "client_identity = 'x'\nssl_client_cert = 'y'\nclient_cert_dir = '{}'",
                folder.display()
            ),
            "ssl_client_cert is given together with client_identity, which holds the key itself; keep one of them",
        ),
        (
            "client_identity = 'x'\nenable_client_cert = false".to_owned(),
            "client_identity is given, but enable_client_cert is false; delete one of them",
        ),
    ] {
        let config = signing_with(&fields);
        let errors = [config.port().err(), config.opener().err()];
        let said = errors
            .iter()
            .flatten()
            .map(ToString::to_string)
            .collect::<Vec<_>>();
        let expected = format!("TOML: {expected}");
        assert!(said.contains(&expected), "{fields}: {said:#?}");
    }
}

#[test]
fn g15_certificate_fields_take_a_bundle_pem_itself_and_pkcs7() {
    let pem = text("keystores/loads/service.pem");
    let p7b = vector("keystores/refused/certificates.p7b");
    for root in [
        format!("ssl_ca_cert = '''{pem}{pem}'''"),
        format!("ssl_ca_cert = '{}'", p7b.display()),
        format!(
            "ssl_ca_cert = '{}'",
            vector("keystores/loads/service.cer").display()
        ),
    ] {
        assert_eq!(client(&root), None, "{root}");
    }
}
