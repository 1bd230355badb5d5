use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::endpoint::ConnectTo;
use crate::error::TransportError;

use super::Progress;

/// Carries one request to the service and one answer back: sockets, TLS, pools, caps.
///
/// # Contract
///
/// Each clause is a test of the same name in `payment-credentials-contract`, for every adapter to
/// run.
///
/// - **as it is**: method, URI, headers and body go out unchanged, and once; the transport adds
///   what HTTP itself needs (`Host`, `Content-Length`) and nothing else. No redirect is followed,
///   nothing is retried, nothing is decompressed.
/// - **whole or not at all**: an answer is returned when its body has been read to its end. Of a
///   refusal whose body breaks off, the head is returned with an empty body.
/// - **bounded**: the body is at most [`MAX_ANSWER_BODY`](crate::wire::MAX_ANSWER_BODY) bytes,
///   and the head has a cap too.
/// - **knows what it sent**: the error's delivery is `NotSent` only when no byte of the request
///   reached a connection.
/// - **no borrowed answers**: a connection that saw a fault, or whose call was dropped, carries no
///   later request.
/// - **nothing from the environment**: no proxy variable, no key log, no certificate path.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends the request and reads the answer, whatever its status.
    ///
    /// # Errors
    ///
    /// [`TransportError`] where no whole answer came.
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError>;
}

/// A request on its way out.
///
/// `Debug` shows neither headers nor body: they hold signatures and personal data.
#[non_exhaustive]
pub struct Outgoing {
    /// The request, with an absolute URI.
    pub request: Request<Bytes>,
    /// The address to dial in place of the URI's own. `Host`, SNI and the certificate check stay
    /// with the URI's host. A transport that can't do this must refuse, not ignore it.
    pub connect_to: Option<ConnectTo>,
    /// Where the transport tells how far it is.
    pub progress: Progress,
}

impl Outgoing {
    /// A request that goes to the address of its URI.
    #[must_use]
    pub fn new(request: Request<Bytes>) -> Self {
        Self {
            request,
            connect_to: None,
            progress: Progress::default(),
        }
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("method", self.request.method())
            .field("connect_to", &self.connect_to)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
