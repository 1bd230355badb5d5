//! The service in a process of its own, so that the CPU time and the memory of a client are its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::PrivatePkcs8KeyDer;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::{fixtures, peer};

/// The argument with which a program is to be the service.
pub const SERVICE: &str = "service";

/// The service, which ends when this is dropped.
#[derive(Debug)]
pub struct Service {
    process: Child,
    /// Where it listens, and its certificate in base64: two arguments for another program.
    pub at: [String; 2],
}

impl Service {
    /// Starts this program once more, as the service.
    #[must_use]
    pub fn start() -> Self {
        let mut process = child(&[SERVICE.to_owned()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut line = String::new();
        let output = process.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut line).expect("text");
        let (address, root) = line.trim().split_once(' ').expect("two words");
        let at = [address.to_owned(), root.to_owned()];
        Self { process, at }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// This program with these arguments, and with as many descriptors as 10,000 calls in flight need.
#[must_use]
pub fn child(arguments: &[String]) -> Command {
    let mut command = Command::new("sh");
    let program = std::env::current_exe().expect("this program");
    command
        .args(["-c", r#"ulimit -n 20000 2>/dev/null; exec "$0" "$@""#])
        .arg(program)
        .args(arguments);
    command
}

/// The address and the certificate that [`Service::at`] holds.
#[must_use]
pub fn found(address: &str, root: &str) -> (SocketAddr, Vec<u8>) {
    let root = STANDARD.decode(root).expect("base64");
    (address.parse().expect("an address"), root)
}

/// Is the service, until the input ends.
pub async fn serve() {
    let made = generate_simple_self_signed([fixtures::HOST.to_owned()]);
    let CertifiedKey { cert, signing_key } = made.expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("a provider")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
    let listener = listener.expect("bound");
    let address = listener.local_addr().expect("an address");
    let root = STANDARD.encode(cert.der());
    writeln!(std::io::stdout(), "{address} {root}").expect("told");
    tokio::spawn(accept(listener, acceptor));
    let input = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let _ = input.await;
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor) {
    let response = fixtures::response();
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, response) = (acceptor.clone(), response.clone());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            if let Ok(stream) = acceptor.accept(stream).await {
                peer::respond(stream, response).await;
            }
        });
    }
}
