/// Who sent a request, as far as its encryption depends on that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) carrier: Carrier,
    /// The transacting merchant.
    pub(crate) merchant_id: Option<&'a str>,
    /// The owner of the key by which the caller was authenticated.
    pub(crate) key_owner: Option<&'a str>,
    /// The key that encrypted responses are asked for by, as it was received.
    pub(crate) response_key_id: Option<&'a str>,
}

/// The credentials that came with a request: encryption is for JWTs alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Carrier {
    Jwt,
    Other,
}
