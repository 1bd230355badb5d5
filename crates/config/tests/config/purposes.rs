//! Row G17: a key that has another purpose than its field's, one that isn't valid at this time, and ids.

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use payment_credentials_config::Config;
use payment_credentials_core::seam::{Clock as _, SystemClock};

use crate::fixtures::{assert_says, copy, folder, notes, signing_with, toml, vector, write};

/// The configuration that signs with the key file of the vectors, with these fields.
fn by_key_file(more: &str) -> Config {
    let keys = vector("keystores/loads");
    let signs = format!(
        "jwt_key_type = 'P12'\nmerchant_id = 'keystore_mid'\nkeys_directory = '{}'\nkey_file_name = 'service-new'\n\
         key_password = 'testpass'",
        keys.display()
    );
    signing_with(&signs).overridden_by(toml(more))
}

const TWO_JOBS: &str = "holds the key that key_file_name holds too; the vendor's Business Center (its web \
                        console) has a key for each purpose, so check that this is the one for payment \
                        credentials";

#[test]
fn g17_the_key_that_signs_in_place_of_the_one_that_opens_is_noted() {
    let folder = folder("jobs");
    let vectors = vector("keystores/loads");
    let other_name = copy(&vectors.join("service-new.p12"), &folder, "mine.p12");
    for (path, password) in [
        (other_name, "testpass"),
        (vectors.join("openssl-3des.p12"), "testpass"),
        (vector("jwe/keys/merchant.pkcs8.pem"), ""),
    ] {
        let opens = format!(
            "opening_key_file = '{}'\nopening_key_password = '{password}'",
            path.display()
        );
        for opens_first in [false, true] {
            let config = by_key_file(&opens);
            if opens_first {
                config.opener().expect("an opener");
            }
            config.port().expect("a port");
            config.opener().expect("an opener");
            let told: Vec<_> = notes(&config)
                .into_iter()
                .filter(|it| it.contains(TWO_JOBS))
                .collect();
            assert_eq!(told, [format!("TOML: opening_key_file {TWO_JOBS}")]);
        }
    }
    let other = vector("jwe/keys/merchant-next.pkcs8.pem");
    let config = by_key_file(&format!("opening_key_file = '{}'", other.display()));
    config.port().expect("a port");
    config.opener().expect("an opener");
    assert!(!notes(&config).join("\n").contains("each purpose"));
}

#[test]
fn g17_the_key_of_responses_in_place_of_the_one_that_opens_is_noted() {
    let key = vector("jwe/keys/merchant-next.pkcs8.pem");
    let config = by_key_file(&format!(
        "opening_key_file = '{0}'\nresponse_mle = true\nresponse_mle_kid = '17'\n\
         response_mle_private_key_file_path = '{0}'",
        key.display()
    ));
    config.port().expect("a port");
    config.opener().expect("an opener");
    let told = notes(&config).join("\n");
    assert!(
        told.contains("names the file that response_mle_private_key_file_path names too"),
        "{told}"
    );
    assert!(!told.contains("holds the key that"), "{told}");
    let folder = folder("responses");
    let copied = copy(&key, &folder, "copy.pem");
    let config = config.overridden_by(toml(&format!("opening_key_file = '{}'", copied.display())));
    config.port().expect("a port");
    config.opener().expect("an opener");
    let expected = TWO_JOBS.replace("key_file_name", "response_mle_private_key_file_path");
    assert_says(
        &notes(&config),
        &format!("TOML: opening_key_file {expected}"),
    );
}

#[test]
fn g17_a_client_that_shows_the_certificate_which_signs_is_noted() {
    let p12 = include_bytes!("../../../../tests/vectors/keystores/loads/service-new.p12");
    let expected = "TOML: client_identity holds the key that signs, which key_file_name gives; check that \
                    this is the certificate that the vendor has for mutual TLS";
    let config = by_key_file(&format!(
        "client_identity = '{}'\nssl_key_password = 'testpass'",
        STANDARD.encode(p12)
    ));
    // TLS takes no certificate of the first version, as those of these files are.
    let _refused = config.port().expect_err("an old certificate");
    assert_says(&notes(&config), expected);
    let other = include_bytes!("../../../../tests/vectors/keystores/client/client.p12");
    let config = by_key_file(&format!(
        "client_identity = '{}'\nssl_key_password = 'testpass'",
        STANDARD.encode(other)
    ));
    config.port().expect("a port");
    assert!(!notes(&config).join("\n").contains("the key that signs"));
}

#[test]
fn g17_a_certificate_that_is_not_valid_yet_is_noted() {
    let config = by_key_file("");
    let inventory = config.inventory(UNIX_EPOCH).expect("an inventory");
    let told: Vec<_> = inventory.notes.iter().map(ToString::to_string).collect();
    assert_says(
        &told,
        "TOML: key_file_name holds a certificate that becomes valid in ",
    );
    assert!(told.join("\n").contains(
        " days only; check the clock of this machine, or give the certificate that is valid now"
    ));
    let config = by_key_file("");
    config.port().expect("a port");
    assert!(!notes(&config).join("\n").contains("becomes valid"));
}

#[test]
fn g17_an_access_token_that_has_expired_is_noted() {
    let now = SystemClock
        .now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let expired = "TOML: access_token is a JWT that has expired; get a new access token";
    let jwt = |claims: &str| {
        let claims = URL_SAFE_NO_PAD.encode(claims);
        format!("eyJhbGciOiJSUzI1NiJ9.{claims}.c2ln")
    };
    for (access_token, is_noted) in [
        (jwt("{\"exp\": 1700000000}"), true),
        (jwt("{\"exp\": 1700000000.5}"), true),
        (
            jwt(&format!(
                "{{\"exp\": {}}}",
                (now + Duration::from_secs(600)).as_secs()
            )),
            false,
        ),
        (jwt("{\"exp\": -1}"), false),
        (jwt("{\"exp\": 1e300}"), false),
        (jwt("{\"exp\": \"x\"}"), false),
        (jwt("{}"), false),
        ("mF_9.B5f-4.1JqM".to_owned(), false),
        ("canary".to_owned(), false),
    ] {
        let config = toml(&format!(
            "run_environment = 'apitest.cybersource.com'\nauthentication_type = 'OAUTH'\naccess_token = \
             '{access_token}'"
        ));
        config.key_set().expect("an access token");
        let told = notes(&config);
        assert_eq!(
            told.iter().any(|it| it == expired),
            is_noted,
            "{access_token}: {told:?}"
        );
    }
}

#[test]
fn g17_a_certificate_without_a_key_id_is_told_with_the_field_for_it() {
    let keys = vector("keystores/refused");
    let more = format!(
        "keys_directory = '{}'\nkey_file_name = 'no-key-id'",
        keys.display()
    );
    let expected = "TOML: key_file_name can't be used: its certificate names no key id, so it isn't from \
                    the vendor's Business Center (its web console); take the key file (.p12) from there, \
                    or, if the vendor has this key, give the id that it shows in signing_key_id";
    let told = by_key_file(&more)
        .port()
        .expect_err("no key id")
        .to_string();
    assert_eq!(told, expected);
    by_key_file(&format!("{more}\nsigning_key_id = '17'"))
        .port()
        .expect("a port");
}

#[test]
fn g17_the_letter_for_which_an_id_is_refused_is_told_by_its_kind() {
    for (field, id, expected) in [
        (
            "merchant_id",
            "test rest",
            "it has a blank in it; delete it",
        ),
        (
            "merchant_key_id",
            "{08c94330}",
            "it has brackets or quotes around it; delete them",
        ),
        (
            "merchant_id",
            "me@shop.example",
            "it has an @, as the name of a user has; give the id",
        ),
    ] {
        let told = signing_with(&format!("{field} = \"{id}\""))
            .port()
            .expect_err(id)
            .to_string();
        assert!(
            told.starts_with(&format!("TOML: {field} can't be used: ")),
            "{told}"
        );
        assert!(told.contains(&format!("; {expected}")), "{told}");
    }
}

#[test]
fn g17_the_id_of_a_key_in_place_of_the_merchants_is_noted() {
    let expected = "TOML: merchant_id has the form of a key's id; check that it is the merchant id";
    let config = signing_with("merchant_id = '08c94330-f618-42a3-b09d-e1e43be5efda'");
    assert_says(&notes(&config), expected);
    assert!(
        !notes(&signing_with(""))
            .join("\n")
            .contains("form of a key's id")
    );
}

#[test]
fn g17_a_name_that_people_write_for_a_field_is_told_with_the_fields_own() {
    let error = Config::from_toml("merchant_secret_key_id = 'x'")
        .expect_err("refused")
        .to_string();
    assert_eq!(
        error,
        "TOML: merchant_secret_key_id is not a known field; did you mean merchant_key_id? Correct its name, \
         or delete it"
    );
    for (name, field) in [
        ("shared_secret", "merchant_secret_key"),
        ("key_id", "merchant_key_id"),
        ("p12_password", "key_password"),
        ("keystore_path", "key_file_name"),
        ("kid", "opening_key_id"),
        ("bearerToken", "access_token"),
    ] {
        let expected = format!(
            "TOML: {name} is not a known field; if {field} is meant, call it so, or else delete it"
        );
        assert_eq!(notes(&toml(&format!("{name} = 'canary'"))), [expected]);
    }
    let misnamed = "run_environment = 'test'\nmerchant_id = 'm'\nauthentication_type = 'HTTP_SIGNATURE'\n\
                    merchant_key_id = 'k'\nshared_secret = 'canary'";
    let told = toml(misnamed).port().expect_err("no secret").to_string();
    let expected =
        "; shared_secret is given, which isn't its name, so call that merchant_secret_key";
    assert!(
        told.contains("merchant_secret_key is missing; give the secret"),
        "{told}"
    );
    assert!(told.ends_with(expected), "{told}");
    let variables = [("CYBERSOURCE_SHARED_SECRET", "canary")];
    let told = notes(&Config::from_env(variables).expect("variables"));
    assert_says(
        &told,
        "the environment: CYBERSOURCE_SHARED_SECRET is not a known field; if CYBERSOURCE_MERCHANT_SECRET_KEY",
    );
}

#[test]
fn g17_the_files_of_a_client_that_are_swapped_are_told() {
    let folder = folder("swapped");
    let pem = include_str!("../../../../tests/vectors/keystores/client/client-encrypted.pem");
    let at = pem.find("-----BEGIN ENCRYPTED").expect("a key");
    let (one, other) = pem.split_at(at);
    let (certificate, key) = if one.contains("CERTIFICATE") {
        (one, other)
    } else {
        (other, one)
    };
    write(&folder, "certificate.pem", certificate);
    write(&folder, "key.pem", key);
    let of = |certificate: &str, key: &str| {
        let more = format!(
            "enable_client_cert = true\nclient_cert_dir = '{}'\nssl_client_cert = '{certificate}.pem'\n\
             private_key = '{key}.pem'\nssl_key_password = 'testpass'",
            folder.display()
        );
        signing_with(&more).port().map(drop)
    };
    of("certificate", "key").expect("a port");
    for (certificate, key, expected) in [
        (
            "key",
            "certificate",
            "names the certificate, and ssl_client_cert names the private key; swap them",
        ),
        (
            "certificate",
            "certificate",
            "names a file that holds certificates alone; give that of the private key",
        ),
    ] {
        let told = of(certificate, key).expect_err("refused").to_string();
        assert_eq!(told, format!("TOML: private_key {expected}"));
    }
    let told = of("key", "key").expect_err("refused").to_string();
    assert!(
        told.starts_with(
            "TOML: ssl_client_cert can't be used: client identity holds no certificate"
        ),
        "{told}"
    );
}
