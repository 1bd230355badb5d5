//! All mistakes in one round, each once, and none that only follows from another.

use payment_credentials_config::{Config, ConfigError};

use crate::fixtures::{SIGNS, assert_says, copy, folder, notes, signing_with, toml, vector, write};

fn lines(error: &ConfigError) -> Vec<String> {
    error.to_string().lines().map(str::to_owned).collect()
}

#[test]
fn g17_values_of_another_kind_are_told_together_with_invalid_ones() {
    let text = "use_proxy = 'yes'\nmerchant_id = 'a b'\nmax_retries = 99\ncall_deadline_ms = 0\n\
                authentication_type = 'basic'\nrequest_mle = true\n[merchants.a]\nuse_metakey = 1\n\
                [merchants.b]\nuse_metakey = 2";
    let told = lines(&Config::from_toml(text).expect_err("refused"));
    for beginning in [
        "TOML: use_proxy must be true or false",
        "TOML: max_retries must be 0 to 10",
        "TOML [merchants.a]: use_metakey must be true or false",
        "TOML [merchants.b]: use_metakey must be true or false",
    ] {
        assert_says(&told, beginning);
    }
    let one = "use_proxy = 'yes'\nmerchant_id = 'a b'\nauthentication_type = 'basic'\ncall_deadline_ms = 0\n\
               request_mle = true";
    let told = lines(&Config::from_toml(one).expect_err("refused"));
    for beginning in [
        "TOML: use_proxy must be true or false",
        "TOML: authentication_type must be JWT",
        "TOML: call_deadline_ms must be 1 to 600000 milliseconds",
    ] {
        assert_says(&told, beginning);
    }
    assert_eq!(
        told.len(),
        3,
        "what may be given elsewhere isn't told: {told:#?}"
    );
}

#[test]
fn g17_files_are_read_although_other_fields_are_invalid() {
    let config = signing_with(
        "call_deadline_ms = 0\nmerchant_secret_key_file = ''\nssl_ca_cert = 'nowhere/root.pem'\n\
         max_handshakes = 0",
    );
    let told = lines(&config.port().expect_err("refused"));
    assert_says(&told, "TOML: call_deadline_ms must be");
    assert_says(&told, "TOML: max_handshakes must be");
    let other = "run_environment = 'nowhere'\nmerchant_secret_key = 'not base64!'\nrequest_mle = true\n\
                 mle_for_request_public_cert_path = 'nowhere/service.pem'";
    let told = lines(&signing_with(other).port().expect_err("refused"));
    for beginning in [
        "TOML: run_environment is a single word",
        "TOML: merchant_secret_key can't be used: ",
        "TOML: mle_for_request_public_cert_path names a file that doesn't exist",
    ] {
        assert_says(&told, beginning);
    }
    let told = toml("opening_key_file = 'nowhere/key.pem'\nopening_accepts = 'x'").opener();
    assert_eq!(lines(&told.expect_err("refused")).len(), 2);
}

#[test]
fn g17_a_shared_mistake_of_all_merchants_is_told_once() {
    let shared = "run_environment = 'test'\nauthentication_type = 'JWT'\njwt_key_type = 'SHARED_SECRET'\n\
                  merchant_key_id = 'k'\nmerchant_secret_key = 'not base64!'\n[merchants.a]\n[merchants.b]\n\
                  [merchants.c]\nauthentication_type = 'OAUTH'";
    let told = lines(&toml(shared).merchants().expect_err("refused"));
    assert_eq!(told.len(), 2, "{told:#?}");
    assert_says(&told, "TOML: merchant_secret_key can't be used: ");
    assert_says(&told, "TOML [merchants.c]: access_token is missing");
}

#[test]
fn g17_a_table_with_a_mistake_hides_no_other_ones() {
    let text = "run_environment = 'test'\n[merchants.a]\nrun_environment = 'test'\n[merchants.b]\n\
                authentication_type = 'OAUTH'";
    let told = lines(&toml(text).merchants().expect_err("refused"));
    assert_says(
        &told,
        "TOML [merchants.a]: run_environment belongs to what all merchants share",
    );
    assert_says(&told, "TOML [merchants.b]: access_token is missing");
}

#[test]
fn g17_an_invalid_authentication_is_not_told_to_carry_no_encryption() {
    let config = signing_with("authentication_type = 'basic'\nrequest_mle = true");
    let told = lines(&config.port().expect_err("refused"));
    assert!(
        told.iter().all(|line| !line.contains("can't carry")),
        "{told:#?}"
    );
}

#[test]
fn g17_an_access_token_with_more_around_it_is_told() {
    for token in [
        "Bearer canary",
        "Authorization: Bearer canary",
        "\"canary\"",
        "{\"access_token\":\"canary\"}",
    ] {
        let text = format!("authentication_type = 'OAUTH'\naccess_token = '{token}'");
        let told = lines(&signing_with(&text).port().expect_err("refused"));
        let expected = "TOML: access_token holds more than the access token, such as `Bearer`, `Authorization:`, \
                        quotes, blanks or JSON; give the access token alone";
        assert_eq!(told, [expected], "{token}");
    }
}

#[test]
fn g17_what_is_wrong_with_a_proxys_address_is_told_with_the_field_that_helps() {
    for (given, expected) in [
        (
            "'http://canary:canary@proxy:8080'",
            "holds a user or a password; give them as proxy_user and proxy_password, and the address without them",
        ),
        (
            "'socks5://proxy:1080'",
            "is a SOCKS proxy, and only HTTP proxies are used; give http://host:port of one",
        ),
        (
            "'proxy'",
            "has no port; give it as proxy_port, or as http://host:port",
        ),
        (
            "'[::1]'",
            "has no port; give it as proxy_port, or as http://host:port",
        ),
        (
            "'proxy:8080'\nproxy_port = 8080",
            "has a port, and proxy_port gives one too; keep one of them",
        ),
    ] {
        let config = signing_with(&format!("use_proxy = true\nproxy_address = {given}"));
        let told = lines(&config.port().expect_err("refused"));
        assert_eq!(told, [format!("TOML: proxy_address {expected}")]);
    }
    assert!(
        signing_with("use_proxy = true\nproxy_address = '[::1]:3128'")
            .port()
            .is_ok()
    );
}

#[test]
fn g17_swapped_key_files_are_told_with_the_field_that_they_fit() {
    let folder = folder("swapped-keys");
    copy(
        &vector("jwe/keys/merchant.pkcs8.pem"),
        &folder,
        "opening.pem",
    );
    copy(
        &vector("keystores/loads/service-new.p12"),
        &folder,
        "mine.p12",
    );
    let text = "run_environment = 'test'\nmerchant_id = 'keystore_mid'\nauthentication_type = 'JWT'\n\
                keys_directory = '.'\nkey_password = 'testpass'\nkey_file_name = 'opening.pem'\n\
                opening_key_file = 'mine.p12'";
    let config = Config::from_file(write(&folder, "payments.toml", text)).expect("fields");
    let port = config.port().expect_err("refused").to_string();
    let fits = "payments.toml: key_file_name can't be used: it holds a private key without a certificate, which fits \
                opening_key_file; give the key file (.p12)";
    assert!(port.starts_with(fits), "{port}");
    let opener = config.opener().expect_err("refused").to_string();
    let fits = "payments.toml: opening_key_file holds the key file that signs, which key_password opens; it fits \
                key_file_name, so give the key for payment credentials here";
    assert_eq!(opener, fits);
}

#[test]
fn g17_the_password_of_before_2024_is_only_mentioned_where_the_service_made_the_file() {
    let folder = folder("before-2024");
    copy(
        &vector("keystores/loads/aes-256.pkcs8.pem"),
        &folder,
        "opening.pem",
    );
    let text = "opening_key_file = 'opening.pem'\nopening_key_password = 'canary'";
    let config = Config::from_file(write(&folder, "payments.toml", text)).expect("fields");
    assert_eq!(
        config.opener().expect_err("refused").to_string(),
        "payments.toml: opening_key_password can't be used: password is wrong; give the one that this file was \
         encrypted with"
    );
}

#[test]
fn g17_settings_that_work_and_were_hardly_meant_are_noted() {
    for (more, expected) in [
        (
            "call_deadline_ms = 30",
            "TOML: call_deadline_ms is very short; it counts milliseconds",
        ),
        (
            "intermediate_host = 'api.cybersource.com'",
            "TOML: intermediate_host is another host of the vendor's than that of run_environment",
        ),
        (
            "portfolio_id = 'p'",
            "TOML: portfolio_id has no effect: use_metakey isn't true",
        ),
        (
            "use_metakey = true\nportfolio_id = 'testrest'",
            "TOML: portfolio_id is the value of merchant_id too",
        ),
        (
            "opening_key_file = 'k.p12'\nresponse_mle_private_key_file_path = 'k.p12'",
            "TOML: opening_key_file names the file that response_mle_private_key_file_path names too",
        ),
        (
            "opening_key_file = 'keys/me.p12'\nkeys_directory = 'keys'\nkey_file_name = 'me'",
            "TOML: opening_key_file names the file that key_file_name names too",
        ),
    ] {
        assert_says(&notes(&signing_with(more)), expected);
    }
    assert_eq!(notes(&toml(SIGNS)).len(), 1, "the secret in plain text");
}

#[test]
fn g17_a_blank_behind_an_id_is_told() {
    for text in ["merchant_id = 'canary '", "merchant_id = \"canary\\r\\n\""] {
        let told = lines(&signing_with(text).port().expect_err("refused"));
        assert_eq!(
            told,
            ["TOML: merchant_id has a blank or a line break at its beginning or end; delete it"]
        );
    }
}
