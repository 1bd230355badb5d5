//! Runs one hot path so many times, as this library does it or as the bare libraries do; for `.ci/counts`,
//! which has valgrind count what happens within [`counted`].
//!
//! `counts` names the paths; `counts PATH ours|bare TIMES` runs one; `counts machine` names what
//! instructions depend on.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement prints, and ends where its input is wrong"
)]

use std::hint::black_box;
use std::sync::Arc;

use http::StatusCode;
use payment_credentials_core::seam::{Inline, MessageEncryption as _, RequestAuthenticator};
use payment_credentials_core::wire::{self, ResponseBody};
use payment_credentials_core::{ApiVersion, CredentialsOpener as _, PaymentCredentialsPort as _};
use payment_credentials_hyper::pipe;
use payment_credentials_measure::{bare, fixtures, ours, peer};
use pollster::block_on;
use tokio::runtime::{Builder, Runtime};

type Work = Box<dyn FnMut()>;

/// How often a path runs before it is counted: until buffers, caches and connections are there.
const BEFORE: usize = 8;

type Path = (&'static str, fn() -> [Work; 2]);

/// Each path by name: this library, and the bare libraries.
const PATHS: [Path; 10] = [
    ("open", open),
    ("parse", parse),
    ("seal", seal),
    ("sign-http-signature", sign_by_http_signature),
    ("sign-jwt-shared-secret", sign_by_shared_secret),
    ("sign-jwt-certificate", sign_by_certificate),
    ("encode", encode),
    ("decode", decode),
    ("call", call),
    ("call-opened", call_opened),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &*arguments {
        [] => PATHS.iter().for_each(|(name, _)| println!("{name}")),
        [word] if word == "machine" => println!("{}", machine()),
        [path, side, times] => {
            let found = PATHS.iter().find(|(name, _)| name == path);
            let (_, sides) = found.expect("one of the paths");
            let [ours, bare] = sides();
            let mut work = if side == "ours" { ours } else { bare };
            (0..BEFORE).for_each(|_| work());
            counted(&mut *work, times.parse().expect("a number"));
        }
        _ => println!("usage: counts [PATH ours|bare TIMES | machine]"),
    }
}

/// What valgrind counts.
#[inline(never)]
fn counted(work: &mut dyn FnMut(), times: usize) {
    for _ in 0..times {
        work();
    }
}

fn work<T>(mut work: impl FnMut() -> T + 'static) -> Work {
    Box::new(move || {
        black_box(work());
    })
}

fn open() -> [Work; 2] {
    let opener = ours::opener(Arc::new(Inline));
    let bare = bare::Opening::default();
    let jwe = fixtures::JWE.parse().expect("a JWE");
    [
        work(move || block_on(opener.open_bytes(&jwe)).expect("opened")),
        work(move || bare.open(fixtures::JWE)),
    ]
}

fn parse() -> [Work; 2] {
    [
        work(|| ours::parse(fixtures::PAYLOAD)),
        work(|| bare::parse(fixtures::PAYLOAD)),
    ]
}

fn seal() -> [Work; 2] {
    let encryption = ours::encryption();
    let bare = bare::Sealing::default();
    let body = fixtures::body();
    let same = body.clone();
    let now = fixtures::now();
    [
        work(move || block_on(encryption.seal(body.clone(), now)).expect("sealed")),
        work(move || bare.seal(&same, 1_780_000_000)),
    ]
}

fn sign(authenticator: impl RequestAuthenticator + 'static) -> Work {
    let (request, now) = (fixtures::unsigned(), fixtures::now());
    work(move || block_on(authenticator.authenticate(&request, now)).expect("headers"))
}

fn sign_by_http_signature() -> [Work; 2] {
    let (bare, request) = (bare::SharedSecret::default(), fixtures::unsigned());
    [
        sign(ours::http_signature()),
        work(move || bare.http_signature(&request, fixtures::now())),
    ]
}

fn sign_by_shared_secret() -> [Work; 2] {
    let (bare, request) = (bare::SharedSecret::default(), fixtures::unsigned());
    [
        sign(ours::jwt_by_shared_secret()),
        work(move || bare.jwt(&request, fixtures::now())),
    ]
}

fn sign_by_certificate() -> [Work; 2] {
    let (bare, request) = (bare::Certificate::default(), fixtures::unsigned());
    [
        sign(ours::jwt_by_certificate(Arc::new(Inline))),
        work(move || bare.jwt(&request, fixtures::now())),
    ]
}

fn encode() -> [Work; 2] {
    [
        work(|| wire::encode(&fixtures::request(), ApiVersion::V3)),
        work(bare::encode),
    ]
}

fn decode() -> [Work; 2] {
    let (headers, same) = (fixtures::response_headers(), fixtures::response_headers());
    let body = bytes::Bytes::from_static(fixtures::JWE.as_bytes());
    let same_body = body.clone();
    let created = StatusCode::CREATED;
    [
        work(move || {
            let body = ResponseBody::Received(body.clone());
            wire::decode(created, &headers, body).expect("sealed")
        }),
        work(move || bare::decode(created, &same, &same_body)),
    ]
}

/// A call over an in-memory pipe, signed with HS256. The peer is a task of the same thread: what it does
/// is counted too, on both sides alike.
fn call() -> [Work; 2] {
    let (runtime, port) = connected();
    let (same, mut bare) = connected_bare();
    [
        work(move || {
            let called = runtime.block_on(port.generate(&fixtures::request()));
            called.expect("sealed")
        }),
        work(move || same.block_on(bare.call())),
    ]
}

/// The same, and its response opened and parsed.
fn call_opened() -> [Work; 2] {
    let (runtime, port) = connected();
    let (same, mut bare) = connected_bare();
    let opener = ours::opener(Arc::new(Inline));
    let opening = bare::Opening::default();
    [
        work(move || {
            runtime.block_on(async {
                let called = port.generate(&fixtures::request()).await;
                opener.open(&called.expect("sealed")).await.expect("opened")
            })
        }),
        work(move || {
            let jwe = same.block_on(bare.call());
            bare::parse(&opening.open(&jwe))
        }),
    ]
}

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime")
}

fn connected() -> (Runtime, payment_credentials_hyper::HyperPort) {
    let runtime = runtime();
    let (dialer, mut listener) = pipe();
    runtime.spawn(async move {
        while let Some(stream) = listener.accept().await {
            tokio::spawn(peer::respond(stream, fixtures::response()));
        }
    });
    let authenticator = Arc::new(ours::jwt_by_shared_secret());
    let port = ours::port(Arc::new(dialer), authenticator);
    (runtime, port)
}

fn connected_bare() -> (Runtime, bare::Connection) {
    let runtime = runtime();
    let (stream, theirs) = tokio::io::duplex(64 * 1024);
    runtime.spawn(peer::respond(theirs, fixtures::response()));
    let connection = runtime.block_on(bare::Connection::over(stream));
    (runtime, connection)
}

/// The CPU, with the features by which libraries choose their code. Valgrind shows a CPU of its own, so it
/// is the same on most machines.
fn machine() -> String {
    let features = known_features().into_iter().filter(|(_, has)| *has);
    let names = features.map(|(name, _)| name);
    let words: Vec<&str> = std::iter::once(std::env::consts::ARCH)
        .chain(names)
        .collect();
    words.join(" ")
}

#[cfg(target_arch = "x86_64")]
fn known_features() -> Vec<(&'static str, bool)> {
    macro_rules! detected {
        ($($name:tt)*) => { vec![$(($name, is_x86_feature_detected!($name))),*] };
    }
    detected!("adx" "aes" "avx" "avx2" "avx512f" "bmi2" "pclmulqdq" "rdrand" "rdseed" "sha" "vaes")
}

#[cfg(not(target_arch = "x86_64"))]
fn known_features() -> Vec<(&'static str, bool)> {
    Vec::new()
}
