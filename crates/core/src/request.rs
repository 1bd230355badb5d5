//! The request: the token id, and every member of the operation's body.
//!
//! Every [`CredentialsRequest`] is valid: when it is built, the vendor's limits are checked and its body is
//! encoded, once. Members and limits are those of the vendor's OpenAPI document
//! (`PostPaymentCredentialsRequest`, the same in v2 and v3) and, where noted, of its TMS developer guide.
//! The document's patterns contradict its own examples, so lengths are checked and patterns aren't.

mod body;
mod check;
mod json;
mod members_macro;

use std::fmt;

use bytes::Bytes;

use crate::id::{ProfileId, TokenId};

pub use body::{
    AmountDetails, AuthenticatedIdentity, BillTo, BuyerInformation, DeviceInformation,
    IdentityProvider, MerchantDescriptor, MerchantInformation, OrderInformation,
    PaymentCredentialType, PlatformType, RequestBody, TransactionType, UserAuthenticationMethod,
};
pub use check::{RequestError, RequestRule};
pub use members_macro::ExtraMembers;
use members_macro::Held;

/// A request for the payment credentials of one stored card.
///
/// ```
/// use payment_credentials_core::{
///     CredentialsRequest,
///     request::{PaymentCredentialType, RequestBody, TransactionType},
/// };
///
/// // Whatever the card's network offers, for an e-commerce payment:
/// let request = CredentialsRequest::new("7010000000016241111".parse()?);
///
/// // With members of the body:
/// let body = RequestBody::default()
///     .with_payment_credential_type(PaymentCredentialType::Cryptogram)
///     .with_transaction_type(TransactionType::Ecom);
/// let request = request.with_body(body)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CredentialsRequest {
    token_id: TokenId,
    profile_id: Option<ProfileId>,
    body: RequestBody,
    encoded: Bytes,
}

impl CredentialsRequest {
    /// Requests the network token with the kind of proof that the card's network uses; the body is `{}`.
    #[must_use]
    pub fn new(token_id: TokenId) -> Self {
        Self {
            token_id,
            profile_id: None,
            body: RequestBody::default(),
            encoded: Bytes::from_static(b"{}"),
        }
    }

    /// Sets the vault profile.
    #[must_use]
    pub fn with_profile_id(mut self, profile_id: ProfileId) -> Self {
        self.profile_id = Some(profile_id);
        self
    }

    /// Sets the body.
    ///
    /// # Errors
    ///
    /// [`RequestError`] if the body breaks one of the vendor's limits; the error names the member and the
    /// limit.
    pub fn with_body(mut self, body: RequestBody) -> Result<Self, RequestError> {
        check::check(&body)?;
        self.encoded = json::encoded(&body)?;
        self.body = body;
        Ok(self)
    }

    /// The stored card.
    #[must_use]
    pub fn token_id(&self) -> &TokenId {
        &self.token_id
    }

    /// The vault profile, if one was set.
    #[must_use]
    pub fn profile_id(&self) -> Option<&ProfileId> {
        self.profile_id.as_ref()
    }

    /// The body's members.
    #[must_use]
    pub fn body(&self) -> &RequestBody {
        &self.body
    }

    /// Whether a response to the request may spend a cryptogram or a dynamic code.
    ///
    /// The response to a request for [`NetworkToken`](PaymentCredentialType::NetworkToken) holds only the
    /// network token and its expiry (vendor's OpenAPI document). So such a request mints nothing and may be
    /// repeated after any outcome. Every other request may mint: the response to a request without a type
    /// holds the kind of proof that the card's network uses, and a type that this version doesn't know is
    /// assumed to mint.
    ///
    /// ```
    /// use payment_credentials_core::{
    ///     CredentialsRequest,
    ///     request::{PaymentCredentialType, RequestBody},
    /// };
    ///
    /// let request = CredentialsRequest::new("7010000000016241111".parse()?);
    /// assert!(request.may_mint());
    /// let body = RequestBody::default()
    ///     .with_payment_credential_type(PaymentCredentialType::NetworkToken);
    /// assert!(!request.with_body(body)?.may_mint());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn may_mint(&self) -> bool {
        let named = self.body.payment_credential_type.as_ref();
        // Compares the text that is sent, so that this also holds if the caller built it as an unlisted
        // value.
        named.is_none_or(|named| named.as_str() != PaymentCredentialType::NetworkToken.as_str())
    }

    /// The body as it is sent: JSON in UTF-8.
    #[must_use]
    pub fn encoded_body(&self) -> &Bytes {
        &self.encoded
    }
}

impl fmt::Debug for CredentialsRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsRequest")
            .field("token_id", &self.token_id)
            .field("profile_id", &self.profile_id)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_request_for_the_network_token_alone_mints_nothing() {
        let request = CredentialsRequest::new("7010000000016241111".parse().expect("a token id"));
        assert!(request.may_mint());
        let of_type = |named: PaymentCredentialType| {
            let body = RequestBody::default().with_payment_credential_type(named);
            request.clone().with_body(body).expect("a request")
        };
        assert!(!of_type(PaymentCredentialType::NetworkToken).may_mint());
        // The same text is the same type, however it was built.
        assert!(!of_type("NETWORK_TOKEN".into()).may_mint());
        for mints in [
            "CRYPTOGRAM",
            "SECURITY_CODE",
            "network_token",
            "NEW_KIND",
            "",
        ] {
            assert!(of_type(mints.into()).may_mint(), "{mints}");
        }
        // The last body applies.
        let again = of_type(PaymentCredentialType::NetworkToken);
        assert!(
            again
                .with_body(RequestBody::default())
                .expect("a request")
                .may_mint()
        );
    }

    #[test]
    fn a_type_spelt_as_unlisted_text_is_judged_by_what_is_sent() {
        let request = CredentialsRequest::new("7010000000016241111".parse().expect("a token id"));
        let unlisted = PaymentCredentialType::Unlisted("NETWORK_TOKEN".into());
        let body = RequestBody::default().with_payment_credential_type(unlisted);
        assert!(!request.with_body(body).expect("a request").may_mint());
    }
}
