use std::marker::PhantomData;

use super::{Field, Row, folded};
use crate::value::{Kind, held};

/// Defines the fields: constant, our name, Python's, Node's, others; kind; what it is for.
macro_rules! fields {
    ($($constant:ident: $name:literal, $python:literal, $node:literal, $also:expr;
        $kind:ident; $about:expr)*) => {
        $(impl Field<held::$kind> {
            pub(crate) const $constant: Self = Self(
                &Row {
                    name: $name,
                    python: $python,
                    node: $node,
                    also: &$also,
                    kind: Kind::$kind,
                    about: $about,
                },
                PhantomData,
            );
        })*

        impl Row {
            /// The fields that have an effect.
            pub(crate) const ALL: &[&Self] = &[$(Field::$constant.row()),*];
        }
    };
}

fields! {
    MERCHANT_ID: "merchant_id", "merchantid", "merchantID", [];
        Text; "The merchant that requests are made for."
    MERCHANTS_DIRECTORY: "merchants_directory", "", "", [];
        Path; "A folder with a file for each merchant, as `Config::merchants` reads them: TOML or JSON, \
               named after the merchant."
    RUN_ENVIRONMENT: "run_environment", "run_environment", "runEnvironment", ["runEnv"];
        Text; "Where calls go: `test` (`apitest.cybersource.com`), `production` (`api.cybersource.com`), \
               another host of the vendor's, such as `api-ma.cybersource.com` for `OAUTH`, or one of the \
               SDKs' old constants. A host of your own network as `https://name`; the vendor's name under another \
               top-level domain is refused."
    INTERMEDIATE_HOST: "intermediate_host", "IntermediateHost", "intermediateHost", [];
        Text; "Another host to connect to, `host[:port]`; over TLS, with a certificate for the \
               host of `run_environment`."
    API_VERSION: "api_version", "", "", [];
        Text; "`v3`, which is the default, or `v2`."
    AUTHENTICATION_TYPE: "authentication_type", "authentication_type", "authenticationType", ["authType"];
        Text; "`JWT`, `HTTP_SIGNATURE`, `OAUTH` or `MUTUAL_AUTH`."
    JWT_KEY_TYPE: "jwt_key_type", "jwt_key_type", "jwtKeyType", [];
        Text; "What signs a JWT: `P12`, which is the default, or `SHARED_SECRET`."
    MERCHANT_KEY_ID: "merchant_key_id", "merchant_keyid", "merchantKeyId", ["apiKeyID"];
        Text; "The id of the shared secret."
    MERCHANT_SECRET_KEY: "merchant_secret_key", "merchant_secretkey", "merchantsecretKey", ["secretKey"];
        Secret; "The shared secret, in base64: 44 letters for 32 bytes."
    KEYS_DIRECTORY: "keys_directory", "keys_directory", "keysDirectory", ["keyDirectory"];
        Path; "The folder of the key file; `resources` or `resource` by default."
    KEY_FILE_NAME: "key_file_name", "key_file_name", "keyFileName", [];
        Text; "The name of the key file in that folder, with or without `.p12`; the merchant id by default."
    KEY_ALIAS: "key_alias", "key_alias", "keyAlias", [];
        Text; "The common name of the signing certificate: the merchant id, or the portfolio id \
               of a MetaKey. As in the SDKs, any other alias is ignored."
    KEY_PASSWORD: "key_password", "key_password", "keyPass", ["password"];
        Secret; "The password of the key file; the merchant id by default, as for files from before \
                 2024."
    KEY_OWN_PASSWORD: "key_own_password", "", "", [];
        Secret; "The private key's own password, if it is another than the key file's."
    SIGNING_KEY: "signing_key", "", "", [];
        Secret; "The key file itself, in place of its name: PEM, a JWK, or PKCS#12 in base64."
    SIGNING_KEY_ID: "signing_key_id", "", "", [];
        Text; "The key id to sign under, instead of the one in the certificate."
    RESPONSE_KEY_CLAIM: "response_key_claim", "", "", [];
        Text; "The claim of a JWT that names the key for encrypted responses: `v-c-response-mle-kid`, \
               which is the default, or `v-c-api-response-mle-kid`."
    DIGEST_ALGORITHM_CLAIM: "digest_algorithm_claim", "", "", [];
        Text; "The claim of a JWT that names the digest's algorithm: `digestAlgorithm`, which is the \
               default, or `digest-algorithm`."
    REQUEST_METHOD_CLAIM: "request_method_claim", "", "", [];
        Text; "The value of a JWT's claim `request-method`: `post`, which is the default, or `POST`."
    ON_CLOCK_SKEW: "on_clock_skew", "", "", [];
        Text; "What to do if the service refuses a signature because of the time: `report`, which is \
               the default, or `sign_again` by the service's time."
    USE_META_KEY: "use_metakey", "use_metakey", "useMetaKey", [];
        Flag; "Whether the key is a MetaKey: the portfolio's, which signs for the merchant."
    PORTFOLIO_ID: "portfolio_id", "portfolio_id", "portfolioID", [];
        Text; "The portfolio that owns the MetaKey."
    ACCESS_TOKEN: "access_token", "access_token", "accessToken", [];
        Secret; "The access token of `OAUTH`, without `Bearer`; a JWT that has expired is noted."
    OPENING_KEY_FILE: "opening_key_file", "jwePEMFileDirectory", "pemFileDirectory", [];
        Path; "The file with the private key that opens payment credentials, which is another than the key that \
               signs: PEM, DER, PKCS#12, or a JWK."
    OPENING_KEY: "opening_key", "", "", [];
        Secret; "That key itself, in place of its file: PEM, a JWK, or PKCS#12 in base64."
    OPENING_KEY_ID: "opening_key_id", "", "", [];
        Text; "The service's id of that key (`kid`)."
    OPENING_KEY_PASSWORD: "opening_key_password", "", "", [];
        Secret; "The password of that file."
    OPENING_KEY_OWN_PASSWORD: "opening_key_own_password", "", "", [];
        Secret; "The private key's own password, if it is another than the file's."
    OPENING_KEYS: "opening_keys", "", "", [];
        Keys; "More such keys, to rotate them: a list of tables with `file` or `key` (the key itself), and \
               with `key_id`, `password` or `password_file` where they are needed."
    OPENING_ACCEPTS: "opening_accepts", "", "", [];
        Words; "Algorithms that payment credentials may also be encrypted with, beside RSA-OAEP-256 \
                and A256GCM: `RSA-OAEP`, `A128GCM` or both. Only for a service that uses them."
    TRUST_BARE_REFUSALS: "trust_bare_refusals", "", "", [];
        Flag; "Whether a 4xx without a sign of the service counts as the service's, for networks whose \
               proxies strip headers."
    CALL_DEADLINE: "call_deadline_ms", "", "", [];
        Number; "How long a call may take, in milliseconds; 30000 by default."
    CONNECT_DEADLINE: "connect_deadline_ms", "", "", [];
        Number; "How long connecting may take, in milliseconds; 5000 by default."
    TLS_DEADLINE: "tls_deadline_ms", "", "", [];
        Number; "How long the TLS handshake may take, in milliseconds; 5000 by default."
    IDLE_TIMEOUT: "idle_timeout_ms", "", "", [];
        Number; "How long an unused connection is kept, in milliseconds; 45000 by default."
    MAX_IDLE_CONNECTIONS: "max_idle_connections", "", "", [];
        Number; "How many unused connections are kept; 10000 by default. With 0, each call has a \
                 connection of its own."
    MAX_HANDSHAKES: "max_handshakes", "", "", [];
        Number; "How many connections are made at the same time; 64 by default."
    MAX_RETRIES: "max_retries", "", "", [];
        Number; "How often a failed call is repeated where that is safe; never by default. As the next three fields, \
                 in the ports of `Config::merchants` and `Config::limits`; the port of `Config::port` has none."
    CALLS_PER_SECOND: "calls_per_second", "", "", [];
        Number; "How many calls begin in a second, of all merchants together; further calls wait, also \
                 while the service asks to wait."
    MAX_CONCURRENT_CALLS: "max_concurrent_calls", "", "", [];
        Number; "How many calls of one merchant run at the same time; further calls wait."
    TOTAL_DEADLINE: "total_deadline_ms", "", "", [];
        Number; "How long a call may take with its retries and waits, in milliseconds; 30000 by default."
    USE_PROXY: "use_proxy", "use_proxy", "useProxy", [];
        Flag; "Whether to use the proxy. Without this field, a proxy that the environment names is noted, and \
               used only through `Config::with_proxy_from_env`."
    PROXY_ADDRESS: "proxy_address", "proxy_address", "proxyAddress", ["proxy_host", "proxyUrl", "curlProxyHost"];
        Text; "The proxy: `http://host` or `https://host`; without a scheme, `http`."
    PROXY_PORT: "proxy_port", "proxy_port", "proxyPort", ["curlProxyPort"];
        Number; "The proxy's port, if the address has none."
    PROXY_USER: "proxy_user", "proxy_username", "proxyUser", ["curlProxyUser"];
        Text; "The user name for the proxy."
    PROXY_PASSWORD: "proxy_password", "proxy_password", "proxyPassword", ["curlProxyPassword"];
        Secret; "That user's password."
    SSL_CA_CERT: "ssl_ca_cert", "", "sslCaCert", [];
        Path; "A file with additional root certificates to trust, one or a bundle, in PEM or DER; or the PEM \
               itself."
    TRUSTED_ROOTS: "trusted_roots", "", "", [];
        Text; "The root certificates to trust beside those of `ssl_ca_cert`: `platform`, which is the \
               default, `bundled` (Mozilla's, compiled in), or `extra_only` for none."
    SSL_VERIFY: "ssl_verify", "ssl_verify", "", ["verify_ssl"];
        Flag; "Must not be false: certificates are always checked."
    DISABLE_SSL_VERIFICATION: "disable_ssl_verification", "", "disableSSLVerification", [];
        Flag; "Must not be true: certificates are always checked."
    ENABLE_CLIENT_CERT: "enable_client_cert", "enable_client_cert", "enableClientCert", [];
        Flag; "Whether to show a client certificate (mutual TLS)."
    CLIENT_CERT_DIR: "client_cert_dir", "client_cert_dir", "clientCertDir", ["clientCertDirectory"];
        Path; "The folder of the client certificate and its key."
    SSL_CLIENT_CERT: "ssl_client_cert", "ssl_client_cert", "sslClientCert", ["clientCertFile"];
        Text; "The client certificate's file in that folder: PEM, or PKCS#12 with the key."
    PRIVATE_KEY: "private_key", "private_key", "privateKey", [];
        Text; "The file of its private key in that folder, unless the certificate's file has it."
    SSL_KEY_PASSWORD: "ssl_key_password", "ssl_key_password", "sslKeyPassword", ["clientCertPassword"];
        Secret; "The password of the client certificate's file, or of its key's."
    SSL_KEY_OWN_PASSWORD: "ssl_key_own_password", "", "", [];
        Secret; "The private key's own password, if it is another than that of the file."
    CLIENT_IDENTITY: "client_identity", "", "", [];
        Secret; "Client certificate and private key, in place of their files: PEM, or PKCS#12 in base64. Shown \
                 without `enable_client_cert`."
    REQUEST_MLE: "request_mle",
        "enableRequestMLEForOptionalApisGlobally", "enableRequestMLEForOptionalApisGlobally",
        ["useMLEGlobally"];
        Flag; "Whether to encrypt requests (message-level encryption, MLE); requires a JWT."
    RESPONSE_MLE: "response_mle",
        "enableResponseMleGlobally", "enableResponseMleGlobally", [];
        Flag; "Whether to ask for encrypted responses (MLE); requires a JWT."
    ACCEPT_CREDENTIALS_IN_THE_CLEAR: "accept_credentials_in_the_clear", "", "", [];
        Flag; "Whether to accept credentials as plain JSON, which only TLS encrypts. Only if the service \
               sends them so for your merchant account."
    MLE_BY_OPERATION: "map_to_control_mle_on_api", "mapToControlMLEonAPI", "mapToControlMLEonAPI", [];
        PerOperation; "The same for single operations, `request::response`, which overrides both. \
                       Read for `postTokenPaymentCredentialsV3`, or without `V3` where \
                       `api_version` is `v2`."
    REQUEST_MLE_KEY_ALIAS: "request_mle_key_alias",
        "requestMleKeyAlias", "requestmleKeyAlias", ["mleKeyAlias"];
        Text; "The common name of the certificate that requests are encrypted for; \
               `CyberSource_SJC_US` by default."
    REQUEST_MLE_CERTIFICATE: "mle_for_request_public_cert_path",
        "mleForRequestPublicCertPath", "mleForRequestPublicCertPath", [];
        Path; "The file of that certificate, in PEM or DER, or the PEM itself; by default the certificate is \
               taken from the key file, or from that of `response_mle`. A shared secret needs this field."
    RESPONSE_MLE_KEY_ID: "response_mle_kid", "responseMleKID", "responseMleKID", [];
        Text; "The service's id of the key that opens encrypted responses; a keystore that the \
               service made names it."
    RESPONSE_MLE_KEY_FILE: "response_mle_private_key_file_path",
        "responseMlePrivateKeyFilePath", "responseMlePrivateKeyFilePath", [];
        Path; "The file of that key: PKCS#12, PEM or DER."
    RESPONSE_MLE_KEY_PASSWORD: "response_mle_private_key_file_password",
        "responseMlePrivateKeyFilePassword", "responseMlePrivateKeyFilePassword", [];
        Secret; "The password of that file."
    RESPONSE_MLE_KEY: "response_mle_private_key",
        "responseMlePrivateKey", "responseMlePrivateKey", [];
        Secret; "The key itself: PEM, a JWK, or PKCS#12 in base64."
}

/// Fields of the SDKs that change nothing here.
pub(crate) struct WithoutEffect {
    pub(crate) names: &'static [&'static str],
    pub(crate) why: &'static str,
}

impl WithoutEffect {
    /// Whether the field without effect of this name is a secret, which a file that others can read must not hold.
    pub(crate) fn is_secret(name: &str) -> bool {
        let name = folded(name);
        let mut secrets = ["client_secret", "refresh_token"].into_iter();
        secrets.any(|secret| folded(secret) == name)
    }

    pub(crate) const ALL: &[Self] = &[
        Self {
            names: &[
                "log_config",
                "logConfiguration",
                "enable_log",
                "log_file_name",
                "logFilename",
                "log_directory",
                "log_maximum_size",
                "logFileMaxSize",
                "log_level",
                "loggingLevel",
                "log_format",
                "log_date_format",
                "maxLogFiles",
                "logMaxFiles",
                "logSize",
                "logSignedData",
                "maxLogSize",
                "logMaximumSize",
                "enableLogging",
                "debugLogFile",
                "errorLogFile",
                "debug",
                "debugFile",
                "enable_masking",
            ],
            why: "only `tracing` events are logged, and these hold no secrets",
        },
        Self {
            names: &["timeout", "userDefinedTimeout"],
            why: "most SDKs don't read them either; set `call_deadline_ms`, in milliseconds",
        },
        Self {
            names: &[
                "maxNumIdleConnections",
                "maxPoolSize",
                "maxConnectionPoolSize",
                "maxKeepAliveDelay",
                "maxKeepAliveIdleWindow",
                "maxIdleSockets",
                "freeSocketTimeout",
            ],
            why: "the pool has its own defaults; set `max_idle_connections` and `idle_timeout_ms`",
        },
        Self {
            names: &["userDefinedConnectionTimeout", "curlConnectTimeout"],
            why: "it counts seconds; set `connect_deadline_ms`, in milliseconds",
        },
        Self {
            names: &[
                "userDefinedReadTimeout",
                "userDefinedWriteTimeout",
                "curlTimeout",
            ],
            why: "it counts seconds; set `call_deadline_ms`, in milliseconds, which limits a whole call",
        },
        Self {
            names: &["userDefinedKeepAliveDuration"],
            why: "it counts seconds; set `idle_timeout_ms`, in milliseconds",
        },
        Self {
            names: &["keepAliveTime"],
            why: "set `idle_timeout_ms`, in milliseconds as well",
        },
        Self {
            names: &["userDefinedMaxIdleConnections"],
            why: "set `max_idle_connections`",
        },
        Self {
            names: &["curlProxyType", "proxyType"],
            why: "only HTTP proxies are used; set `use_proxy` and `proxy_address`",
        },
        Self {
            names: &["sslVerification"],
            why: "certificates are always checked",
        },
        Self {
            names: &["host", "serverURL"],
            why: "the host is that of `run_environment`",
        },
        Self {
            names: &["client_id", "client_secret", "refresh_token"],
            why: "access tokens aren't refreshed here; implement `AccessTokenProvider`",
        },
        Self {
            names: &["include", "includes", "extends", "import", "imports"],
            why: "no other file is read; read each, and join them by `Config::overridden_by`",
        },
        Self {
            names: &["sendToProduction"],
            why: "set `run_environment` to `production` or `test`",
        },
        Self {
            names: &["keyType"],
            why: "set `authentication_type`, and `jwt_key_type` for a JWT",
        },
        Self {
            names: &["userAgent", "allowEncoding"],
            why: "requests name no client, and ask for no compression",
        },
        Self {
            names: &["default_headers", "defaultCustomHeaders", "requestHeaders"],
            why: "no further headers are sent; let the intermediate host add them",
        },
        Self {
            names: &["disableRequestMLEForMandatoryApisGlobally"],
            why: "this operation doesn't demand encrypted requests",
        },
        Self {
            names: &["defaultDeveloperId", "solution_id", "sdkClientId"],
            why: "requests of this operation name no developer, no solution and no client",
        },
        Self {
            names: &[
                "isSDK",
                "request_json_path",
                "jsonFilePath",
                "p12KeyFilePath",
                "method",
                "tempFolderPath",
                "dateTimeFormat",
                "requestType",
                "requestTarget",
                "requestHost",
            ],
            why: "only the SDKs themselves use them",
        },
    ];
}
