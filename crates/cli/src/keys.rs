use std::path::Path;
use std::time::{Duration, SystemTime};

use httpdate::fmt_http_date;
use payment_credentials_core::ConfiguredKey;
use payment_credentials_core::seam::{Clock as _, SystemClock};
use payment_credentials_core::secret::Password;
use payment_credentials_keys::{Certificate, Keystore};
use serde_json::{Value, json};

use crate::arguments::Keys;
use crate::configuration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hidden_numbers::shown;
use crate::input;
use crate::output::{Output, note};

/// A key or a certificate.
#[derive(Debug, Default)]
struct Entry {
    /// The file it is from; none for a configuration's.
    file: Option<String>,
    what: String,
    bits: Option<usize>,
    key_id: Option<String>,
    subject: Option<String>,
    not_before: Option<SystemTime>,
    not_after: Option<SystemTime>,
}

pub(crate) fn run(arguments: &Keys, output: Output) -> Result<(), Failure> {
    let now = SystemClock.now();
    let entries = if arguments.files.is_empty() {
        configured(arguments, now)?
    } else {
        let password = input::password(arguments.password_file.as_deref())?;
        let (mut entries, mut unreadable) = (Vec::new(), Vec::new());
        for file in &arguments.files {
            match held(file, password.as_ref()) {
                Ok(held) => entries.extend(held),
                Err(failure) => unreadable.push(failure),
            }
        }
        if let Some(failure) = Failure::of_several(unreadable) {
            if !entries.is_empty() {
                print(&entries, output)?;
            }
            return Err(failure);
        }
        entries
    };
    print(&entries, output)?;
    let Some(days) = arguments.expires_within else {
        return Ok(());
    };
    let limit = now + Duration::from_secs(u64::from(days) * 24 * 60 * 60);
    let ending = entries
        .iter()
        .filter(|entry| entry.not_after.is_some_and(|end| end <= limit));
    match ending.count() {
        0 => Ok(()),
        count => Err(Failure::new(
            Exit::Found,
            format!("{count} of the certificates end within {days} days, or have ended"),
        )),
    }
}

fn print(entries: &[Entry], output: Output) -> Result<(), Failure> {
    output.result(
        || entries.iter().map(Entry::text).collect(),
        || json!({ "keys": entries.iter().map(Entry::json).collect::<Vec<_>>() }),
    )
}

fn configured(arguments: &Keys, now: SystemTime) -> Result<Vec<Entry>, Failure> {
    let config = configuration::load(&arguments.configured, None)?;
    let known = config.notes();
    let inventory = config.inventory(now)?;
    for one in inventory.notes.iter().filter(|one| !known.contains(one)) {
        note(&one.to_string());
    }
    Ok(inventory.keys.iter().map(Entry::of_configured).collect())
}

/// What a file holds: its private keys, with the certificates that belong to them, and further certificates.
fn held(file: &Path, password: Option<&Password>) -> Result<Vec<Entry>, Failure> {
    let keystore = Keystore::read(input::read(file)?, password).map_err(|error| {
        let text = format!("{} can't be read", shown(&file.to_string_lossy()));
        Failure::new(Exit::Configuration, text).because(&error)
    })?;
    let keys: Vec<_> = keystore.keys().collect();
    let owned: Vec<_> = keys.iter().filter_map(|key| key.certificate).collect();
    let mut entries: Vec<_> = keys
        .iter()
        .map(|key| {
            let entry = Entry {
                what: "private key, RSA".to_owned(),
                bits: Some(key.bits),
                ..Entry::default()
            };
            let entry = match key.certificate {
                Some(certificate) => entry.with(certificate),
                None => entry,
            };
            let own_id = key.key_id.map(ToString::to_string);
            Entry {
                key_id: own_id.or(entry.key_id),
                ..entry
            }
        })
        .collect();
    let others = keystore.certificates().iter();
    entries.extend(
        others
            .filter(|one| !owned.iter().any(|it| it.der() == one.der()))
            .map(|one| {
                let what = "certificate without its private key".to_owned();
                Entry {
                    what,
                    ..Entry::default()
                }
                .with(one)
            }),
    );
    let name = shown(&file.to_string_lossy());
    for entry in &mut entries {
        entry.file = Some(name.clone());
    }
    Ok(entries)
}

impl Entry {
    fn of_configured(key: &ConfiguredKey) -> Self {
        Self {
            what: key.purpose.to_string(),
            key_id: key.key_id.as_ref().map(ToString::to_string),
            subject: key.subject.as_deref().map(str::to_owned),
            not_after: key.not_after,
            ..Self::default()
        }
    }

    fn with(self, certificate: &Certificate) -> Self {
        Self {
            key_id: certificate.key_id().ok().map(|id| id.to_string()),
            subject: Some(certificate.subject().to_owned()),
            not_before: Some(certificate.not_before()),
            not_after: Some(certificate.not_after()),
            ..self
        }
    }

    fn text(&self) -> String {
        let mut lines = Vec::new();
        if let Some(file) = &self.file {
            lines.push(format!("{file}: {}", self.what));
        } else {
            lines.push(self.what.clone());
        }
        let mut line = |name: &str, value: Option<String>| {
            lines.extend(value.map(|value| format!("  {name:<12} {value}")));
        };
        line("bits", self.bits.map(|bits| bits.to_string()));
        line("key id", self.key_id.clone());
        line("subject", self.subject.clone());
        line("valid from", self.not_before.map(fmt_http_date));
        line("valid until", self.not_after.map(fmt_http_date));
        lines.join("\n") + "\n"
    }

    fn json(&self) -> Value {
        json!({
            "file": self.file,
            "what": self.what,
            "algorithm": self.bits.map(|_bits| "RSA"),
            "bits": self.bits,
            "keyId": self.key_id,
            "subject": self.subject,
            "notBefore": self.not_before.map(fmt_http_date),
            "notAfter": self.not_after.map(fmt_http_date),
        })
    }
}
