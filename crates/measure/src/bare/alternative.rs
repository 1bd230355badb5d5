use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::HeaderMap;
use payment_credentials_core::seam::UnsignedRequest;
use serde_json::Value;

use super::{Certificate, Client, Opening, Sealing, SharedSecret, parse};
use crate::alternative::Alternative;
use crate::caller::Caller;
use crate::signing::Signing;

/// All paths with the bare libraries.
#[derive(Debug)]
pub struct Bare {
    opening: LazyLock<Opening>,
    certificate: LazyLock<Certificate>,
    secret: LazyLock<SharedSecret>,
    sealing: LazyLock<Sealing>,
}

impl Default for Bare {
    fn default() -> Self {
        Self {
            opening: LazyLock::new(Opening::default),
            certificate: LazyLock::new(Certificate::default),
            secret: LazyLock::new(SharedSecret::default),
            sealing: LazyLock::new(Sealing::default),
        }
    }
}

impl Alternative for Bare {
    fn name(&self) -> &'static str {
        "bare"
    }

    fn open(&self, jwe: &str) -> Value {
        parse(&self.opening.open(jwe))
    }

    fn jwt_by_certificate(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
        self.certificate.jwt(request, now)
    }

    fn jwt_by_shared_secret(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
        self.secret.jwt(request, now)
    }

    fn http_signature(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap {
        self.secret.http_signature(request, now)
    }

    fn seal(&self, body: &[u8], now: SystemTime) -> String {
        let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH);
        let issued_at = since_1970.unwrap_or(Duration::ZERO).as_secs();
        self.sealing.seal(body, issued_at)
    }

    fn caller(&self, address: SocketAddr, root: &[u8], signing: Signing) -> Arc<dyn Caller> {
        Arc::new(Client::new(address, root, signing))
    }
}

#[async_trait]
impl Caller for Client {
    async fn call(&self) -> bool {
        Self::call(self).await.is_ok()
    }
}
