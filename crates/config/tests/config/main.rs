//! From files and variables to ports that receive responses.
#![expect(clippy::expect_used, reason = "the helpers of a test may fail it")]

mod as_in_code;
mod bounds;
mod effects;
mod encrypted;
mod encryption;
mod files;
mod fixtures;
mod formats;
mod hosts;
mod inline;
mod limits;
mod log;
mod merchants;
mod metakeys;
mod misplaced;
mod mistakes;
mod opening;
mod passwords;
mod purposes;
mod recipient;
mod references;
mod samples;
mod sandbox_files;
mod secrets;
mod shared_secret;
mod slips;
mod syntax;
mod together;
