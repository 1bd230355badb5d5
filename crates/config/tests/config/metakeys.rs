//! A portfolio's key signs on behalf of a merchant, with each kind of signature.

use payment_credentials_sandbox::{Policy, Sandbox};

use crate::fixtures::{KEY_ID, SECRET, folder, generate, leading_to, signing_with, write};

/// A sandbox in which `testrest`'s key and the own merchant's key are each the MetaKey of a portfolio.
async fn sandbox() -> Sandbox {
    let policy =
        Policy::strict()
            .with_explanations()
            .with_shared_secret("portfolio", KEY_ID, SECRET);
    let policy = policy
        .expect("a policy")
        .with_relation("portfolio", "testrest")
        .with_relation("sandbox_merchant", "testrest");
    Sandbox::start(policy.into()).await.expect("a sandbox")
}

async fn check(test: &str, more: impl FnOnce(&Sandbox) -> String) {
    let (sandbox, folder) = (sandbox().await, folder(test));
    let keystore = sandbox.merchant().keystore().expect("a keystore");
    write(&folder, "testrest.p12", keystore);
    let more = format!(
        "use_metakey = true\nkeys_directory = '{}'\n{}",
        folder.display(),
        more(&sandbox)
    );
    generate(&signing_with(&more).overridden_by(leading_to(&sandbox, &folder))).await;
    let requests = sandbox.requests();
    let outcome = requests
        .last()
        .and_then(|request| request.authentication())
        .expect("a request that was validated");
    assert_eq!(outcome.merchant_id(), Some("testrest"));
    assert_ne!(outcome.key_owner(), Some("testrest"));
}

#[tokio::test]
async fn jwt_by_shared_secret() {
    check("metakey_secret", |_| {
        "portfolio_id = 'portfolio'".to_owned()
    })
    .await;
}

#[tokio::test]
async fn http_signature() {
    let more = "portfolio_id = 'portfolio'\nauthentication_type = 'http_signature'";
    check("metakey_http", |_| more.to_owned()).await;
}

#[tokio::test]
async fn jwt_by_certificate() {
    check("metakey_certificate", |sandbox| {
        format!(
            "portfolio_id = '{}'\njwt_key_type = 'P12'\nkey_password = '{}'",
            sandbox.merchant().id(),
            sandbox.merchant().keystore_password()
        )
    })
    .await;
}
