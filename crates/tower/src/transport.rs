use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use payment_credentials_core::seam::{Outgoing, Transport};
use payment_credentials_core::wire::{MAX_RESPONSE_BODY, is_plainly_framed};
use payment_credentials_core::{Phase, TransportError};
use tower::BoxError;
use tower_service::Service;

use crate::failure;

/// A tower HTTP service as a transport: a client, with whatever layers are around it.
///
/// `S` is any `Service<http::Request<B>>` whose response body is an [`http_body::Body`]; `B` is any
/// body that is made from [`Bytes`], such as [`Full<Bytes>`](Full).
///
/// Each call clones the service, waits until the clone is ready, and calls that clone. The response's
/// head is reported as soon as it is there; its body is read to its end, or to 256 KiB. See the
/// [crate's page](crate) for what a service can't say.
pub struct TowerTransport<S, B = Full<Bytes>> {
    service: S,
    was_not_sent: Option<WasNotSent>,
    body: PhantomData<fn() -> B>,
}

/// Whether an error of a service means that it sent nothing.
type WasNotSent = fn(&(dyn Error + 'static)) -> bool;

impl<S, B> TowerTransport<S, B> {
    /// Wraps a service, about whose errors nothing is known: each of them is `Unknown`, since a layer
    /// may have repeated the request.
    pub fn new(service: S) -> Self {
        Self {
            service,
            was_not_sent: None,
            body: PhantomData,
        }
    }

    /// Wraps a service that sends each request at most once: by calling this you vouch that no layer
    /// and no client in it repeats a request.
    ///
    /// Then an error can prove that nothing was sent. `was_not_sent` recognises those, by their type,
    /// and is asked about the error and not about its causes; what it says yes to is `NotSent`.
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

    fn after_the_call(&self, source: BoxError) -> TransportError {
        match self.was_not_sent {
            Some(was_not_sent) if was_not_sent(&*source) => failure::not_sent(source),
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
        let request = outgoing.into_request().map(B::from);
        let mut service = self.service.clone();
        // The gateway has handed the request over; while the service isn't ready, nothing leaves.
        attempt.reached(Phase::Connect);
        let ready = poll_fn(|cx| service.poll_ready(cx)).await;
        ready.map_err(|error| failure::not_sent(error.into()))?;
        if !attempt.may_leave() {
            return Err(failure::given_up());
        }
        attempt.reached(Phase::Transport);
        let response = service.call(request).await;
        let (head, body) = response
            .map_err(|error| self.after_the_call(error.into()))?
            .into_parts();
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(failure::not_a_response(SWITCHED));
        }
        attempt.head_read(head.status, &head.headers);
        attempt.reached(Phase::Body);
        if !is_plainly_framed(&head.headers) {
            return Err(failure::not_a_response(OTHER_CODING));
        }
        let body = read(body).await?;
        Ok(Response::from_parts(head, body))
    }
}

const CONNECT_TO: &str = "a tower service dials by the request's URI, so it can't connect to another \
                          address; leave connect_to out and give the client a connector that dials it";

const SWITCHED: &str = "the service switched protocols, which nobody asked for";

const OTHER_CODING: &str = "the body has a transfer coding other than chunked";

/// Reads a body to its end or to the limit.
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
