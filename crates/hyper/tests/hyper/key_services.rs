//! Key services that hang: the call's deadline applies to them too, and the error reports what was
//! sent.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderMap;
use payment_credentials_core::seam::{KeySet, MessageEncryption, RequestAuthenticator};
use payment_credentials_core::seam::{NoEncryption, Unauthenticated, UnsignedRequest};
use payment_credentials_core::wire::ResponseBody;
use payment_credentials_core::{
    AuthError, ConfiguredKey, Delivery, EncryptionError, KeyId, MerchantId, Phase, PortErrorKind,
    Repeatability,
};
use payment_credentials_hyper::HyperPort;
use tokio::time::{Instant, timeout};

use crate::peer::{Peer, answer_all, call};

/// A key service that hangs in one of the three steps that use it.
#[derive(Clone, Copy, Debug)]
struct HangsIn(Phase);

impl HangsIn {
    async fn reach(self, phase: Phase) {
        if self.0 == phase {
            pending::<()>().await;
        }
    }

    fn keys(self) -> KeySet {
        KeySet::with_encryption(Arc::new(self), Arc::new(self)).expect("keys")
    }
}

#[async_trait]
impl RequestAuthenticator for HangsIn {
    fn carries_message_encryption(&self) -> bool {
        true
    }

    fn acts_for(&self, _: &MerchantId) -> bool {
        false
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn authenticate(
        &self,
        _: &UnsignedRequest,
        _: SystemTime,
    ) -> Result<HeaderMap, AuthError> {
        self.reach(Phase::Authenticate).await;
        Ok(HeaderMap::new())
    }
}

#[async_trait]
impl MessageEncryption for HangsIn {
    fn is_active(&self) -> bool {
        true
    }

    fn response_key_id(&self) -> Option<KeyId> {
        None
    }

    fn configured_keys(&self) -> Vec<ConfiguredKey> {
        Vec::new()
    }

    async fn seal(&self, body: Bytes, _: SystemTime) -> Result<Bytes, EncryptionError> {
        self.reach(Phase::Seal).await;
        Ok(body)
    }

    async fn open(&self, body: Bytes) -> Result<ResponseBody, EncryptionError> {
        self.reach(Phase::OpenResponse).await;
        Ok(ResponseBody::Received(body))
    }
}

const DEADLINE: Duration = Duration::from_secs(3);

fn port(peer: &Peer, keys: HangsIn) -> HyperPort {
    let port = peer.builder().call_deadline(DEADLINE).build();
    let port = port.expect("a port");
    port.replace_keys(keys.keys())
        .expect("keys of the same merchant");
    port
}

fn sound() -> KeySet {
    KeySet::with_encryption(Arc::new(Unauthenticated), Arc::new(NoEncryption)).expect("keys")
}

/// Row E10: a deadline that passes during encryption, signing and decryption. The error reports
/// what was sent by then and what the service answered.
#[tokio::test(start_paused = true)]
async fn a_key_service_that_hangs_ends_the_call_at_its_deadline() {
    for (phase, delivery, dialled) in [
        (Phase::Seal, Delivery::NotSent, 0),
        (Phase::Authenticate, Delivery::NotSent, 0),
        (Phase::OpenResponse, Delivery::Answered, 1),
    ] {
        let peer = Peer::new(|_, stream| answer_all(stream));
        let port = port(&peer, HangsIn(phase));
        let start = Instant::now();
        let error = call(&port).await.expect_err("late");
        assert_eq!(start.elapsed(), DEADLINE, "{phase:?}");
        assert_eq!(error.kind(), PortErrorKind::Deadline, "{phase:?}");
        assert_eq!(
            (error.phase(), error.delivery(), error.repeatability()),
            (phase, delivery, Repeatability::Never)
        );
        let is_answered = delivery == Delivery::Answered;
        assert_eq!(error.correlation_id().is_some(), is_answered, "{phase:?}");
        assert_eq!(peer.dialled(), dialled, "{phase:?}");

        // After a complete response the connection can be used again.
        port.replace_keys(sound())
            .expect("keys of the same merchant");
        call(&port).await.expect("credentials");
        assert_eq!(peer.dialled(), 1, "{phase:?}");
    }
}

/// Rows E11 and E12: a call that is dropped while a key service hangs has sent nothing, or loses
/// its response.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_while_a_key_service_hangs_leaves_a_sound_connection() {
    for (phase, dialled) in [
        (Phase::Seal, 0),
        (Phase::Authenticate, 0),
        (Phase::OpenResponse, 1),
    ] {
        let peer = Peer::new(|_, stream| answer_all(stream));
        let port = port(&peer, HangsIn(phase));
        assert!(timeout(DEADLINE / 2, call(&port)).await.is_err());
        assert_eq!(peer.dialled(), dialled, "{phase:?}");
        port.replace_keys(sound())
            .expect("keys of the same merchant");
        call(&port).await.expect("credentials");
        assert_eq!(peer.dialled(), 1, "{phase:?}");
    }
}
