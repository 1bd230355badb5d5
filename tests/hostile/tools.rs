//! What the tests share: malformed JWEs, the path of a response, and a service with a fixed
//! response.

pub mod answering;
pub mod sealer;
pub mod way;
