//! reqwest's clients: one that dials the hosts of URIs, and one for each other address to dial.

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

/// The most other addresses that have a client each. A transport usually has one or none. A transport
/// with more loses nothing but the idle connections of the client that was used least recently.
const MAX_DETOURS: usize = 16;

/// The longest idle timeout that is passed to reqwest, whose pool adds the limit to the current time, which
/// panics on overflow. No peer keeps an idle connection that long, so the cap has no other effect.
const LONGEST_IDLE: Duration = Duration::from_secs(24 * 60 * 60);

/// One client for each way to resolve names, since a client can't change its resolver.
pub(crate) struct Clients {
    settings: Settings,
    tls: ClientConfig,
    direct: Client,
    /// The most recently used client is last.
    detours: Mutex<VecDeque<(ConnectTo, Client)>>,
}

impl Clients {
    pub(crate) fn new(settings: Settings, tls: ClientConfig) -> Result<Self, BuildError> {
        let direct = builder(&settings, &tls)
            .dns_resolver(System)
            .build()
            .map_err(|source| {
                BuildError::new("the settings", "were rejected by reqwest")
                    .with_source(source.without_url())
            })?;
        Ok(Self {
            settings,
            tls,
            direct,
            detours: Mutex::default(),
        })
    }

    /// The client that dials the host of a URI.
    pub(crate) fn direct(&self) -> Client {
        self.direct.clone()
    }

    /// The client that dials this address instead of the host of a URI.
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

/// A client that sends each request once and unchanged, and keeps no state except connections.
fn builder(settings: &Settings, tls: &ClientConfig) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .http1_only()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(settings.connect_and_tls_deadline)
        .timeout(settings.exchange_deadline)
        .pool_idle_timeout(settings.idle_timeout.min(LONGEST_IDLE))
        .pool_max_idle_per_host(settings.kept_unexamined)
        // A request is one small write, so waiting for a full TCP segment would only delay it.
        .tcp_nodelay(true)
}

/// Resolves every name to one address.
///
/// reqwest uses the port of the resolved address only if the URL has no port. So
/// [`encoding`](crate::encoding) makes URLs without a port for this resolver.
struct Detour(ConnectTo);

impl Resolve for Detour {
    fn resolve(&self, _name: Name) -> Resolving {
        let to = self.0.clone();
        Box::pin(async move { found(to.host(), to.port()).await })
    }
}

/// Resolves names by the system's resolver, except `localhost`, which is always this machine.
struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move { found(&Host::Name(name.as_str().into()), 0).await })
    }
}

/// The addresses of a host. Only names other than `localhost` are looked up.
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
        // 17 replaced 1. 18 replaced 3, not 2, since 2 had been used again.
        let expected: Vec<u16> = (4..=17).chain([2, 18]).collect();
        assert_eq!(kept(&clients), expected);
    }
}
