use payment_credentials_core::{BuildError, Host};
use rustls_pki_types::ServerName;

/// Converts a host to the name that its certificate must have and that is sent as SNI.
///
/// # Errors
///
/// [`BuildError`] if the host isn't a valid TLS server name.
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
            BuildError::new("host", "is not a valid TLS server name").with_source(source)
        }),
        Host::V4(v4) => Ok(ServerName::IpAddress((*v4).into())),
        Host::V6(v6) => Ok(ServerName::IpAddress((*v6).into())),
    }
}
