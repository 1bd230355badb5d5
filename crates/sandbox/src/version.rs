//! The versions of the service's operation.

/// The version in the path of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Version {
    V2,
    V3,
}
