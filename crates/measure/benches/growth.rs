//! Ever more calls at once: how many there are in a second, and what each takes of CPU and memory.
//!
//! `cargo bench -p payment-credentials-measure --bench growth`, five minutes; behind ` -- `, names of callers
//! (`bare`, `Inline`, `TokioOffload`) and numbers of calls leave out the others. Each line is a process
//! of its own, and the service is another, so that CPU and memory are the client's alone. Linux only;
//! 10,000 calls need as many descriptors, up to the hard limit of `ulimit -Hn`.
#![expect(
    clippy::print_stdout,
    reason = "a benchmark prints, and ends where its input is wrong"
)]

use std::time::Duration;

use payment_credentials_benchmark::is_wanted;
use payment_credentials_measure::alternative::Alternative;
use payment_credentials_measure::bare::Bare;
use payment_credentials_measure::caller::{caller, names};
use payment_credentials_measure::load::load;
use payment_credentials_measure::process::memory;
use payment_credentials_measure::service::{self, SERVICE, Service};
use payment_credentials_measure::signing::Signing;

const IN_FLIGHT: [usize; 6] = [1, 8, 64, 512, 2_000, 10_000];

/// How long a line measures, at least.
const DURING: Duration = Duration::from_secs(5);

/// The argument with which this program is a client.
const CLIENT: &str = "client";

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match &*words {
        [SERVICE] => service::serve().await,
        [CLIENT, name, in_flight, address, root] => {
            client(name, in_flight, address, root).await;
        }
        _ if is_wanted() => grow(&words),
        _ => {}
    }
}

fn grow(words: &[&str]) {
    let service = Service::start();
    let bare = Bare::default();
    let names = names(&[&bare as &dyn Alternative]);
    let numbers = IN_FLIGHT.map(|in_flight| in_flight.to_string());
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    println!("calls signed with HS256, opened and parsed, with ever more in flight");
    println!(
        "{:<18}{:>10}{:>10}{:>12}{:>10}{:>10}{:>10}{:>10}{:>10}",
        "caller",
        "in flight",
        "calls/s",
        "CPU us/call",
        "p50 ms",
        "p99 ms",
        "MiB",
        "peak MiB",
        "failed"
    );
    for in_flight in chosen(&numbers, words) {
        for name in chosen(&names, words) {
            let [address, root] = service.at.clone();
            let arguments = [CLIENT, name, in_flight].map(str::to_owned);
            let arguments = [&arguments[..], &[address, root]].concat();
            if !matches!(service::child(&arguments).status(), Ok(status) if status.success()) {
                println!("{name:<18}{in_flight:>10}  failed");
            }
        }
    }
}

/// Those that the arguments name, or all.
fn chosen<'a>(all: &[&'a str], words: &[&str]) -> Vec<&'a str> {
    let some: Vec<_> = all
        .iter()
        .copied()
        .filter(|one| words.contains(one))
        .collect();
    if some.is_empty() { all.to_vec() } else { some }
}

async fn client(name: &str, in_flight: &str, address: &str, root: &str) {
    let (address, root) = service::found(address, root);
    let caller = caller(
        name,
        &[&Bare::default()],
        address,
        &root,
        Signing::SharedSecret,
    );
    let Ok(number) = in_flight.parse() else {
        return;
    };
    let load = load(&caller, number, DURING).await;
    let [now, peak] = ["VmRSS", "VmHWM"].map(|name| memory(name).div_ceil(1024));
    let [half, most] = [50, 99].map(|percent| load.percentile(percent).as_secs_f64() * 1e3);
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let cpu = load.cpu.as_secs_f64() * 1e6 / load.calls.max(1) as f64;
    println!(
        "{name:<18}{in_flight:>10}{:>10.0}{cpu:>12.0}{half:>10.2}{most:>10.2}{now:>10}{peak:>10}{:>10}",
        load.rate(),
        load.failed + load.failed_first,
    );
}
