use payment_credentials_core::{BuildError, Host};
use rustls_pki_types::ServerName;

/// The name that a host's certificate must have, and that SNI sends.
///
/// # Errors
///
/// [`BuildError`] if the host is no valid TLS server name.
///
/// ```
/// use payment_credentials_core::{Endpoint, Environment};
///
/// let endpoint = Endpoint::new(Environment::Test);
/// let name = payment_credentials_tls::server_name(endpoint.base().host())?;
/// assert_eq!(name.to_str(), "apitest.cybersource.com");
/// # Ok::<(), payment_credentials_core::BuildError>(())
/// ```
pub fn server_name(host: &Host) -> Result<ServerName<'static>, BuildError> {
    match host {
        Host::Name(name) => ServerName::try_from(name.to_string()).map_err(|source| {
            BuildError::new("host", "is no name that TLS can ask for").with_source(source)
        }),
        Host::V4(v4) => Ok(ServerName::IpAddress((*v4).into())),
        Host::V6(v6) => Ok(ServerName::IpAddress((*v6).into())),
    }
}
