//! What needs the network: the connection, one request that makes no cryptogram, and on demand an opening.

use std::sync::Arc;
use std::time::SystemTime;

use payment_credentials_config::Config;
use payment_credentials_core::request::{PaymentCredentialType, RequestBody};
use payment_credentials_core::seam::{Clock as _, SystemClock};
use payment_credentials_core::{
    ClockSkew, CredentialsOpener, CredentialsRequest, Endpoint, PaymentCredentialsPort as _, Phase,
    PortError, PortErrorKind, Refusal, TokenId,
};
use payment_credentials_hyper::HyperPort;

use super::report::{Report, Step};
use crate::arguments::Doctor;
use crate::exit::Exit;
use crate::failure::texts;
use crate::output::note;
use crate::{explain, generate};

/// An id that can't exist: the service's ids are hexadecimal or decimal.
const NO_SUCH_ID: &str = "PAYCREDDOCTORASKSFORNOSUCHCARD00";

pub(super) fn examine(
    config: &Config,
    endpoint: &Endpoint,
    opener: Option<Arc<dyn CredentialsOpener>>,
    arguments: &Doctor,
    report: &mut Report,
) -> Result<(), Exit> {
    // It was built before, as a step of its own.
    let port = config.port().map_err(|_error| Exit::Configuration)?;
    let runtime = generate::runtime().map_err(|failure| failure.exit())?;
    runtime.block_on(async {
        connection(&port, endpoint, report).await?;
        let host = endpoint.base().host();
        let asked = if let Some(id) = &arguments.token_id {
            note(&format!(
                "asks {host} for the network token of the given id, without a cryptogram"
            ));
            id.clone()
        } else {
            note(&format!(
                "asks {host} for the network token of an id that can't exist"
            ));
            NO_SUCH_ID.parse().map_err(|_error| Exit::Usage)?
        };
        request(&port, asked, opener, arguments.token_id.is_some(), report).await
    })
}

async fn connection(
    port: &HyperPort,
    endpoint: &Endpoint,
    report: &mut Report,
) -> Result<(), Exit> {
    let Err(error) = port.connect().await else {
        report.add(Step::passed(
            "connection",
            "name, TCP and TLS, through the proxy if there is one",
        ));
        return Ok(());
    };
    let where_it_failed = if error.phase() == Phase::Tls {
        "TLS".to_owned()
    } else if texts(&error).iter().any(|text| text.contains("proxy")) {
        "the proxy".to_owned()
    } else if is_unknown(endpoint).await {
        format!("the name {} isn't found", endpoint.base().host())
    } else {
        "no connection".to_owned()
    };
    report.add(failed("connection", &where_it_failed, &error));
    Err(Exit::NotSent)
}

/// Whether the system doesn't know the name. With a proxy it needn't.
async fn is_unknown(endpoint: &Endpoint) -> bool {
    if endpoint.connect_to().is_some() {
        return false;
    }
    let (host, port) = (endpoint.base().host().to_string(), endpoint.base().port());
    tokio::net::lookup_host((host, port)).await.is_err()
}

async fn request(
    port: &HyperPort,
    token_id: TokenId,
    opener: Option<Arc<dyn CredentialsOpener>>,
    is_given: bool,
    report: &mut Report,
) -> Result<(), Exit> {
    let body =
        RequestBody::default().with_payment_credential_type(PaymentCredentialType::NetworkToken);
    let request = CredentialsRequest::new(token_id).with_body(body);
    let request = request.map_err(|_error| Exit::Usage)?;
    let sent = SystemClock.now();
    let sealed = port.generate(&request).await;
    let received = SystemClock.now();
    let date = match &sealed {
        Ok(sealed) => sealed.head().date(),
        Err(error) => error.date(),
    };
    // A clock that is off is the cause of the refusal, so it comes first.
    let is_refused = matches!(&sealed, Err(error) if error.status() == Some(401));
    report.add(clock(sent, received, date, is_refused));
    let sealed = match sealed {
        Err(error) if error.kind() == PortErrorKind::Refused(Refusal::NotFound) && !is_given => {
            let text = "the service looked for the id and didn't find it, so it knows the key and the merchant";
            report.add(Step::passed("authentication", text));
            let text = "needs --token-id, the id of a stored card";
            report.add(Step::skipped("opening", text));
            return Ok(());
        }
        Err(error) => {
            report.add(failed("authentication", "", &error));
            return Err(Exit::of_call(&error, false));
        }
        Ok(sealed) => sealed,
    };
    let text = "the service responded with credentials";
    report.add(Step::passed("authentication", text));
    let Some(opener) = opener else {
        report.add(Step::skipped("opening", "there is no opening key"));
        return Ok(());
    };
    if let Err(error) = opener.open(&sealed).await {
        report.add(failed("opening", "", &error));
        return Err(Exit::PartlyDone);
    }
    report.add(Step::passed("opening", "the response opens"));
    Ok(())
}

/// Compares the clocks by the response's `Date`.
fn clock(
    sent: SystemTime,
    received: SystemTime,
    date: Option<SystemTime>,
    is_refused: bool,
) -> Step {
    let Some(date) = date else {
        return Step::skipped("clock", "the response has no date");
    };
    match ClockSkew::between(sent, received, date) {
        Some(skew) if is_refused => {
            let remedy = "set this machine's clock, and keep it right by NTP";
            Step::failed("clock", skew.to_string(), remedy)
        }
        Some(skew) => Step::warned("clock", skew.to_string()),
        None => Step::passed("clock", "agrees with the service's"),
    }
}

fn failed(step: &'static str, what: &str, error: &PortError) -> Step {
    let mut texts = texts(error).into_iter();
    let first = texts.next().unwrap_or_default();
    let gap = if what.is_empty() { "" } else { ": " };
    let mut lines = vec![format!("{what}{gap}{first}")];
    lines.extend(texts.map(|cause| format!("because {cause}")));
    let said = error
        .vendor_errors()
        .iter()
        .filter_map(|said| said.message.as_deref());
    lines.extend(said.map(|message| format!("the service says: {message}")));
    Step::failed(step, lines.join("\n"), explain::advice(error))
}
