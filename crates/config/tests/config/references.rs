//! Row G17: a reference to a secret store that nothing has resolved is told as such, and never shown.

use payment_credentials_config::Config;

use crate::fixtures::{folder, of_key_file, signing_with, toml, write};

/// References, and how an error shows them.
const REFERENCES: &[(&str, &str)] = &[
    ("ENC[AES256_GCM,data:canary,type:str]", "ENC[…]"),
    ("ENC(canary)", "ENC(…)"),
    (
        "@Microsoft.KeyVault(SecretUri=https://canary)",
        "@Microsoft.KeyVault(…)",
    ),
    ("{cipher}canary", "{cipher}…"),
    (
        "arn:aws:secretsmanager:eu-west-1:1:secret:canary",
        "arn:aws:…",
    ),
    ("op://vault/canary/password", "op://…"),
    ("ref+vault://secret/canary#/key", "ref+vault://…"),
    ("vault:v1:canary", "vault:…"),
    ("vault:secret/data/canary#key", "vault:…"),
    ("#{Canary.Password}", "#{…}"),
];

fn rule(shown: &str) -> String {
    format!("holds a reference such as {shown}, which nothing has resolved; give the value itself")
}

#[test]
fn g17_a_reference_in_any_field_is_told_as_such() {
    let fields = [
        "merchant_id",
        "merchant_key_id",
        "merchant_secret_key",
        "merchant_secret_key_file",
        "access_token",
        "key_password",
        "key_password_file",
        "keys_directory",
        "key_file_name",
        "signing_key",
        "signing_key_id",
        "opening_key",
        "opening_key_file",
        "opening_key_id",
        "opening_key_password",
        "client_identity",
        "ssl_client_cert",
        "ssl_ca_cert",
        "private_key",
        "ssl_key_password",
        "run_environment",
        "proxy_password",
        "proxy_user",
        "portfolio_id",
        "response_mle_private_key",
        "response_mle_private_key_file_path",
        "mle_for_request_public_cert_path",
        "response_mle_private_key_file_password",
    ];
    for field in fields {
        for (reference, shown) in REFERENCES {
            let error = Config::from_toml(&format!("{field} = '{reference}'")).expect_err(field);
            let expected = format!("TOML: {field} {}", rule(shown));
            assert_eq!(error.to_string(), expected);
        }
    }
    for entry in [
        "file = 'k', password = 'ENC(canary)'",
        "key = 'ENC(canary)'",
    ] {
        let error = Config::from_toml(&format!("opening_keys = [{{{entry}}}]")).expect_err(entry);
        assert_eq!(
            error.to_string(),
            format!("TOML: opening_keys {}", rule("ENC(…)"))
        );
    }
}

#[test]
fn g17_a_mark_of_a_build_is_told_where_nobody_chooses_such_a_text() {
    for field in [
        "merchant_id",
        "merchant_key_id",
        "run_environment",
        "access_token",
        "opening_key_id",
    ] {
        for (text, shown) in [("@canary.name@", "@name@"), ("__CANARY__", "__NAME__")] {
            let error = Config::from_toml(&format!("{field} = '{text}'")).expect_err(field);
            assert_eq!(error.to_string(), format!("TOML: {field} {}", rule(shown)));
        }
    }
}

#[test]
fn g17_passwords_and_paths_that_only_look_like_references_are_taken() {
    let texts = [
        "@canary@",
        "__CANARY__",
        "[[canary]]",
        "#{c$4!}",
        "arn:aws",
        "op://",
        "vault:x",
        "ENC",
        "env:x",
        "https://canary",
    ];
    let passwords = ["%%canary%%", "<k3$Q~9>"];
    for field in ["key_password", "proxy_password"] {
        for text in texts.iter().chain(&passwords) {
            assert!(
                Config::from_toml(&format!("{field} = '{text}'")).is_ok(),
                "{field}: {text}"
            );
        }
    }
    for field in [
        "proxy_user",
        "opening_key_file",
        "keys_directory",
        "key_file_name",
    ] {
        for text in texts {
            assert!(
                Config::from_toml(&format!("{field} = '{text}'")).is_ok(),
                "{field}: {text}"
            );
        }
    }
}

#[test]
fn g17_a_password_in_a_list_of_keys_may_be_any_text_as_others_may() {
    for password in ["\"quoted\"", "{{braces", "@canary@", "a${b"] {
        let keys = format!("opening_keys = [{{file = 'k', password = '{password}'}}]");
        assert!(Config::from_toml(&keys).is_ok(), "{password}");
    }
    for entry in [
        "file = '~/k'",
        "file = 'k', password_file = '$HOME/p'",
        "file = 'k', key_id = '\"17\"'",
    ] {
        assert!(
            Config::from_toml(&format!("opening_keys = [{{{entry}}}]")).is_err(),
            "{entry}"
        );
    }
}

#[test]
fn g17_a_wrong_password_or_a_useless_secret_is_told_to_be_a_reference() {
    for (text, shown) in [
        ("@canary.password@", "@name@"),
        ("__CANARY__", "__NAME__"),
        ("process.env.CANARY", "process.env.NAME"),
        ("https://v.vault.azure.net/secrets/canary", "vault://…"),
    ] {
        let expected = format!(
            "TOML: key_password can't be used: password is wrong; it {}",
            rule(shown)
        );
        assert_eq!(of_key_file(&format!("key_password = '{text}'")), expected);
        let secret = signing_with(&format!("merchant_secret_key = '{text}'"));
        let expected = format!("TOML: merchant_secret_key {}", rule(shown));
        assert_eq!(secret.port().expect_err(text).to_string(), expected);
        let key = toml(&format!("opening_key = '{text}'"));
        let expected = format!("TOML: opening_key {}", rule(shown));
        assert_eq!(key.opener().expect_err(text).to_string(), expected);
    }
    for (text, shown) in [
        ("s3://bucket/canary", None),
        ("@canary.keys@/me", None),
        ("@canary@", Some("@name@")),
    ] {
        let key = toml(&format!("opening_key_file = '{text}'"));
        let error = key.opener().expect_err(text).to_string();
        if let Some(shown) = shown {
            assert_eq!(error, format!("TOML: opening_key_file {}", rule(shown)));
        }
    }
}

#[test]
fn g17_a_reference_in_the_file_of_a_secret_or_of_a_key_is_told() {
    let folder = folder("references");
    for (text, rule) in [
        ("ENC(canary)\n", rule("ENC(…)")),
        (
            "$ANSIBLE_VAULT;1.1;AES256\n3662\n",
            rule("$ANSIBLE_VAULT;…"),
        ),
        (
            "${KEY_PASSWORD}",
            "holds a placeholder such as ${NAME}, which nothing has replaced; give the value"
                .to_owned(),
        ),
    ] {
        let path = write(&folder, "secret", text);
        let error = of_key_file(&format!("key_password_file = '{}'", path.display()));
        assert_eq!(
            error,
            format!("TOML: key_password_file names a file that {rule}")
        );
        if text.starts_with('E') {
            let key = toml(&format!("opening_key_file = '{}'", path.display()));
            let error = key.opener().expect_err(text).to_string();
            assert_eq!(
                error,
                format!("TOML: opening_key_file names a file that {rule}")
            );
        }
    }
}
