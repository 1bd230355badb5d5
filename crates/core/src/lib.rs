//! Ports, domain types and wire rules of CyberSource TMS payment credentials, free of I/O.
//!
//! An application holds the *token id* of a stored card. To charge the card it needs *payment credentials*:
//! a network token with a one-use cryptogram or dynamic code, or the PAN if the card has no network token.
//! The application requests them through [`PaymentCredentialsPort`] and opens the sealed response through
//! [`CredentialsOpener`]; [`generator::CredentialsGenerator`] does both.
//!
//! This crate has no runtime, no HTTP client and no cryptography. Adapters provide those:
//! `payment-credentials-hyper` calls the service over HTTPS, `payment-credentials-jose` opens the JWE, and
//! `payment-credentials-mock` replaces both ports in unit tests.
//!
//! # Where things are
//!
//! | path | what it holds |
//! |---|---|
//! | [`PaymentCredentialsPort`], [`CredentialsOpener`] | the two ports that applications use |
//! | [`CredentialsRequest`], [`request`] | the request |
//! | [`SealedCredentials`], [`PaymentCredentials`], [`credentials`] | the result, sealed and opened |
//! | [`PortError`] and its parts | what went wrong, and what to do about it |
//! | [`secret`] | PAN, network token, cryptogram, security code: redacted and wiped |
//! | [`Endpoint`] | the service that calls go to |
//! | [`generator`] | the use case: generate and open |
//! | [`seam`], [`Gateway`], [`wire`], [`header`] | the parts for authors of an adapter |

mod clock_skew;
mod configured_key;
mod endpoint;
mod error;
mod gateway;
mod id;
mod json_depth;
mod json_members;
mod kinds;
mod open_enum;
mod port;
mod response_head;
mod sealed;
mod shown;
mod text;

pub mod credentials;
pub mod generator;
pub mod header;
pub mod request;
pub mod seam;
pub mod secret;
pub mod wire;

pub use clock_skew::ClockSkew;
pub use configured_key::{ConfiguredKey, KeyPurpose};
pub use credentials::PaymentCredentials;
pub use endpoint::{
    ApiVersion, BaseAddress, ConnectTo, Destination, Endpoint, Environment, Host, SignedPort,
};
pub use error::{
    AuthError, BuildError, Delivery, EncryptionError, EncryptionErrorKind, Phase, PortError,
    PortErrorKind, Refusal, Repeatability, TransportError, TransportErrorKind, UnexpectedResponse,
    VendorDetail, VendorError, VendorErrors,
};
pub use gateway::{Gateway, GatewayBuilder, OnClockSkew};
pub use id::{CorrelationId, KeyId, MerchantId, ProfileId, TokenId, UniqueTransactionId};
pub use port::{CredentialsOpener, PaymentCredentialsPort};
pub use request::CredentialsRequest;
pub use response_head::{ResponseHead, RetryAfter};
pub use sealed::{Jwe, ParseJweError, SealedContent, SealedCredentials};
pub use text::{ParseValueError, ValueRule};
