use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use payment_credentials_core::seam::UnsignedRequest;
use tokio::io::{AsyncRead, AsyncWrite};

use super::codec::{decode, encode};
use super::signing::SharedSecret;
use crate::fixtures::{HOST, now};

/// One connection of hyper, driven by a task.
#[derive(Debug)]
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    secret: SharedSecret,
}

impl Connection {
    /// Begins HTTP on a stream.
    pub async fn over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        let handshake = handshake(TokioIo::new(stream)).await;
        let (sender, connection) = handshake.expect("a connection");
        tokio::spawn(connection);
        Self {
            sender,
            secret: SharedSecret::default(),
        }
    }

    /// Signs and sends the request; the JWE of the response.
    pub async fn call(&mut self) -> String {
        let request = signed("", |unsigned| self.secret.jwt(unsigned, now()));
        self.sender.ready().await.expect("a connection");
        let response = self.sender.send_request(request).await;
        received(response.expect("a response")).await
    }
}

/// The request to a base address, signed.
pub(super) fn signed(
    base: &str,
    sign: impl FnOnce(&UnsignedRequest) -> HeaderMap,
) -> Request<Full<Bytes>> {
    let (path, headers, body) = encode();
    let unsigned = UnsignedRequest::new(Method::POST, HOST, &path, body);
    let mut request = Request::post(format!("{base}{path}"))
        .header(header::HOST, HOST)
        .body(Full::new(unsigned.body.clone()))
        .expect("a request");
    request.headers_mut().extend(headers);
    request.headers_mut().extend(sign(&unsigned));
    request
}

/// The JWE of a response.
pub(super) async fn received(response: Response<Incoming>) -> String {
    let (head, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let (jwe, _) = decode(head.status, &head.headers, &body);
    jwe
}
