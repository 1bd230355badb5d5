//! Row L2: any response needs at most four times the body's limit and 1 MiB more.
//!
//! A child process reads each hostile body and reports by how much its peak of resident memory grew.

#![cfg(target_os = "linux")]

use std::process::Command;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use payment_credentials_core::PaymentCredentials;
use payment_credentials_core::wire::{MAX_RESPONSE_BODY, ResponseBody, decode};

/// In KiB, the system's unit.
const MOST: usize = (4 * MAX_RESPONSE_BODY + 1024 * 1024) / 1024;

/// Fills the space between two texts, up to the body's limit.
fn filled(before: &str, with: &str, after: &str) -> Vec<u8> {
    let room = MAX_RESPONSE_BODY - before.len() - after.len();
    let middle = with.repeat(room / with.len());
    let middle = middle.strip_suffix(',').unwrap_or(&middle);
    [before, middle, after].concat().into_bytes()
}

/// This many members with different names.
fn members(count: usize) -> String {
    (0..count)
        .map(|nth| format!("\"{nth}\":0"))
        .collect::<Vec<_>>()
        .join(",")
}

fn bodies() -> Vec<(u16, Vec<u8>)> {
    let members = members(26_000);
    vec![
        (400, filled(r#"{"errors":["#, "0,", "]}")),
        (400, filled(r#"{"errors":["#, "{},", "]}")),
        (400, filled(r#"{"errors":[{"details":["#, "[],", "]}]}")),
        (400, filled(r#"{"message":""#, "1 ", r#""}"#)),
        (400, filled(r#"{"message":""#, "\\u0031", r#""}"#)),
        (400, filled("\"", "\\\"", "\"")),
        (400, format!("{{{members}}}").into_bytes()),
        (400, filled("", "[", "")),
        (201, format!("{{{members}}}").into_bytes()),
        (201, filled("", "A", "")),
        (201, filled("", ".", "")),
        (201, filled(r#"{"card":["#, "0,", "]}")),
    ]
}

/// Prints how much memory each body needed, in KiB.
#[test]
#[ignore = "runs as a child of l2_one_response_takes_a_bounded_amount_of_memory"]
fn l2_child_reads_hostile_bodies() {
    // The bodies are created first, so that they aren't counted.
    let bodies = bodies();
    for (nth, (status, body)) in bodies.into_iter().enumerate() {
        let status = StatusCode::from_u16(status).expect("a status");
        let before = reset_peak();
        let outcome = decode(
            status,
            &HeaderMap::new(),
            ResponseBody::Received(Bytes::from(body)),
        );
        drop(outcome.map_err(|error| format!("{error} {error:?}")));
        println!("grew {nth} {}", peak().saturating_sub(before));
    }
    // As much as fits into a JWE of the largest size.
    let plaintext = format!(r#"{{"card":{{}},{}}}"#, members(5_000));
    let before = reset_peak();
    let credentials = PaymentCredentials::from_plaintext(plaintext.as_bytes()).expect("a card");
    drop(format!("{credentials:?}"));
    println!("grew answer {}", peak().saturating_sub(before));
}

/// Resets the peak and returns its new value.
fn reset_peak() -> usize {
    std::fs::write("/proc/self/clear_refs", "5").expect("one's own peak can be reset");
    peak()
}

/// The system counts in steps, so a peak can seem to be below its start.
fn peak() -> usize {
    #[expect(clippy::disallowed_methods, reason = "the system reports it in a file")]
    let status = std::fs::read_to_string("/proc/self/status").expect("a file");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line.expect("a peak").trim().trim_end_matches(" kB");
    digits.parse().expect("a number")
}

#[test]
fn l2_one_response_takes_a_bounded_amount_of_memory() {
    let child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "--ignored", "--nocapture", "--test-threads=1"])
        .arg("memory::bounded::l2_child_reads_hostile_bodies")
        // Freed memory is returned to the system, so that it doesn't hide later allocations.
        .envs([
            ("MALLOC_MMAP_THRESHOLD_", "65536"),
            ("MALLOC_TRIM_THRESHOLD_", "0"),
        ])
        .output()
        .expect("it runs");
    let printed = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success(), "{printed}");
    let grown: Vec<usize> = printed
        .lines()
        .filter_map(|line| line.split_once("grew ")?.1.split_once(' '))
        .map(|(_, grown)| grown.parse().expect("a number"))
        .collect();
    assert_eq!(grown.len(), bodies().len() + 1, "{printed}");
    assert!(
        grown.iter().all(|grown| *grown <= MOST),
        "over {MOST} KiB: {printed}"
    );
}
