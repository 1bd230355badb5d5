//! From files and variables to ports that receive responses.
#![expect(clippy::expect_used, reason = "the helpers of a test may fail it")]

mod as_in_code;
mod bounds;
mod effects;
mod encrypted;
mod encryption;
mod environment;
mod files;
mod fixtures;
mod foreign;
mod formats;
mod hosts;
mod inline;
mod letters;
mod limits;
mod log;
mod merchants;
mod metakeys;
mod misplaced;
mod mistakes;
mod opening;
mod passwords;
mod paths;
mod purposes;
mod recipient;
mod references;
mod samples;
mod sandbox_files;
mod secrets;
mod settings;
mod shared_secret;
mod slips;
mod syntax;
mod together;
mod unread;
