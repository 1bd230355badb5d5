//! `mockall` mocks of core's ports and seams.

use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Response};
use mockall::mock;
use payment_credentials_core::seam::{
    Clock, MessageEncryption, Offload, OffloadError, Outgoing, RequestAuthenticator, Transport,
    UnsignedRequest,
};
use payment_credentials_core::wire::ResponseBody;
use payment_credentials_core::{
    AuthError, ConfiguredKey, CredentialsOpener, CredentialsRequest, EncryptionError, KeyId,
    MerchantId, PaymentCredentials, PaymentCredentialsPort, PortError, SealedCredentials,
    TransportError,
};

mock! {
    /// Mocks [`PaymentCredentialsPort`]: the test defines the expected calls and their results.
    #[derive(Debug)]
    pub PaymentCredentialsPort {}

    #[async_trait]
    impl PaymentCredentialsPort for PaymentCredentialsPort {
        async fn generate(
            &self,
            request: &CredentialsRequest,
        ) -> Result<SealedCredentials, PortError>;
    }
}

mock! {
    /// Mocks [`CredentialsOpener`]: the test defines the expected calls and their results.
    #[derive(Debug)]
    pub CredentialsOpener {}

    #[async_trait]
    impl CredentialsOpener for CredentialsOpener {
        async fn open(&self, sealed: &SealedCredentials) -> Result<PaymentCredentials, PortError>;
    }
}

mock! {
    /// Mocks [`Transport`]: the test defines the expected calls and their results.
    #[derive(Debug)]
    pub Transport {}

    #[async_trait]
    impl Transport for Transport {
        async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError>;
    }
}

mock! {
    /// Mocks [`RequestAuthenticator`]: the test defines the expected calls and their results.
    #[derive(Debug)]
    pub RequestAuthenticator {}

    #[async_trait]
    impl RequestAuthenticator for RequestAuthenticator {
        fn carries_message_encryption(&self) -> bool;

        fn acts_for(&self, merchant_id: &MerchantId) -> bool;

        fn configured_keys(&self) -> Vec<ConfiguredKey>;

        async fn authenticate(
            &self,
            unsigned: &UnsignedRequest,
            now: SystemTime,
        ) -> Result<HeaderMap, AuthError>;
    }
}

mock! {
    /// Mocks [`MessageEncryption`]: the test defines the expected calls and their results.
    ///
    /// If a call meets no expectation, the panic message contains the body that was passed: use
    /// test values.
    #[derive(Debug)]
    pub MessageEncryption {}

    #[async_trait]
    impl MessageEncryption for MessageEncryption {
        fn is_active(&self) -> bool;

        fn response_key_id(&self) -> Option<KeyId>;

        fn configured_keys(&self) -> Vec<ConfiguredKey>;

        async fn seal(&self, body: Bytes, now: SystemTime) -> Result<Bytes, EncryptionError>;

        async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError>;
    }
}

mock! {
    /// Mocks [`Clock`]: the test defines the expected calls and their results.
    #[derive(Debug)]
    pub Clock {}

    impl Clock for Clock {
        fn now(&self) -> SystemTime;
    }
}

mock! {
    /// Mocks [`Offload`]: the test defines the expected calls and their results.
    ///
    /// The function given to `returning` should run the work: `|work| { work(); Ok(()) }`.
    #[derive(Debug)]
    pub Offload {}

    #[async_trait]
    impl Offload for Offload {
        async fn run(&self, work: Box<dyn FnOnce() + Send>) -> Result<(), OffloadError>;
    }
}
