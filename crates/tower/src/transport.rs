use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use payment_credentials_core::seam::{Outgoing, Transport};
use payment_credentials_core::wire::{MAX_RESPONSE_BODY, require_no_switch, require_plain_framing};
use payment_credentials_core::{Destination, Phase, TransportError};
use tower::BoxError;
use tower_service::Service;

use crate::failure;

/// Sends requests through a tower HTTP service: an HTTP client with any layers around it.
///
/// `S` is any `Service<http::Request<B>>` whose response body is an [`http_body::Body`]. `B` is any
/// body that can be made from [`Bytes`], such as [`Full<Bytes>`](Full).
///
/// Each call clones the service, waits until the clone is ready, and calls that clone. The head of the
/// response is reported as soon as it has arrived. The body is read to its end; a body of more than
/// 256 KiB is an error. The [crate's page](crate) lists what a service doesn't report.
pub struct TowerTransport<S, B = Full<Bytes>> {
    service: S,
    was_not_sent: Option<WasNotSent>,
    body: PhantomData<fn() -> B>,
}

/// Whether an error of a service proves that the service sent nothing.
type WasNotSent = fn(&(dyn Error + 'static)) -> bool;

impl<S, B> TowerTransport<S, B> {
    /// Wraps a service whose errors don't prove anything about delivery.
    ///
    /// The delivery of each error is `Unknown` once the service has been called, since a layer may have
    /// repeated the request.
    pub fn new(service: S) -> Self {
        Self {
            service,
            was_not_sent: None,
            body: PhantomData,
        }
    }

    /// Wraps a service that sends each request at most once, so that an error can be `NotSent`.
    ///
    /// By calling this you promise that neither a layer nor the HTTP client in the service repeats a
    /// request. An error can then prove that nothing was sent. `was_not_sent` recognises such errors by
    /// their type: an error for which it returns true is `NotSent`, any other error of the call is
    /// `Unknown`. Its argument is the error that the service returned, not a cause of that error.
    ///
    /// ```
    /// use http_body_util::Full;
    /// use hyper_util::client::legacy;
    /// use payment_credentials_tower::TowerTransport;
    ///
    /// # fn client() -> legacy::Client<legacy::connect::HttpConnector, Full<bytes::Bytes>> {
    /// #     legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http()
    /// # }
    /// let transport: TowerTransport<_> = TowerTransport::sending_at_most_once(client(), |error| {
    ///     error.downcast_ref().is_some_and(legacy::Error::is_connect)
    /// });
    /// ```
    pub fn sending_at_most_once(
        service: S,
        was_not_sent: fn(&(dyn Error + 'static)) -> bool,
    ) -> Self {
        Self {
            was_not_sent: Some(was_not_sent),
            ..Self::new(service)
        }
    }

    fn after_the_call(&self, source: BoxError, destination: &Destination) -> TransportError {
        match self.was_not_sent {
            Some(was_not_sent) if was_not_sent(&*source) => {
                let (host, port) = destination.dialled();
                failure::not_sent(source).with_dialled(host, port)
            }
            _ => failure::after_the_call(source),
        }
    }
}

impl<S: Clone, B> Clone for TowerTransport<S, B> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            ..*self
        }
    }
}

impl<S, B> fmt::Debug for TowerTransport<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TowerTransport").finish_non_exhaustive()
    }
}

#[async_trait]
impl<S, B, R> Transport for TowerTransport<S, B>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: From<Bytes> + Send + 'static,
    R: Body + Send,
    R::Data: Send,
    R::Error: Into<BoxError>,
{
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, TransportError> {
        if outgoing.destination().connect_to().is_some() {
            return Err(failure::unusable(CONNECT_TO));
        }
        let attempt = outgoing.attempt().clone();
        let destination = Arc::clone(outgoing.destination());
        let request = outgoing.into_request().map(B::from);
        let mut service = self.service.clone();
        // The gateway has handed the request over. Nothing is sent before the service is ready.
        attempt.reached(Phase::Connect);
        let ready = poll_fn(|cx| service.poll_ready(cx)).await;
        ready.map_err(|error| failure::not_sent(error.into()))?;
        if !attempt.may_leave() {
            return Err(failure::given_up());
        }
        attempt.reached(Phase::Transport);
        let response = service.call(request).await;
        let (head, body) = response
            .map_err(|error| self.after_the_call(error.into(), &destination))?
            .into_parts();
        require_no_switch(head.status)?;
        attempt.head_read(head.status, &head.headers);
        attempt.reached(Phase::Body);
        require_plain_framing(&head.headers)?;
        let body = read(body).await?;
        Ok(Response::from_parts(head, body))
    }
}

const CONNECT_TO: &str = "the endpoint has a connect_to, but a tower service dials the host of the \
                          request's URI; remove connect_to, and give the HTTP client a connector that \
                          dials the other address";

/// Reads a body to its end, or fails if it is larger than the limit.
async fn read<R>(body: R) -> Result<Bytes, TransportError>
where
    R: Body,
    R::Error: Into<BoxError>,
{
    let promised = usize::try_from(body.size_hint().lower());
    if !promised.is_ok_and(|length| length <= MAX_RESPONSE_BODY) {
        return Err(failure::too_large());
    }
    match Limited::new(body, MAX_RESPONSE_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(failure::too_large()),
        Err(error) => Err(failure::no_body(error)),
    }
}
