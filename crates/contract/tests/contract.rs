//! The suites hold of what is good, and catch what is broken in each clause.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "the helpers of a test may fail it"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a flaw changes one thing and leaves all else as it is"
)]

#[path = "contract/declarations.rs"]
mod declarations;
#[path = "contract/differing.rs"]
mod differing;
#[path = "contract/documentation.rs"]
mod documentation;
#[path = "contract/encrypted.rs"]
mod encrypted;
#[path = "contract/hanging.rs"]
mod hanging;
#[path = "contract/http.rs"]
mod http;
#[path = "contract/openers.rs"]
mod openers;
#[path = "contract/ports.rs"]
mod ports;
/// As hyper's tests have it.
#[path = "../../hyper/tests/hyper/sessions.rs"]
mod sessions;
#[path = "contract/toy.rs"]
mod toy;
#[path = "contract/transports.rs"]
mod transports;
