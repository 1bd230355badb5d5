//! How each client is told of the files.

use std::path::Path;

use super::TRUST_STORE_PASSWORD;
use crate::sandbox::Sandbox;

/// The text, with a name in braces for each value.
const TEMPLATE: &str = include_str!("readme.md");

pub(super) fn text(sandbox: &Sandbox, folder: &Path) -> String {
    let (merchant, portfolio) = (sandbox.merchant(), sandbox.portfolio());
    let (proxy, proxy_setters) = sandbox.proxy_address().map_or_else(
        || {
            let none = "none: the SDKs need one, so start the sandbox with `proxy_port`";
            (none.to_owned(), String::new())
        },
        |proxy| {
            let (ip, port) = (proxy.ip(), proxy.port());
            let setters =
                format!("\n$config->setCurlProxyHost('{ip}');\n$config->setCurlProxyPort({port});");
            (format!("http://{proxy}"), setters)
        },
    );
    let values = [
        ("folder", folder.display().to_string()),
        ("address", sandbox.address().to_string()),
        ("proxy", proxy),
        ("proxy_setters", proxy_setters),
        ("merchant_id", merchant.id().to_owned()),
        ("merchant_password", merchant.keystore_password().to_owned()),
        ("key_id", merchant.key_id().to_owned()),
        ("response_key_id", merchant.response_key_id().to_owned()),
        ("opening_key_id", merchant.opening_key_id().to_owned()),
        ("portfolio_id", portfolio.id().to_owned()),
        (
            "portfolio_password",
            portfolio.keystore_password().to_owned(),
        ),
        ("merchants", portfolio.merchant_ids().join(", ")),
        ("trust", TRUST_STORE_PASSWORD.to_owned()),
    ];
    values
        .iter()
        .fold(TEMPLATE.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
}
