//! What is compared with this library: each path as another set of libraries does it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::SystemTime;

use http::HeaderMap;
use payment_credentials_core::seam::UnsignedRequest;
use serde_json::Value;

use crate::caller::Caller;
use crate::signing::Signing;

/// The hot paths, done with other libraries, with the keys of [`fixtures`](crate::fixtures).
///
/// Keys are read when they are first used, so that a process that starts reads those that its call needs.
pub trait Alternative: Sync {
    /// The name in tables and arguments.
    fn name(&self) -> &'static str;

    /// Opens a JWE and parses its plaintext.
    fn open(&self, jwe: &str) -> Value;

    /// The header of a JWT, RS256.
    fn jwt_by_certificate(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap;

    /// The header of a JWT, HS256.
    fn jwt_by_shared_secret(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap;

    /// The headers of an HTTP Signature.
    fn http_signature(&self, request: &UnsignedRequest, now: SystemTime) -> HeaderMap;

    /// The body in a JWE, in the JSON that is sent.
    fn seal(&self, body: &[u8], now: SystemTime) -> String;

    /// A client of the service at this address, which has this certificate.
    fn caller(&self, address: SocketAddr, root: &[u8], signing: Signing) -> Arc<dyn Caller>;
}
