//! One request and its answer.

use std::error::Error;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::error::Unspecified;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, DATE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use payment_credentials_core::header::{CORRELATION_ID, UNIQUE_TRANSACTION_ID};
use serde_json::{Map, Value};
use tokio::time::{Duration, timeout};

use crate::authentication::{AuthenticationOutcome, Clock, Verifier};
use crate::checks;
use crate::credentials::{self, Mint, Wish};
use crate::dice;
use crate::faults::{self, Content, Faults, Rule};
use crate::merchant::OpeningKey;
use crate::plan::{Brand, Plan, Trick};
use crate::record::{ReceivedRequest, Record};
use crate::refusal::{Documented, Fault, Refusal};
use crate::sealer::Sealer;
use crate::vault::{self, Version};

/// Time for a body to arrive: long for 256 KiB over the loopback, short for somebody who waits.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes that are read and thrown away before a caller with too large a body is refused. It would
/// otherwise see its connection reset, and never the refusal.
const MAX_DRAINED: usize = 8 * 1024 * 1024;

const EDGE_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Request rejected</title></head>\n\
    <body><h1>Request rejected</h1><p>Sandbox edge filter.</p></body></html>\n";

/// All that outlives one request.
pub(crate) struct State {
    pub(crate) sealer: Sealer,
    pub(crate) clock: Clock,
    /// None if nobody is asked who they are.
    pub(crate) verifier: Option<Verifier>,
    pub(crate) mint: Mint,
    pub(crate) record: Record,
    pub(crate) faults: Faults,
    pub(crate) connections: AtomicU64,
    /// For a key that nobody has; made when it is first asked for.
    stranger: OnceLock<Sealer>,
}

impl State {
    pub(crate) fn new(sealer: Sealer, clock: Clock, verifier: Option<Verifier>) -> Self {
        Self {
            sealer,
            clock,
            verifier,
            mint: Mint::new(),
            record: Record::default(),
            faults: Faults::default(),
            connections: AtomicU64::new(0),
            stranger: OnceLock::new(),
        }
    }

    fn stranger(&self) -> Result<&Sealer, Unspecified> {
        if let Some(sealer) = self.stranger.get() {
            return Ok(sealer);
        }
        let (opening, key) = OpeningKey::generate()?;
        let sealer = Sealer::new(key, &opening.id)?;
        Ok(self.stranger.get_or_init(|| sealer))
    }
}

/// The connection is to be closed without an answer.
#[derive(Debug)]
pub(crate) struct HangUp;

impl fmt::Display for HangUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed without an answer")
    }
}

impl Error for HangUp {}

/// What a sound request gets.
enum Reply {
    Clear(String),
    HangUp,
    Jwe(String),
    Page,
    Silence,
}

/// Answers one request, and records it before the answer can be seen.
pub(crate) async fn exchange(
    state: &State,
    request: Request<Incoming>,
    fault: Option<Rule>,
) -> Result<Response<Full<Bytes>>, HangUp> {
    let (head, body) = request.into_parts();
    let body = match timeout(BODY_TIMEOUT, receive(body)).await {
        Ok(body) => body,
        Err(_late) => Err(Unread::Slow),
    };
    let (body, unread) = match body {
        Ok(body) => (body, None),
        Err(Unread::Broken) => return Err(HangUp),
        Err(unread) => (Bytes::new(), Some(unread)),
    };
    let now = (state.clock)();
    let mut outcome = None;
    let fault = fault.as_ref();
    let reply = reply(state, &head, &body, unread, now, fault, &mut outcome);
    let verifier = state.verifier.as_ref();
    let received = ReceivedRequest::new(&head, body)
        .authenticated(outcome)
        .captured(verifier.and_then(|verifier| verifier.capture(&head.headers)));
    let response = match reply {
        Ok(Reply::Jwe(jwe)) => Some(response(201, "application/jose;charset=utf-8", jwe, now)),
        Ok(Reply::Clear(text)) => Some(response(201, "application/json;charset=utf-8", text, now)),
        Ok(Reply::Page) => Some(response(200, "text/html", EDGE_PAGE.to_owned(), now)),
        Err(refusal) => Some(refuse(&refusal, now)),
        Ok(Reply::HangUp) => None,
        Ok(Reply::Silence) => {
            state.record.add(received);
            return std::future::pending().await;
        }
    };
    let status = response.as_ref().map(|response| response.status().as_u16());
    state.record.add(received.answered(status));
    response.ok_or(HangUp)
}

/// Why a body was not read to its end.
enum Unread {
    /// The caller went away, or broke the framing: there is nobody to answer.
    Broken,
    Large,
    Slow,
}

async fn receive(mut body: Incoming) -> Result<Bytes, Unread> {
    let mut kept = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Err(Unread::Broken);
        };
        let Ok(data) = frame.into_data() else {
            // Trailers say nothing that this operation knows.
            continue;
        };
        length += data.len();
        if length <= checks::MAX_BODY {
            kept.extend_from_slice(&data);
        } else if length > MAX_DRAINED {
            break;
        }
    }
    if length > checks::MAX_BODY {
        return Err(Unread::Large);
    }
    Ok(kept.into())
}

fn reply(
    state: &State,
    head: &Parts,
    body: &[u8],
    unread: Option<Unread>,
    now: SystemTime,
    fault: Option<&Rule>,
    outcome: &mut Option<AuthenticationOutcome>,
) -> Result<Reply, Refusal> {
    let target = checks::target(head)?;
    let verifier = state.verifier.as_ref();
    let charset = verifier.map_or(checks::Charset::Required, Verifier::charset);
    checks::headers(&head.headers, charset)?;
    if let Some(unread) = unread {
        return Err(refuse_unread(&unread));
    }
    if let Some(verifier) = verifier {
        let examined = outcome.insert(verifier.examine(head, body, now));
        if let Some(failure) = examined.failure() {
            return Err(verifier.refuse(failure));
        }
    }
    checks::profile(&head.headers)?;
    let body = checks::parse(body)?;
    checks::members(&body)?;
    let wish = Wish {
        version: target.version,
        token_id: target.token_id,
        credential: credentials::credential(&body),
    };
    carry_out(state, vault::plan(target.token_id), wish, &body, fault)
}

fn refuse_unread(unread: &Unread) -> Refusal {
    match unread {
        Unread::Slow | Unread::Broken => {
            let message = "Invalid HTTP Body: it did not arrive in time";
            Refusal::new(408, Fault::new("invalidRequest", message))
        }
        Unread::Large => {
            let most = checks::MAX_BODY;
            let message = format!("Invalid HTTP Body: it must be {most} bytes at most, got more");
            Refusal::new(413, Fault::new("invalidRequest", message))
        }
    }
}

fn carry_out(
    state: &State,
    plan: Plan,
    wish: Wish<'_>,
    body: &Map<String, Value>,
    fault: Option<&Rule>,
) -> Result<Reply, Refusal> {
    let seal = |sealer: &Sealer, plaintext: &str| match faults::seal(
        fault,
        sealer,
        || state.stranger(),
        plaintext,
    ) {
        Ok(Content::Clear(text)) => Ok(Reply::Clear(text)),
        Ok(Content::Jwe(jwe)) => Ok(Reply::Jwe(jwe)),
        Err(cause) => Err(Refusal::own_fault(&cause)),
    };
    match plan {
        Plan::NetworkToken(brand) => {
            credentials::check_account_funding(body, Some(brand))?;
            let plaintext = state.mint.network_token(brand, wish)?;
            seal(&state.sealer, &plaintext)
        }
        Plan::OtherKey => {
            credentials::check_account_funding(body, Some(Brand::Visa))?;
            let stranger = state
                .stranger()
                .map_err(|cause| Refusal::own_fault(&cause))?;
            let plaintext = state.mint.network_token(Brand::Visa, wish)?;
            seal(stranger, &plaintext)
        }
        Plan::Inactive {
            state: name,
            reason,
        } => {
            credentials::check_account_funding(body, Some(Brand::Visa))?;
            let plaintext = credentials::inactive(name, reason, wish)?;
            seal(&state.sealer, &plaintext)
        }
        Plan::Card { masked } => {
            credentials::check_account_funding(body, Some(Brand::Visa))?;
            if wish.version == Version::V2 {
                return Err(Documented::Unlisted.into());
            }
            let plaintext = credentials::card(masked, wish.token_id)?;
            seal(&state.sealer, &plaintext)
        }
        Plan::Refuse(documented) => Err(documented.into()),
        Plan::Trick(Trick::HangUp) => Ok(Reply::HangUp),
        Plan::Trick(Trick::Page) => Ok(Reply::Page),
        Plan::Trick(Trick::Silence) => Ok(Reply::Silence),
    }
}

fn refuse(refusal: &Refusal, now: SystemTime) -> Response<Full<Bytes>> {
    let mut response = response(
        refusal.status,
        "application/json;charset=utf-8",
        refusal.to_json(),
        now,
    );
    let headers = response.headers_mut();
    if let Some(allow) = refusal.allow {
        headers.insert(ALLOW, HeaderValue::from_static(allow));
    }
    if let Some(seconds) = refusal.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(u16::from(seconds)));
    }
    response
}

/// An answer with the date, and the two ids that the vendor documents for every status.
fn response(
    status: u16,
    content_type: &'static str,
    body: String,
    now: SystemTime,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(date) = date(now) {
        headers.insert(DATE, date);
    }
    // Ids are for tickets: an answer without one is better than no answer.
    if let Some(id) = dice::digits::<22>().ok().and_then(|id| id.parse().ok()) {
        headers.insert(CORRELATION_ID, id);
    }
    if let Ok(id) = uuid::Uuid::new_v4().to_string().parse() {
        headers.insert(UNIQUE_TRANSACTION_ID, id);
    }
    response
}

/// The time as a header; `None` outside of the years that have one, 1970 to 9999.
fn date(now: SystemTime) -> Option<HeaderValue> {
    const YEAR_10000: Duration = Duration::from_secs(253_402_300_800);
    let since = now.duration_since(UNIX_EPOCH).ok()?;
    let date = (since < YEAR_10000).then(|| httpdate::fmt_http_date(now))?;
    date.parse().ok()
}
