use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use payment_credentials_core::seam::UnsignedRequest;
use tokio::io::{AsyncRead, AsyncWrite};

use super::codec::decode;
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
        let (path, headers, body) = super::encode();
        let unsigned = UnsignedRequest::new(http::Method::POST, HOST, &path, body);
        let mut request = Request::post(&*unsigned.path)
            .header(header::HOST, "localhost")
            .body(Full::new(unsigned.body.clone()))
            .expect("a request");
        request.headers_mut().extend(headers);
        request
            .headers_mut()
            .extend(self.secret.jwt(&unsigned, now()));
        self.sender.ready().await.expect("a connection");
        let response = self.sender.send_request(request).await;
        let (head, body) = response.expect("a response").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let (jwe, _) = decode(head.status, &head.headers, &body);
        jwe
    }
}
