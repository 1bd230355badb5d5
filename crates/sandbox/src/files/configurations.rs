//! Configurations, in the words of each client.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::{File, text};
use crate::keystore_authority::BoxError;
use crate::sandbox::Sandbox;

/// The host that clients call, by the proxy or by the sandbox's address.
const HOST: &str = "apitest.cybersource.com";

pub(super) fn all(sandbox: &Sandbox, folder: &Path) -> Result<Vec<File>, BoxError> {
    let json = |value: &Value| serde_json::to_string_pretty(value);
    Ok(vec![
        text("payment-credentials.toml", &own(sandbox)),
        text("python.json", &json(&python(sandbox, folder))?),
        text("node.json", &json(&node(sandbox, folder))?),
        text("ruby.json", &json(&ruby(sandbox, folder))?),
        text("php.json", &json(&php(sandbox, folder))?),
        text("java.properties", &java(sandbox, folder)),
    ])
}

/// The configuration of `payment-credentials-config`, which looks for files beside its own.
fn own(sandbox: &Sandbox) -> String {
    let merchant = sandbox.merchant();
    let (id, address) = (merchant.id(), sandbox.address());
    let key_id = merchant.opening_key_id();
    format!(
        "# For `Config::from_file`. The certificate in root.pem is trusted by this configuration alone.\n\
         run_environment = \"test\"\n\
         intermediate_host = \"{address}\"\n\
         ssl_ca_cert = \"root.pem\"\n\
         trusted_roots = \"extra_only\"\n\
         \n\
         merchant_id = \"{id}\"\n\
         authentication_type = \"JWT\"\n\
         keys_directory = \".\"\n\
         key_file_name = \"{id}.p12\"\n\
         key_password_file = \"keystore-password.txt\"\n\
         \n\
         opening_key_file = \"opening-key.pem\"\n\
         opening_key_id = \"{key_id}\"\n"
    )
}

/// What the SDKs name alike, except for Python's.
fn shared(sandbox: &Sandbox, folder: &Path) -> Map<String, Value> {
    let merchant = sandbox.merchant();
    let mut fields = json!({
        "authenticationType": "JWT",
        "runEnvironment": HOST,
        "merchantID": merchant.id(),
        "merchantKeyId": merchant.key_id(),
        "merchantsecretKey": merchant.shared_secret(),
        "keysDirectory": directory(folder),
        "keyAlias": merchant.id(),
        "keyPass": merchant.keystore_password(),
        "useMetaKey": false,
    });
    fields
        .as_object_mut()
        .map(std::mem::take)
        .unwrap_or_default()
}

/// The folder with the separator that the SDKs expect at its end.
fn directory(folder: &Path) -> String {
    format!("{}/", folder.display())
}

fn with(mut fields: Map<String, Value>, more: &[(&str, Value)]) -> Value {
    for (name, value) in more {
        fields.insert((*name).to_owned(), value.clone());
    }
    Value::Object(fields)
}

fn node(sandbox: &Sandbox, folder: &Path) -> Value {
    let mut more = vec![
        ("jwtKeyType", json!("P12")),
        ("keyFileName", json!(sandbox.merchant().id())),
        ("logConfiguration", json!({"enableLog": false})),
    ];
    if let Some(proxy) = sandbox.proxy_address() {
        more.push(("useProxy", json!(true)));
        more.push(("proxyAddress", json!(proxy.ip())));
        more.push(("proxyPort", json!(proxy.port())));
    }
    with(shared(sandbox, folder), &more)
}

fn ruby(sandbox: &Sandbox, folder: &Path) -> Value {
    let mut more = vec![
        ("keyFilename", json!(sandbox.merchant().id())),
        ("portfolioID", json!("")),
        ("logConfiguration", json!({"enableLog": false})),
    ];
    if let Some(proxy) = sandbox.proxy_address() {
        more.push(("proxyAddress", json!(proxy.ip())));
        more.push(("proxyPort", json!(proxy.port().to_string())));
    }
    with(shared(sandbox, folder), &more)
}

/// The proxy is set on the object that the SDK makes of these; see the README.
fn php(sandbox: &Sandbox, folder: &Path) -> Value {
    let more = [
        ("keyFilename", json!(sandbox.merchant().id())),
        ("portfolioID", json!("")),
        ("enableClientCert", json!(false)),
    ];
    with(shared(sandbox, folder), &more)
}

fn python(sandbox: &Sandbox, folder: &Path) -> Value {
    let merchant = sandbox.merchant();
    let mut fields = json!({
        "authentication_type": "JWT",
        "jwt_key_type": "P12",
        "run_environment": HOST,
        "merchantid": merchant.id(),
        "merchant_keyid": merchant.key_id(),
        "merchant_secretkey": merchant.shared_secret(),
        "keys_directory": directory(folder),
        "key_file_name": merchant.id(),
        "key_alias": merchant.id(),
        "key_password": merchant.keystore_password(),
        // The SDK takes any text for true, and fails to log booleans.
        "use_metakey": "",
    });
    if let (Some(proxy), Some(fields)) = (sandbox.proxy_address(), fields.as_object_mut()) {
        for (name, value) in [
            ("use_proxy", "true".to_owned()),
            ("proxy_address", format!("http://{}", proxy.ip())),
            ("proxy_port", proxy.port().to_string()),
            // The SDK fails without these settings; the proxy requires none.
            ("proxy_username", "nobody".to_owned()),
            ("proxy_password", "nothing".to_owned()),
        ] {
            fields.insert(name.to_owned(), json!(value));
        }
    }
    fields
}

fn java(sandbox: &Sandbox, folder: &Path) -> String {
    let mut lines = String::from("# Properties for the SDK's MerchantConfig; see README.md.\n");
    let mut fields = shared(sandbox, folder);
    fields.insert("keyFileName".to_owned(), json!(sandbox.merchant().id()));
    fields.insert("enableLog".to_owned(), json!("false"));
    if let Some(proxy) = sandbox.proxy_address() {
        fields.insert("useProxy".to_owned(), json!("true"));
        fields.insert("proxyAddress".to_owned(), json!(proxy.ip()));
        fields.insert("proxyPort".to_owned(), json!(proxy.port()));
    }
    for (name, value) in fields {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        // A backslash begins an escape.
        let value = value.replace('\\', "\\\\");
        // Writing to a String can't fail.
        let _ = writeln!(lines, "{name}={value}");
    }
    lines
}
