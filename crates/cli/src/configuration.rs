use std::net::IpAddr;

use payment_credentials_config::{Config, ConfigError, Diagnostic};
use payment_credentials_core::{Endpoint, Environment};

use crate::arguments::{Configured, Version};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hidden_numbers::shown;
use crate::output::note;

/// The configuration of file and environment, whose notes are printed.
pub(crate) fn load(configured: &Configured, version: Option<Version>) -> Result<Config, Failure> {
    let config = read(configured, version)?;
    for one in config.notes() {
        note(&one.to_string());
    }
    Ok(config)
}

/// The configuration of file and environment.
pub(crate) fn read(
    configured: &Configured,
    version: Option<Version>,
) -> Result<Config, ConfigError> {
    let environment = Config::from_env(std::env::vars_os())?;
    let config = match &configured.config {
        Some(file) => Config::from_file(file)?.overridden_by(environment),
        None => environment,
    };
    let config = match version {
        None => config,
        Some(version) => {
            let version = match version {
                Version::V2 => "v2",
                Version::V3 => "v3",
            };
            config.overridden_by(Config::from_env([("CYBERSOURCE_API_VERSION", version)])?)
        }
    };
    // As other programs do; but a host to connect to, such as the sandbox, is reached without a proxy.
    let is_direct = config.endpoint().is_ok_and(|it| it.connect_to().is_some());
    Ok(if is_direct {
        config
    } else {
        config.with_proxy_from_env(std::env::vars_os())
    })
}

/// Prints the notes that the configuration has gained since these: on key files, and on what isn't used.
pub(crate) fn note_new(config: &Config, known: &[Diagnostic]) {
    for one in config.notes().iter().filter(|one| !known.contains(one)) {
        note(&one.to_string());
    }
}

/// Where the configuration comes from, for a reader.
pub(crate) fn origin(configured: &Configured) -> String {
    match &configured.config {
        Some(file) => format!(
            "{}, and CYBERSOURCE_… variables",
            shown(&file.to_string_lossy())
        ),
        None => "CYBERSOURCE_… variables alone; --config names a file".to_owned(),
    }
}

/// Refuses a host that isn't the vendor's for tests, or of this machine, unless that is allowed; then says so.
pub(crate) fn require_allowed(endpoint: &Endpoint, is_allowed: bool) -> Result<(), Failure> {
    if is_for_tests(endpoint) {
        return Ok(());
    }
    let host = endpoint.base().host();
    let where_to = endpoint.connect_to();
    let where_to = where_to.map_or_else(String::new, |to| format!(", reached at {},", to.host()));
    if !is_allowed {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "{host}{where_to} is no test host of the vendor's; add --production to call it"
            ),
        ));
    }
    note(&format!("calls {host}, which is no test host"));
    Ok(())
}

/// Whether a call is one for the vendor's test hosts, or for this machine, and goes there.
///
/// A call for a production host is none for tests, wherever it is sent: a tunnel on this machine may lead there.
pub(crate) fn is_for_tests(endpoint: &Endpoint) -> bool {
    let sent_to = endpoint.connect_to().map(|to| to.host().to_string());
    is_test_host(&endpoint.base().host().to_string())
        && sent_to.is_none_or(|host| is_test_host(&host))
}

fn is_test_host(host: &str) -> bool {
    let mut tests = Environment::ALL
        .into_iter()
        .filter(|one| !one.is_production());
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = address
        .parse()
        .is_ok_and(|address: IpAddr| address.is_loopback());
    is_loopback || host == "localhost" || tests.any(|one| one.host() == host)
}
