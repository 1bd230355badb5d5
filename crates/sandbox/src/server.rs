//! The server's thread, its runtime, and its connections.

mod undelivered;

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};

use aws_lc_rs::error::Unspecified;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Duration, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::api_keys::{ApiKeys, Roles};
use crate::authentication::Verifier;
use crate::builder::SandboxBuilder;
use crate::error::{StartError, Step};
use crate::exchange::{State, exchange};
use crate::faults::{Accepted, Identity, Requests};
use crate::keystore_authority::Authority;
use crate::lasting::Material;
use crate::merchant::{Merchant, OpeningKey};
use crate::mle;
use crate::policy::Authentication;
use crate::portfolio::Portfolio;
use crate::proxy;
use crate::rsa_keys::Role;
use crate::sealer::Sealer;
use crate::secrets::Secrets;
use crate::server_certificate::{Identities, Root};
use crate::stages::Gates;

/// Connections that may be open at once; further ones wait in the listener's queue.
const MAX_CONNECTIONS: usize = 1024;
/// Time for a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Time for a request's head, which is also how long an idle connection is kept.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of the largest head; a bearer JWT and the other headers need about 4 KiB.
const MAX_HEAD: usize = 64 * 1024;
/// The most headers that one request may have.
const MAX_HEADERS: usize = 64;
/// The pause after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// What the thread reports to its starter.
pub(crate) struct Ready {
    pub(crate) address: SocketAddr,
    pub(crate) proxy: Option<SocketAddr>,
    pub(crate) root: Root,
    pub(crate) merchant: Merchant,
    pub(crate) portfolio: Portfolio,
    pub(crate) authority: Arc<Authority>,
    pub(crate) state: Arc<State>,
    /// The folder's, as long as the sandbox lives.
    _lock: Option<File>,
}

/// A thread that was started and has not reported yet.
///
/// Dropping the `Launch` doesn't wait for the thread, which ends by itself once it has made its keys.
pub(crate) struct Launch {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Launch {
    /// Starts the thread. It reports once: that connections are accepted, or why not.
    pub(crate) fn start(
        setup: SandboxBuilder,
        report: impl FnOnce(Result<Ready, StartError>) + Send + 'static,
    ) -> Result<Self, StartError> {
        // Nothing is ever sent: dropping the sender is the signal.
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("payment-credentials-sandbox".to_owned())
            .spawn(move || run(setup, report, stopped))
            .map_err(|cause| StartError::new(Step::Thread, cause))?;
        Ok(Self { stop, thread })
    }

    /// The server of a thread that has reported.
    pub(crate) fn into_server(self) -> Server {
        Server {
            stop: Some(self.stop),
            thread: Some(self.thread),
            process: process::id(),
        }
    }
}

/// Ends the server when it is dropped.
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// The process of the thread: a fork doesn't copy threads.
    process: u32,
}

impl Drop for Server {
    fn drop(&mut self) {
        // The thread waits for nothing else, and abandons open connections.
        drop(self.stop.take());
        if process::id() != self.process {
            // The thread doesn't exist in a forked process, so joining it would never return.
            return;
        }
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has ended too.
            let _ = thread.join();
        }
    }
}

fn run(
    setup: SandboxBuilder,
    report: impl FnOnce(Result<Ready, StartError>),
    stopped: oneshot::Receiver<()>,
) {
    let Prepared {
        ready,
        tls,
        listener,
        proxy,
    } = match prepare(setup) {
        Ok(prepared) => prepared,
        Err(fault) => return report(Err(fault)),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(cause) => return report(Err(StartError::new(Step::Runtime, cause))),
    };
    runtime.block_on(async move {
        let asynchronous = tokio::net::TcpListener::from_std;
        let listeners = (asynchronous(listener), proxy.map(asynchronous).transpose());
        let (listener, proxy) = match listeners {
            (Ok(listener), Ok(proxy)) => (listener, proxy),
            (Err(cause), _) | (_, Err(cause)) => {
                return report(Err(StartError::new(Step::Runtime, cause)));
            }
        };
        let state = Arc::clone(&ready.state);
        if let Some(proxy) = proxy {
            tokio::spawn(proxy::serve(proxy, ready.address, Arc::clone(&state)));
        }
        report(Ok(ready));
        tokio::select! {
            _ = stopped => {}
            () = accept(listener, tls, state) => {}
        }
    });
}

/// All that the server needs to run.
struct Prepared {
    ready: Ready,
    tls: Identities,
    listener: TcpListener,
    proxy: Option<TcpListener>,
}

fn prepare(setup: SandboxBuilder) -> Result<Prepared, StartError> {
    let bound = |port| bind(port).map_err(|cause| StartError::port(port, cause));
    let (listener, address) = bound(setup.port)?;
    let (proxy, proxy_address) = setup.proxy_port.map(bound).transpose()?.unzip();
    let mut material = Material::of(&setup)?;
    let lock = material.lock.take();
    let (root, tls) = material.certified.serving()?;
    let keys = Arc::clone(&material.keys);
    let (merchant, portfolio, sealer, authority) = parties(material, setup.others)
        .map_err(|cause| StartError::new(Step::MerchantKey, cause))?;
    let gates = gates(setup.authentication, &merchant, &portfolio, &authority)?;
    let state = State::new(sealer, gates, keys);
    let ready = Ready {
        address,
        proxy: proxy_address,
        root,
        merchant,
        portfolio,
        authority,
        state: Arc::new(state),
        _lock: lock,
    };
    Ok(Prepared {
        ready,
        tls,
        listener,
        proxy,
    })
}

/// The sandbox's own merchant accounts, the sealer for their responses, and what issues their certificates.
type Parties = (Merchant, Portfolio, Sealer, Arc<Authority>);

fn parties(material: Material, others: Vec<String>) -> Result<Parties, Unspecified> {
    let Material { identity, keys, .. } = material;
    let (opening, key) = OpeningKey::new(&keys, Role::Opening, identity.opening_key_id)?;
    let sealer = Sealer::new(key, &opening.id)?;
    let digits = [identity.authority_digits, identity.recipient_key_id];
    let authority = Arc::new(Authority::new(keys, digits));
    let keys = |account, roles| Arc::new(ApiKeys::new(account, roles, Arc::clone(&authority)));
    let mut merchant_ids = vec![identity.merchant.owner.clone()];
    for other in others {
        if !merchant_ids.contains(&other) {
            merchant_ids.push(other);
        }
    }
    let merchant = Merchant::new(keys(identity.merchant, Roles::MERCHANT), opening);
    let portfolio = Portfolio::new(keys(identity.portfolio, Roles::PORTFOLIO), merchant_ids);
    Ok((merchant, portfolio, sealer, authority))
}

fn gates(
    authentication: Authentication,
    merchant: &Merchant,
    portfolio: &Portfolio,
    authority: &Arc<Authority>,
) -> Result<Gates, StartError> {
    let mut parts = authentication.into_parts();
    for own in [merchant.keys(), portfolio.keys()] {
        parts.response_keys.add_own(own);
    }
    let (keys, merchant_ids) = (portfolio.keys(), portfolio.merchant_ids());
    let mut secrets = Secrets::default();
    if let Some(rules) = &mut parts.authentication {
        secrets = *std::mem::take(&mut rules.directory.secrets);
    }
    for own in [merchant.keys(), portfolio.keys()] {
        secrets.add(own.shared_secret());
        secrets.add(own.keystore_password());
        secrets.add(own.bearer_access_token());
    }
    let verifier = parts
        .authentication
        .map(|rules| Verifier::new(rules, merchant.keys(), keys, merchant_ids))
        .transpose()
        .map_err(|cause| StartError::new(Step::MerchantKey, cause))?;
    Ok(Gates {
        clock: parts.clock,
        reading: parts.reading,
        recording: parts.recording,
        verifier,
        mle: mle::Gate::new(parts.mle, parts.response_keys, Arc::clone(authority)),
        secrets: Arc::new(secrets),
    })
}

fn bind(port: u16) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn accept(listener: tokio::net::TcpListener, tls: Identities, state: Arc<State>) {
    let tls = Arc::new(tls);
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            // The semaphore is never closed.
            return;
        };
        match listener.accept().await {
            Ok((socket, peer)) => {
                let earlier = state.connections.fetch_add(1, Ordering::SeqCst);
                // Without this a response may wait for the client's delayed acknowledgement.
                let _ = socket.set_nodelay(true);
                let accepted = Accepted::new(&state.faults, socket, earlier + 1);
                let connection = serve(accepted, Arc::clone(&tls), Arc::clone(&state), peer);
                tokio::spawn(async move {
                    connection.await;
                    drop(slot);
                });
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Serves one connection to its end. Errors are recorded; the client sees them too.
async fn serve(accepted: Accepted, tls: Arc<Identities>, state: Arc<State>, peer: SocketAddr) {
    let turn = accepted.turn.clone();
    let Some((socket, identity)) = accepted.connect().await else {
        return;
    };
    let config = match identity {
        Identity::Own => &tls.own,
        Identity::Elsewhere => &tls.elsewhere,
    };
    let handshake = TlsAcceptor::from(Arc::clone(config)).accept(socket);
    let stream = match timeout(HANDSHAKE_TIMEOUT, handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(fault)) => return undelivered::record_handshake(&state, &fault, peer),
        Err(_late) => return undelivered::record_late_handshake(&state, peer),
    };
    let stream = Requests::new(stream, turn.clone());
    let served = Arc::clone(&state);
    let busy = turn.clone();
    let service = service_fn(move |request| {
        let (state, turn) = (Arc::clone(&served), busy.clone());
        async move {
            let response = exchange(&state, request, &turn, peer).await;
            turn.over();
            response
        }
    });
    let outcome = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(fault) = outcome {
        undelivered::record(&state, &turn, &fault, peer);
    }
}
