//! A client that writes requests as text.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use payment_credentials_sandbox::{Authentication, Sandbox};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A sandbox for all tests that don't count requests.
pub(crate) fn shared() -> &'static Sandbox {
    static SHARED: LazyLock<Sandbox> = LazyLock::new(start);
    &SHARED
}

pub(crate) fn start() -> Sandbox {
    payment_credentials_test_limit::start();
    Sandbox::start_blocking(Authentication::NotRequired).unwrap()
}

/// A valid request, unless a test changes it.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    pub(crate) fn v2(token_id: &str) -> Self {
        Self::to(format!("/tms/v2/tokens/{token_id}/payment-credentials"))
    }

    pub(crate) fn v3(token_id: &str) -> Self {
        Self::to(format!("/tms/v3/tokens/{token_id}/payment-credentials"))
    }

    pub(crate) fn to(target: impl Into<String>) -> Self {
        let headers = [
            ("Host", "apitest.cybersource.com"),
            ("Content-Type", "application/json;charset=utf-8"),
            ("Accept", "application/jose;charset=utf-8"),
        ];
        Self {
            method: "POST",
            target: target.into(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            body: b"{}".to_vec(),
        }
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    /// Adds a header, in addition to any with the same name.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// Replaces all headers of the same name.
    pub(crate) fn instead(self, name: &str, value: &str) -> Self {
        self.without(name).with(name, value)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        write!(text, "Content-Length: {}\r\n\r\n", self.body.len()).unwrap();
        [text.as_bytes(), &self.body].concat()
    }

    /// Sends the request on a connection of its own.
    pub(crate) async fn send(&self, sandbox: &Sandbox) -> io::Result<Answer> {
        let mut stream = connect(sandbox).await?;
        self.write(&mut stream).await?;
        Answer::read(&mut stream).await
    }

    pub(crate) async fn write(&self, stream: &mut TlsStream<TcpStream>) -> io::Result<()> {
        stream.write_all(&self.to_bytes()).await?;
        // The TLS session still holds the bytes for which the socket had no room.
        stream.flush().await
    }

    pub(crate) async fn answer(&self, sandbox: &Sandbox) -> Answer {
        self.send(sandbox).await.unwrap()
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn read(stream: &mut TlsStream<TcpStream>) -> io::Result<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Self {
            status: status.parse().unwrap(),
            headers,
            body: String::new(),
        };
        let length = answer.header("content-length").parse().unwrap();
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        answer.body = String::from_utf8(body).unwrap();
        Ok(answer)
    }

    /// The value of a header that was sent once.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        let (_, value) = values.next().unwrap_or_else(|| panic!("no {name}"));
        assert!(values.next().is_none(), "{name} twice");
        value
    }

    /// The errors, as type and message.
    pub(crate) fn errors(&self) -> Vec<(String, String)> {
        assert_eq!(
            self.header("content-type"),
            "application/json;charset=utf-8"
        );
        let body: Value = serde_json::from_str(&self.body).unwrap();
        let text = |error: &Value, name| error[name].as_str().unwrap().to_owned();
        body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| (text(error, "type"), text(error, "message")))
            .collect()
    }
}

pub(crate) async fn connect(sandbox: &Sandbox) -> io::Result<TlsStream<TcpStream>> {
    let root = sandbox.root_certificate_der();
    let name = "apitest.cybersource.com";
    handshake(sandbox.address(), name, config(root, rustls::ALL_VERSIONS)).await
}

pub(crate) async fn handshake(
    address: SocketAddr,
    name: &'static str,
    config: ClientConfig,
) -> io::Result<TlsStream<TcpStream>> {
    let socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    let name = ServerName::try_from(name).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, socket)
        .await
}

pub(crate) fn config(root: &[u8], versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root.to_vec())).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}
