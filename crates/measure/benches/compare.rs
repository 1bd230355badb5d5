//! The hot paths and whole calls beside the bare libraries, by turns, in one run of two minutes.
//!
//! `cargo bench -p payment-credentials-measure --bench compare`; behind ` -- `, the names of some callers
//! (`Inline`, `TokioOffload`) leave out the others. The service is a process of its own.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where its input is wrong"
)]

use std::sync::Arc;
use std::time::Duration;

use payment_credentials_benchmark::{Race, is_wanted};
use payment_credentials_core::CredentialsOpener as _;
use payment_credentials_core::seam::{Inline, MessageEncryption as _, RequestAuthenticator};
use payment_credentials_core::{ResponseHead, SealedCredentials};
use payment_credentials_measure::caller::{BARE, Caller};
use payment_credentials_measure::load::{Load, load};
use payment_credentials_measure::service::{self, SERVICE, Service};
use payment_credentials_measure::signing::Signing;
use payment_credentials_measure::{bare, fixtures, ours};
use pollster::block_on;
use tokio::time::Instant;

/// Rounds of whole calls; each caller has a turn in each.
const ROUNDS: usize = 5;

/// How long a turn takes.
const TURN: Duration = Duration::from_secs(1);

/// Turns of a single operation, a millisecond each.
const TURNS: usize = 1000;

/// The argument with which this program makes one call and ends.
const FIRST: &str = "first";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match &*words {
        [SERVICE] => service::serve().await,
        [FIRST, name, address, root] => {
            let (address, root) = service::found(address, root);
            let caller = Caller::new(name, address, &root, Signing::SharedSecret);
            assert!(caller.call().await, "the first call fails");
        }
        _ if is_wanted() => compare(&words).await,
        _ => {}
    }
}

async fn compare(words: &[&str]) {
    opening();
    signing();
    sealing();
    let service = Service::start();
    let names: Vec<&str> = Caller::names()
        .filter(|name| *name == BARE || words.len() < 2 || words.contains(name))
        .collect();
    for signing in [Signing::Certificate, Signing::SharedSecret] {
        for in_flight in [1, 64] {
            calls(&service, &names, signing, in_flight).await;
        }
    }
    starts(&service, &names);
}

fn opening() {
    let (opener, bare) = (ours::opener(Arc::new(Inline)), bare::Opening::default());
    let jwe = fixtures::JWE.parse().expect("a JWE");
    let sealed = SealedCredentials::new(jwe, ResponseHead::new(201));
    Race::new("open a response and parse it, RSA-2048")
        .with(BARE, || bare::parse(&bare.open(fixtures::JWE)))
        .with("JweOpener::open, Inline", || {
            block_on(opener.open(&sealed)).expect("opened")
        })
        .run(TURNS);
}

fn signing() {
    let (request, now) = (&fixtures::unsigned(), fixtures::now());
    let sign = |authenticator: &dyn RequestAuthenticator| {
        block_on(authenticator.authenticate(request, now)).expect("headers")
    };
    let (secret, certificate) = (bare::SharedSecret::default(), bare::Certificate::default());
    let jwt = ours::jwt_by_certificate(Arc::new(Inline));
    Race::new("JWT by certificate, RS256, RSA-2048")
        .with(BARE, || certificate.jwt(request, now))
        .with("JwtAuthenticator, Inline", || sign(&jwt))
        .run(TURNS);
    let jwt = ours::jwt_by_shared_secret();
    Race::new("JWT by shared secret, HS256")
        .with(BARE, || secret.jwt(request, now))
        .with("JwtAuthenticator", || sign(&jwt))
        .run(TURNS);
    let signature = ours::http_signature();
    Race::new("HTTP Signature")
        .with(BARE, || secret.http_signature(request, now))
        .with("HttpSignatureAuthenticator", || sign(&signature))
        .run(TURNS);
}

fn sealing() {
    let (encryption, bare) = (ours::encryption(), bare::Sealing::default());
    let (body, now) = (fixtures::body(), fixtures::now());
    Race::new("seal a request of 1 KiB, RSA-2048")
        .with(BARE, || bare.seal(&body, 1_780_000_000))
        .with("JweMessageEncryption::seal", || {
            block_on(encryption.seal(body.clone(), now)).expect("sealed")
        })
        .run(TURNS);
}

/// Whole calls over TLS, so many at a time.
async fn calls(service: &Service, names: &[&str], signing: Signing, in_flight: usize) {
    let [address, root] = &service.at;
    let (address, root) = service::found(address, root);
    let callers: Vec<_> = names
        .iter()
        .map(|name| Caller::new(name, address, &root, signing))
        .collect();
    let mut loads = vec![Vec::new(); callers.len()];
    for round in 0..ROUNDS {
        let mut turns: Vec<_> = callers.iter().zip(&mut loads).collect();
        let turn = round % turns.len();
        turns.rotate_left(turn);
        for (caller, loads) in turns {
            loads.push(load(caller, in_flight, TURN).await);
        }
    }
    println!("call, opened and parsed, {in_flight} in flight, JWT by {signing:?}");
    let first = loads.first().cloned().unwrap_or_default();
    for (name, loads) in names.iter().zip(&loads) {
        let rounds = loads.iter().zip(&first);
        let ratios = sorted(rounds.map(|(load, first)| load.rate() / first.rate()));
        let [low, high] = [ratios.first(), ratios.last()].map(|at| at.copied().unwrap_or(f64::NAN));
        let ratio = median(ratios.into_iter());
        let rate = median(loads.iter().map(Load::rate));
        let p99 = median(loads.iter().map(|load| load.percentile(99).as_secs_f64())) * 1e3;
        let failed: usize = loads.iter().map(|load| load.failed).sum();
        println!(
            "  {name:<18}{rate:>8.0} per second   x {ratio:.3} ({low:.3} to {high:.3})   \
             p99 {p99:>8.3} ms   {failed} failed"
        );
    }
}

/// From the start of a process to its first credential, and to its end.
fn starts(service: &Service, names: &[&str]) {
    println!("a process that makes one call and ends, JWT by shared secret");
    let mut times = vec![Vec::new(); names.len()];
    for _ in 0..ROUNDS * 4 {
        for (name, times) in names.iter().zip(&mut times) {
            let [address, root] = service.at.clone();
            let mut child = service::child(&[FIRST.into(), (*name).into(), address, root]);
            let start = Instant::now();
            assert!(child.status().expect("it runs").success(), "{name} fails");
            times.push(start.elapsed().as_secs_f64());
        }
    }
    for (name, times) in names.iter().zip(times) {
        println!("  {name:<20}{:>8.1} ms", median(times.into_iter()) * 1e3);
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let sorted = sorted(values);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
