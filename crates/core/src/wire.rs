//! The wire codec, free of I/O: encodes requests, decodes responses.
//!
//! The [`Gateway`](crate::Gateway) uses [`encode`] and [`decode`]. They are public for adapters that call
//! the vendor's API by other means than a [`Transport`](crate::seam::Transport): recorders, queues, test
//! benches.

mod decode;
mod encode;
mod envelope;
mod evidence;
mod framing;
#[cfg(test)]
mod refusals;
mod response_body;
mod status;
mod unread;

pub use decode::decode;
pub(crate) use decode::{About, decode_after, refusal_of};
pub use encode::{EncodedRequest, encode};
pub use envelope::Envelope;
pub(crate) use evidence::is_the_services;
pub use framing::{require_no_switch, require_plain_framing};
pub use response_body::{MAX_RESPONSE_BODY, ResponseBody};

pub use crate::json_depth::{MAX_JSON_DEPTH, is_within_json_depth};
