//! The SDKs, and their configurations in their own spelling.

use serde_json::{Value, json};

use crate::{KEY_ID, MERCHANT, SECRET, Stage};

const HOST: &str = "apitest.cybersource.com";

/// Where `run` installs Node's packages.
pub(crate) const NODE_PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/node/node_modules");

/// One of the vendor's SDKs.
#[derive(Clone, Copy)]
pub(crate) enum Sdk {
    Node,
    Python,
}

/// A way to sign.
#[derive(Clone, Copy)]
pub(crate) enum Scheme {
    HttpSignature,
    JwtCertificate,
    JwtMetaKey,
    JwtSharedSecret,
}

impl Scheme {
    pub(crate) const ALL: [Self; 4] = [
        Self::HttpSignature,
        Self::JwtCertificate,
        Self::JwtMetaKey,
        Self::JwtSharedSecret,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::HttpSignature => "http-signature",
            Self::JwtCertificate => "jwt-certificate",
            Self::JwtMetaKey => "jwt-meta-key",
            Self::JwtSharedSecret => "jwt-shared-secret",
        }
    }

    fn authentication_type(self) -> &'static str {
        match self {
            Self::HttpSignature => "http_signature",
            Self::JwtCertificate | Self::JwtMetaKey | Self::JwtSharedSecret => "jwt",
        }
    }

    /// Whose certificate it is, if it is signed with one.
    pub(crate) fn certificate_owner(self, stage: &Stage) -> Option<&str> {
        match self {
            Self::HttpSignature | Self::JwtSharedSecret => None,
            Self::JwtCertificate | Self::JwtMetaKey => Some(Keys::of(self, stage).owner),
        }
    }

    fn key_type(self) -> &'static str {
        match self {
            Self::HttpSignature | Self::JwtSharedSecret => "SHARED_SECRET",
            Self::JwtCertificate | Self::JwtMetaKey => "P12",
        }
    }
}

impl Sdk {
    pub(crate) const ALL: [Self; 2] = [Self::Node, Self::Python];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
        }
    }

    pub(crate) fn interpreter(self) -> String {
        match self {
            Self::Node => "node".to_owned(),
            Self::Python => format!("{}/target/python/bin/python", env!("CARGO_MANIFEST_DIR")),
        }
    }

    pub(crate) fn script(self) -> String {
        let script = match self {
            Self::Node => "node/call.js",
            Self::Python => "python/call.py",
        };
        format!("{}/{script}", env!("CARGO_MANIFEST_DIR"))
    }

    pub(crate) fn configuration(self, scheme: Scheme, stage: &Stage) -> Value {
        let keys = Keys::of(scheme, stage);
        let (kind, key_type) = (scheme.authentication_type(), scheme.key_type());
        let folder = stage.folder().display().to_string() + "/";
        let port = stage.proxy_port();
        let is_meta_key = keys.owner != keys.merchant;
        match self {
            Self::Node => json!({
                "authenticationType": kind,
                "jwtKeyType": key_type,
                "runEnvironment": HOST,
                "merchantID": keys.merchant,
                "merchantKeyId": KEY_ID,
                "merchantsecretKey": SECRET,
                "keysDirectory": folder,
                "keyFileName": keys.owner,
                "keyAlias": keys.owner,
                "keyPass": keys.password,
                "useMetaKey": is_meta_key,
                "portfolioID": keys.owner,
                "useProxy": true,
                "proxyAddress": "127.0.0.1",
                "proxyPort": port,
                "logConfiguration": { "enableLog": false },
            }),
            Self::Python => json!({
                "authentication_type": kind,
                "jwt_key_type": key_type,
                "run_environment": HOST,
                "merchantid": keys.merchant,
                "merchant_keyid": KEY_ID,
                "merchant_secretkey": SECRET,
                "keys_directory": folder,
                "key_file_name": keys.owner,
                "key_alias": keys.owner,
                "key_password": keys.password,
                // It logs its settings in a way that fails on booleans; any text is taken for true.
                "use_metakey": if is_meta_key { "true" } else { "" },
                "portfolio_id": keys.owner,
                "use_proxy": "true",
                "proxy_address": "http://127.0.0.1",
                "proxy_port": port.to_string(),
                // The SDK fails without them; the proxy wants none.
                "proxy_username": "nobody",
                "proxy_password": "nothing",
            }),
        }
    }
}

/// Whose keys sign, and for whom.
struct Keys<'a> {
    owner: &'a str,
    merchant: &'a str,
    password: &'a str,
}

impl<'a> Keys<'a> {
    fn of(scheme: Scheme, stage: &'a Stage) -> Self {
        let (merchant, portfolio) = (stage.sandbox.merchant(), stage.sandbox.portfolio());
        match scheme {
            Scheme::HttpSignature | Scheme::JwtSharedSecret => Self {
                owner: MERCHANT,
                merchant: MERCHANT,
                password: "",
            },
            Scheme::JwtCertificate => Self {
                owner: merchant.id(),
                merchant: merchant.id(),
                password: merchant.keystore_password(),
            },
            Scheme::JwtMetaKey => Self {
                owner: portfolio.id(),
                merchant: merchant.id(),
                password: portfolio.keystore_password(),
            },
        }
    }
}
