/// What encryption depends on, of the caller of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) carrier: Carrier,
    /// The transacting merchant.
    pub(crate) merchant_id: Option<&'a str>,
    /// The owner of the key by which the caller was authenticated.
    pub(crate) key_owner: Option<&'a str>,
    /// The key id for which an encrypted response was requested, as it was received.
    pub(crate) response_key_id: Option<&'a str>,
}

/// The credentials of a request. Only requests with a JWT may be encrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Carrier {
    Jwt,
    Other,
}
