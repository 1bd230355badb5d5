use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use metrics::{Unit, describe_gauge, gauge};
use payment_credentials_core::{ConfiguredKey, KeyId, KeyPurpose};

/// Reports when the certificates of the configured keys expire, through the `metrics` facade.
///
/// The gauge is `payment_credentials_key_not_after_timestamp_seconds`, in seconds since 1970-01-01 UTC. Its
/// labels are `purpose` (`sign_requests`, `seal_requests`, `open_credentials` or `open_responses`) and
/// `key_id`, which is empty for a key without an id. An alert on certificates that expire within ten days
/// is `payment_credentials_key_not_after_timestamp_seconds - time() < 864000`.
///
/// Make one of these for a process. Call [`report`](Self::report) at the start and after each rotation, with
/// all keys together: those of the port and those of the keyring. If keys have the same labels, such as keys
/// without an id, the gauge shows the earliest expiry. A key that is no longer configured
/// gets the value `+Inf`, so that its expiry raises no alert. Keys without a certificate, such as a shared
/// secret, are not reported; the Business Center shows when they expire.
///
/// The gauge doesn't cover the certificates of TLS: neither a `ClientIdentity` for mutual TLS nor the certificate
/// of the service or of a proxy. Watch those elsewhere; once one has expired, calls end as `tls`.
///
/// ```
/// use payment_credentials_core::Gateway;
/// use payment_credentials_layers::KeyExpiry;
///
/// fn started(gateway: &Gateway) -> KeyExpiry {
///     let expiry = KeyExpiry::new();
///     expiry.report(&gateway.configured_keys());
///     expiry
/// }
/// ```
#[derive(Debug, Default)]
pub struct KeyExpiry {
    reported: Mutex<BTreeSet<Labels>>,
}

type Labels = (&'static str, String);

const NOT_AFTER: &str = "payment_credentials_key_not_after_timestamp_seconds";

impl KeyExpiry {
    /// Describes the gauge to the metrics recorder that is installed when this is called.
    #[must_use]
    pub fn new() -> Self {
        describe_gauge!(
            NOT_AFTER,
            Unit::Seconds,
            "When a configured key's certificate expires."
        );
        Self::default()
    }

    /// Reports the keys of a port or of a keyring. Pass all keys that are in use now.
    pub fn report<'a>(&self, keys: impl IntoIterator<Item = &'a ConfiguredKey>) {
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ends: BTreeMap<Labels, SystemTime> = BTreeMap::new();
        for key in keys {
            let Some(not_after) = key.not_after else {
                continue;
            };
            let labels = (word(key.purpose), key_id(key));
            let end = ends.entry(labels).or_insert(not_after);
            *end = not_after.min(*end);
        }
        for (labels, end) in &ends {
            set(labels, seconds(*end));
        }
        for gone in reported.iter().filter(|labels| !ends.contains_key(*labels)) {
            set(gone, f64::INFINITY);
        }
        *reported = ends.into_keys().collect();
    }
}

fn set((purpose, key_id): &Labels, seconds: f64) {
    gauge!(NOT_AFTER, "purpose" => *purpose, "key_id" => key_id.clone()).set(seconds);
}

/// The key's id in the form that may be shown.
fn key_id(key: &ConfiguredKey) -> String {
    key.key_id
        .as_ref()
        .map(KeyId::to_string)
        .unwrap_or_default()
}

fn word(purpose: KeyPurpose) -> &'static str {
    match purpose {
        KeyPurpose::OpenCredentials => "open_credentials",
        KeyPurpose::OpenResponses => "open_responses",
        KeyPurpose::SealRequests => "seal_requests",
        KeyPurpose::SignRequests => "sign_requests",
        _ => "other",
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the facade's gauges are f64, which is exact to a second for 200 million years"
)]
fn seconds(time: SystemTime) -> f64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs() as f64
}
