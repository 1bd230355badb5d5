//! One attempt: encode, encrypt, authenticate, send, decrypt, decode.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};

use crate::clock_skew::ClockSkew;
use crate::configured_key::KeyPurpose;
use crate::endpoint::{Destination, Endpoint};
use crate::error::{
    BuildError, Delivery, Phase, PortError, PortErrorKind, Refusal, Repeatability, Source,
    TransportError, TransportErrorKind,
};
use crate::id::{KeyId, MerchantId};
use crate::request::CredentialsRequest;
use crate::response_head::ResponseHead;
use crate::sealed::SealedCredentials;
use crate::seam::{Attempt, Clock, KeySet, Outgoing, Transport, UnsignedRequest};
use crate::wire::{self, About, EncodedRequest, ResponseBody};

use super::headers::{ExtraHeaders, admit};

/// The parts that make an attempt; two attempts of one call use the same keys.
pub(super) struct Means<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) destination: &'a Arc<Destination>,
    pub(super) transport: &'a dyn Transport,
    pub(super) keys: KeySet,
    pub(super) merchant_id: Option<&'a MerchantId>,
    pub(super) clock: &'a dyn Clock,
    pub(super) extra: &'a ExtraHeaders,
    pub(super) trusts_bare_refusals: bool,
}

impl Means<'_> {
    /// Encrypts, signs by the local clock or by a corrected one, and sends.
    pub(super) async fn make(
        &self,
        request: &CredentialsRequest,
        attempt: &Attempt,
        correction: Option<ClockSkew>,
    ) -> Result<SealedCredentials, PortError> {
        let made = self.make_by_clock(request, attempt, correction).await;
        made.inspect_err(|error| attempt.ended(error))
    }

    async fn make_by_clock(
        &self,
        request: &CredentialsRequest,
        attempt: &Attempt,
        correction: Option<ClockSkew>,
    ) -> Result<SealedCredentials, PortError> {
        let began = self.clock.now();
        let now = correction
            .and_then(|skew| skew.correct(began))
            .unwrap_or(began);
        let error = match self.encode_and_send(request, attempt, now).await {
            Ok(sealed) => return Ok(sealed),
            Err(error) => error,
        };
        if error.kind() != PortErrorKind::Refused(Refusal::Authentication) {
            return Err(error);
        }
        let service = error.date();
        match service.and_then(|service| ClockSkew::between(began, self.clock.now(), service)) {
            Some(skew) => Err(error.with_clock_skew(skew)),
            None => Err(error),
        }
    }

    async fn encode_and_send(
        &self,
        request: &CredentialsRequest,
        attempt: &Attempt,
        now: SystemTime,
    ) -> Result<SealedCredentials, PortError> {
        let names_profile = request.profile_id().is_some();
        let mut encoded = wire::encode(request, self.endpoint.version());

        attempt.reached(Phase::Seal);
        let sealed = self.keys.encryption().seal(encoded.body, now).await;
        encoded.body = sealed.map_err(|error| error.into_port_error(Phase::Seal))?;

        attempt.reached(Phase::Authenticate);
        check_merchant(&self.keys, self.merchant_id).map_err(unusable)?;
        let unsigned = self.unsigned(&encoded);
        let authenticator = self.keys.authenticator();
        let authentication = authenticator.authenticate(&unsigned, now).await?;

        let request = join(self.endpoint, encoded, authentication, self.extra)?;
        if !attempt.may_reach(Phase::Transport) {
            // The call was given up, and the caller may have reported that nothing was sent.
            return Err(PortError::deadline(attempt.phase()));
        }
        let outgoing = Outgoing::new(request, Arc::clone(self.destination), attempt.clone());
        match self.transport.send(outgoing).await {
            Ok(response) => self.read(response, attempt, names_profile).await,
            Err(error) => Err(self.broken_off(self.reported(error), attempt)),
        }
    }

    /// Adds another possible cause of a reset, if an encrypted response was requested.
    fn reported(&self, error: TransportError) -> TransportError {
        let is_reset = error.kind() == TransportErrorKind::Reset;
        match self.keys.encryption().response_key_id() {
            Some(key_id) if is_reset && error.delivery() == Delivery::Unknown => {
                error.caused_by(|source| Box::new(MayBeTheResponseKey { key_id, source }))
            }
            _ => error,
        }
    }

    fn unsigned(&self, encoded: &EncodedRequest) -> UnsignedRequest {
        let host = self.endpoint.signed_host();
        let (method, body) = (encoded.method.clone(), encoded.body.clone());
        UnsignedRequest {
            response_key_id: self.keys.encryption().response_key_id(),
            merchant_id: self.merchant_id.cloned(),
            ..UnsignedRequest::new(method, host, &encoded.path, body)
        }
    }

    async fn read(
        &self,
        response: Response<Bytes>,
        attempt: &Attempt,
        names_profile: bool,
    ) -> Result<SealedCredentials, PortError> {
        let (parts, body) = response.into_parts();
        // If the transport didn't report the head, report it here.
        let head = attempt.head().unwrap_or_else(|| {
            attempt.head_read(parts.status, &parts.headers);
            ResponseHead::received(parts.status, &parts.headers)
        });
        attempt.reached(Phase::OpenResponse);
        // Read before the body is decrypted: even a body that can't be decrypted shows whether it is the
        // service's.
        let about = About {
            is_the_services: !parts.status.is_success() && wire::is_the_services(&body),
            trusts_bare_refusals: self.trusts_bare_refusals,
            names_profile,
        };
        let (body, unreadable) = match self.keys.encryption().open(body).await {
            Ok(body) => (body, None),
            Err(error) if parts.status.is_success() => {
                return Err(error.into_port_error(Phase::OpenResponse).with_head(head));
            }
            // A refusal that can't be decrypted is still that refusal, without its details.
            Err(error) => (ResponseBody::Received(Bytes::new()), Some(error)),
        };
        attempt.reached(Phase::Decode);
        let decoded = wire::decode_after(head, parts.status, &parts.headers, body, about);
        match unreadable {
            // The reason for the missing details belongs in a log.
            Some(cause) => decoded.map_err(|error| error.with_source(cause)),
            None => decoded,
        }
    }

    /// The error of an attempt whose response ended early.
    ///
    /// If the head is that of a refusal, the refusal is worth more than its missing details. If it is that
    /// of a success, the vendor's support needs the head.
    fn broken_off(&self, error: TransportError, attempt: &Attempt) -> PortError {
        let Some(head) = attempt.head() else {
            return error.into();
        };
        match wire::refusal_of(&head, self.trusts_bare_refusals) {
            Some(refusal) => refusal.with_source(error),
            None => PortError::from(error).with_head(head),
        }
    }
}

/// Why a reset may have another cause than the network: no other sign reveals a wrong response key.
#[derive(Debug, thiserror::Error)]
#[error(
    "the request named the key id \"{key_id}\" for an encrypted response, and the service closes \
     the connection if it doesn't know that id or the claim's name: if this happens again, \
     compare the id with that of the {} in the vendor's Business Center",
    KeyPurpose::OpenResponses.vendor_name()
)]
struct MayBeTheResponseKey {
    key_id: KeyId,
    source: Option<Source>,
}

/// Validates that the keys can act for a merchant that isn't their own.
pub(super) fn check_merchant(
    keys: &KeySet,
    merchant_id: Option<&MerchantId>,
) -> Result<(), BuildError> {
    match merchant_id {
        Some(merchant_id) if !keys.authenticator().acts_for(merchant_id) => Err(BuildError::new(
            "merchant id",
            "is one that this authenticator can't act for; use a JWT or an HTTP Signature with a \
             MetaKey of the merchant's portfolio",
        )),
        _ => Ok(()),
    }
}

/// Joins the encoded request with its authentication headers, and marks secret values as sensitive.
fn join(
    endpoint: &Endpoint,
    encoded: EncodedRequest,
    authentication: HeaderMap,
    extra: &ExtraHeaders,
) -> Result<Request<Bytes>, PortError> {
    let uri = endpoint.base().join(encoded.path).map_err(unusable)?;
    let mut request = Request::builder()
        .method(encoded.method)
        .uri(uri)
        .body(encoded.body)
        .map_err(unusable)?;
    *request.headers_mut() = encoded.headers;
    let headers = request.headers_mut();
    extra.write(headers);
    admit(authentication, headers).map_err(unusable)?;
    Ok(request)
}

fn unusable(source: impl std::error::Error + Send + Sync + 'static) -> PortError {
    let kind = PortErrorKind::Setup;
    PortError::new(
        kind,
        Delivery::NotSent,
        Phase::Authenticate,
        Repeatability::Never,
    )
    .with_source(source)
}
