//! One request and its response.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use aws_lc_rs::error::Unspecified;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use payment_credentials_core::header::CORRELATION_ID;
use serde_json::{Map, Value};
use tokio::time::{Duration, timeout};

use crate::authentication::{AuthenticationOutcome, AuthenticationScheme, Verifier};
use crate::checks;
use crate::clock::Clock;
use crate::credentials::{self, Mint, Wish};
use crate::dice;
use crate::error_response::{Documented, ErrorEntry, ErrorResponse};
use crate::faults::{self, Content, FaultRule, Faults, Turn};
use crate::keystore_authority::BoxError;
use crate::merchant::OpeningKey;
use crate::mle::{self, Caller, Carrier, EncryptedContent, MleOutcome};
use crate::plan::{Brand, Plan};
use crate::reading::Reading;
use crate::record::{Entry, Objection, Record, Recording, Stage};
use crate::response::{JOSE, JSON, refused, respond};
use crate::rsa_keys::{Role, RsaKeys};
use crate::sealer::Sealer;
use crate::vault;
use crate::version::Version;

/// Time for a body to arrive: ample for 256 KiB over the loopback, and short enough to wait for.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of a too large body that are read and discarded before the refusal is sent. Otherwise the caller
/// would see a reset of the connection instead of the refusal.
const MAX_DRAINED: usize = 8 * 1024 * 1024;

/// Everything that outlives a request.
pub(crate) struct State {
    sealer: Sealer,
    gates: Gates,
    pub(crate) mint: Mint,
    pub(crate) record: Record,
    pub(crate) faults: Faults,
    pub(crate) connections: AtomicU64,
    keys: Arc<RsaKeys>,
    /// Seals for a key that nobody has; made on first use.
    stranger: OnceLock<Sealer>,
}

/// The checks that a request has to pass, and what is recorded of it.
pub(crate) struct Gates {
    pub(crate) clock: Clock,
    pub(crate) reading: Reading,
    pub(crate) recording: Recording,
    /// None if callers aren't authenticated.
    pub(crate) verifier: Option<Verifier>,
    pub(crate) mle: mle::Gate,
}

impl State {
    pub(crate) fn new(sealer: Sealer, gates: Gates, keys: Arc<RsaKeys>) -> Self {
        Self {
            sealer,
            gates,
            mint: Mint::new(),
            record: Record::default(),
            faults: Faults::with_own(vault::rules()),
            connections: AtomicU64::new(0),
            keys,
            stranger: OnceLock::new(),
        }
    }

    /// The clock that requests are validated by.
    pub(crate) const fn clock(&self) -> &Clock {
        &self.gates.clock
    }

    fn stranger(&self) -> Result<&Sealer, Unspecified> {
        if let Some(sealer) = self.stranger.get() {
            return Ok(sealer);
        }
        let id = dice::key_id()?;
        let (opening, key) = OpeningKey::new(&self.keys, Role::Stranger, id)?;
        let sealer = Sealer::new(key, &opening.id)?;
        Ok(self.stranger.get_or_init(|| sealer))
    }
}

/// The caller has gone, so the connection is closed without a response.
#[derive(Debug, thiserror::Error)]
#[error("closed without a response")]
pub(crate) struct HangUp;

/// The content type and the body of a response that isn't a refusal.
struct Reply(&'static str, String);

impl Reply {
    /// An empty response, which a fault replaces.
    const BLANK: Self = Self(JSON, String::new());
}

/// The outcomes of the checks, for the record.
struct Findings {
    /// The stage that the request has reached.
    stage: Stage,
    authentication: Option<AuthenticationOutcome>,
    mle: Option<MleOutcome>,
    client_correlation_id: Option<String>,
}

impl Findings {
    const fn new() -> Self {
        Self {
            stage: Stage::Head,
            authentication: None,
            mle: None,
            client_correlation_id: None,
        }
    }

    /// The refusal in the words of the record; empty where the stage has an outcome of its own.
    fn objections(&self, refusal: &ErrorResponse) -> Vec<Objection> {
        if matches!(self.stage, Stage::Credentials | Stage::Encryption) {
            return Vec::new();
        }
        let entries = refusal.entries();
        let objection = |it: &ErrorEntry| Objection::worded(self.stage, it.name(), it.message());
        entries.map(objection).collect()
    }
}

/// Responds to one request, and records it before the client can see the response.
pub(crate) async fn exchange(
    state: &State,
    request: Request<Incoming>,
    turn: &Turn,
    peer: SocketAddr,
) -> Result<Response<Full<Bytes>>, HangUp> {
    let (head, body) = request.into_parts();
    let body = match timeout(BODY_TIMEOUT, receive(body)).await {
        Ok(body) => body,
        Err(_late) => Err(Unread::Slow),
    };
    let now = (state.gates.clock)();
    let mut entry = Entry::of(&head, now, peer);
    if state.gates.verifier.is_some() {
        entry = entry.with_jwt(&head.headers);
    }
    entry.captured = state.gates.recording.capture(&head.headers);
    let (body, unread) = match body {
        Ok(body) => (body, None),
        Err(Unread::Broken) => {
            let expected = "a whole body, framed as Content-Length or Transfer-Encoding says";
            let objection = Objection::new(Stage::Http, "body", expected, "one that breaks off");
            entry.objections.push(objection);
            state.record.add(entry);
            return Err(HangUp);
        }
        Err(unread) => (Bytes::new(), Some(unread)),
    };
    let minted = state.mint.minted();
    let mut findings = Findings::new();
    let response = match reply(state, &head, &body, unread, now, turn, &mut findings) {
        Ok(Reply(content_type, text)) => respond(201, content_type, text, now),
        Err(refusal) => {
            entry.objections = findings.objections(&refusal);
            refuse(state, &refusal, findings.mle.as_ref(), now)
        }
    };
    // Replying doesn't wait, and the server has one thread, so what was minted meanwhile is this request's.
    entry.is_minted = state.mint.minted() > minted;
    entry.status = turn.status(response.status().as_u16());
    let id = response.headers().get(CORRELATION_ID);
    entry.correlation_id = id.and_then(|id| id.to_str().ok()).map(str::to_owned);
    entry.client_correlation_id = findings.client_correlation_id;
    entry.body = body;
    entry.authentication = findings.authentication;
    entry.mle = findings.mle;
    state.record.add(entry);
    Ok(response)
}

/// Refuses a request. The refusal is encrypted as any response is, once the response key is known.
fn refuse(
    state: &State,
    refusal: &ErrorResponse,
    mle: Option<&MleOutcome>,
    now: SystemTime,
) -> Response<Full<Bytes>> {
    let sealed = mle.map(|outcome| {
        let sealer = state.gates.mle.sealer(outcome)?;
        let jwe = sealer.map(|sealer| sealer.seal(&refusal.to_json()));
        Ok::<_, BoxError>(jwe.transpose()?.as_deref().map(mle::envelope))
    });
    match sealed.transpose() {
        Ok(body) => refused(
            refusal,
            body.flatten().unwrap_or_else(|| refusal.to_json()),
            now,
        ),
        Err(cause) => {
            let fault = ErrorResponse::own_fault(cause.as_ref());
            refused(&fault, fault.to_json(), now)
        }
    }
}

/// Why a body was not read to its end.
enum Unread {
    /// The caller closed the connection, or broke the framing, so no response can be sent.
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
            // This operation has no trailers, so they are ignored.
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
    turn: &Turn,
    findings: &mut Findings,
) -> Result<Reply, ErrorResponse> {
    let gates = &state.gates;
    let target = checks::target(head)?;
    checks::headers(&head.headers, gates.reading)?;
    if let Some(unread) = unread {
        findings.stage = Stage::Body;
        return Err(refuse_unread(&unread));
    }
    findings.stage = Stage::Credentials;
    if let Some(verifier) = &gates.verifier {
        let examined = findings
            .authentication
            .insert(verifier.examine(head, body, now));
        if let Some(failure) = examined.failure() {
            return Err(verifier.refuse(failure));
        }
    }
    findings.stage = Stage::Encryption;
    let caller = findings.authentication.as_ref().map(caller);
    let examined = gates.mle.examine(body, caller, now);
    let examined = findings.mle.insert(examined);
    if let Some(failure) = examined.failure() {
        return gates.mle.refuse(failure).map_or_else(
            || {
                turn.reset();
                Ok(Reply::BLANK)
            },
            Err,
        );
    }
    findings.stage = Stage::Body;
    checks::profile(&head.headers)?;
    let body = checks::parse(examined.opened_body().unwrap_or(body))?;
    checks::members(&body)?;
    let id = body.get("clientCorrelationId").and_then(Value::as_str);
    findings.client_correlation_id = id.map(str::to_owned);
    findings.stage = Stage::Vault;
    let wish = Wish {
        version: target.version,
        token_id: target.token_id,
        credential: credentials::credential(&body),
    };
    turn.apply_own(target.token_id);
    match plaintext(state, vault::plan(target.token_id), wish, &body)? {
        Some(plaintext) => seal(state, &plaintext, examined, turn.content().as_ref()),
        None => Ok(Reply::BLANK),
    }
}

/// The part of an authentication that encryption depends on.
fn caller(outcome: &AuthenticationOutcome) -> Caller<'_> {
    Caller {
        carrier: match outcome.scheme() {
            Some(AuthenticationScheme::Jwt) => Carrier::Jwt,
            Some(AuthenticationScheme::Bearer | AuthenticationScheme::HttpSignature) | None => {
                Carrier::Other
            }
        },
        merchant_id: outcome.merchant_id(),
        key_owner: outcome.key_owner(),
        response_key_id: outcome.response_key_id(),
    }
}

fn refuse_unread(unread: &Unread) -> ErrorResponse {
    match unread {
        Unread::Slow | Unread::Broken => {
            let message = "Invalid HTTP Body: it did not arrive in time";
            ErrorResponse::new(408, ErrorEntry::new("invalidRequest", message))
        }
        Unread::Large => {
            let most = checks::MAX_BODY;
            let message = format!("Invalid HTTP Body: it must be {most} bytes at most, got more");
            ErrorResponse::new(413, ErrorEntry::new("invalidRequest", message))
        }
    }
}

/// The plaintext for an entry of the vault; none if the response has no content.
fn plaintext(
    state: &State,
    plan: Plan,
    wish: Wish<'_>,
    body: &Map<String, Value>,
) -> Result<Option<String>, ErrorResponse> {
    let plaintext = match plan {
        Plan::Blank => return Ok(None),
        Plan::NetworkToken(brand) => {
            credentials::check_account_funding(body, Some(brand))?;
            state.mint.network_token(brand, wish)?
        }
        Plan::Inactive {
            state: name,
            reason,
        } => {
            credentials::check_account_funding(body, Some(Brand::Visa))?;
            credentials::inactive(name, reason, wish)?
        }
        Plan::Card { masked } => {
            credentials::check_account_funding(body, Some(Brand::Visa))?;
            if wish.version == Version::V2 {
                return Err(Documented::UNLISTED.into());
            }
            credentials::card(masked, wish.token_id)?
        }
        Plan::Refuse(documented) => return Err(documented.into()),
    };
    Ok(Some(plaintext))
}

/// Seals the plaintext: with the opening key, and with the response key where responses are encrypted.
fn seal(
    state: &State,
    plaintext: &str,
    mle: &MleOutcome,
    fault: Option<&FaultRule>,
) -> Result<Reply, ErrorResponse> {
    let gate = &state.gates.mle;
    let outer = gate
        .sealer(mle)
        .map_err(|cause| ErrorResponse::own_fault(cause.as_ref()))?;
    let is_single = matches!(gate.content(), EncryptedContent::Json);
    let ours = match &outer {
        Some(response) if is_single => response,
        Some(_) | None => &state.sealer,
    };
    let own_fault = |cause: Unspecified| ErrorResponse::own_fault(&cause);
    let sealed = faults::seal(fault, ours, || state.stranger(), plaintext);
    let jwe = match (sealed.map_err(own_fault)?, &outer) {
        (Content::Clear(text), _) => return Ok(Reply(JSON, text)),
        (Content::Jwe(jwe), None) => return Ok(Reply(JOSE, jwe)),
        (Content::Jwe(jwe), Some(response)) => match gate.content() {
            EncryptedContent::Json => jwe,
            EncryptedContent::Jwe => response.seal(&jwe).map_err(own_fault)?,
            EncryptedContent::QuotedJwe => {
                let quoted = Value::String(jwe).to_string();
                response.seal(&quoted).map_err(own_fault)?
            }
        },
    };
    Ok(Reply(JSON, mle::envelope(&jwe)))
}
