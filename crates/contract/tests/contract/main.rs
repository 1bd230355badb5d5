//! The suites accept correct implementations and reject those that break a clause, clause by
//! clause.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "the helpers of a test may fail it"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a flaw changes one thing and leaves all else as it is"
)]

mod declarations;
mod differing;
mod documentation;
mod encrypted;
mod hanging;
mod http;
mod openers;
mod ports;
mod toy;
mod transports;
