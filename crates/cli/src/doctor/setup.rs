//! What needs no network.

use std::sync::Arc;

use payment_credentials_config::{Config, ConfigError};
use payment_credentials_core::seam::{Clock as _, SystemClock};
use payment_credentials_core::{CredentialsOpener, Endpoint};

use super::report::{Report, Step};
use crate::arguments::Doctor;
use crate::configuration;
use crate::exit::Exit;

const CORRECT: &str =
    "correct what is named; the page of the configuration's fields says what each may be";

pub(super) fn configuration(arguments: &Doctor, report: &mut Report) -> Result<Config, Exit> {
    match configuration::read(&arguments.configured, None) {
        Ok(config) => {
            let notes: Vec<_> = config.notes().iter().map(ToString::to_string).collect();
            report.add(if notes.is_empty() {
                Step::passed(
                    "configuration",
                    configuration::origin(&arguments.configured),
                )
            } else {
                Step::warned("configuration", notes.join("\n"))
            });
            Ok(config)
        }
        Err(error) => Err(refused("configuration", &error, report)),
    }
}

/// Whether every key that the configuration names can be read and used.
pub(super) fn keys(config: &Config, report: &mut Report) -> Result<(), Exit> {
    // Files are noted once they are read, which the notes after this include.
    let known = config.notes();
    let keys = config.inventory(SystemClock.now());
    let inventory = keys.map_err(|error| refused("keys", &error, report))?;
    // The port's keys too: the inventory lists those alone whose fields are there.
    let port = config.port();
    port.map_err(|error| refused("keys", &error, report))?;
    // A note on limits is none here: calls have them.
    let _limits = config.limits();
    let all = config.notes().into_iter().chain(inventory.notes);
    let mut notes: Vec<_> = all
        .filter(|note| !known.contains(note))
        .map(|note| note.to_string())
        .collect();
    notes.sort();
    notes.dedup();
    let listed: Vec<_> = inventory
        .keys
        .iter()
        .map(|key| match &key.key_id {
            Some(id) => format!("{id} {}", key.purpose),
            None => format!("a key without an id {}", key.purpose),
        })
        .collect();
    report.add(if notes.is_empty() {
        Step::passed("keys", listed.join("\n"))
    } else {
        Step::warned("keys", [notes, listed].concat().join("\n"))
    });
    Ok(())
}

pub(super) fn host(config: &Config, report: &mut Report) -> Result<Endpoint, Exit> {
    let endpoint = config
        .endpoint()
        .map_err(|error| refused("host", &error, report))?;
    let kind = match endpoint.connect_to() {
        Some(to) => format!("reached at {}, port {}", to.host(), to.port()),
        None if configuration::is_for_tests(&endpoint) => "for tests".to_owned(),
        None => "not for tests: calls need --production".to_owned(),
    };
    let text = format!("{}, {kind}", endpoint.base().authority());
    report.add(Step::passed("host", text));
    Ok(endpoint)
}

/// The opener, without which a response is kept sealed.
pub(super) fn opener(
    config: &Config,
    arguments: &Doctor,
    report: &mut Report,
) -> Result<Option<Arc<dyn CredentialsOpener>>, Exit> {
    match config.opener() {
        Ok(opener) => {
            report.add(Step::passed("opening key", "can be used"));
            Ok(Some(Arc::new(opener)))
        }
        Err(error) if arguments.token_id.is_some() => Err(refused("opening key", &error, report)),
        Err(error) => {
            report.add(Step::warned("opening key", error.to_string()));
            Ok(None)
        }
    }
}

fn refused(step: &'static str, error: &ConfigError, report: &mut Report) -> Exit {
    report.add(Step::failed(step, error.to_string(), CORRECT));
    Exit::Configuration
}
