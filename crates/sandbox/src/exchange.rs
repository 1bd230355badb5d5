//! One request and its response.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use aws_lc_rs::error::Unspecified;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use payment_credentials_core::header::CORRELATION_ID;
use serde_json::{Map, Value};
use tokio::time::{Duration, timeout};

use crate::checked::Stage;
use crate::checks;
use crate::clock::Clock;
use crate::credentials::{self, Mint, Wish};
use crate::dice;
use crate::error_response::{Documented, ErrorResponse};
use crate::faults::{self, Content, FaultRule, Faults, Turn};
use crate::keystore_authority::BoxError;
use crate::merchant::OpeningKey;
use crate::mle::{self, EncryptedContent, MleOutcome, Refusal};
use crate::plan::{Brand, Plan};
use crate::record::{Entry, Record};
use crate::response::{JOSE, JSON, refused, respond};
use crate::rsa_keys::{Role, RsaKeys};
use crate::sealer::Sealer;
use crate::secrets::Secrets;
use crate::stages::{Accepted, Gates, Unread};
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

impl State {
    pub(crate) fn new(sealer: Sealer, gates: Gates, keys: Arc<RsaKeys>) -> Self {
        let record = Record::new(Arc::clone(&gates.secrets));
        Self {
            sealer,
            gates,
            mint: Mint::new(),
            record,
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
    let secrets = Secrets::of_request(&head.headers, &state.gates.secrets);
    let secrets = Arc::clone(entry.secrets.insert(Arc::new(secrets)));
    if let Err(Unread::Broken) = body {
        let expected = "a whole body, framed as Content-Length or Transfer-Encoding says";
        entry.refuse(Stage::Http, "body", expected, "one that breaks off");
        state.record.add(entry);
        return Err(HangUp);
    }
    let read = body.as_deref().map_err(|unread| *unread);
    let examined = state.gates.examine(&head, read, now);
    entry.checks = examined.checks;
    let minted = state.mint.minted();
    let replied = match examined.result {
        Ok(accepted) => {
            entry.client_correlation_id = accepted.client_correlation_id();
            let replied = reply(state, &accepted, &examined.mle, turn);
            let refusal = replied.as_ref().err().into_iter();
            let faults = refusal.flat_map(ErrorResponse::faults);
            let checks = faults.map(|fault| fault.checked(Stage::Vault));
            entry.checks.extend(checks);
            replied
        }
        Err(Refusal::Response(refusal)) => Err(refusal),
        Err(Refusal::Reset) => {
            turn.reset();
            Ok(Reply::BLANK)
        }
    };
    let response = match replied {
        Ok(Reply(content_type, text)) => respond(201, content_type, text, now),
        Err(mut refusal) => {
            refusal.hide(&secrets);
            refuse(state, &refusal, &examined.mle, now)
        }
    };
    // Replying doesn't wait, and the server has one thread, so what was minted meanwhile is this request's.
    entry.is_minted = state.mint.minted() > minted;
    entry.status = turn.status(response.status().as_u16());
    let id = response.headers().get(CORRELATION_ID);
    entry.correlation_id = id.and_then(|id| id.to_str().ok()).map(str::to_owned);
    entry.authentication = examined.authentication;
    entry.mle = Some(examined.mle);
    entry.body = body.unwrap_or_default();
    state.record.add(entry);
    Ok(response)
}

/// Refuses a request. The refusal is encrypted as any response is, once the response key is known.
fn refuse(
    state: &State,
    refusal: &ErrorResponse,
    mle: &MleOutcome,
    now: SystemTime,
) -> Response<Full<Bytes>> {
    let sealed = || {
        let sealer = state.gates.mle.sealer(mle)?;
        let jwe = sealer.map(|sealer| sealer.seal(&refusal.to_json()));
        Ok::<_, BoxError>(jwe.transpose()?.as_deref().map(mle::envelope))
    };
    match sealed() {
        Ok(body) => refused(refusal, body.unwrap_or_else(|| refusal.to_json()), now),
        Err(cause) => {
            let fault = ErrorResponse::own_fault(cause.as_ref());
            refused(&fault, fault.to_json(), now)
        }
    }
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
    accepted: &Accepted<'_>,
    mle: &MleOutcome,
    turn: &Turn,
) -> Result<Reply, ErrorResponse> {
    let Accepted { target, body } = accepted;
    let wish = Wish {
        version: target.version,
        token_id: target.token_id,
        credential: credentials::credential(body),
    };
    turn.apply_own(target.token_id);
    match plaintext(state, vault::plan(target.token_id), wish, body)? {
        Some(plaintext) => seal(state, &plaintext, mle, turn.content().as_ref()),
        None => Ok(Reply::BLANK),
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
