//! The bare libraries, called directly: the least that the same result can be had for.
//!
//! | path | the bare libraries |
//! |---|---|
//! | open | base64, and aws-lc-rs: RSA-OAEP-256 and AES-GCM; the JWE's header isn't read |
//! | parse | `serde_json::Value` of the payload |
//! | seal | aws-lc-rs: RSA-OAEP-256 and AES-GCM with a random key, base64 encoded, and joined by `format!` |
//! | sign | aws-lc-rs: SHA-256, and HMAC or RSA; base64, `format!` and a `http::HeaderMap` |
//! | encode | `serde_json::json!` as bytes, `format!` for the path, and a `http::HeaderMap` |
//! | decode | the body as a `String`, and the correlation id |
//! | call, counted | hyper's HTTP/1.1 connection, with the bare signature, opening and parsing |
//! | call, timed | the same over TLS with the pool of hyper-util's client |

mod alternative;
mod call;
mod client;
mod codec;
mod dial;
mod opening;
mod sealing;
mod signing;

pub use alternative::Bare;
pub use call::Connection;
pub use client::Client;
pub use codec::{decode, encode};
pub use opening::{Opening, parse};
pub use sealing::Sealing;
pub use signing::{Certificate, SharedSecret};
