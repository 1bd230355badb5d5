//! Environment variables and a TOML or JSON file to a ready payment credentials port and opener.
//!
//! The field names of CyberSource's official SDKs are taken as they stand, in their Python and
//! their Node names, so that a team can move with the file that it has.
//!
//! ```no_run
//! use payment_credentials_config::Config;
//!
//! # fn main() -> Result<(), payment_credentials_config::ConfigError> {
//! let config = Config::from_file("payment-credentials.toml")?
//!     .overridden_by(Config::from_env(std::env::vars_os())?);
//! for note in config.notes() {
//!     eprintln!("{note}");
//! }
//! let port = config.port()?;
//! let opener = config.opener()?;
//! # let _ = (port, opener);
//! # Ok(())
//! # }
//! ```
//!
//! ```toml
//! run_environment = "apitest.cybersource.com"
//! merchant_id = "testrest"
//! authentication_type = "JWT"
//! keys_directory = "keys"
//! key_password_file = "/run/secrets/key-password"
//! opening_key_file = "keys/network-token.pem"
//! opening_key_id = "a0eb65d572e556fddb68eb3a4078555605f7b283"
//! ```
//!
//! # Mistakes
//!
//! A [`ConfigError`] lists all mistakes at once, a line for each: where the field stands, how it is
//! written there, the rule that it breaks, and what to do. It never shows a value.
//!
//! ```
//! use payment_credentials_config::Config;
//!
//! let config = Config::from_json(r#"{"authenticationType": "jwt", "merchantID": "test rest"}"#)?;
//! let error = config.port().expect_err("no host, and no such merchant").to_string();
//! assert_eq!(
//!     error.lines().next(),
//!     Some("JSON: runEnvironment is missing; give the host, such as apitest.cybersource.com"),
//! );
//! # assert_eq!(error.lines().count(), 2, "{error}");
//! # Ok::<(), payment_credentials_config::ConfigError>(())
//! ```
//!
//! What works, and may not be what was meant, is in [`Config::notes`], and in the log: fields that
//! nobody knows, and fields of the SDKs without effect. What is nearly the name of a field is a
//! mistake, for it might change what is signed. And what the SDKs would do in silence and a payment
//! must not is refused: unchecked certificates, plain HTTP, message-level encryption that the kind of
//! authentication can't carry.
//!
//! # Where things come from
//!
//! | | |
//! |---|---|
//! | precedence | that of your calls: [`Config::overridden_by`] puts one configuration over another, field by field |
//! | the environment | variables that begin with `CYBERSOURCE_`, handed over by you |
//! | secrets | the field; the file that the field's name with `_file` at its end names; the environment |
//! | a key file's password | also [`Config::with_password_prompt`], where no field gives it; and before it, for signing, the merchant id |
//! | relative paths | from the working directory, as with the SDKs, and then from the configuration file's folder |
//!
//! Two names of one field with two values are a mistake. An empty text is as good as no field,
//! flags and numbers may be texts, and case, `_` and `-` don't matter in a name: in the SDKs' files
//! all this occurs.
//!
//! Secrets are wiped where this crate holds them. The parsers of JSON and TOML copy what they read,
//! and don't wipe it: a file of its own for each secret keeps clear of them.
//!
//! # Message-level encryption
//!
//! `request_mle = true` encrypts requests. The certificate of the service is the one in the key file
//! that signs, unless `mle_for_request_public_cert_path` names a file of its own; one that has
//! ended is refused, and one that ends within 90 days noted. `response_mle = true` asks for encrypted
//! answers, and opens them with `response_mle_private_key_file_path`. The SDKs' fields say the same.
//!
//! # Fields
//!
#![doc = include_str!("../FIELDS.md")]

mod assembly;
mod config;
mod diagnostic;
mod encryption;
mod enrolment;
mod field;
mod fields;
mod files;
mod origin;
mod password_prompt;
mod proxy_variables;
mod raw;
mod settings;
mod value;

pub use config::{Config, Inventory};
pub use diagnostic::{ConfigError, Diagnostic};
pub use enrolment::{Enrolment, VerificationKey};
