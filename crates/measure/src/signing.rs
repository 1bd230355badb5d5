//! The ways to sign that are measured.

/// How requests are signed: by a JWT, in either case.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there are two ways to sign a JWT")]
pub enum Signing {
    /// RS256.
    Certificate,
    /// HS256.
    SharedSecret,
}
