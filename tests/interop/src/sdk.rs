//! The SDKs, and their configurations in their own format.

use serde_json::{Value, json};

use crate::stage::Stage;
use crate::{KEY_ID, MERCHANT, SECRET};

const HOST: &str = "apitest.cybersource.com";

/// Where `run` installs Node's packages.
pub(crate) const NODE_PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/node/node_modules");

/// A file in the folder of this program.
pub(crate) fn path(name: &str) -> String {
    format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// One of the vendor's SDKs.
#[derive(Clone, Copy)]
pub(crate) enum Sdk {
    Node,
    Python,
}

/// The operation that is called.
#[derive(Clone, Copy)]
pub(crate) enum Operation {
    V2,
    V3,
}

impl Operation {
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::V2 => "v2",
            Self::V3 => "v3",
        }
    }
}

/// A way to sign.
#[derive(Clone, Copy)]
pub(crate) enum AuthenticationScheme {
    HttpSignature,
    JwtCertificate,
    JwtMetaKey,
    /// The secret of the sandbox's own merchant, for cases that need that merchant's other keys.
    JwtOwnSecret,
    JwtSharedSecret,
}

impl AuthenticationScheme {
    /// The ways whose requests can be verified again without this run's sandbox.
    pub(crate) const CAPTURED: [Self; 4] = [
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
            Self::JwtOwnSecret => "jwt-own-secret",
            Self::JwtSharedSecret => "jwt-shared-secret",
        }
    }

    fn authentication_type(self) -> &'static str {
        match self {
            Self::HttpSignature => "http_signature",
            Self::JwtCertificate
            | Self::JwtMetaKey
            | Self::JwtOwnSecret
            | Self::JwtSharedSecret => "jwt",
        }
    }

    /// The owner of the certificate, if the way to sign uses one.
    pub(crate) fn certificate_owner(self, stage: &Stage) -> Option<&str> {
        match self {
            Self::HttpSignature | Self::JwtOwnSecret | Self::JwtSharedSecret => None,
            Self::JwtCertificate | Self::JwtMetaKey => Some(Keys::of(self, stage).owner),
        }
    }

    fn key_type(self) -> &'static str {
        match self {
            Self::HttpSignature | Self::JwtOwnSecret | Self::JwtSharedSecret => "SHARED_SECRET",
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
            Self::Python => path("target/python/bin/python"),
        }
    }

    pub(crate) fn script(self) -> String {
        let script = match self {
            Self::Node => "node/call.js",
            Self::Python => "python/call.py",
        };
        path(script)
    }

    /// The SDK's name for an operation.
    pub(crate) fn name_of(self, operation: Operation) -> &'static str {
        match (self, operation) {
            (Self::Node, Operation::V2) => "postTokenPaymentCredentials",
            (Self::Node, Operation::V3) => "postTokenPaymentCredentialsV3",
            (Self::Python, Operation::V2) => "post_token_payment_credentials",
            (Self::Python, Operation::V3) => "post_token_payment_credentials_v3",
        }
    }

    /// How the SDK's configuration writes true and false.
    ///
    /// Python's SDK logs its settings in a way that fails on booleans, and treats any text as true.
    pub(crate) fn truth(self, value: bool) -> Value {
        match self {
            Self::Node => json!(value),
            Self::Python => json!(if value { "true" } else { "" }),
        }
    }

    pub(crate) fn configuration(self, scheme: AuthenticationScheme, stage: &Stage) -> Value {
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
                "merchantKeyId": keys.key_id,
                "merchantsecretKey": keys.secret,
                "keysDirectory": folder,
                "keyFileName": keys.owner,
                "keyAlias": keys.owner,
                "keyPass": keys.password,
                "useMetaKey": self.truth(is_meta_key),
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
                "merchant_keyid": keys.key_id,
                "merchant_secretkey": keys.secret,
                "keys_directory": folder,
                "key_file_name": keys.owner,
                "key_alias": keys.owner,
                "key_password": keys.password,
                "use_metakey": self.truth(is_meta_key),
                "portfolio_id": keys.owner,
                "use_proxy": "true",
                "proxy_address": "http://127.0.0.1",
                "proxy_port": port.to_string(),
                // The SDK fails without these settings; the proxy requires none.
                "proxy_username": "nobody",
                "proxy_password": "nothing",
            }),
        }
    }
}

/// The owner of the signing keys, and the merchant for whom they sign.
pub(crate) struct Keys<'a> {
    pub(crate) owner: &'a str,
    merchant: &'a str,
    pub(crate) password: &'a str,
    key_id: &'a str,
    secret: &'a str,
}

impl<'a> Keys<'a> {
    pub(crate) fn of(scheme: AuthenticationScheme, stage: &'a Stage) -> Self {
        let (merchant, portfolio) = (stage.sandbox.merchant(), stage.sandbox.portfolio());
        let published = Self {
            owner: MERCHANT,
            merchant: MERCHANT,
            password: "",
            key_id: KEY_ID,
            secret: SECRET,
        };
        let own = Self {
            owner: merchant.id(),
            merchant: merchant.id(),
            password: merchant.keystore_password(),
            key_id: merchant.key_id(),
            secret: merchant.shared_secret(),
        };
        match scheme {
            AuthenticationScheme::HttpSignature | AuthenticationScheme::JwtSharedSecret => {
                published
            }
            AuthenticationScheme::JwtCertificate | AuthenticationScheme::JwtOwnSecret => own,
            AuthenticationScheme::JwtMetaKey => Self {
                owner: portfolio.id(),
                password: portfolio.keystore_password(),
                ..own
            },
        }
    }
}
