use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{self, SHA256};

/// Ids of JWTs that are remembered; if there are more, those that expire first are forgotten.
const REMEMBERED: usize = 16 * 1024;

/// Which `jti` each key has used, until the JWT expires.
#[derive(Default)]
pub(super) struct Replays {
    /// The digest of key id and `jti`, and the second after which the entry may be forgotten.
    used: Mutex<HashMap<[u8; 32], i64>>,
}

impl Replays {
    /// Whether this id is new, which leaves it so.
    pub(super) fn is_new(&self, key_id: &str, jwt_id: &str) -> bool {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        name(key_id, jwt_id).is_ok_and(|name| !used.contains_key(&name))
    }

    /// Whether this id is new; if so, it is remembered.
    pub(super) fn admit(&self, key_id: &str, jwt_id: &str, expires: i64, now: i64) -> bool {
        let Ok(name) = name(key_id, jwt_id) else {
            return false;
        };
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.contains_key(&name) {
            return false;
        }
        if used.len() >= REMEMBERED {
            used.retain(|_, expires| *expires >= now);
        }
        if used.len() >= REMEMBERED {
            let first = used.iter().min_by_key(|(_, expires)| **expires);
            if let Some(first) = first.map(|(name, _)| *name) {
                used.remove(&first);
            }
        }
        used.insert(name, expires);
        true
    }
}

/// Digests are stored instead of ids, because an id can be of any length.
fn name(key_id: &str, jwt_id: &str) -> Result<[u8; 32], std::array::TryFromSliceError> {
    let text = format!("{key_id}\0{jwt_id}");
    digest::digest(&SHA256, text.as_bytes()).as_ref().try_into()
}

impl fmt::Debug for Replays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replays").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_admitted_once_for_each_key() {
        let replays = Replays::default();
        assert!(replays.admit("a", "1", 100, 0));
        assert!(!replays.admit("a", "1", 100, 0));
        assert!(!replays.admit("a", "1", 200, 0));
        assert!(replays.admit("b", "1", 100, 0));
        assert!(replays.admit("a", "2", 100, 0));
    }

    #[test]
    fn what_has_expired_makes_room_and_then_the_first_to_expire() {
        let replays = Replays::default();
        let mut expires = 0;
        for at in 0..REMEMBERED {
            expires += 1;
            assert!(replays.admit("a", &at.to_string(), expires, 0));
        }
        assert!(replays.admit("a", "new", expires, 0));
        assert!(
            replays.admit("a", "0", expires, 0),
            "the first to expire was forgotten"
        );
        assert!(!replays.admit("a", "2", expires, 0));
        assert_eq!(replays.used.lock().unwrap().len(), REMEMBERED);
        assert!(replays.admit("a", "late", expires, expires));
        assert!(replays.used.lock().unwrap().len() < 8);
    }
}
