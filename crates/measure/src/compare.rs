//! The hot paths and whole calls of this library beside the alternatives, by turns, in one run.
//!
//! The first alternative is what all others are compared with. The service is a process of its own.
#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::sync::Arc;
use std::time::Duration;

use payment_credentials_benchmark::{Race, is_wanted};
use payment_credentials_core::CredentialsOpener as _;
use payment_credentials_core::seam::{Inline, MessageEncryption as _, RequestAuthenticator};
use payment_credentials_core::{ResponseHead, SealedCredentials};
use pollster::block_on;
use tokio::time::Instant;

use crate::alternative::Alternative;
use crate::caller::{caller, names};
use crate::load::{Load, load};
use crate::service::{self, SERVICE, Service};
use crate::signing::Signing;
use crate::{fixtures, ours};

/// Rounds of whole calls; each caller has a turn in each.
const ROUNDS: usize = 25;

/// How long a turn takes.
const TURN: Duration = Duration::from_millis(200);

/// Turns of a single operation, a millisecond each.
const TURNS: usize = 1000;

/// The argument with which this program makes one call and ends.
const FIRST: &str = "first";

/// Compares what the program's arguments name, or is one of the processes that the comparison starts.
///
/// Behind ` -- `, names of callers leave out the others, except for the first alternative.
pub async fn compare(alternatives: &[&dyn Alternative]) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match &*words {
        [SERVICE] => service::serve().await,
        [FIRST, name, address, root] => {
            let (address, root) = service::found(address, root);
            let caller = caller(name, alternatives, address, &root, Signing::SharedSecret);
            assert!(caller.call().await, "the first call fails");
        }
        _ if is_wanted() => compare_all(alternatives, &words).await,
        _ => {}
    }
}

async fn compare_all(alternatives: &[&dyn Alternative], words: &[&str]) {
    let all = names(alternatives);
    let is_wanted = |name: &&str| words.contains(name);
    let only_some = all.iter().any(is_wanted);
    let first = all.first().copied();
    let names: Vec<&str> = (all.iter().copied())
        .filter(|name| !only_some || Some(*name) == first || is_wanted(name))
        .collect();
    let wanted: Vec<&dyn Alternative> = (alternatives.iter().copied())
        .filter(|other| names.contains(&other.name()))
        .collect();
    opening(&wanted);
    signing(&wanted);
    sealing(&wanted);
    let service = Service::start();
    for signing in [Signing::Certificate, Signing::SharedSecret] {
        for in_flight in [1, 64] {
            calls(&service, alternatives, &names, signing, in_flight).await;
        }
    }
    starts(&service, &names);
}

/// A race of the alternatives, to which this library is added.
fn race<'a, T>(
    title: &'static str,
    alternatives: &'a [&dyn Alternative],
    work: impl Fn(&dyn Alternative) -> T + Copy + 'a,
) -> Race<'a> {
    let race = Race::new(title);
    (alternatives.iter()).fold(race, |race, other| {
        race.with(other.name(), move || work(*other))
    })
}

fn opening(alternatives: &[&dyn Alternative]) {
    let opener = ours::opener(Arc::new(Inline));
    let jwe = fixtures::JWE.parse().expect("a JWE");
    let sealed = SealedCredentials::new(jwe, ResponseHead::new(201));
    let open = |other: &dyn Alternative| other.open(fixtures::JWE);
    race("open a response and parse it, RSA-2048", alternatives, open)
        .with("JweOpener::open, Inline", || {
            block_on(opener.open(&sealed)).expect("opened")
        })
        .run(TURNS);
}

fn signing(alternatives: &[&dyn Alternative]) {
    let (request, now) = (&fixtures::unsigned(), fixtures::now());
    let sign = |authenticator: &dyn RequestAuthenticator| {
        block_on(authenticator.authenticate(request, now)).expect("headers")
    };
    let jwt = ours::jwt_by_certificate(Arc::new(Inline));
    let other = |other: &dyn Alternative| other.jwt_by_certificate(request, now);
    race("JWT by certificate, RS256, RSA-2048", alternatives, other)
        .with("JwtAuthenticator, Inline", || sign(&jwt))
        .run(TURNS);
    let jwt = ours::jwt_by_shared_secret();
    let other = |other: &dyn Alternative| other.jwt_by_shared_secret(request, now);
    race("JWT by shared secret, HS256", alternatives, other)
        .with("JwtAuthenticator", || sign(&jwt))
        .run(TURNS);
    let signature = ours::http_signature();
    let other = |other: &dyn Alternative| other.http_signature(request, now);
    race("HTTP Signature", alternatives, other)
        .with("HttpSignatureAuthenticator", || sign(&signature))
        .run(TURNS);
}

fn sealing(alternatives: &[&dyn Alternative]) {
    let encryption = ours::encryption();
    let (body, now) = (&fixtures::body(), fixtures::now());
    let seal = |other: &dyn Alternative| other.seal(body, now);
    race("seal a request of 1 KiB, RSA-2048", alternatives, seal)
        .with("JweMessageEncryption::seal", || {
            block_on(encryption.seal(body.clone(), now)).expect("sealed")
        })
        .run(TURNS);
}

/// Whole calls over TLS, so many at a time.
async fn calls(
    service: &Service,
    alternatives: &[&dyn Alternative],
    names: &[&str],
    signing: Signing,
    in_flight: usize,
) {
    let [address, root] = &service.at;
    let (address, root) = service::found(address, root);
    let callers: Vec<_> = names
        .iter()
        .map(|name| caller(name, alternatives, address, &root, signing))
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
    for _ in 0..ROUNDS {
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
