use std::env;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use payment_credentials_core::seam::{Progress, Transport};

use crate::patience::until;
use crate::report::Clause;
use crate::transport::bench::{good, listening};
use crate::transport::call::{Ask, Call};
use crate::transport::peer::Play;
use crate::transport::{Scenario, Stage, Staged};

/// The variable that passes the peer's address to the process.
const PEER: &str = "PAYMENT_CREDENTIALS_CONTRACT_PEER";

const PROXIES: [&str; 6] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "all_proxy",
    "http_proxy",
    "https_proxy",
];

/// Variables that would exempt the peer from a proxy.
const EXEMPTIONS: [&str; 3] = ["NO_PROXY", "REQUEST_METHOD", "no_proxy"];

const CERTIFICATES: [&str; 2] = ["SSL_CERT_DIR", "SSL_CERT_FILE"];

/// An address that nobody listens on.
const NOBODY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

const KEY_LOG: &str = "SSLKEYLOGFILE";

/// Sends one request to the suite's peer: for the process of [`Staged::Process`].
///
/// The peer's address is in the environment that the suite gives to the process.
///
/// # Panics
///
/// If the suite didn't start the process, or no response to the request comes. The process then fails,
/// and the report shows it.
pub async fn send_from_process(transport: impl Transport + 'static) {
    #[expect(
        clippy::disallowed_methods,
        reason = "this clause tests the environment"
    )]
    let peer: SocketAddr = env::var(PEER).unwrap_or_default().parse().unwrap_or(NOBODY);
    let call = Call::new(Arc::new(transport), peer, Ask::default());
    let sent = call.make(&Progress::default()).await;
    assert!(
        sent.is_ok(),
        "the request to the suite's peer must succeed, but failed; let the suite start this process, \
         as `Staged::Process`"
    );
}

pub(crate) async fn nothing_from_the_environment(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("nothing from the environment");
    let (Some(peer), Some(proxy)) = (
        listening(Play::answers(good), &mut clause),
        listening(Play::answers(good), &mut clause),
    ) else {
        return clause;
    };
    let staged = stage.stage(Scenario::Process, &peer).await;
    let Some(staged) = clause.staged(&Scenario::Process, stage.cannot(), staged) else {
        return clause;
    };
    let Staged::Process(mut command) = staged else {
        clause.holds(false, || {
            "Process must be staged as `Staged::Process`".to_owned()
        });
        return clause;
    };
    let key_log = env::temp_dir().join(format!("contract-key-log-{}", peer.address().port()));
    let proxy_url = format!("http://{}", proxy.address());
    set_traps(&mut command, &proxy_url, &key_log);
    command.env(PEER, peer.address().to_string());
    let ended_well = run(command, stage).await;
    clause.holds(ended_well, || {
        "the process must succeed within `patience`, but failed or didn't end".to_owned()
    });
    let requests = peer.heard().len();
    clause.holds(requests == 1, || {
        format!("the process must send 1 request, but {requests} arrived")
    });
    let connections = proxy.connections();
    clause.holds(connections == 0, || {
        format!(
            "no proxy may be taken from the environment, but one was dialled {connections} times"
        )
    });
    clause.holds(!key_log.exists(), || {
        format!("`{KEY_LOG}` must be ignored, but TLS keys were logged")
    });
    clause
}

fn set_traps(command: &mut Command, proxy: &str, key_log: &Path) {
    for name in EXEMPTIONS {
        command.env_remove(name);
    }
    for name in PROXIES {
        command.env(name, proxy);
    }
    for name in CERTIFICATES {
        command.env(name, "/nonexistent");
    }
    command.env(KEY_LOG, key_log);
}

/// Runs a process to its end; kills the process if it doesn't end within the stage's patience.
async fn run(mut command: Command, stage: &dyn Stage) -> bool {
    command.stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(child) = command.spawn() else {
        return false;
    };
    let child = Mutex::new(child);
    let status = || {
        let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
        child.try_wait()
    };
    let ended = until(stage.patience(), || !matches!(status(), Ok(None))).await;
    if !ended {
        let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
        // Both may fail if the process has ended by now.
        let _ = child.kill();
        let _ = child.wait();
        return false;
    }
    matches!(status(), Ok(Some(status)) if status.success())
}
