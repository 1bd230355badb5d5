//! Builds a ready payment credentials port and opener from environment variables and a TOML or JSON
//! file.
//!
//! The field names of CyberSource's official Python and Node SDKs are accepted as they are, so that a
//! team can keep its file.
//!
//! ```no_run
//! use payment_credentials_config::Config;
//!
//! # fn main() -> Result<(), payment_credentials_config::ConfigError> {
//! let config = Config::from_file("payment-credentials.toml")?
//!     .overridden_by(Config::from_env(std::env::vars_os())?);
//! let port = config.port()?;
//! let opener = config.opener()?;
//! for note in config.notes() {
//!     eprintln!("{note}");
//! }
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
//! # Several merchants, and the rotation of keys
//!
//! [`Config::merchants`] builds a port and an opener for each merchant, over one pool of connections.
//! [`Merchants::reload`] replaces their keys while calls run: everything is read and validated before the first
//! key is replaced.
//!
//! ```toml
//! run_environment = "apitest.cybersource.com"
//! keys_directory = "keys"
//! opening_key_file = "keys/network-token.pem"
//!
//! [merchants.bakery]
//! authentication_type = "JWT"
//! key_password_file = "/run/secrets/bakery"
//!
//! [merchants.florist]
//! authentication_type = "HTTP_SIGNATURE"
//! merchant_key_id = "08c94330-f618-42a3-b09d-e1e43be5efda"
//! merchant_secret_key_file = "/run/secrets/florist"
//! ```
//!
//! A table has the fields of one merchant, and those outside of the tables are shared. A table's own fields
//! win. A table's name is the merchant's id, unless the table has the field `merchant_id`. Merchants that share a
//! MetaKey each have a table with `use_metakey` and `portfolio_id`, or leave these to the shared fields.
//! Instead of tables, `merchants_directory` names a folder with a file for each merchant.
//!
//! # Mistakes
//!
//! A [`ConfigError`] lists all mistakes at once, one per line: the origin of the field, its name as
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
//! [`Config::notes`] and the log list what works but may not be what was meant: unknown fields, and
//! fields of the SDKs without effect. A name that is nearly that of a field is a mistake, because
//! ignoring it might change what is signed. Some settings that the SDKs accept silently are rejected,
//! because a payment must not use them: unchecked certificates, plain HTTP, and message-level
//! encryption that the kind of authentication can't carry.
//!
//! Nothing here resolves references to a secret store or to a build: `ENC(…)`, `op://…`, `arn:aws:…` or
//! `#{…}` is a mistake in every field, and in the file of a secret or of a key. Where somebody may have
//! chosen such a text, as `@name@` for a password, it is told only if the password is wrong. After files
//! were read, the notes also list a key that has two purposes, certificates and access tokens that aren't
//! valid at this time, and a shared secret of another length than the vendor's.
//!
//! # Where values come from
//!
//! | | |
//! |---|---|
//! | precedence | set by your calls: [`Config::overridden_by`] puts one configuration over another, field by field |
//! | the environment | variables that begin with `CYBERSOURCE_`; you pass them in |
//! | secrets | the field; the file that the field with `_file` at the end of its name gives; the environment |
//! | a key file's password | its field; if no field gives it, for signing the merchant id, and then [`Config::with_password_prompt`] |
//! | relative paths | from the working directory, as with the SDKs, and then from the configuration file's folder |
//!
//! Two names of one field with different values are a mistake. An empty text counts as a missing field,
//! flags and numbers may be texts, and case, `_` and `-` don't matter in a name: all of this occurs in
//! the SDKs' files. A list of texts may be one text with commas, as in an environment variable.
//!
//! Secrets are wiped where this crate holds them. The parsers of JSON and TOML copy what they read and
//! don't wipe the copies, and a process can't wipe its environment, which other processes of the same user can
//! read for as long as it runs. So prefer a file for each secret, such as a mounted one, where you have the choice.
//! A configuration file that holds secrets and that others can read is refused (on Unix; PCI DSS 8.6.2).
//!
//! # Message-level encryption
//!
//! `request_mle = true` encrypts requests. The certificate of the service is the one in the key file
//! that signs, unless `mle_for_request_public_cert_path` names a separate file. A certificate that has
//! expired is rejected, and one that expires within 90 days is noted. `response_mle = true` asks for
//! encrypted responses, and opens them with `response_mle_private_key_file_path`. The SDKs' fields mean
//! the same.
//!
//! # From an official SDK
//!
#![doc = include_str!("../SDKS.md")]
//!
//! # Fields
//!
#![doc = include_str!("../FIELDS.md")]

mod around;
mod assembly;
mod config;
mod diagnostic;
mod enrolment;
mod field;
mod fields;
mod files;
mod format;
mod known_keys;
mod letter;
mod limits;
mod merchant_section;
mod merchant_table;
mod merchants;
mod misplaced;
mod near;
mod notation;
mod noted;
mod origin;
mod properties;
mod proxy_variables;
mod raw;
mod reference;
mod service_links;
mod settings;
mod slip;
mod syntax;
mod trailing_comment;
mod uses;
mod value;

pub use config::{Config, Inventory};
pub use diagnostic::{ConfigError, Diagnostic};
pub use enrolment::{Enrolment, VerificationKey};
pub use limits::Limits;
pub use merchants::{Merchant, Merchants, Reloaded};
