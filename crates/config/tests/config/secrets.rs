//! Where passwords come from, and that no secret is shown.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::UNIX_EPOCH;

use payment_credentials_config::{Config, VerificationKey};
use payment_credentials_core::Environment;
use payment_credentials_core::secret::Password;

use crate::fixtures::{
    KEY_ID, SECRET, assert_says, copy, folder, notes, signing_with, toml, vector, write,
};

fn encrypted(more: &str) -> Config {
    let key = vector("keystores/loads/aes-256.pkcs8.pem");
    toml(&format!("opening_key_file = '{}'\n{more}", key.display()))
}

#[test]
fn a_password_comes_from_a_field_a_file_the_environment_or_a_prompt() {
    assert!(
        encrypted("opening_key_password = 'testpass'")
            .opener()
            .is_ok()
    );

    let file = write(&folder("password"), "password", "testpass\r\n");
    let in_file = encrypted(&format!("opening_key_password_file = '{}'", file.display()));
    assert!(in_file.opener().is_ok());
    assert!(
        notes(&in_file)
            .iter()
            .all(|note| !note.contains("in the open"))
    );

    let variable = [("CYBERSOURCE_OPENING_KEY_PASSWORD", "testpass")];
    let variables = Config::from_env(variable).expect("variables");
    assert!(notes(&variables).is_empty());
    let wrong_in_the_file = encrypted("opening_key_password = 'canary-1'");
    assert!(wrong_in_the_file.overridden_by(variables).opener().is_ok());

    let prompted = encrypted("").with_password_prompt(|what_for| {
        assert_eq!(what_for, "opening_key_file");
        Ok(Password::from("testpass"))
    });
    assert!(prompted.opener().is_ok());
}

#[test]
fn without_a_password_it_says_what_is_missing() {
    let error = encrypted("").opener().expect_err("refused").to_string();
    assert_eq!(
        error,
        "TOML: opening_key_password is missing; give the password of the encrypted file that opening_key_file names"
    );
    let error = encrypted("opening_key_password = 'canary-1'")
        .opener()
        .expect_err("refused");
    assert!(
        error
            .to_string()
            .starts_with("TOML: opening_key_password can't be used: password "),
        "{error}"
    );
    let broken = encrypted("").with_password_prompt(|_| Err(io::Error::other("canary-2")));
    let error = broken.opener().expect_err("refused").to_string();
    assert!(
        error.contains("the password prompt failed") && !error.contains("canary"),
        "{error}"
    );
}

#[test]
fn nobody_is_asked_for_a_password_that_is_not_needed() {
    let prompts = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&prompts);
    let key = vector("jwe/keys/merchant.pkcs8.pem");
    let config = toml(&format!("opening_key_file = '{}'", key.display()));
    let config = config.with_password_prompt(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(Password::from(""))
    });
    assert!(config.opener().is_ok());
    assert_eq!(prompts.load(Ordering::Relaxed), 0);
}

#[test]
fn the_merchant_id_is_tried_as_the_password_of_an_old_key_file() {
    let folder = folder("old");
    copy(
        &vector("keystores/loads/service-old.p12"),
        &folder,
        "testpass.p12",
    );
    let config = signing_with(&format!(
        "jwt_key_type = 'p12'\nmerchant_id = 'testpass'\nkeys_directory = '{}'",
        folder.display()
    ));
    // The default password is the merchant id, but the certificate belongs to another merchant.
    let error = config.port().expect_err("another merchant's").to_string();
    assert!(
        error.contains("key_file_name can't be used: ") && error.contains("keystore_mid"),
        "{error}"
    );
    let signed = signing_with(&format!(
        "jwt_key_type = 'p12'\nuse_metakey = true\nportfolio_id = 'keystore_mid'\n\
         merchant_id = 'testpass'\nkeys_directory = '{}'",
        folder.display()
    ));
    let inventory = signed.inventory(UNIX_EPOCH).expect("an inventory");
    let notes: Vec<_> = inventory.notes.iter().map(ToString::to_string).collect();
    assert_says(
        &notes,
        "TOML: key_password is missing, and the merchant id opens the key file",
    );
}

#[test]
fn no_secret_is_shown_in_any_text() {
    let secrets = [
        "merchant_secret_key",
        "key_password",
        "access_token",
        "opening_key_password",
        "proxy_password",
        "response_mle_private_key_file_password",
        "response_mle_private_key",
        "client_secret",
        "refresh_token",
        "ssl_key_password",
        "ssl_key_own_password",
    ];
    let canaries = secrets
        .iter()
        .map(|name| format!("{name} = 'canary-{name}'\n"));
    let canaries: String = canaries.collect();
    for kind in ["JWT", "HTTP_SIGNATURE", "OAUTH", "MUTUAL_AUTH", "canary"] {
        let config = signing_with(&format!(
            "{canaries}authentication_type = '{kind}'\nuse_proxy = true\nproxy_user = 'u'\n\
             proxy_address = 'canary://canary'\nenableResponseMleGlobally = true\n\
             opening_key_file = 'canary'\nrun_environment = 'canary canary'\n\
             opening_keys = [{{file = 'canary', password = 'canary', key_id = 'canary'}}]\n"
        ));
        let texts = [
            format!("{config:?}"),
            notes(&config).join("\n"),
            format!("{:?}", config.port().expect_err("refused")),
            config.port().expect_err("refused").to_string(),
            config.opener().expect_err("refused").to_string(),
            config
                .inventory(UNIX_EPOCH)
                .expect_err("refused")
                .to_string(),
        ];
        for text in texts {
            assert!(!text.contains("canary"), "{text}");
        }
    }
}

#[test]
fn the_error_for_a_malformed_file_does_not_show_it() {
    for text in [
        "keyPass = 'canary",
        "keyPass = canary",
        "canary",
        "keyPass = 'a' canary",
    ] {
        let error = Config::from_toml(text).expect_err("refused");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
    for text in ["{\"keyPass\": \"canary", "{\"keyPass\": canary}", "canary"] {
        let error = Config::from_json(text).expect_err("refused");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}

#[test]
fn an_enrolment_has_what_verifies_and_shows_no_secret() {
    let config = Config::from_json(&format!(
        r#"{{"authentication_type": "jwt", "jwt_key_type": "SHARED_SECRET", "merchantid": "shop",
            "use_metakey": true, "portfolio_id": "portfolio", "merchant_keyid": "{KEY_ID}",
            "merchant_secretkey": "{SECRET}", "run_environment": "apitest.cybersource.com"}}"#
    ));
    let enrolment = config
        .expect("a configuration")
        .enrolment()
        .expect("sound fields")
        .expect("a key");
    assert_eq!(enrolment.owner.as_str(), "portfolio");
    assert_eq!(enrolment.merchant.as_str(), "shop");
    assert_eq!(enrolment.key_id.as_str(), KEY_ID);
    assert!(!format!("{enrolment:?}").contains(SECRET));
    let VerificationKey::SharedSecret(secret) = enrolment.verification_key else {
        panic!("another kind of key");
    };
    assert_eq!(secret.expose(), SECRET);
}

/// `enrolment` rejects what `port` rejects, with the same text.
#[test]
fn an_enrolment_refuses_a_shared_secret_that_does_not_sign() {
    let config = |secret: &str| {
        let config = Config::from_json(&format!(
            r#"{{"authentication_type": "http_signature", "merchantid": "shop",
                "merchant_keyid": "{KEY_ID}", "merchant_secretkey": "{secret}",
                "run_environment": "apitest.cybersource.com"}}"#
        ));
        config.expect("a configuration")
    };
    for secret in ["!!", "c2hvcnQ="] {
        let config = config(secret);
        let refusal = config.enrolment().expect_err("refused").to_string();
        assert!(
            refusal.contains("merchant_secretkey can't be used"),
            "{refusal}"
        );
        assert_eq!(refusal, config.key_set().expect_err("refused").to_string());
    }
    let enrolment = config(&format!("{SECRET}\\n"))
        .enrolment()
        .expect("sound fields")
        .expect("a key");
    let VerificationKey::SharedSecret(secret) = enrolment.verification_key else {
        panic!("another kind of key");
    };
    assert_eq!(secret.expose(), SECRET);
}

#[test]
fn a_configuration_of_a_production_host_enrols_nothing() {
    for environment in Environment::ALL {
        let config = Config::from_json(&format!(
            r#"{{"authentication_type": "http_signature", "merchantid": "shop",
                "merchant_keyid": "{KEY_ID}", "merchant_secretkey": "{SECRET}",
                "run_environment": "{}"}}"#,
            environment.host()
        ));
        let enrolment = config.expect("a configuration").enrolment();
        assert_eq!(
            enrolment.is_err(),
            environment.is_production(),
            "{environment:?}"
        );
        if let Err(error) = enrolment {
            let text = error.to_string();
            assert!(
                text.contains("run_environment names a production host"),
                "{text}"
            );
        }
    }
}

#[test]
fn a_secret_in_the_wrong_place_is_never_shown_as_a_name() {
    let line = "ABgcMGHBpQKBgQDy1MyGwq3bRkT9sXcVnJm2LhPzYfAoEiUu4KtWdSx5CrN6vB1";
    let folder = folder("misplaced");
    for (what, text) in [
        (
            "a PEM",
            format!("openingKey=-----BEGIN PRIVATE KEY-----\n{line}\n-----END PRIVATE KEY-----\n"),
        ),
        ("a password", "keyPass=abc\nhunter2\n".to_owned()),
        ("the end of a key", format!("keyPass=abc\n{line}==\n")),
    ] {
        let path = write(&folder, "payments.properties", &text);
        let shown = match Config::from_file(path) {
            Ok(config) => format!("{:?}", config.notes()),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(
            !shown.contains(&line[..20]) && !shown.contains("hunter2"),
            "{what}: {shown}"
        );
    }
    for field in ["key_file_name", "ssl_ca_cert"] {
        let config =
            toml("authentication_type = 'JWT'\nmerchant_id = 'shop'\nrun_environment = 'test'");
        let config = config.overridden_by(toml(&format!("{field} = 'hunter2'")));
        let error = config.port().expect_err("no such file").to_string();
        assert!(
            error.contains(field) && !error.contains("hunter2"),
            "{error}"
        );
    }
}
