//! The sandbox, asked over a socket by a client that is nothing but text.

#[cfg(test)]
mod sandbox {
    mod answers;
    mod client;
    mod credentials;
    mod life;
    mod members;
    mod opening;
    mod strictness;
}
