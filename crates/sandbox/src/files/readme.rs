//! How each client is told of the files.

use std::path::Path;

use super::TRUST_STORE_PASSWORD;
use crate::api_keys::KeyGenerationError;
use crate::sandbox::Sandbox;
use crate::vault;

/// The text, with a name in braces for each value.
const TEMPLATE: &str = include_str!("readme.md");

pub(super) fn text(sandbox: &Sandbox, folder: &Path) -> Result<String, KeyGenerationError> {
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
        (
            "certificate_key_id",
            merchant.certificate_key_id().to_owned(),
        ),
        ("recipient_key_id", sandbox.recipient_key_id()?.to_owned()),
        ("portfolio_key_id", portfolio.key_id().to_owned()),
        (
            "portfolio_certificate_key_id",
            portfolio.certificate_key_id().to_owned(),
        ),
        (
            "portfolio_response_key_id",
            portfolio.response_key_id().to_owned(),
        ),
        ("token_ids", token_ids()),
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
    let text = values
        .iter()
        .fold(TEMPLATE.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        });
    Ok(text)
}

/// The rows of the vault.
fn token_ids() -> String {
    let status =
        |status: Option<u16>| status.map_or_else(|| "none".to_owned(), |it| it.to_string());
    let rows = vault::ENTRIES.iter().map(|entry| {
        let (v2, v3) = (status(entry.status_v2()), status(entry.status_v3()));
        format!(
            "| `{}` | {v2} | {v3} | {} |",
            entry.id(),
            entry.description()
        )
    });
    rows.collect::<Vec<_>>().join("\n")
}
