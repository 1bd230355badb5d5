use payment_credentials_core::{
    CredentialsOpener as _, Jwe, PortErrorKind, ResponseHead, SealedCredentials,
};
use payment_credentials_jose::{JweOpener, Keyring};
use payment_credentials_keys::Keystore;
use tokio::runtime::Builder;

use crate::arguments::Open;
use crate::configuration;
use crate::credentials::{self, Shown};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hidden_numbers::shown;
use crate::input;
use crate::output::Output;

pub(crate) fn run(arguments: &Open, output: Output) -> Result<(), Failure> {
    let shown = Shown::chosen(arguments.reveal)?;
    let opener = chosen(arguments)?;
    let content = input::read(&arguments.file)?;
    let text = std::str::from_utf8(&content).map_err(|_error| not_a_jwe("isn't text"))?;
    let jwe: Jwe = (text.trim().parse()).map_err(|error| not_a_jwe("").because(&error))?;
    // When it came, and what stood beside it, isn't in a JWE.
    let sealed = SealedCredentials::new(jwe, ResponseHead::new(201));
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::new(Exit::Configuration, "the runtime can't be started").because(&error)
    })?;
    let credentials = runtime.block_on(opener.open(&sealed)).map_err(|error| {
        let failure = Failure::of_call(&error, true);
        if error.kind() == PortErrorKind::Decrypt {
            return failure.with_cause(
                "no configured key opens it: it was made for another key, or was changed on the way",
            );
        }
        failure
    })?;
    let listed = credentials::listed(&credentials, shown);
    output.result(|| credentials::text(&listed), || credentials::json(&listed))
}

fn chosen(arguments: &Open) -> Result<JweOpener, Failure> {
    let Some(file) = &arguments.key else {
        let config = configuration::load(&arguments.configured, None)?;
        return Ok(config.opener()?);
    };
    let password = input::password(arguments.password_file.as_deref())?;
    let unusable = || {
        let text = format!("{} can't be used as key", shown(&file.to_string_lossy()));
        Failure::new(Exit::Configuration, text)
    };
    let keystore = Keystore::read(input::read(file)?, password.as_ref())
        .map_err(|error| unusable().because(&error))?;
    let key = keystore
        .private_key()
        .map_err(|error| unusable().because(&error))?;
    let keyring = Keyring::new([key]).map_err(|error| unusable().because(&error))?;
    Ok(JweOpener::new(keyring))
}

fn not_a_jwe(text: &str) -> Failure {
    let gap = if text.is_empty() { "" } else { ": it " };
    Failure::new(
        Exit::Configuration,
        format!("this is no response with credentials{gap}{text}"),
    )
}
