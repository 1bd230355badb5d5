//! What the kernel reports of this process, on Linux.

use std::time::Duration;

/// Ticks of `/proc/self/stat` in a second, on every architecture that Rust supports.
const TICKS: u32 = 100;

/// The CPU time of this process so far, of all its threads.
#[must_use]
pub fn cpu() -> Duration {
    let stat = read("/proc/self/stat");
    // The program's name comes first, in parentheses, and may hold anything.
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let times = fields.split_whitespace().skip(11).take(2);
    let ticks = times.map(|time| time.parse::<u32>().expect("ticks")).sum();
    Duration::from_secs(1) / TICKS * ticks
}

/// KiB of memory: `VmRSS` what the process holds, `VmHWM` the most that it has held.
#[must_use]
pub fn memory(name: &str) -> u64 {
    let status = read("/proc/self/status");
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    number.expect("a line").parse().expect("a number")
}

#[expect(clippy::disallowed_methods, reason = "the kernel tells it in a file")]
fn read(file: &str) -> String {
    std::fs::read_to_string(file).expect("Linux's files of processes")
}
