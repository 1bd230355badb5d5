//! What the fields mean together: typed and validated, without reading a file.

mod connection;
mod endpoint;
mod host;
mod key_file_password;
mod key_source;
mod limits;
mod mle;
mod notes;
mod opening;
mod port;
mod range;
mod signing;

pub(crate) use connection::{
    ClientCertificate, ClientPlace, ConnectionSettings, ProxySettings, connection, without_roots,
};
pub(crate) use endpoint::endpoint;
pub(crate) use key_file_password::KeyFilePassword;
pub(crate) use key_source::KeySource;
pub(crate) use limits::{LimitSettings, limits};
pub(crate) use mle::{Mle, RequestMle, ResponseMle, mle};
pub(crate) use notes::{notes, one_file_for_two, unused};
pub(crate) use opening::{OpeningKey, opening_accepts, opening_keys};
pub(crate) use port::PortSettings;
pub(crate) use signing::{KeyFile, KeyPlace, SharedSecretField, Signer, Signing, owner, signing};
