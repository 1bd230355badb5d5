use std::fmt;

/// What failed, sorted by what a caller can do about it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum PortErrorKind {
    /// No connection: name not found, refused, or cut while connecting.
    Connect,
    /// The call ran out of time; [`PortError::phase`](crate::PortError::phase) says where.
    Deadline,
    /// The JWE doesn't open with the configured key. Says no more on purpose: what exactly failed
    /// inside the cryptography is kept secret (RFC 7516 §11.5).
    Decrypt,
    /// The response isn't proper HTTP, or it ended early.
    Framing,
    /// The response's JWE isn't acceptable: its shape, its algorithms or its key id.
    Jwe,
    /// A key service (KMS, HSM, signer) is down, throttles or refuses.
    KeyService,
    /// The JWE opened, but what it holds isn't payment credentials.
    Payload,
    /// The service answered with a refusal.
    Refused(Refusal),
    /// The caller's request can't be sent as it stands.
    Request,
    /// The connection was closed or reset before a response came.
    Reset,
    /// No TLS connection: certificate, name, version or handshake.
    Tls,
    /// A whole response that isn't what was asked for.
    Unexpected(UnexpectedResponse),
}

/// Why the service refused, by status.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// 401: keys, clock or host don't match.
    Authentication,
    /// 409: the stored card is in conflict with another.
    Conflict,
    /// 403 with the vendor's code `declined`: the issuer or the network declined the card.
    Declined,
    /// 424, or a 404 that speaks of the profile: the `profile-id` names no vault profile.
    Dependency,
    /// 403: the merchant isn't permitted to make this call.
    Forbidden,
    /// 410: the stored card is no longer available.
    Gone,
    /// 400 and every other 4xx of the service's own: the request itself; a 408 leaves open whether it was
    /// acted on.
    Invalid,
    /// 404: no such token id.
    NotFound,
    /// 412: a precondition; not documented for this operation.
    Precondition,
    /// 429: too many calls.
    Throttled,
    /// 503: declined for now. By the service, where its error body says so, or `Retry-After` beside
    /// one of its ids: `Answered` and `Safe`. By an intermediary otherwise, which may be
    /// after the service had the request: `Unknown` and `MayRepeat`.
    Unavailable,
    /// 500, 502, 504 and every other 5xx: it may have been acted on.
    Upstream,
}

/// Why a response isn't what was asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum UnexpectedResponse {
    /// The body is compressed although nothing asked for it.
    Coding,
    /// No body.
    Empty,
    /// A success status over a list of errors.
    ErrorBody,
    /// A web page, as from an edge filter or a captive portal.
    Html,
    /// Response message-level encryption that nobody asked for, or of an unknown shape.
    MessageEncryption,
    /// Credentials that don't name the stored card that was asked for; only for who asks
    /// [`CredentialsGenerator`](crate::generator::CredentialsGenerator::require_confirmation) for it.
    NotConfirmed,
    /// A 4xx without any sign that the service itself spoke, such as a gateway's or an edge's on the way:
    /// it says nothing of the card or the request. Its delivery is `Unknown` though a whole response came,
    /// since its sender may stand behind the service as well as in front of it.
    /// [`PortError::suspected_refusal`] has what the status would mean.
    ///
    /// [`PortError::suspected_refusal`]: crate::PortError::suspected_refusal
    NotTheService,
    /// A redirect; it is never followed.
    Redirect,
    /// A status that the operation doesn't have.
    Status,
    /// A body or a head over the cap.
    TooLarge,
    /// Payment credentials in the clear: a silent downgrade, refused.
    Unencrypted,
}

/// Whether the service can have acted on the request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// The service answered, and so has decided about the request.
    Answered,
    /// Nothing left this process, so the service can't have acted.
    NotSent,
    /// The service may have acted: a cryptogram may have been minted.
    Unknown,
}

/// Whether the same call may be made again.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Repeatability {
    /// Repeating may help, and may spend a second cryptogram: the caller decides.
    MayRepeat,
    /// Repeating can't help.
    Never,
    /// Repeating may help and costs nothing: nothing was sent, or the service did not act.
    Safe,
}

/// How far a call got; the variants are in order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
#[repr(u8)]
pub enum Phase {
    /// Nothing has been done yet.
    Start,
    /// The request is being encrypted.
    Seal,
    /// The request is being authenticated.
    Authenticate,
    /// In the hands of a transport that doesn't say how far it is.
    Transport,
    /// A connection is being made, or waited for.
    Connect,
    /// The TLS handshake.
    Tls,
    /// The request is being written.
    Write,
    /// Waiting for the head of the response.
    Headers,
    /// Reading the body of the response.
    Body,
    /// The response's message-level encryption is being opened.
    Unseal,
    /// The response is being decoded.
    Decode,
    /// The JWE is being opened.
    Open,
}

impl Phase {
    pub(crate) const ALL: [Self; 12] = [
        Self::Start,
        Self::Seal,
        Self::Authenticate,
        Self::Transport,
        Self::Connect,
        Self::Tls,
        Self::Write,
        Self::Headers,
        Self::Body,
        Self::Unseal,
        Self::Decode,
        Self::Open,
    ];

    /// Whether the service can have acted on a call that stops in this phase.
    ///
    /// `NotSent` for what comes before the request is written, `Connect` and `Tls` included;
    /// `Unknown` for `Transport`, `Write`, `Headers` and `Body`; `Answered` for what comes after
    /// the whole response is there.
    #[must_use]
    pub fn delivery(self) -> Delivery {
        match self {
            Self::Start | Self::Seal | Self::Authenticate | Self::Connect | Self::Tls => {
                Delivery::NotSent
            }
            Self::Transport | Self::Write | Self::Headers | Self::Body => Delivery::Unknown,
            Self::Unseal | Self::Decode | Self::Open => Delivery::Answered,
        }
    }

    /// One word for logs and dashboards, from a fixed list: `headers`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Seal => "seal",
            Self::Authenticate => "authenticate",
            Self::Transport => "transport",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Write => "write",
            Self::Headers => "headers",
            Self::Body => "body",
            Self::Unseal => "unseal",
            Self::Decode => "decode",
            Self::Open => "open",
        }
    }
}

impl PortErrorKind {
    /// One word for metrics, logs and dashboards, from a fixed list: `refused_throttled`.
    ///
    /// A word that changes is a breaking change.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Deadline => "deadline",
            Self::Decrypt => "decrypt",
            Self::Framing => "framing",
            Self::Jwe => "jwe",
            Self::KeyService => "key_service",
            Self::Payload => "payload",
            Self::Refused(refusal) => refusal.name(),
            Self::Request => "request",
            Self::Reset => "reset",
            Self::Tls => "tls",
            Self::Unexpected(unexpected) => unexpected.name(),
        }
    }
}

impl Refusal {
    fn name(self) -> &'static str {
        match self {
            Self::Authentication => "refused_authentication",
            Self::Conflict => "refused_conflict",
            Self::Declined => "refused_declined",
            Self::Dependency => "refused_dependency",
            Self::Forbidden => "refused_forbidden",
            Self::Gone => "refused_gone",
            Self::Invalid => "refused_invalid",
            Self::NotFound => "refused_not_found",
            Self::Precondition => "refused_precondition",
            Self::Throttled => "refused_throttled",
            Self::Unavailable => "refused_unavailable",
            Self::Upstream => "refused_upstream",
        }
    }
}

impl UnexpectedResponse {
    fn name(self) -> &'static str {
        match self {
            Self::Coding => "unexpected_coding",
            Self::Empty => "unexpected_empty",
            Self::ErrorBody => "unexpected_error_body",
            Self::Html => "unexpected_html",
            Self::MessageEncryption => "unexpected_message_encryption",
            Self::NotConfirmed => "unexpected_not_confirmed",
            Self::NotTheService => "unexpected_not_the_service",
            Self::Redirect => "unexpected_redirect",
            Self::Status => "unexpected_status",
            Self::TooLarge => "unexpected_too_large",
            Self::Unencrypted => "unexpected_unencrypted",
        }
    }
}

impl Delivery {
    /// Whether it leaves a caller in more doubt: `Unknown` more than `Answered`, and `Answered` more
    /// than `NotSent`.
    #[must_use]
    pub fn is_worse_than(self, other: Self) -> bool {
        let doubt = |delivery| match delivery {
            Self::NotSent => 0,
            Self::Answered => 1,
            Self::Unknown => 2,
        };
        doubt(self) > doubt(other)
    }

    /// One word for metrics, logs and dashboards: `answered`, `not_sent` or `unknown`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::NotSent => "not_sent",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for PortErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Connect => "no connection to the service",
            Self::Deadline => "the time for the call ran out",
            Self::Decrypt => "the JWE does not open with the configured key",
            Self::Framing => "the response is not valid HTTP or ended early",
            Self::Jwe => "the response's JWE is not acceptable: see the cause",
            Self::KeyService => "the key service failed",
            Self::Payload => "the opened JWE does not hold payment credentials",
            Self::Refused(refusal) => return refusal.fmt(f),
            Self::Request => "the request can't be sent as it stands",
            Self::Reset => "the connection was closed before a response came",
            Self::Tls => "no TLS connection to the service",
            Self::Unexpected(unexpected) => return unexpected.fmt(f),
        };
        f.write_str(text)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Authentication => {
                "the service refused the authentication: check key, clock and host"
            }
            Self::Conflict => "the service refused: the stored card is in conflict",
            Self::Declined => "the service refused: the card was declined",
            Self::Dependency => "the service refused: the profile id names no vault profile",
            Self::Forbidden => "the service refused: not permitted",
            Self::Gone => "the service refused: the stored card is no longer available",
            Self::Invalid => "the service refused the request as invalid",
            Self::NotFound => "the service refused: no such token id",
            Self::Precondition => "the service refused: a precondition failed",
            Self::Throttled => "the service refused: too many calls",
            Self::Unavailable => "the service is temporarily unavailable",
            Self::Upstream => "the service failed",
        })
    }
}

impl fmt::Display for UnexpectedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Coding => "unexpected response: its body is compressed",
            Self::Empty => "unexpected response: it has no body",
            Self::ErrorBody => "unexpected response: a success status over an error",
            Self::Html => "unexpected response: a web page; check for a proxy, an edge filter or a captive portal",
            Self::MessageEncryption => {
                "unexpected response: message-level encryption, but not as it was asked for; \
                 configure the key that opens it"
            }
            Self::NotConfirmed => {
                "unexpected response: credentials that don't name the stored card that was asked for"
            }
            Self::NotTheService => {
                "unexpected response: a refusal by something on the way, not by the service"
            }
            Self::Redirect => "unexpected response: a redirect, which is never followed",
            Self::Status => "unexpected response: a status that the operation doesn't have",
            Self::TooLarge => "unexpected response: too large",
            Self::Unencrypted => "unexpected response: credentials that are not encrypted",
        })
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answered => "answered",
            Self::NotSent => "not sent",
            Self::Unknown => "outcome unknown",
        })
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "before anything was done",
            Self::Seal => "while encrypting the request",
            Self::Authenticate => "while authenticating the request",
            Self::Transport => "while sending",
            Self::Connect => "while connecting",
            Self::Tls => "in the TLS handshake",
            Self::Write => "while writing the request",
            Self::Headers => "while waiting for the response",
            Self::Body => "while reading the response",
            Self::Unseal => "while opening the response's encryption",
            Self::Decode => "while decoding the response",
            Self::Open => "while opening the JWE",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_variant_in_lower_case() {
        #[track_caller]
        fn check(name: &str, debug: &str) {
            let letters = |text: &str| text.replace(['(', ')', '_'], "").to_lowercase();
            assert_eq!(letters(name), letters(debug));
        }
        for phase in Phase::ALL {
            check(phase.name(), &format!("{phase:?}"));
        }
        for delivery in [Delivery::Answered, Delivery::NotSent, Delivery::Unknown] {
            check(delivery.name(), &format!("{delivery:?}"));
        }
        for kind in [
            PortErrorKind::Connect,
            PortErrorKind::Deadline,
            PortErrorKind::Decrypt,
            PortErrorKind::Framing,
            PortErrorKind::KeyService,
            PortErrorKind::Payload,
            PortErrorKind::Refused(Refusal::Authentication),
            PortErrorKind::Refused(Refusal::Conflict),
            PortErrorKind::Refused(Refusal::Declined),
            PortErrorKind::Refused(Refusal::Dependency),
            PortErrorKind::Refused(Refusal::Forbidden),
            PortErrorKind::Refused(Refusal::Gone),
            PortErrorKind::Refused(Refusal::Invalid),
            PortErrorKind::Refused(Refusal::NotFound),
            PortErrorKind::Refused(Refusal::Precondition),
            PortErrorKind::Refused(Refusal::Throttled),
            PortErrorKind::Refused(Refusal::Unavailable),
            PortErrorKind::Refused(Refusal::Upstream),
            PortErrorKind::Request,
            PortErrorKind::Reset,
            PortErrorKind::Tls,
            PortErrorKind::Jwe,
            PortErrorKind::Unexpected(UnexpectedResponse::Coding),
            PortErrorKind::Unexpected(UnexpectedResponse::Empty),
            PortErrorKind::Unexpected(UnexpectedResponse::ErrorBody),
            PortErrorKind::Unexpected(UnexpectedResponse::Html),
            PortErrorKind::Unexpected(UnexpectedResponse::MessageEncryption),
            PortErrorKind::Unexpected(UnexpectedResponse::NotConfirmed),
            PortErrorKind::Unexpected(UnexpectedResponse::NotTheService),
            PortErrorKind::Unexpected(UnexpectedResponse::Redirect),
            PortErrorKind::Unexpected(UnexpectedResponse::Status),
            PortErrorKind::Unexpected(UnexpectedResponse::TooLarge),
            PortErrorKind::Unexpected(UnexpectedResponse::Unencrypted),
        ] {
            check(kind.name(), &format!("{kind:?}"));
        }
    }
}
