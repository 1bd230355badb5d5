//! Ends a test binary that hangs, so that a regression fails the suite instead of holding it up.
//!
//! The fixtures that a binary's tests share call [`start`]. The first call starts one thread, which aborts
//! the process once the limit has passed; a binary that ends before takes the thread along. The limit
//! covers the whole binary, so also the tests that use no fixture. Which test hangs, the test harness says
//! by itself after a minute: `test … has been running for over 60 seconds`.
#![expect(
    clippy::print_stderr,
    reason = "it's all that is seen of a binary that hangs"
)]

use std::sync::Once;
use std::time::Duration;
use std::{env, process, thread};

/// How many minutes a binary may take; the slowest one of the gate takes a quarter of it.
const MINUTES: u64 = 15;

/// Says another number of minutes, for tests that only run on demand.
const VARIABLE: &str = "TEST_LIMIT_MINUTES";

/// Bounds the time that this binary's tests may take together; only the first call does something.
///
/// # Panics
///
/// If the environment says a limit that is no number, or there can be no thread.
pub fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        #[expect(clippy::disallowed_methods, reason = "no library reads it")]
        let minutes = limit(env::var(VARIABLE).ok().as_deref());
        let watch = move || {
            thread::sleep(Duration::from_secs(60 * minutes));
            eprintln!(
                "the tests of this binary took over {minutes} minutes; the test that hangs is named \
                 above (\"has been running for over 60 seconds\"). {VARIABLE} allows more."
            );
            process::abort();
        };
        let thread = thread::Builder::new().name("test limit".to_owned());
        #[expect(clippy::expect_used, reason = "a test without a limit is no test")]
        thread.spawn(watch).expect("a thread");
    });
}

fn limit(said: Option<&str>) -> u64 {
    #[expect(
        clippy::expect_used,
        reason = "a limit that isn't understood would be none"
    )]
    said.map_or(MINUTES, |said| said.parse().expect("a number of minutes"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_environment_may_allow_another_time() {
        assert_eq!((limit(None), limit(Some("120"))), (MINUTES, 120));
    }

    #[test]
    #[ignore = "hangs on purpose, as a child of the test below"]
    fn child_hangs() {
        start();
        loop {
            thread::park();
        }
    }

    #[test]
    fn a_binary_that_hangs_is_ended_and_says_why() {
        let child = Command::new(env::current_exe().expect("this test"))
            .args(["--exact", "--ignored", "--nocapture", "tests::child_hangs"])
            .env(VARIABLE, "0")
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&child.stderr);
        assert!(!child.status.success());
        assert!(said.contains("took over 0 minutes"), "{said}");
    }
}
