//! The configurations that a sandbox writes lead to the sandbox, with nothing but its folder.

use payment_credentials_config::Config;
use payment_credentials_sandbox::{Policy, Sandbox};

use crate::fixtures::{folder, generate, notes};

#[tokio::test]
async fn the_configuration_of_a_sandboxs_files_makes_a_call() {
    payment_credentials_test_limit::start();
    let folder = folder("sandbox_files").join("files");
    let sandbox = Sandbox::start(Policy::strict().into())
        .await
        .expect("a sandbox");
    sandbox.write_files(&folder).expect("files");
    let config =
        Config::from_file(folder.join("payment-credentials.toml")).expect("a configuration");
    assert_eq!(notes(&config), Vec::<String>::new());
    generate(&config).await;
    sandbox.assert_minted(1);
    sandbox.assert_none_refused();
}

/// What the SDKs read signs, and goes by the proxy; the rest of the fields is ours alone.
#[tokio::test]
async fn the_configurations_of_the_sdks_sign_and_go_by_the_proxy() {
    payment_credentials_test_limit::start();
    let folder = folder("sandbox_sdk_files").join("files");
    let builder = Sandbox::builder(Policy::tolerant().into()).proxy_port(0);
    let sandbox = builder.start().await.expect("a sandbox");
    sandbox.write_files(&folder).expect("files");
    let ours = format!(
        "ssl_ca_cert = '{0}/root.pem'\ntrusted_roots = 'extra_only'\n\
         opening_key_file = '{0}/opening-key.pem'\nopening_key_id = '{1}'\n\
         use_proxy = true\nproxy_address = 'http://127.0.0.1'\nproxy_port = {2}\n",
        folder.display(),
        sandbox.merchant().opening_key_id(),
        sandbox.proxy_address().expect("a proxy").port()
    );
    let ours = Config::from_toml(&ours).expect("a configuration");
    for name in [
        "python.json",
        "node.json",
        "ruby.json",
        "php.json",
        "java.properties",
    ] {
        let config = Config::from_file(folder.join(name)).expect(name);
        // The proxy's placeholder credentials of the Python SDK stay as they are: the proxy ignores them.
        generate(&config.overridden_by(ours.clone())).await;
    }
    sandbox.assert_minted(5);
    sandbox.assert_none_refused();
}
