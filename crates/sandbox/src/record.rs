//! What the sandbox remembers of its callers: a bounded history, and followers that read all of it.

mod captured;
mod entry;
mod follower;
mod jose;
mod journal;
mod received;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use captured::CapturedAuthentication;
pub use follower::Follower;
pub use received::ReceivedRequest;

pub(crate) use captured::Recording;
pub(crate) use entry::Entry;
pub(crate) use journal::Journal;

use crate::secrets::Secrets;
use follower::Subscription;

/// Requests that are recorded; older ones are dropped.
const REMEMBERED: usize = 1024;
/// Bytes of bodies that are recorded in total.
const REMEMBERED_BYTES: usize = 16 * 1024 * 1024;
/// Values of `clientCorrelationId` that are counted; others are not.
const COUNTED: usize = 100_000;

/// The last requests, oldest first.
pub(crate) struct Record {
    kept: Mutex<Kept>,
    secrets: Arc<Secrets>,
}

#[derive(Default)]
struct Kept {
    requests: VecDeque<ReceivedRequest>,
    bytes: usize,
    /// The number of the latest request.
    latest: u64,
    followers: Vec<Subscription>,
    /// How often something was minted, by `clientCorrelationId`.
    minted_for: HashMap<String, u64>,
}

impl Record {
    /// A record that repeats none of these.
    pub(crate) fn new(secrets: Arc<Secrets>) -> Self {
        Self {
            kept: Mutex::default(),
            secrets,
        }
    }

    /// Numbers the request, keeps it, and passes it to all followers.
    pub(crate) fn add(&self, mut entry: Entry) {
        let mut kept = self.lock();
        kept.latest += 1;
        let number = kept.latest;
        entry.number = number;
        // An id is counted as it was sent, also where the record may not show it.
        kept.count(&entry);
        let secrets = entry.secrets.take();
        entry.hide(secrets.as_ref().unwrap_or(&self.secrets));
        let request = ReceivedRequest::new(entry);
        kept.followers.retain(|follower| follower.send(&request));
        kept.bytes += request.bytes();
        kept.requests.push_back(request);
        while kept.requests.len() > REMEMBERED || kept.bytes > REMEMBERED_BYTES {
            let Some(oldest) = kept.requests.pop_front() else {
                break;
            };
            kept.bytes -= oldest.bytes();
        }
    }

    /// The kept requests that arrived whole.
    pub(crate) fn whole(&self) -> Vec<ReceivedRequest> {
        let kept = self.lock();
        let whole = kept.requests.iter().filter(|request| request.is_whole());
        whole.cloned().collect()
    }

    /// The kept requests after this number.
    pub(crate) fn since(&self, number: u64) -> Vec<ReceivedRequest> {
        self.lock().since(number)
    }

    pub(crate) fn latest(&self) -> Option<ReceivedRequest> {
        self.lock().requests.back().cloned()
    }

    /// A follower of all that comes from now on.
    pub(crate) fn follow(&self) -> Follower {
        let mut kept = self.lock();
        let latest = kept.latest;
        kept.follow_since(latest)
    }

    /// A follower that begins with the kept requests after this number.
    pub(crate) fn follow_since(&self, number: u64) -> Follower {
        self.lock().follow_since(number)
    }

    pub(crate) fn minted_for(&self, client_correlation_id: &str) -> u64 {
        let kept = self.lock();
        kept.minted_for
            .get(client_correlation_id)
            .copied()
            .unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing panics while the lock is held.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn since(&self, number: u64) -> Vec<ReceivedRequest> {
        let later = |request: &&ReceivedRequest| request.number() > number;
        self.requests.iter().filter(later).cloned().collect()
    }

    /// The lock is held from the look at the history to the subscription, so nothing falls between the two.
    fn follow_since(&mut self, number: u64) -> Follower {
        let earlier = self.since(number);
        let oldest = earlier
            .first()
            .map_or(self.latest + 1, ReceivedRequest::number);
        let missed = oldest.saturating_sub(number.saturating_add(1));
        let (follower, subscription) = Follower::new(earlier, missed);
        self.followers.push(subscription);
        follower
    }

    fn count(&mut self, request: &Entry) {
        let id = request.client_correlation_id.as_deref();
        let Some(id) = id.filter(|_| request.is_minted) else {
            return;
        };
        if let Some(count) = self.minted_for.get_mut(id) {
            *count += 1;
        } else if self.minted_for.len() < COUNTED {
            self.minted_for.insert(id.to_owned(), 1);
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, SocketAddr};
    use std::time::UNIX_EPOCH;

    use super::*;

    const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

    fn entry(path: &str, body: Vec<u8>) -> Entry {
        let (head, ()) = http::Request::post(path).body(()).unwrap().into_parts();
        let mut entry = Entry::of(&head, UNIX_EPOCH, PEER);
        entry.body = body.into();
        entry.status = Some(201);
        entry
    }

    fn numbers(follower: &mut Follower) -> Vec<u64> {
        std::iter::from_fn(|| follower.try_next())
            .map(|request| request.number())
            .collect()
    }

    #[test]
    fn the_oldest_requests_make_room() {
        let record = Record::new(Arc::default());
        for at in 0..REMEMBERED + 3 {
            record.add(entry(&format!("/{at}"), Vec::new()));
        }
        let all = record.whole();
        assert_eq!(all.len(), REMEMBERED);
        assert_eq!(all[0].path(), "/3");
        assert_eq!(record.latest().unwrap().number(), all.len() as u64 + 3);
    }

    #[test]
    fn large_bodies_make_room_too() {
        let record = Record::new(Arc::default());
        for at in 0..3 {
            record.add(entry(&format!("/{at}"), vec![0; REMEMBERED_BYTES / 2]));
        }
        assert_eq!(record.whole().len(), 2);
    }

    #[test]
    fn a_follower_that_reads_late_gets_more_than_the_history_holds() {
        let record = Record::new(Arc::default());
        let mut follower = record.follow();
        let all = REMEMBERED as u64 * 3;
        (0..all).for_each(|_| record.add(entry("/", Vec::new())));
        assert_eq!(numbers(&mut follower), (1..=all).collect::<Vec<_>>());
        assert_eq!(follower.missed(), 0);
    }

    #[test]
    fn a_follower_that_begins_late_is_told_how_many_it_missed() {
        let record = Record::new(Arc::default());
        (0..REMEMBERED + 10).for_each(|_| record.add(entry("/", Vec::new())));
        let mut follower = record.follow_since(4);
        assert_eq!(follower.missed(), 6);
        let latest = REMEMBERED as u64 + 10;
        record.add(entry("/", Vec::new()));
        assert_eq!(
            numbers(&mut follower),
            (11..=latest + 1).collect::<Vec<_>>()
        );
        let mut follower = record.follow_since(latest);
        assert_eq!(
            (follower.missed(), numbers(&mut follower)),
            (0, vec![latest + 1])
        );
        let mut follower = record.follow_since(u64::MAX);
        assert_eq!((follower.missed(), numbers(&mut follower)), (0, vec![]));
    }

    #[test]
    fn a_full_queue_counts_what_it_leaves_out_and_goes_on_once_it_is_read() {
        let record = Record::new(Arc::default());
        let mut follower = record.follow();
        // The copies share one body, so the test needs no memory of that size.
        let body = bytes::Bytes::from(vec![0; 64 * 1024 * 1024]);
        let add = || {
            let mut entry = entry("/", Vec::new());
            entry.body = body.clone();
            record.add(entry);
        };
        (0..6).for_each(|_| add());
        assert_eq!(follower.missed(), 3);
        assert_eq!(numbers(&mut follower), [1, 2, 3]);
        add();
        assert_eq!(numbers(&mut follower), [7]);
        assert_eq!(follower.missed(), 3);
    }

    #[test]
    fn a_dropped_follower_leaves_no_queue_behind() {
        let record = Record::new(Arc::default());
        drop(record.follow());
        record.add(entry("/", Vec::new()));
        assert!(record.lock().followers.is_empty());
    }
}
