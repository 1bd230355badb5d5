use crate::authentication::AuthenticationScheme;

/// What encryption depends on, of the caller of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'a> {
    /// Whether the caller and the head of the request were accepted. A response is encrypted for no other.
    pub(crate) is_accepted: bool,
    /// None if there are no credentials of a known scheme.
    pub(crate) scheme: Option<AuthenticationScheme>,
    /// The transacting merchant.
    pub(crate) merchant_id: Option<&'a str>,
    /// The owner of the key by which the caller was authenticated.
    pub(crate) key_owner: Option<&'a str>,
    /// The key id for which an encrypted response was requested, as it was received.
    pub(crate) response_key_id: Option<&'a str>,
}
