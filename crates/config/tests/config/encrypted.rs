//! Message-level encryption, enabled by one line for each direction, against a sandbox that
//! requires it.

use payment_credentials_config::Config;
use payment_credentials_sandbox::{Mle, Policy, Sandbox};

use crate::fixtures::{folder, generate, leading_to, toml, write};

async fn demanding() -> Sandbox {
    let policy = Policy::strict()
        .with_explanations()
        .with_request_mle(Mle::Mandatory)
        .with_response_mle(Mle::Mandatory);
    Sandbox::start(policy.into()).await.expect("a sandbox")
}

/// Asserts that the sandbox decrypted the request and encrypted its response.
async fn assert_encrypted_both_ways(sandbox: &Sandbox, config: &Config) {
    generate(config).await;
    let requests = sandbox.requests();
    let outcome = requests
        .last()
        .and_then(|request| request.mle())
        .expect("it was examined");
    assert_eq!(outcome.request_key_id(), sandbox.recipient_key_id().ok());
    let key_id = sandbox.merchant().response_key_id();
    assert_eq!(outcome.response_key_id(), Some(key_id));
}

#[tokio::test]
async fn a_certificate_that_signs_encrypts_with_two_keystores_and_two_lines() {
    let (sandbox, folder) = (demanding().await, folder("encrypted_keystore"));
    let merchant = sandbox.merchant();
    let signs = merchant.keystore().expect("a keystore");
    let opens = merchant.response_keystore().expect("a keystore");
    write(&folder, "sandbox_merchant.p12", signs);
    let opens = write(&folder, "response.p12", opens);
    let password = write(&folder, "password", merchant.keystore_password());
    let config = toml(&format!(
        "run_environment = 'apitest.cybersource.com'\nauthentication_type = 'JWT'\n\
         merchant_id = 'sandbox_merchant'\nkeys_directory = '{}'\n\
         key_password_file = '{password}'\n\
         request_mle = true\nresponse_mle = true\n\
         response_mle_private_key_file_path = '{}'\n\
         response_mle_private_key_file_password_file = '{password}'",
        folder.display(),
        opens.display(),
        password = password.display(),
    ))
    .overridden_by(leading_to(&sandbox, &folder));
    assert_encrypted_both_ways(&sandbox, &config).await;
}

#[tokio::test]
async fn a_shared_secret_encrypts_with_a_certificate_and_a_key_in_pem() {
    let (sandbox, folder) = (demanding().await, folder("encrypted_secret"));
    let merchant = sandbox.merchant();
    let service = sandbox.recipient_certificate_pem();
    let service = write(&folder, "service.pem", service.expect("a certificate"));
    let opens = merchant.response_key_pem().expect("a key");
    let opens = write(&folder, "response.pem", opens);
    let config = toml(&format!(
        "run_environment = 'apitest.cybersource.com'\nauthentication_type = 'JWT'\n\
         jwt_key_type = 'SHARED_SECRET'\nmerchant_id = 'sandbox_merchant'\n\
         merchant_key_id = '{}'\nmerchant_secret_key = '{}'\n\
         enableRequestMLEForOptionalApisGlobally = true\nenableResponseMleGlobally = true\n\
         mleForRequestPublicCertPath = '{}'\nresponseMlePrivateKeyFilePath = '{}'\n\
         responseMleKID = '{}'",
        merchant.key_id(),
        merchant.shared_secret(),
        service.display(),
        opens.display(),
        merchant.response_key_id(),
    ))
    .overridden_by(leading_to(&sandbox, &folder));
    assert_encrypted_both_ways(&sandbox, &config).await;
}
