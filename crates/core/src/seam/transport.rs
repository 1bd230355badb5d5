use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::endpoint::Destination;
use crate::error::TransportError;

use super::Attempt;

/// Sends one request to the service and reads one response: sockets, TLS, connection pools, size limits.
///
/// # Contract
///
/// Each clause is a test of the same name in `payment-credentials-contract`, which every adapter should
/// run.
///
/// - **as it is**: the method, URI, headers and body are sent unchanged, and once. The transport adds what
///   HTTP itself requires (`Host`, `Content-Length`) and nothing else. It follows no redirect, retries
///   nothing and decompresses nothing.
/// - **whole or not at all**: a response is returned only after its body has been read to the end.
/// - **strict about framing**: a response that breaks HTTP's grammar, or has another transfer coding than
///   `chunked`, is `Framing` with `Unknown`, even if it looks whole. Sixteen informational responses are
///   skipped; one more is `Framing`, and so is a switch of protocols.
/// - **the head is reported**: the transport calls [`Attempt::head_read`] before it reads the body. So
///   every later error carries status and ids, and a refusal stays a refusal whatever happens to its body.
/// - **bounded**: the body is at most [`MAX_RESPONSE_BODY`](crate::wire::MAX_RESPONSE_BODY) bytes long, and
///   the head has a limit too.
/// - **knows what it sent**: the error's delivery is `NotSent` only if no byte of the request reached a
///   connection. If a connection had ended before the first byte, the delivery is `NotSent`, or the
///   transport sends the request over another connection.
/// - **no borrowed responses**: a connection that had a fault, or whose call was dropped, carries no later
///   request. Bytes that were in a connection before the first byte of a request are never taken for its
///   response. Messages of TLS itself, such as tickets and new keys, are no fault.
/// - **nothing from the environment**: no proxy variable, no key log, no certificate path.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends the request and reads the response, whatever its status.
    ///
    /// # Errors
    ///
    /// [`TransportError`] if no whole response came.
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError>;
}

/// A request to send, and its destination. Only the [`Gateway`](crate::Gateway) makes one.
///
/// `Debug` shows neither headers nor body: they hold signatures and personal data.
pub struct Outgoing {
    request: Request<Bytes>,
    destination: Arc<Destination>,
    attempt: Attempt,
}

impl Outgoing {
    pub(crate) fn new(
        request: Request<Bytes>,
        destination: Arc<Destination>,
        attempt: Attempt,
    ) -> Self {
        Self {
            request,
            destination,
            attempt,
        }
    }

    /// The request, with an absolute URI that agrees with [`destination`](Self::destination).
    #[must_use]
    pub fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// Returns the request by value, for an HTTP client. Read the other fields before.
    #[must_use]
    pub fn into_request(self) -> Request<Bytes> {
        self.request
    }

    /// The destination of the request. All calls of a gateway share one.
    #[must_use]
    pub fn destination(&self) -> &Arc<Destination> {
        &self.destination
    }

    /// The record in which the transport reports how far it is.
    #[must_use]
    pub fn attempt(&self) -> &Attempt {
        &self.attempt
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("method", self.request.method())
            .field("destination", &self.destination)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
