//! What the tests use: malformed JWEs, the path of a response, a service that answers alike.

pub mod answering;
pub mod sealer;
pub mod way;
