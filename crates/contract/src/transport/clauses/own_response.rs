//! Whether a call returns its own response, and no other call's.

use bytes::Bytes;
use payment_credentials_core::{Delivery, TransportError};

use crate::report::Clause;
use crate::transport::bench::{Bench, Sent, body};
use crate::transport::call::Ask;

/// How often a case is tested: with many threads, a runtime may or may not check the socket by itself
/// in between.
pub(super) const ROUNDS: usize = 5;

/// A request whose body the peer repeats in its response.
pub(super) fn numbered(call: usize) -> Ask {
    Ask {
        body: Some(number(call)),
        named: None,
    }
}

pub(super) fn number(call: usize) -> Bytes {
    format!("{{\"call\":{call}}}").into()
}

/// Tests that data that arrived before a call's first byte is taken neither for its response nor for
/// its fault.
pub(super) fn its_own_or_not_sent(
    clause: &mut Clause,
    bench: &Bench,
    sent: &Sent,
    before: usize,
    after: &str,
) {
    let arrived = bench.peer.bytes() - before;
    let not_sent = |error: &TransportError| error.delivery() == Delivery::NotSent;
    let is_not_sent = sent.error().is_some_and(not_sent) && arrived == 0;
    clause.holds(is_not_sent || sent.is(201, body(1).as_bytes()), || {
        format!(
            "after {after}: {sent}; expected its own response, or `NotSent` with no byte sent; \
             {arrived} bytes arrived"
        )
    });
}
