use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::endpoint::Destination;
use crate::error::TransportError;

use super::Attempt;

/// Carries one request to the service and one response back: sockets, TLS, pools, caps.
///
/// # Contract
///
/// Each clause is a test of the same name in `payment-credentials-contract`, for every adapter to
/// run.
///
/// - **as it is**: method, URI, headers and body go out unchanged, and once; the transport adds
///   what HTTP itself needs (`Host`, `Content-Length`) and nothing else. No redirect is followed,
///   nothing is retried, nothing is decompressed.
/// - **whole or not at all**: a response is returned when its body has been read to its end.
/// - **strict about framing**: what breaks HTTP's grammar, or has another transfer coding than
///   `chunked`, is `Framing` with `Unknown`, however whole it looks; sixteen informational responses
///   are skipped, one more is `Framing`, and so is a switch of protocols.
/// - **the head is reported**: [`Attempt::head_read`] is called before the body is read, so that an error
///   from then on carries status and ids, and a refusal stays one whatever becomes of its body.
/// - **bounded**: the body is at most [`MAX_RESPONSE_BODY`](crate::wire::MAX_RESPONSE_BODY) bytes,
///   and the head has a cap too.
/// - **knows what it sent**: the error's delivery is `NotSent` only when no byte of the request
///   reached a connection; and where a connection had ended before that byte, it is, or the request
///   goes over another connection.
/// - **no borrowed responses**: a connection that saw a fault, or whose call was dropped, carries no
///   later request; and what lay in a connection before the first byte of a request is never taken
///   for its response; what TLS itself has to say there, tickets and new keys, is no fault.
/// - **nothing from the environment**: no proxy variable, no key log, no certificate path.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends the request and reads the response, whatever its status.
    ///
    /// # Errors
    ///
    /// [`TransportError`] where no whole response came.
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError>;
}

/// A request on its way out, and where it goes; the [`Gateway`](crate::Gateway) alone makes one.
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

    /// The request, with an absolute URI, which says the same as [`destination`](Self::destination).
    #[must_use]
    pub fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// The request, to hand it to an HTTP client: take what else is needed before.
    #[must_use]
    pub fn into_request(self) -> Request<Bytes> {
        self.request
    }

    /// Where it goes. All calls of a gateway share one.
    #[must_use]
    pub fn destination(&self) -> &Arc<Destination> {
        &self.destination
    }

    /// Where the transport reports how far it is.
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
