use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Exponential backoff with full jitter: a random part of a window that doubles.
pub(super) struct Backoff {
    first: Duration,
    most: Duration,
    state: AtomicU64,
}

impl Backoff {
    /// Draws the same waits for the same seed, and different ones without a seed.
    pub(super) fn new(first: Duration, most: Duration, seed: Option<u64>) -> Self {
        // The standard library's maps seed themselves from the system, which is good enough for waits.
        let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(()));
        Self {
            first,
            most,
            state: seed.into(),
        }
    }

    /// How long to wait before another retry; at most `room`.
    pub(super) fn wait(&self, retries_before: u32, room: Duration) -> Duration {
        let doubled = 1_u32.checked_shl(retries_before).unwrap_or(u32::MAX);
        let window = self.first.saturating_mul(doubled).min(self.most).min(room);
        let nanoseconds = u64::try_from(window.as_nanos()).unwrap_or(u64::MAX);
        let part = (u128::from(self.random()) * u128::from(nanoseconds)) >> 64;
        Duration::from_nanos(u64::try_from(part).unwrap_or(nanoseconds))
    }

    /// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). Its
    /// whole state is a counter, so that callers need no lock.
    fn random(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.state.fetch_add(STEP, Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backoff")
            .field("first", &self.first)
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::RetryPolicy;
    use super::*;

    fn seeded(seed: u64) -> Backoff {
        RetryPolicy::default().seed(seed).waits()
    }

    fn longest(backoff: &Backoff, retries: u32, room: Duration) -> Duration {
        (0..1000)
            .map(|_| backoff.wait(retries, room))
            .max()
            .expect("a wait")
    }

    #[test]
    fn the_generator_is_the_published_one() {
        // The first outputs for the seed 1234567, as published with many implementations.
        let backoff = seeded(1_234_567);
        assert_eq!(backoff.random(), 6_457_827_717_110_365_317);
        assert_eq!(backoff.random(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn the_window_doubles_up_to_a_most_and_to_the_room_there_is() {
        let backoff = seeded(1);
        for (retries, seconds) in [
            (0, 3),
            (1, 6),
            (2, 12),
            (3, 20),
            (31, 20),
            (32, 20),
            (u32::MAX, 20),
        ] {
            let window = Duration::from_secs(seconds);
            let longest = longest(&backoff, retries, Duration::MAX);
            assert!(
                longest <= window && longest > window.mul_f64(0.98),
                "{longest:?}"
            );
        }
        let room = Duration::from_millis(40);
        assert!(longest(&backoff, 0, room) <= room);
        assert_eq!(longest(&backoff, 0, Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn endless_windows_do_not_overflow() {
        let backoff = Backoff::new(Duration::MAX, Duration::MAX, Some(1));
        assert!(longest(&backoff, 9, Duration::MAX) > Duration::from_secs(1));
    }

    #[test]
    fn waits_repeat_with_a_seed_and_differ_without() {
        let waits = |backoff: Backoff| [0; 4].map(|_| backoff.wait(0, Duration::MAX));
        assert_eq!(waits(seeded(7)), waits(seeded(7)));
        assert_ne!(waits(seeded(7)), waits(seeded(8)));
        let unseeded = || RetryPolicy::default().waits();
        assert_ne!(waits(unseeded()), waits(unseeded()));
    }
}
