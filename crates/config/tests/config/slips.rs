//! Row G17: slips of the pen in values, told as what they are.

use payment_credentials_config::Config;

use crate::fixtures::{folder, notes, signing_with, toml, vector, write};

fn refused(text: &str) -> String {
    Config::from_toml(text).expect_err(text).to_string()
}

#[test]
fn g17_a_placeholder_in_any_field_is_told_as_such() {
    for text in [
        "merchant_id = '<your merchant id>'",
        "merchant_key_id = 'your_key_id'",
        "merchant_secret_key = 'xxx'",
        "access_token = 'TODO'",
        "key_password = '$KEY_PASSWORD'",
        "run_environment = 'https://${HOST}'",
        "proxy_address = '{{ proxy }}:8080'",
        "use_proxy = '${USE_PROXY}'",
        "opening_keys = [{file = 'key.pem', password = 'changeme'}]",
        "key_password_file = '<path>'",
    ] {
        let rule =
            "holds a placeholder such as ${NAME}, which nothing has replaced; give the value";
        assert!(refused(text).ends_with(rule), "{text}");
    }
}

#[test]
fn g17_quotes_that_belong_to_the_value_are_told() {
    let variables = [("CYBERSOURCE_MERCHANT_ID", "\"canary\"")];
    let error = Config::from_env(variables)
        .expect_err("refused")
        .to_string();
    let expected = "the environment: CYBERSOURCE_MERCHANT_ID has quotes around it that are a part of the value \
                    here; delete them";
    assert_eq!(error, expected);
    assert!(Config::from_toml("key_password = '\"canary\"'").is_ok());
}

#[test]
fn g17_paths_that_only_a_shell_understands_are_told() {
    let shell =
        "begins with ~ or holds a variable, which only a shell replaces; give the whole path";
    for path in ["~/keys", "$HOME/keys", "${HOME}/keys", "%USERPROFILE%/keys"] {
        assert!(
            refused(&format!("keys_directory = '{path}'")).ends_with(shell),
            "{path}"
        );
        assert!(
            refused(&format!("key_password_file = '{path}'")).ends_with(shell),
            "{path}"
        );
    }
    assert!(refused("key_file_name = '~/me.p12'").ends_with(shell));
    let address = refused("opening_key_file = 'file:///keys/me.pem'");
    assert!(
        address.ends_with("is a file: address; give the path alone"),
        "{address}"
    );
    let control = refused(r#"keys_directory = "C:\temp\new""#);
    assert!(
        control.contains("holds a line break or a tab, as \\n and \\t in a path"),
        "{control}"
    );
}

#[test]
fn g17_an_empty_variable_is_told_to_be_empty() {
    let variables = [
        ("CYBERSOURCE_MERCHANT_ID", ""),
        ("CYBERSOURCE_AUTHENTICATION_TYPE", "JWT"),
    ];
    let config = Config::from_env(variables).expect("variables");
    let error = config.port().expect_err("refused").to_string();
    let expected = "the environment: CYBERSOURCE_MERCHANT_ID is missing, since its value is empty; give the id";
    assert!(error.contains(expected), "{error}");
    let config = toml("merchant_id = ''\nauthentication_type = 'JWT'")
        .overridden_by(toml("merchant_id = 'x'"));
    let error = config.port().expect_err("no host").to_string();
    assert!(!error.contains("empty"), "{error}");
}

#[test]
fn g17_a_table_that_holds_fields_is_refused_and_another_one_noted() {
    let rule = "TOML: cybersource is a table that isn't read, and has fields in it; move these before the first \
                table, or, if they are a merchant's, name the table [merchants.NAME]";
    assert_eq!(refused("[cybersource]\nmerchant_id = 'x'"), rule);
    let noted = notes(&toml("[logging]\ncolour = 'x'"));
    assert_eq!(
        noted,
        [
            "TOML: logging is a table that isn't read; delete it, and write fields before the first table"
        ]
    );
}

/// A secret without effect is a secret still (PCI DSS 8.6.2).
#[cfg(unix)]
#[test]
fn g17_a_file_whose_only_secret_has_no_effect_must_not_be_readable_by_others() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    for (text, is_refused) in [
        ("client_secret = 'canary'", true),
        ("refreshToken = 'canary'", true),
        ("client_secret = ''", false),
        ("client_id = 'x'", false),
    ] {
        let path = write(&folder("without-effect"), "payments.toml", text);
        set_permissions(&path, Permissions::from_mode(0o644)).expect("permissions");
        assert_eq!(Config::from_file(&path).is_err(), is_refused, "{text}");
    }
}

/// The mistakes of a port with these fields.
fn of_port(more: &str) -> String {
    signing_with(more).port().expect_err(more).to_string()
}

#[test]
fn g17_blanks_and_quotes_around_a_password_are_told_where_it_is_wrong() {
    for password in ["\"testpass\"", "testpass "] {
        let folder = vector("keystores/loads");
        let more = format!(
            "jwt_key_type = 'P12'\nkeys_directory = '{}'\nkey_file_name = 'service-new'\n\
             key_password = '{password}'",
            folder.display()
        );
        let expected = "TOML: key_password can't be used: password is wrong; it has blanks or quotes around it, so \
                        delete them";
        assert_eq!(of_port(&more), expected);
    }
}

#[test]
fn g17_a_shared_secret_on_two_lines_and_one_in_place_of_its_id_are_told() {
    assert_eq!(
        of_port("merchant_secret_key = \"yBJxy6LjM2Tmc\\nPGu+GaJrHtkke25f=\""),
        "TOML: merchant_secret_key can't be used: shared secret has a blank or a line break in it; write the secret on one line, without blanks"
    );
    assert_eq!(
        of_port("merchant_key_id = 'canary+canary/canary='"),
        "TOML: merchant_key_id looks like the shared secret itself; give the key's id here, and the secret in \
         merchant_secret_key"
    );
}

#[test]
fn g17_merchants_inside_of_another_table_are_refused() {
    let told = refused("[cybersource.merchants.bakery]\nmerchant_id = 'x'");
    assert!(
        told.starts_with("TOML: cybersource is a table that isn't read, and has fields in it"),
        "{told}"
    );
}
