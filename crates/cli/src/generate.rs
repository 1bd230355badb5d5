use std::sync::Arc;

use payment_credentials_config::Config;
use payment_credentials_core::generator::CredentialsGenerator;
use payment_credentials_core::request::{PaymentCredentialType, RequestBody};
use payment_credentials_core::seam::Progress;
use payment_credentials_core::{
    CredentialsRequest, Delivery, PaymentCredentialsPort, SealedContent, SealedCredentials,
};
use tokio::runtime::{Builder, Runtime};

use crate::arguments::{CredentialType, Generate, TransactionType};
use crate::configuration;
use crate::credentials::{self, Shown};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Output, note};

pub(crate) fn run(arguments: &Generate, output: Output) -> Result<(), Failure> {
    let shown = Shown::chosen(arguments.reveal)?;
    let request = request(arguments)?;
    let config = configuration::load(&arguments.configured, arguments.api_version)?;
    configuration::require_allowed(&config.endpoint()?, arguments.production)?;
    if arguments.credential_type.is_none() {
        note(
            "asks for a cryptogram, which is good for one payment that follows at once; card networks count \
             unused ones. Where none is needed, --type NETWORK_TOKEN asks for none",
        );
    }
    let call = Call {
        config: &config,
        request: &request,
    };
    if arguments.sealed {
        let sealed = call.sealed()?;
        return print_sealed(&sealed, output);
    }
    let listed = call.opened(shown)?;
    output.result(|| credentials::text(&listed), || credentials::json(&listed))
}

fn request(arguments: &Generate) -> Result<CredentialsRequest, Failure> {
    let mut body = RequestBody::default();
    if let Some(wanted) = arguments.credential_type {
        body = body.with_payment_credential_type(match wanted {
            CredentialType::NetworkToken => PaymentCredentialType::NetworkToken,
            CredentialType::Cryptogram => PaymentCredentialType::Cryptogram,
            CredentialType::SecurityCode => PaymentCredentialType::SecurityCode,
        });
    }
    if let Some(wanted) = arguments.transaction_type {
        use payment_credentials_core::request::TransactionType as Wire;
        body = body.with_transaction_type(match wanted {
            TransactionType::Ecom => Wire::Ecom,
            TransactionType::Aft => Wire::Aft,
        });
    }
    let mut request = CredentialsRequest::new(arguments.token_id.clone())
        .with_body(body)
        .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
    if let Some(profile) = &arguments.profile_id {
        request = request.with_profile_id(profile.clone());
    }
    Ok(request)
}

/// One call with a configuration.
struct Call<'a> {
    config: &'a Config,
    request: &'a CredentialsRequest,
}

impl Call<'_> {
    fn sealed(&self) -> Result<SealedCredentials, Failure> {
        let port = self.port()?;
        runtime()?.block_on(async {
            let progress = Progress::default();
            tokio::select! {
                sealed = port.generate_with(self.request, &progress) => {
                    sealed.map_err(|error| Failure::of_call(&error, false))
                }
                failure = interrupted(&progress) => Err(failure),
            }
        })
    }

    fn opened(&self, shown: Shown) -> Result<Vec<(&'static str, String)>, Failure> {
        // Keys that don't open are found before a cryptogram is spent.
        let opener = Arc::new(self.config.opener()?);
        let generator = CredentialsGenerator::new(self.port()?, opener);
        let generated = runtime()?.block_on(async {
            let progress = Progress::default();
            tokio::select! {
                generated = generator.generate_with(self.request, &progress) => {
                    generated.map_err(|error| {
                        let has_response = error.sealed().is_some();
                        Failure::of_call(error.port_error(), has_response)
                    })
                }
                failure = interrupted(&progress) => Err(failure),
            }
        })?;
        let mut listed = credentials::listed(&generated.credentials, shown);
        if let Some(id) = generated.correlation_id() {
            listed.push(("correlation id", id.to_string()));
        }
        Ok(listed)
    }

    fn port(&self) -> Result<Arc<dyn PaymentCredentialsPort>, Failure> {
        let known = self.config.notes();
        let port = Arc::new(self.config.port()?);
        let limited = self.config.limits()?.around(port).map_err(|error| {
            Failure::new(Exit::Configuration, "the limits can't be used").because(&error)
        })?;
        configuration::note_new(self.config, &known);
        Ok(limited)
    }
}

pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.map_err(|error| {
        Failure::new(Exit::NotSent, "the runtime can't be started").because(&error)
    })
}

/// Waits for Ctrl-C, and says how far the call got.
async fn interrupted(progress: &Progress) -> Failure {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without the signal, nothing interrupts the call.
        std::future::pending::<()>().await;
    }
    Failure::new(
        Exit::Interrupted,
        match progress.give_up() {
            Delivery::NotSent => "interrupted before the request was sent: nothing was done",
            Delivery::Answered => "interrupted after the service had responded",
            Delivery::Unknown | _ => {
                "interrupted after the request was sent: the service may have made a cryptogram"
            }
        },
    )
}

fn print_sealed(sealed: &SealedCredentials, output: Output) -> Result<(), Failure> {
    let SealedContent::Jwe(jwe) = sealed.content() else {
        return Err(Failure::new(
            Exit::PartlyDone,
            "the response is plain JSON, not a JWE; leave --sealed out",
        ));
    };
    let id = sealed.head().correlation_id().map(ToString::to_string);
    output.result(
        || jwe.as_str().to_owned(),
        || serde_json::json!({ "jwe": jwe.as_str(), "correlationId": id }),
    )
}
