use super::{Kind, Row};

/// Defines the fields: variant, our name, Python's, Node's, others; kind; what it is for.
macro_rules! fields {
    ($($variant:ident: $name:literal, $python:literal, $node:literal, $also:expr;
        $kind:ident; $about:expr)*) => {
        /// A field that has an effect.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub(crate) enum Field {
            $($variant,)*
        }

        impl Field {
            pub(crate) const ALL: &[Self] = &[$(Self::$variant),*];

            pub(crate) fn row(self) -> &'static Row {
                match self {
                    $(Self::$variant => &Row {
                        name: $name,
                        python: $python,
                        node: $node,
                        also: &$also,
                        kind: Kind::$kind,
                        about: $about,
                    },)*
                }
            }
        }
    };
}

fields! {
    MerchantId: "merchant_id", "merchantid", "merchantID", [];
        Text; "The merchant that requests are made for."
    RunEnvironment: "run_environment", "run_environment", "runEnvironment", [];
        Text; "The host: `apitest.cybersource.com`, `api.cybersource.com` or another one of the \
               vendor's; or one of the SDKs' old constants."
    IntermediateHost: "intermediate_host", "IntermediateHost", "intermediateHost", [];
        Text; "The host to connect to in place of it, `host[:port]`; by TLS, with a certificate \
               for the host of `run_environment`."
    ApiVersion: "api_version", "", "", [];
        Text; "`v3`, which is the default, or `v2`."
    AuthenticationType: "authentication_type", "authentication_type", "authenticationType", [];
        Text; "`JWT`, `HTTP_SIGNATURE`, `OAUTH` or `MUTUAL_AUTH`."
    JwtKeyType: "jwt_key_type", "jwt_key_type", "jwtKeyType", [];
        Text; "What signs a JWT: `P12`, which is the default, or `SHARED_SECRET`."
    MerchantKeyId: "merchant_key_id", "merchant_keyid", "merchantKeyId", [];
        Text; "The id of the shared secret."
    MerchantSecretKey: "merchant_secret_key", "merchant_secretkey", "merchantsecretKey", [];
        Secret; "The shared secret, in base64."
    KeysDirectory: "keys_directory", "keys_directory", "keysDirectory", [];
        Path; "The folder of the key file; `resources` or `resource`, if it isn't given."
    KeyFileName: "key_file_name", "key_file_name", "keyFileName", [];
        Text; "The key file in it, with or without `.p12`; the merchant id, if it isn't given."
    KeyAlias: "key_alias", "key_alias", "keyAlias", [];
        Text; "The common name of the signing certificate: the merchant id, or the portfolio id \
               of a MetaKey. As in the SDKs, another one isn't used."
    KeyPassword: "key_password", "key_password", "keyPass", [];
        Secret; "The password of the key file; the merchant id, if it isn't given, as for files \
                 of before 2024."
    SigningKeyId: "signing_key_id", "", "", [];
        Text; "The key id to sign under, in place of the one in the certificate."
    UseMetaKey: "use_metakey", "use_metakey", "useMetaKey", [];
        Flag; "Whether the key is a MetaKey: the portfolio's, which signs for the merchant."
    PortfolioId: "portfolio_id", "portfolio_id", "portfolioID", [];
        Text; "The portfolio that owns the MetaKey."
    AccessToken: "access_token", "access_token", "accessToken", [];
        Secret; "The access token of `OAUTH`."
    OpeningKeyFile: "opening_key_file", "jwePEMFileDirectory", "pemFileDirectory", [];
        Path; "The file with the private key that opens payment credentials: PEM, or PKCS#12."
    OpeningKeyId: "opening_key_id", "", "", [];
        Text; "What the service calls that key (`kid`)."
    OpeningKeyPassword: "opening_key_password", "", "", [];
        Secret; "The password of that file."
    OpeningKeys: "opening_keys", "", "", [];
        Keys; "More such keys, to rotate them: a list of tables with `file`, and with `key_id`, \
               `password` or `password_file` where they are needed."
    CallDeadline: "call_deadline_ms", "", "", [];
        Number; "How long a call may take, in milliseconds; 30000 by default."
    ConnectDeadline: "connect_deadline_ms", "", "", [];
        Number; "How long connecting may take, in milliseconds; 5000 by default."
    UseProxy: "use_proxy", "use_proxy", "useProxy", [];
        Flag; "Whether to go through the proxy."
    ProxyAddress: "proxy_address", "proxy_address", "proxyAddress", ["proxy_host"];
        Text; "The proxy: `http://host` or `https://host`; without a scheme, `http`."
    ProxyPort: "proxy_port", "proxy_port", "proxyPort", [];
        Number; "Its port, if the address doesn't hold one."
    ProxyUser: "proxy_user", "proxy_username", "proxyUser", [];
        Text; "The user to name to the proxy."
    ProxyPassword: "proxy_password", "proxy_password", "proxyPassword", [];
        Secret; "That user's password."
    SslCaCert: "ssl_ca_cert", "", "sslCaCert", [];
        Path; "A file with root certificates to trust as well, in PEM or DER."
    SslVerify: "ssl_verify", "ssl_verify", "", ["verify_ssl"];
        Flag; "Must not be false: certificates are always checked."
    DisableSslVerification: "disable_ssl_verification", "", "disableSSLVerification", [];
        Flag; "Must not be true: certificates are always checked."
    EnableClientCert: "enable_client_cert", "enable_client_cert", "enableClientCert", [];
        Flag; "Whether to show a client certificate (mutual TLS)."
    ClientCertDir: "client_cert_dir", "client_cert_dir", "clientCertDir", [];
        Path; "The folder of the client certificate and its key."
    SslClientCert: "ssl_client_cert", "ssl_client_cert", "sslClientCert", [];
        Text; "The client certificate's file in it, in PEM."
    PrivateKey: "private_key", "private_key", "privateKey", [];
        Text; "The file of its private key in it, in PEM and not encrypted."
    RequestMle: "request_mle",
        "enableRequestMLEForOptionalApisGlobally", "enableRequestMLEForOptionalApisGlobally",
        ["useMLEGlobally"];
        Flag; "Whether to encrypt requests (message-level encryption, MLE); it takes a JWT."
    ResponseMle: "response_mle",
        "enableResponseMleGlobally", "enableResponseMleGlobally", [];
        Flag; "Whether to ask for encrypted responses (MLE); it takes a JWT."
    MleByOperation: "map_to_control_mle_on_api", "mapToControlMLEonAPI", "mapToControlMLEonAPI", [];
        PerOperation; "The same for single operations, `request::response`, which wins over both. \
                       Read for `postTokenPaymentCredentialsV3`, or without `V3` where \
                       `api_version` is `v2`."
    RequestMleKeyAlias: "request_mle_key_alias",
        "requestMleKeyAlias", "requestmleKeyAlias", ["mleKeyAlias"];
        Text; "The common name of the certificate that requests are encrypted for; \
               `CyberSource_SJC_US` by default."
    RequestMleCertificate: "mle_for_request_public_cert_path",
        "mleForRequestPublicCertPath", "mleForRequestPublicCertPath", [];
        Path; "The file of that certificate, in PEM or DER; if it isn't given, the key file has it, \
               or that of `response_mle`. A shared secret needs it."
    ResponseMleKeyId: "response_mle_kid", "responseMleKID", "responseMleKID", [];
        Text; "What the service calls the key that opens encrypted responses; a keystore that the \
               service made names it."
    ResponseMleKeyFile: "response_mle_private_key_file_path",
        "responseMlePrivateKeyFilePath", "responseMlePrivateKeyFilePath", [];
        Path; "The file of that key: PKCS#12, PEM or DER."
    ResponseMleKeyPassword: "response_mle_private_key_file_password",
        "responseMlePrivateKeyFilePassword", "responseMlePrivateKeyFilePassword", [];
        Secret; "The password of that file."
    ResponseMleKey: "response_mle_private_key",
        "responseMlePrivateKey", "responseMlePrivateKey", [];
        Secret; "That key itself, in PEM."
}

/// Fields of the SDKs that change nothing here.
pub(crate) struct WithoutEffect {
    pub(crate) names: &'static [&'static str],
    pub(crate) why: &'static str,
}

impl WithoutEffect {
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
                "enable_masking",
            ],
            why: "nothing is logged but events of `tracing`, and these hold no secrets",
        },
        Self {
            names: &["timeout", "userDefinedTimeout"],
            why: "the SDKs don't read it either; set `call_deadline_ms`",
        },
        Self {
            names: &[
                "maxNumIdleConnections",
                "maxPoolSize",
                "maxKeepAliveDelay",
                "maxKeepAliveIdleWindow",
                "maxIdleSockets",
                "freeSocketTimeout",
            ],
            why: "the pool has sizes of its own; set others on the builder of `HyperPort`",
        },
        Self {
            names: &["client_id", "client_secret", "refresh_token"],
            why: "access tokens aren't refreshed here; implement `AccessTokenProvider`",
        },
        Self {
            names: &["ssl_key_password"],
            why: "the client certificate's key must not be encrypted; protect its file instead",
        },
        Self {
            names: &["default_headers"],
            why: "no headers are added to the service's own; let the intermediate host add them",
        },
        Self {
            names: &["disableRequestMLEForMandatoryApisGlobally"],
            why: "this operation doesn't demand encrypted requests",
        },
        Self {
            names: &["defaultDeveloperId", "solution_id"],
            why: "requests of this operation name no developer and no solution",
        },
        Self {
            names: &["isSDK", "request_json_path", "p12KeyFilePath"],
            why: "the SDKs use it for themselves",
        },
    ];
}
