//! Which keys and certificates encrypt and open.

use payment_credentials_config::Config;
use payment_credentials_core::KeyPurpose;

use super::{
    DAY, END, EXPIRED, MERCHANT, SERVICE, at, jobs, keystore, path, refusal, with_all_keys,
};
use crate::fixtures::{assert_says, folder, signing_with, toml, write};

#[test]
fn a_keystore_of_the_service_has_its_key_id_and_a_configured_one_wins() {
    let answers = format!(
        "response_mle = true\nresponseMlePrivateKeyFilePath = '{}'\n\
         responseMlePrivateKeyFilePassword = 'testpass'\n",
        path("keystores/loads/service-new.p12")
    );
    let asked_for = |config: &Config| {
        let mut found = jobs(config)
            .into_iter()
            .filter(|(purpose, _)| *purpose == KeyPurpose::OpenResponses);
        found.next().expect("a key").1
    };
    assert_eq!(asked_for(&keystore(&answers)), MERCHANT);
    let portfolio = "use_metakey = true\nportfolio_id = 'keystore_mid'\nmerchant_id = 'shop'";
    let metakey = keystore(&answers).overridden_by(toml(portfolio));
    assert_eq!(asked_for(&metakey), MERCHANT);
    let named = keystore(&format!("{answers}responseMleKID = 'another'"));
    assert_eq!(asked_for(&named), "another");
}

#[test]
fn a_response_key_without_an_id_is_rejected() {
    for key in ["jwe/keys/merchant.pkcs8.pem", "keystores/loads/small.p12"] {
        let config = signing_with(&format!(
            "response_mle = true\nresponseMlePrivateKeyFilePath = '{}'\n\
             response_mle_private_key_file_password = 'testpass'",
            path(key)
        ));
        let error = refusal(&config);
        assert!(
            error.starts_with("TOML: response_mle_kid is missing"),
            "{error}"
        );
    }
}

#[test]
fn the_keystore_of_responses_has_the_services_certificate_too() {
    let folder = folder("mle_response_keystore");
    let signs = [EXPIRED, stored!("jwe/keys/merchant.pkcs8.pem")].concat();
    write(&folder, "signs.pem", signs);
    let config = toml(&format!(
        "run_environment = 'apitest.cybersource.com'\nmerchant_id = 'expired_mid'\n\
         authentication_type = 'JWT'\nkeys_directory = '{}'\nkey_file_name = 'signs.pem'\n\
         request_mle = true",
        folder.display()
    ));
    let error = refusal(&config);
    assert!(
        error.starts_with("TOML: mle_for_request_public_cert_path is missing; no key file"),
        "{error}"
    );
    let answers = toml(&format!(
        "response_mle = true\nresponse_mle_kid = 'answers'\nresponseMlePrivateKeyFilePath = '{}'\n\
         responseMlePrivateKeyFilePassword = 'testpass'",
        path("keystores/loads/service-new.p12")
    ));
    let found = jobs(&config.overridden_by(answers));
    assert!(
        found.contains(&(KeyPurpose::SealRequests, SERVICE.to_owned())),
        "{found:?}"
    );
    assert!(
        found.contains(&(KeyPurpose::OpenResponses, "answers".to_owned())),
        "{found:?}"
    );
}

#[test]
fn an_alias_names_another_certificate_in_the_keystore() {
    let config = keystore("request_mle = true\nmleKeyAlias = 'keystore_mid'");
    let found = jobs(&config);
    assert!(
        found.contains(&(KeyPurpose::SealRequests, MERCHANT.to_owned())),
        "{found:?}"
    );
    let unknown = keystore("request_mle = true\nmleKeyAlias = 'nobody'");
    let error = refusal(&unknown);
    assert!(
        error.contains("the common name that mleKeyAlias sets"),
        "{error}"
    );
}

#[test]
fn a_file_with_several_certificates_has_the_named_one() {
    let folder = folder("mle_several");
    let service = stored!("keystores/loads/service.pem");
    let both = write(&folder, "both.pem", [EXPIRED, service].concat());
    let config = |more: &str| {
        signing_with(&format!(
            "request_mle = true\nmleForRequestPublicCertPath = '{}'\n{more}",
            both.display()
        ))
    };
    let found = jobs(&config(""));
    assert!(
        found.contains(&(KeyPurpose::SealRequests, SERVICE.to_owned())),
        "{found:?}"
    );
    let error = refusal(&config("request_mle_key_alias = 'nobody'"));
    assert!(
        error.contains("without the service's certificate"),
        "{error}"
    );
}

#[test]
fn a_shared_secret_without_a_certificate_file_names_the_missing_field() {
    let error = refusal(&signing_with("request_mle = true"));
    assert!(
        error.starts_with("TOML: mle_for_request_public_cert_path is missing; a shared secret"),
        "{error}"
    );
}

#[test]
fn b18_an_expired_certificate_is_rejected_and_one_that_expires_soon_is_noted() {
    let folder = folder("mle_expired");
    let expired = write(&folder, "expired.pem", EXPIRED);
    let config = signing_with(&format!(
        "request_mle = true\nmleForRequestPublicCertPath = '{}'",
        expired.display()
    ));
    let error = refusal(&config);
    assert!(
        error.starts_with("TOML: mleForRequestPublicCertPath can't be used: ")
            && error.contains("has expired"),
        "{error}"
    );
    let config = with_all_keys("request_mle = true");
    for (now, is_noted) in [(END - 91 * DAY, false), (END - 89 * DAY, true)] {
        let notes: Vec<_> = config
            .inventory(at(now))
            .expect("an inventory")
            .notes
            .iter()
            .map(ToString::to_string)
            .collect();
        let note = "TOML: mleForRequestPublicCertPath holds a certificate of the service that \
                    expires in 89 days";
        if is_noted {
            assert_says(&notes, note);
        } else {
            assert!(
                !notes.iter().any(|it| it.contains("expires in")),
                "{notes:?}"
            );
        }
    }
    assert!(config.inventory(at(END + DAY)).is_err());
}

#[test]
fn the_port_has_the_keys_of_the_key_set() {
    let config = with_all_keys("request_mle = true\nresponse_mle = true");
    let port = config.port().expect("a port").configured_keys();
    let listed: Vec<_> = port.iter().map(|key| key.purpose).collect();
    let of_both = [
        KeyPurpose::SignRequests,
        KeyPurpose::SealRequests,
        KeyPurpose::OpenResponses,
    ];
    assert_eq!(listed, of_both);
    assert_eq!(config.key_set().expect("keys").configured_keys(), port);
}
