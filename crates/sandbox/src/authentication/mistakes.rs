//! What a client most likely did, found by trying: a signature that fits another text or another key, a digest that fits
//! another body.
//!
//! A stranger learns nothing from this. Only who has the secret can make a signature that fits in any of these ways, and a
//! digest is no secret. The number of trials is bounded.

mod digests;
mod forms;
mod keys;
mod lines;

pub(super) use digests::digest;
pub(super) use forms::{authorization, parameters, time};
pub(super) use keys::{by_another_form, signer};
pub(super) use lines::{Line, signature};
