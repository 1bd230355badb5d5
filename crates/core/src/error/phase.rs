use crate::kinds::kinds;

use super::Delivery;

kinds! {
    /// How far a call got; the variants are in order.
    #[derive(Ord, PartialOrd)]
    #[repr(u8)]
    pub enum Phase {
        /// Nothing has been done yet.
        Start = "start", "before anything was done";
        /// The request is being encrypted.
        Seal = "seal", "while encrypting the request";
        /// The request is being authenticated.
        Authenticate = "authenticate", "while authenticating the request";
        /// The call is in a transport that doesn't report its phase.
        Transport = "transport", "while sending";
        /// A connection is being made, or the call waits for one.
        Connect = "connect", "while connecting";
        /// The TLS handshake is running.
        Tls = "tls", "in the TLS handshake";
        /// The request is being written.
        Write = "write", "while writing the request";
        /// The call waits for the head of the response.
        Headers = "headers", "while waiting for the response";
        /// The body of the response is being read.
        Body = "body", "while reading the response";
        /// The response's message-level encryption is being opened.
        OpenResponse = "open_response", "while opening the encrypted response";
        /// The response is being decoded.
        Decode = "decode", "while decoding the response";
        /// The JWE that holds the credentials is being opened.
        OpenCredentials = "open_credentials", "while opening the credentials";
    }
}

impl Phase {
    /// Whether the service can have acted on a call that stops in this phase.
    ///
    /// `NotSent` for the phases before the request is written, including `Connect` and `Tls`; `Unknown` for
    /// `Transport`, `Write`, `Headers` and `Body`; `Answered` for the phases after the whole response has
    /// been read.
    #[must_use]
    pub fn delivery(self) -> Delivery {
        match self {
            Self::Start | Self::Seal | Self::Authenticate | Self::Connect | Self::Tls => {
                Delivery::NotSent
            }
            Self::Transport | Self::Write | Self::Headers | Self::Body => Delivery::Unknown,
            Self::OpenResponse | Self::Decode | Self::OpenCredentials => Delivery::Answered,
        }
    }
}
