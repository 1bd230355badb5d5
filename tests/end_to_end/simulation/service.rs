//! The service at the other end of the pipes, and its faults.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::time::sleep;

use super::dice::Dice;

/// How a request is handled.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// Answered after a delay; most requests should be.
    Answered(Duration),
    /// Answered, and then the connection is closed.
    AnsweredAndClosed,
    /// Answered byte by byte.
    AnsweredSlowly,
    /// Processed, and the response is broken off.
    BrokenOff,
    /// Closed before the request has been read completely, or at once.
    Closed(usize),
    /// Processed, and the connection is closed without a response.
    Forgotten,
    /// Answered with bytes that are not HTTP.
    Garbage,
    /// Answered with a web page.
    Page,
    /// Refused with this status.
    Refused(u16),
    /// Processed, and never answered.
    Silent,
    /// Answered twice.
    Twice,
}

/// The service's record of the calls, which the model checks.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The token id of each response that was created.
    pub(crate) minted: BTreeMap<String, String>,
    /// Complete requests, by token id.
    pub(crate) received: BTreeMap<String, u32>,
    nonces: BTreeSet<String>,
    /// Promises that the client broke on the wire.
    pub(crate) violations: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Service {
    dice: Mutex<Dice>,
    breaks: AtomicBool,
    serving: AtomicUsize,
    record: Mutex<Record>,
}

impl Service {
    pub(crate) fn new(dice: Dice) -> Self {
        Self {
            dice: Mutex::new(dice),
            breaks: AtomicBool::new(true),
            serving: AtomicUsize::new(0),
            record: Mutex::default(),
        }
    }

    /// From now on everything works.
    pub(crate) fn mend(&self) {
        self.breaks.store(false, Ordering::SeqCst);
    }

    pub(crate) fn breaks(&self) -> bool {
        self.breaks.load(Ordering::SeqCst)
    }

    /// How many connections the service is serving.
    pub(crate) fn serving(&self) -> usize {
        self.serving.load(Ordering::SeqCst)
    }

    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().expect("unpoisoned")
    }

    pub(crate) fn dice(&self) -> MutexGuard<'_, Dice> {
        self.dice.lock().expect("unpoisoned")
    }

    fn fate(&self) -> Fate {
        let mut dice = self.dice();
        let soon = Fate::Answered(dice.up_to(Duration::from_secs(2)));
        if !self.breaks() || dice.one_in(2) {
            return soon;
        }
        let statuses = [400, 401, 403, 404, 410, 429, 500, 502, 503];
        match dice.below(11) {
            0 => Fate::AnsweredAndClosed,
            1 => Fate::AnsweredSlowly,
            2 => Fate::BrokenOff,
            3 => Fate::Closed(dice.below(400)),
            4 => Fate::Forgotten,
            5 => Fate::Garbage,
            6 => Fate::Page,
            7 | 8 => Fate::Refused(statuses[dice.below(statuses.len())]),
            9 => Fate::Silent,
            _ => Fate::Twice,
        }
    }

    /// Serves a connection until it ends.
    pub(crate) async fn serve(&self, stream: DuplexStream) {
        self.serving.fetch_add(1, Ordering::SeqCst);
        self.answer_all(stream).await;
        self.serving.fetch_sub(1, Ordering::SeqCst);
    }

    /// After a fault, no further request may arrive on a connection.
    async fn answer_all(&self, mut stream: DuplexStream) {
        loop {
            let Ok(first) = stream.read_u8().await else {
                return;
            };
            let fate = self.fate();
            if let Fate::Closed(at) = fate {
                let mut part = vec![0; at];
                let _ = stream.read(&mut part).await;
                return;
            }
            let Some(request) = Request::read(first, &mut stream).await else {
                return;
            };
            let is_sound = self.answer(&mut stream, fate, &request).await;
            match is_sound {
                Some(true) => {}
                Some(false) => return self.expect_nothing(&mut stream, fate).await,
                None => return,
            }
        }
    }

    /// Whether the connection continues; `None` if it is closed.
    async fn answer(
        &self,
        stream: &mut DuplexStream,
        fate: Fate,
        request: &Request,
    ) -> Option<bool> {
        self.receive(request);
        // The client may have closed the connection by now, which is allowed.
        let written = match fate {
            Fate::Answered(delay) => {
                sleep(delay).await;
                stream.write_all(self.mint(request).as_bytes()).await
            }
            Fate::AnsweredAndClosed => {
                let _ = stream.write_all(self.mint(request).as_bytes()).await;
                return None;
            }
            Fate::AnsweredSlowly => {
                for byte in self.mint(request).into_bytes() {
                    sleep(Duration::from_millis(1)).await;
                    stream.write_all(&[byte]).await.ok()?;
                }
                Ok(())
            }
            Fate::BrokenOff => {
                let answer = self.mint(request);
                let at = self.dice().below(answer.len());
                let _ = stream.write_all(&answer.as_bytes()[..at]).await;
                return None;
            }
            Fate::Forgotten => {
                self.mint(request);
                return None;
            }
            Fate::Garbage => {
                let _ = stream
                    .write_all(b"\x15\x03\x01\x00\x02\x02\x46 nonsense\r\n\r\n")
                    .await;
                return Some(false);
            }
            Fate::Page => stream.write_all(PAGE.as_bytes()).await,
            Fate::Refused(status) => {
                let answer = format!("HTTP/1.1 {status} No\r\ncontent-length: 2\r\n\r\n{{}}");
                stream.write_all(answer.as_bytes()).await
            }
            Fate::Silent | Fate::Closed(_) => {
                self.mint(request);
                return Some(false);
            }
            Fate::Twice => {
                let twice = self.mint(request).repeat(2);
                let _ = stream.write_all(twice.as_bytes()).await;
                return Some(false);
            }
        };
        written.ok().map(|()| true)
    }

    /// Reads to the end of a connection on which no further request may arrive.
    async fn expect_nothing(&self, stream: &mut DuplexStream, fate: Fate) {
        let Ok(first) = stream.read_u8().await else {
            return;
        };
        if let Some(request) = Request::read(first, stream).await {
            let token_id = request.token_id;
            let violation = format!("{token_id} came on a connection that saw {fate:?}");
            self.record().violations.push(violation);
        }
    }

    fn receive(&self, request: &Request) {
        let mut record = self.record();
        *record.received.entry(request.token_id.clone()).or_default() += 1;
        if !record.nonces.insert(request.nonce.clone()) {
            let violation = format!("{} came with a nonce that was used", request.token_id);
            record.violations.push(violation);
        }
    }

    /// A response with a JWE that is contained in no other response.
    fn mint(&self, request: &Request) -> String {
        let mut record = self.record();
        let jwe = format!("eyJ9.a.b.c.n{}", record.minted.len());
        record.minted.insert(jwe.clone(), request.token_id.clone());
        let length = jwe.len();
        format!(
            "HTTP/1.1 201 Created\r\ncontent-type: application/jose;charset=utf-8\r\n\
             content-length: {length}\r\n\r\n{jwe}"
        )
    }
}

const PAGE: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n\
                    <html></html>";

/// A complete request.
struct Request {
    token_id: String,
    nonce: String,
}

impl Request {
    /// Returns `None` if the stream ends first. Bodies are `{}`.
    async fn read(first: u8, stream: &mut DuplexStream) -> Option<Self> {
        let mut read = vec![first];
        while !read.ends_with(b"\r\n\r\n{}") {
            read.push(stream.read_u8().await.ok()?);
        }
        let text = String::from_utf8(read).expect("text");
        let token_id = text.split('/').nth(4).expect("a token id").to_owned();
        let jwt = text.split("Bearer ").nth(1).expect("a JWT");
        let claims = jwt.split('.').nth(1).expect("claims");
        let claims = URL_SAFE_NO_PAD.decode(claims).expect("base64url");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        let nonce = claims["jti"].as_str().expect("a nonce").to_owned();
        Some(Self { token_id, nonce })
    }
}
