//! Row A34 of the reliability bar: failures inside the cryptography take the same time.
//!
//! `cargo bench -p payment-credentials-jose --bench failures` opens 1,000 JWEs of each kind, in an
//! order that is shuffled, and prints the medians and their ratio, which should be within 5 %. On
//! a machine that does other work too, run it again before believing it.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that prints what it has measured"
)]

use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use payment_credentials_core::Jwe;
use payment_credentials_jose::{JweOpener, Keyring, OpenError, PrivateKey};

/// A stored JWE.
macro_rules! stored {
    ($case:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/vectors/jwe/",
            $case
        ))
    };
}

const ROUNDS: usize = 1_000;

fn main() {
    let key = PrivateKey::from_pem(stored!("keys/merchant.pkcs8.pem").as_bytes());
    let opener = JweOpener::new(Keyring::new([key.expect("a key")]).expect("a keyring"));
    let good = stored!("opens/cryptography-visa-v3/token.jwe");
    let kinds = [
        ("bad OAEP", with_part(good, 1, &[1; 256])),
        (
            "bad length of the content key",
            parse(stored!("refused/cryptography-cek-31/token.jwe")),
        ),
        ("bad tag", with_part(good, 4, &[0; 16])),
    ];
    let mut order: Vec<usize> = (0..kinds.len() * ROUNDS)
        .map(|nth| nth % kinds.len())
        .collect();
    shuffle(&mut order);
    let mut times = vec![Vec::with_capacity(ROUNDS); kinds.len()];
    for nth in order {
        if let (Some((_, jwe)), Some(times)) = (kinds.get(nth), times.get_mut(nth)) {
            times.push(nanoseconds(&opener, jwe));
        }
    }
    let medians: Vec<u128> = times.iter_mut().map(|times| median(times)).collect();
    for ((kind, _), median) in kinds.iter().zip(&medians) {
        println!("{kind}: {median} ns");
    }
    let (least, most) = (medians.iter().min(), medians.iter().max());
    let (least, most) = (least.expect("a median"), most.expect("a median"));
    println!("slowest to fastest: {} per mille", most * 1000 / least);
}

fn parse(jwe: &str) -> Jwe {
    jwe.parse().expect("a JWE")
}

fn with_part(jwe: &str, nth: usize, bytes: &[u8]) -> Jwe {
    let changed = URL_SAFE_NO_PAD.encode(bytes);
    let parts = jwe.split('.').enumerate();
    let parts = parts.map(|(at, part)| if at == nth { &changed } else { part });
    parse(&parts.collect::<Vec<&str>>().join("."))
}

#[expect(clippy::disallowed_methods, reason = "it measures time")]
fn nanoseconds(opener: &JweOpener, jwe: &Jwe) -> u128 {
    let start = std::time::Instant::now();
    let failed = pollster::block_on(opener.open_bytes(black_box(jwe)));
    let took = start.elapsed().as_nanos();
    assert!(matches!(failed, Err(OpenError::Decrypt)));
    took
}

/// Fisher and Yates, with the numbers of a small generator: the order need not be secret.
fn shuffle(order: &mut [usize]) {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for last in (1..order.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let below = u64::try_from(last + 1).expect("a length");
        order.swap(last, usize::try_from(state % below).expect("an index"));
    }
}

fn median(times: &mut [u128]) -> u128 {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
