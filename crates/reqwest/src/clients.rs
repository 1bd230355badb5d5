//! reqwest's clients: one for the addresses of URIs, and one for each address dialled instead.

use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use payment_credentials_core::{BuildError, ConnectTo, Host, TransportError};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, ClientBuilder, redirect, retry};
use rustls::ClientConfig;
use tokio::net::lookup_host;

use crate::failure;
use crate::settings::Settings;

/// How many addresses to dial instead have a client each. A transport has one or none; those who
/// have more only lose the connections of the one that was not used for the longest time.
const MAX_DETOURS: usize = 16;

/// No peer keeps an idle connection for as long, and the pool adds it to the time of day, which
/// panics where it overflows.
const LONGEST_IDLE: Duration = Duration::from_secs(24 * 60 * 60);

/// A client resolves names in one way for as long as it lives, so each way has its own.
pub(crate) struct Clients {
    settings: Settings,
    tls: ClientConfig,
    direct: Client,
    /// Used last, last.
    detours: Mutex<VecDeque<(ConnectTo, Client)>>,
}

impl Clients {
    pub(crate) fn new(settings: Settings, tls: ClientConfig) -> Result<Self, BuildError> {
        let direct = builder(&settings, &tls).dns_resolver(System).build();
        let direct = direct.map_err(|source| {
            BuildError::new("the settings", "can't be used by reqwest")
                .with_source(source.without_url())
        })?;
        Ok(Self {
            settings,
            tls,
            direct,
            detours: Mutex::default(),
        })
    }

    /// The client that dials what a URI names.
    pub(crate) fn direct(&self) -> Client {
        self.direct.clone()
    }

    /// The client that dials this address, whatever host a URI names.
    pub(crate) fn detour(&self, to: &ConnectTo) -> Result<Client, TransportError> {
        let mut detours = self.detours.lock().unwrap_or_else(PoisonError::into_inner);
        let known = detours.iter().position(|(known, _)| known == to);
        let client = match known.and_then(|at| detours.remove(at)) {
            Some((_, client)) => client,
            None => builder(&self.settings, &self.tls)
                .dns_resolver(Detour(to.clone()))
                .build()
                .map_err(failure::unusable)?,
        };
        if detours.len() >= MAX_DETOURS {
            detours.pop_front();
        }
        detours.push_back((to.clone(), client.clone()));
        Ok(client)
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

/// A client that sends as it is asked, once, and keeps nothing but connections.
fn builder(settings: &Settings, tls: &ClientConfig) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .http1_only()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(settings.connect_deadline)
        .timeout(settings.deadline)
        .pool_idle_timeout(settings.idle_limit.min(LONGEST_IDLE))
        .pool_max_idle_per_host(settings.kept_unasked)
        // A request is one small write; waiting to fill a segment only costs time.
        .tcp_nodelay(true)
}

/// Finds one address for every name.
///
/// reqwest takes the port of what is found where the URL has none, which
/// [`encoding`](crate::encoding) sees to.
struct Detour(ConnectTo);

impl Resolve for Detour {
    fn resolve(&self, _name: Name) -> Resolving {
        let to = self.0.clone();
        Box::pin(async move { found(to.host(), to.port()).await })
    }
}

/// Finds what the system knows of a name, but for `localhost`, which is this machine by itself.
struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move { found(&Host::Name(name.as_str().into()), 0).await })
    }
}

/// The addresses of a host, looked up only where it has to be.
async fn found(host: &Host, port: u16) -> Result<Addrs, Box<dyn Error + Send + Sync>> {
    let found = match host.addresses(port) {
        Some(found) => found,
        None => lookup_host((&*host.to_string(), port)).await?.collect(),
    };
    if found.is_empty() {
        return Err(io::Error::from(io::ErrorKind::AddrNotAvailable).into());
    }
    Ok(Box::new(found.into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use payment_credentials_tls::Roots;
    use payment_credentials_tls::client_config;

    #[test]
    fn addresses_to_dial_do_not_pile_up() {
        let tls = client_config(Roots::Bundled, &[], None).expect("a configuration");
        let clients = Clients::new(Settings::default(), tls).expect("clients");
        let kept = |clients: &Clients| -> Vec<u16> {
            let detours = clients.detours.lock().expect("unpoisoned");
            detours.iter().map(|(to, _)| to.port()).collect()
        };
        for port in (1..=17).chain([2, 18]) {
            let to = format!("127.0.0.1:{port}").parse().expect("an address");
            clients.detour(&to).expect("a client");
        }
        // 1 made room for 17, and 3 for 18: 2 had been used meanwhile.
        let expected: Vec<u16> = (4..=17).chain([2, 18]).collect();
        assert_eq!(kept(&clients), expected);
    }
}
