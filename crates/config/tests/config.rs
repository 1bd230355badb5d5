//! From files and variables to ports that are answered.
#![expect(clippy::expect_used, reason = "the helpers of a test may fail it")]

#[path = "config/effects.rs"]
mod effects;
#[path = "config/encrypted.rs"]
mod encrypted;
#[path = "config/encryption.rs"]
mod encryption;
#[path = "config/files.rs"]
mod files;
#[path = "config/fixtures.rs"]
mod fixtures;
#[path = "config/log.rs"]
mod log;
#[path = "config/metakeys.rs"]
mod metakeys;
#[path = "config/mistakes.rs"]
mod mistakes;
#[path = "config/recipient.rs"]
mod recipient;
#[path = "config/samples.rs"]
mod samples;
#[path = "config/secrets.rs"]
mod secrets;
