//! The SDKs with message-level encryption (MLE) enabled.

use payment_credentials_sandbox::{EncryptedContent, ReceivedRequest, vault};
use serde_json::{Value, json};

use crate::Outcome;
use crate::sdk::{AuthenticationScheme, Keys, Operation, Sdk};
use crate::stage::{Handed, Stage};

/// A call with one or both directions encrypted.
#[derive(Clone, Copy)]
pub(crate) struct Encrypted {
    scheme: AuthenticationScheme,
    directions: Directions,
    switch: Switch,
    operation: Operation,
    token_id: &'static str,
}

#[derive(Clone, Copy)]
enum Directions {
    Requests,
    Responses(KeyFile),
    Both(KeyFile),
}

/// The format of the private key that opens responses.
#[derive(Clone, Copy)]
enum KeyFile {
    /// The file contains the key id.
    Pkcs12,
    /// The key id is configured separately.
    Pem,
}

/// How an SDK is configured to encrypt.
#[derive(Clone, Copy)]
enum Switch {
    Globally,
    ForTheOperation,
}

/// What an SDK did with a response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Did {
    /// Returned the credentials, or the JWE that contains them, possibly with an empty object; for a
    /// refusal, the errors.
    HandedOver,
    /// Returned the encrypted response unchanged.
    LeftSealed,
    /// Returned only an error of its own.
    Failed,
}

impl Encrypted {
    /// The possible contents of an encrypted response; the vendor's documents don't say which one
    /// is used.
    pub(crate) const CONTENTS: [EncryptedContent; 3] = [
        EncryptedContent::Jwe,
        EncryptedContent::QuotedJwe,
        EncryptedContent::Json,
    ];

    /// The operations to call while encrypted responses have this content.
    pub(crate) fn cases(content: EncryptedContent) -> Vec<Self> {
        let mut cases = vec![Self::BOTH, Self::BOTH.with_operation(Operation::V3)];
        match content {
            // Both SDKs open this content, so all ways to configure their keys are tested.
            EncryptedContent::Json => cases.extend(Self::ways_to_configure()),
            EncryptedContent::Jwe => cases.extend(cases.clone().into_iter().map(Self::refused)),
            _ => {}
        }
        cases
    }

    fn ways_to_configure() -> impl Iterator<Item = Self> {
        let (certificate, secret) = (
            AuthenticationScheme::JwtCertificate,
            AuthenticationScheme::JwtOwnSecret,
        );
        let ways = [
            Self::new(certificate, Directions::Both(KeyFile::Pem)),
            Self::new(
                AuthenticationScheme::JwtMetaKey,
                Directions::Both(KeyFile::Pkcs12),
            ),
            Self::new(
                AuthenticationScheme::JwtMetaKey,
                Directions::Both(KeyFile::Pem),
            ),
            Self::new(secret, Directions::Both(KeyFile::Pkcs12)),
            Self::new(secret, Directions::Both(KeyFile::Pem)),
            Self::new(certificate, Directions::Requests),
            Self::new(secret, Directions::Requests),
            Self::new(certificate, Directions::Responses(KeyFile::Pkcs12)),
            Self::new(secret, Directions::Responses(KeyFile::Pem)),
            Self {
                switch: Switch::ForTheOperation,
                ..Self::BOTH
            },
        ];
        ways.into_iter()
            .map(|case| case.with_operation(Operation::V3))
    }

    const BOTH: Self = Self::new(
        AuthenticationScheme::JwtCertificate,
        Directions::Both(KeyFile::Pkcs12),
    );

    const fn new(scheme: AuthenticationScheme, directions: Directions) -> Self {
        Self {
            scheme,
            directions,
            switch: Switch::Globally,
            operation: Operation::V2,
            token_id: vault::VISA,
        }
    }

    fn with_operation(self, operation: Operation) -> Self {
        Self { operation, ..self }
    }

    fn refused(self) -> Self {
        Self {
            token_id: vault::NOT_FOUND,
            ..self
        }
    }

    pub(crate) fn name(self) -> String {
        let directions = match self.directions {
            Directions::Requests => "requests".to_owned(),
            Directions::Responses(file) => format!("answers ({})", file.extension()),
            Directions::Both(file) => format!("both ({})", file.extension()),
        };
        let (scheme, version) = (self.scheme.name(), self.operation.version());
        let switch = match self.switch {
            Switch::Globally => "",
            Switch::ForTheOperation => ", by operation",
        };
        let refused = if self.is_refused() { ", refused" } else { "" };
        format!("{scheme:<16} {version} {directions}{switch}{refused}")
    }

    /// Makes the call, compares it with the sandbox's record, and returns a description of what the
    /// SDK did.
    pub(crate) async fn check(
        self,
        stage: &Stage,
        sdk: Sdk,
        content: EncryptedContent,
    ) -> Outcome<String> {
        let configuration = self.configuration(stage, sdk);
        let called = stage.call(sdk, &configuration, self.operation, self.token_id);
        let (received, handed) = called.await?;
        self.check_received(stage, &received)?;
        let error = handed.error.clone();
        let did = self.check_handed(stage, handed).await?;
        let expected = self.expected(sdk, content);
        if did != expected {
            return Err(
                format!("expected {expected:?}, got {did:?}, and it says {error:?}").into(),
            );
        }
        let tolerated = received.tolerated();
        Ok(format!("{did:?}, tolerated: {tolerated:?}"))
    }

    /// Checks that request and response were encrypted or not, as configured.
    ///
    /// The digest was computed over the sent bytes; otherwise the sandbox would have refused the
    /// request.
    fn check_received(self, stage: &Stage, received: &ReceivedRequest) -> Outcome<()> {
        let mle = received
            .mle()
            .ok_or("the sandbox didn't get to its encryption")?;
        if let Some(failure) = mle.failure() {
            return Err(failure.to_string().into());
        }
        let status = if self.is_refused() { 404 } else { 201 };
        if received.status() != Some(status) {
            return Err(format!("it was answered with {:?}", received.status()).into());
        }
        let recipient = stage.sandbox.recipient_key_id()?;
        if mle.request_key_id() != self.encrypts_requests().then_some(recipient) {
            return Err(format!("its request was for the key {:?}", mle.request_key_id()).into());
        }
        let response_key_id = self.key_file().map(|_file| self.response_key_id(stage));
        if mle.response_key_id() != response_key_id {
            return Err(format!("its response was for the key {:?}", mle.response_key_id()).into());
        }
        let body = mle.opened_body().unwrap_or(received.body());
        let body: Value = serde_json::from_slice(body)?;
        if body["paymentCredentialType"] != "CRYPTOGRAM" {
            return Err("what was encrypted isn't the request".into());
        }
        Ok(())
    }

    /// Opens what the SDK did not open.
    async fn check_handed(self, stage: &Stage, handed: Handed) -> Outcome<Did> {
        let Some(body) = handed.body else {
            return Ok(Did::Failed);
        };
        let is_sealed = body.starts_with(r#"{"encryptedResponse""#);
        let plaintext = stage.open_answer(body).await?;
        if self.is_refused() {
            let body: Value = serde_json::from_slice(plaintext.expose())?;
            if body["errors"][0]["type"] != "notFound" {
                return Err("what was encrypted isn't the refusal".into());
            }
        } else {
            stage.open_credentials(plaintext).await?;
        }
        Ok(if is_sealed {
            Did::LeftSealed
        } else {
            Did::HandedOver
        })
    }

    /// The known behaviour of this version of the SDK.
    fn expected(self, sdk: Sdk, content: EncryptedContent) -> Did {
        let is_json = self.is_refused() || content != EncryptedContent::Jwe;
        match (sdk, self.key_file(), self.operation) {
            // The SDK requests text from its HTTP library, and looks for encryption only in
            // objects.
            (Sdk::Node, Some(_), Operation::V2) => Did::LeftSealed,
            // The SDK parses the opened content as JSON, and a compact JWE isn't JSON.
            (Sdk::Node, Some(_), Operation::V3) if !is_json => Did::Failed,
            (Sdk::Node | Sdk::Python, _, _) => Did::HandedOver,
        }
    }

    fn configuration(self, stage: &Stage, sdk: Sdk) -> Value {
        let mut configuration = sdk.configuration(self.scheme, stage);
        for (name, value) in self.switches(sdk).into_iter().chain(self.keys(stage)) {
            configuration[name] = value;
        }
        configuration
    }

    fn switches(self, sdk: Sdk) -> Vec<(&'static str, Value)> {
        let (requests, answers) = (self.encrypts_requests(), self.key_file().is_some());
        match self.switch {
            Switch::Globally => vec![
                (
                    "enableRequestMLEForOptionalApisGlobally",
                    sdk.truth(requests),
                ),
                ("enableResponseMleGlobally", sdk.truth(answers)),
            ],
            Switch::ForTheOperation => {
                let operation = sdk.name_of(self.operation);
                let map = json!({operation: format!("{requests}::{answers}")});
                vec![("mapToControlMLEonAPI", map)]
            }
        }
    }

    fn keys(self, stage: &Stage) -> Vec<(&'static str, Value)> {
        let mut settings = Vec::new();
        let path = |name: &str| json!(stage.folder().join(name));
        // A signing keystore contains the service's certificate.
        if matches!(self.scheme, AuthenticationScheme::JwtOwnSecret) {
            settings.push(("mleForRequestPublicCertPath", path("recipient.pem")));
        }
        if let Some(file) = self.key_file() {
            let keys = Keys::of(self.scheme, stage);
            let name = format!("{}-response.{}", keys.owner, file.extension());
            settings.push(("responseMlePrivateKeyFilePath", path(&name)));
            settings.push(match file {
                KeyFile::Pkcs12 => ("responseMlePrivateKeyFilePassword", json!(keys.password)),
                KeyFile::Pem => ("responseMleKID", json!(self.response_key_id(stage))),
            });
        }
        settings
    }

    fn encrypts_requests(self) -> bool {
        match self.directions {
            Directions::Requests | Directions::Both(_) => true,
            Directions::Responses(_) => false,
        }
    }

    fn key_file(self) -> Option<KeyFile> {
        match self.directions {
            Directions::Requests => None,
            Directions::Responses(file) | Directions::Both(file) => Some(file),
        }
    }

    fn is_refused(self) -> bool {
        self.token_id == vault::NOT_FOUND
    }

    fn response_key_id(self, stage: &Stage) -> &str {
        let (merchant, portfolio) = (stage.sandbox.merchant(), stage.sandbox.portfolio());
        if Keys::of(self.scheme, stage).owner == portfolio.id() {
            portfolio.response_key_id()
        } else {
            merchant.response_key_id()
        }
    }
}

impl KeyFile {
    fn extension(self) -> &'static str {
        match self {
            Self::Pkcs12 => "p12",
            Self::Pem => "pem",
        }
    }
}
