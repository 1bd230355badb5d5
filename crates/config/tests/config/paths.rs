//! Row G17: paths that name no file, and why.

use std::fs;

use payment_credentials_config::Config;

use crate::fixtures::{folder, signing_with, toml, write};

fn refused(fields: &str) -> String {
    let config = toml(fields);
    let port = signing_with(fields).port().err();
    let error = port.or_else(|| config.opener().err()).expect("refused");
    error.to_string()
}

#[test]
fn g17_a_path_that_cannot_be_a_file_here_is_told_so() {
    for (field, expected) in [
        (
            "opening_key_file = 'a.pem,canary.pem'",
            "opening_key_file names a file that doesn't exist, and holds a comma or semicolon; give one file here, and \
             further ones in opening_keys",
        ),
        (
            "ssl_ca_cert = 'a.pem;canary.pem'",
            "ssl_ca_cert names a file that doesn't exist, and holds a comma or semicolon; give one file",
        ),
        (
            "opening_key_file = 'classpath:canary/nt.pem'",
            "opening_key_file begins with classpath:, which only Java resolves; give the path of the file",
        ),
        (
            "opening_key_file = 's3://canary/nt.pem'",
            "opening_key_file holds an address such as https://…, which isn't fetched; download the file, and give its path",
        ),
        (
            "ssl_ca_cert = 'data:text/plain;base64,canary'",
            "ssl_ca_cert is an address, and only files are read; give the key or certificate in a field that holds one",
        ),
        (
            "opening_key_file = 'canary/*.pem'",
            "opening_key_file holds *, and only a shell finds files by it; give the path of one file",
        ),
        (
            "jwt_key_type = 'P12'\nkeys_directory = 'canary '",
            "keys_directory names a folder that doesn't exist, and has a blank at its beginning or end; delete it",
        ),
        (
            "ssl_ca_cert = 'canary.pem '",
            "ssl_ca_cert names a file that doesn't exist, and has a blank at its beginning or end; delete it",
        ),
        (
            "ssl_ca_cert = 'https://canary.example/root.pem'",
            "ssl_ca_cert holds an address such as https://…, which isn't fetched; ",
        ),
    ] {
        let told = refused(field);
        assert!(told.starts_with(&format!("TOML: {expected}")), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
}

#[cfg(not(windows))]
#[test]
fn g17_a_path_of_windows_is_told_as_such_elsewhere() {
    for (field, expected) in [
        (
            "opening_key_file = 'C:\\canary\\nt.pem'",
            "opening_key_file begins with a drive of Windows, and this isn't Windows; give the path on this machine",
        ),
        (
            "ssl_ca_cert = 'canary.pem:/etc/ssl/b.pem'",
            "ssl_ca_cert names a file that doesn't exist, and holds a colon; give one file",
        ),
        (
            "opening_key_file = 'canary\\nt.pem'",
            "opening_key_file has backslashes, which separate folders on Windows alone; write /",
        ),
        (
            "jwt_key_type = 'P12'\nkeys_directory = 'C:\\canary\\keys'",
            "keys_directory begins with a drive of Windows, and this isn't Windows; give the path on this machine",
        ),
    ] {
        assert_eq!(refused(field), format!("TOML: {expected}"));
    }
}

#[cfg(unix)]
#[test]
fn g17_a_file_in_place_of_its_folder_is_told_by_the_folders_field() {
    let folder = folder("file_as_folder");
    let file = write(&folder, "mine.p12", "x").display().to_string();
    for (fields, expected) in [
        (
            format!("jwt_key_type = 'P12'\nkeys_directory = '{file}'"),
            "keys_directory names a file; give its folder here, and the file's name in key_file_name",
        ),
        (
            format!(
                "enable_client_cert = true\nclient_cert_dir = '{file}'\nssl_client_cert = 'a.pem'"
            ),
            "client_cert_dir names a file; give its folder here, and the file's name in ssl_client_cert",
        ),
        (
            format!("ssl_ca_cert = '{file}/root.pem'"),
            "ssl_ca_cert names a file that can't be read, since a file stands where its path has a folder; correct the path",
        ),
    ] {
        assert_eq!(refused(&fields), format!("TOML: {expected}"));
    }
    let several = toml(&format!(
        "run_environment = 'test'\nmerchants_directory = '{file}'"
    ));
    assert_eq!(
        several.merchants().expect_err("no folder").to_string(),
        "TOML: merchants_directory names a file; give the folder that the merchants' files are in"
    );
}

#[test]
fn g17_a_copy_of_a_merchants_file_is_told_by_its_name() {
    let folder = folder("copies");
    let text = "authentication_type = 'OAUTH'\naccess_token_file = 'token'";
    write(&folder, "bakery.toml", text);
    write(&folder, "bakery (copy).toml", text);
    let config = toml(&format!(
        "run_environment = 'test'\nmerchants_directory = '{}'",
        folder.display()
    ));
    let told = config.merchants().expect_err("a copy").to_string();
    let expected = "bakery (copy).toml: has a name that can't be a merchant's id, which has letters, digits, - and _ \
                    alone; delete the file if it is a copy, or set merchant_id in it";
    assert!(told.lines().any(|line| line == expected), "{told}");
    fs::remove_file(folder.join("bakery (copy).toml")).expect("removed");
    write(
        &folder,
        "twin.toml",
        format!("merchant_id = 'bakery'\n{text}"),
    );
    let told = config.merchants().expect_err("two of one").to_string();
    let expected = "twin.toml: merchant_id is the merchant of two tables, the other one in bakery.toml; keep one of them";
    assert!(told.lines().any(|line| line == expected), "{told}");
    let table =
        toml("run_environment = 'test'\n[merchants.'the bakery']\nauthentication_type = 'OAUTH'");
    let told = table.merchants().expect_err("a blank").to_string();
    let expected = "TOML [merchants.the bakery]: merchant_id can't be used: it is the table's name, and a merchant's id \
                    has letters, digits, - and _ alone; rename the table, or set merchant_id in it";
    assert_eq!(told, expected);
    let named = format!("merchant_id = 'other'\n{text}");
    write(&folder, "the other bakery.toml", named);
    let told = config.merchants().expect_err("no token").to_string();
    assert!(!told.contains("has a name"), "{told}");
}

#[test]
fn g17_a_secret_given_as_the_name_of_a_configuration_is_not_shown() {
    for name in ["p@ss (canary)", "Canary-2026!.toml", "canary%canary.toml"] {
        let told = Config::from_file(name).expect_err("no file").to_string();
        assert!(
            told.starts_with("(a name that isn't shown): doesn't exist"),
            "{told}"
        );
    }
}
