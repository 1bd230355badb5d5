//! Whether a request is one that the service accepts, and what is wrong with it if not.
//!
//! Written for this crate and from the vendor's documents, not from the client: where the two
//! disagree, one of them is wrong, and a test finds out.

mod body;
mod head;
mod members;

pub(crate) use body::{MAX_BODY, kind, parse};
pub(crate) use head::{headers, profile, target};
pub(crate) use members::members;
