//! CyberSource TMS payment-credentials in process: an embedded sandbox for tests and trials.
//!
//! A [`Sandbox`] serves the service's `POST /tms/v{2,3}/tokens/{tokenId}/payment-credentials` from a
//! thread of the calling process: with real TLS, HTTP/1.1 and JWEs, and without a merchant account or a
//! network. It was written from the vendor's `OpenAPI` document and the TMS developer guide, and shares
//! no code with the client that it tests.
//!
//! # Starting one
//!
//! ```
//! use payment_credentials_sandbox::{Authentication, Sandbox, vault};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # pollster::block_on(async {
//! let sandbox = Sandbox::start(Authentication::NotRequired).await?;
//!
//! // What a client has to know: the address, the certificate to trust, the key that opens responses.
//! let address = sandbox.address();
//! let trust = sandbox.root_certificate_pem();
//! let key = sandbox.merchant().opening_key_pem();
//! # assert!(trust.starts_with("-----BEGIN CERTIFICATE-----"));
//! # assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"));
//!
//! // And a token id; each entry of the vault has a response of its own.
//! let path = format!("/tms/v3/tokens/{}/payment-credentials", vault::VISA);
//! # assert!(path.ends_with("/payment-credentials"));
//!
//! assert!(address.ip().is_loopback());
//! assert_eq!(sandbox.minted(), 0);
//! assert!(sandbox.requests().is_empty());
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! The server has a thread and a runtime of its own. Therefore tests with a runtime each can share a
//! sandbox, blocking callers can use it, and a paused clock doesn't affect it.
//!
//! A client keeps the vendor's host name, but connects to [`Sandbox::address`]. The server's certificate
//! names every host of the vendor. A client that can't be pointed elsewhere may use the sandbox's own proxy,
//! [`SandboxBuilder::proxy_port`], which leads the vendor's hosts to the sandbox and refuses all others.
//!
//! [`Sandbox::write_files`] writes all that a client in any language needs: certificates, keystores, keys, and
//! configurations for this project and for the vendor's SDKs, each with how it is told to trust the root.
//!
//! # Its responses
//!
//! [`vault`] lists the token ids. Some of them fail in each documented way, and some as networks fail.
//! Every success mints a fresh cryptogram or security code. All responses have `v-c-correlation-id`,
//! `uniqueTransactionID` and `Date`.
//!
//! # Which callers it accepts
//!
//! [`Authentication::NotRequired`] accepts every caller. A [`Policy`] accepts callers that authenticate
//! as the vendor's guide "Getting Started with REST" prescribes:
//!
//! | scheme | keys of the sandbox's merchant | checks |
//! |---|---|---|
//! | JWT, RS256 | [`Merchant::keystore`], [`Merchant::certificate_key_id`] | key, signature, all eleven claims, and that each `jti` is used once |
//! | JWT, HS256 | [`Merchant::shared_secret`], [`Merchant::key_id`] | the same |
//! | HTTP Signature | the same secret and key id | key, the five lines, date within five minutes, digest |
//! | JWT of version 1, if tolerated | [`Merchant::keystore`] | the certificate in its header, byte for byte; signature, digest, date within five minutes |
//! | bearer | [`Merchant::bearer_access_token`] | the credential is known |
//!
//! [`Sandbox::portfolio`] has the same keys for a `MetaKey`, which may be used for two merchants. A
//! policy enrols keys of other merchant accounts, such as those in a configuration file.
//!
//! ```
//! use payment_credentials_sandbox::{Authentication, AuthenticationCheck, Sandbox};
//!
//! /// The check that refused the last request.
//! fn refused_at(sandbox: &Sandbox) -> Option<AuthenticationCheck> {
//!     let requests = sandbox.requests();
//!     let failure = requests.last()?.authentication()?.failure()?;
//!     println!("{failure}");
//!     Some(failure.check())
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start_blocking(Authentication::strict())?;
//! let (key_id, secret) = (sandbox.merchant().key_id(), sandbox.merchant().shared_secret());
//! # assert_eq!((key_id.len(), secret.len()), (36, 44));
//! // ... requests that a client made with them ...
//! assert_eq!(refused_at(&sandbox), None);
//! # Ok(())
//! # }
//! ```
//!
//! A refused caller gets the front end's 401, `{"response":{"rmsg":"Authentication Failed"}}`, and
//! nothing is minted. [`Policy::with_explanations`] adds a list `errors`: each [`AuthenticationCheck`]
//! that failed, the expected value and the received one, and for an HTTP signature the string to sign,
//! with an entry for each line. What the stages after it object to (encryption, body) follows, so that
//! all can be mended at once; the status stays that of the first stage that objects. Clients of the
//! service show that list, or ignore it. Where a signature or a digest is wrong, the sandbox tries what clients get
//! wrong (the secret as text, a trailing line feed, another order, line, key, encoding or body) and names the one thing that
//! fits; only who has the secret can make it fit, so a stranger learns nothing. The list repeats the path as it was signed, with all its digits;
//! it never holds a secret or a valid signature. Secrets that the sandbox knows, whole JWTs, the signature of the
//! request, and what has the form of a shared secret are hidden in responses and in the record, wherever in a request
//! and in whatever encoding they were sent.
//!
//! # What it records
//!
//! Every request is recorded, whatever refused it: number, time, peer, path with query, headers that aren't
//! secret, identity, and as [`Checked`] every check of every [`Stage`], with its [`Verdict`], the expected value and
//! the received one. So is what never became a request: heads that can't be read,
//! bodies that break off, TLS handshakes that failed by what the client sent or were not ended in time, and what the
//! sandbox's own proxy refused.
//!
//! | who asks | gets |
//! |---|---|
//! | [`Sandbox::requests`] | the last 1024 requests that arrived whole |
//! | [`Sandbox::since`], [`Sandbox::latest`] | the same history, with what HTTP or TLS refused |
//! | [`Sandbox::follow`], [`Sandbox::follow_since`] | a [`Follower`], which waits for requests, and misses none |
//! | [`ReceivedRequest::jwt_header`], [`jwt_claims`](ReceivedRequest::jwt_claims), [`jwe_header`](ReceivedRequest::jwe_header) | what JWT and JWE say in the clear; never a signature |
//! | [`Sandbox::assert_minted`], [`assert_one_request_with`](Sandbox::assert_one_request_with), [`assert_none_refused`](Sandbox::assert_none_refused) | nothing; or a failed test, and the [`journal`](Sandbox::journal) |
//! | [`Sandbox::minted_for`] | how often a `clientCorrelationId` was acted on |
//!
//! # What is encrypted
//!
//! A JWE holds the credentials. In addition, message-level encryption (MLE) encrypts whole bodies. As the
//! vendor's service does today, the sandbox opens encrypted requests, and encrypts responses, including refusals, for the key that the claim `v-c-response-mle-kid` names.
//! [`Policy::with_request_mle`] and [`Policy::with_response_mle`] make each direction [`Mle::Off`] or
//! [`Mle::Mandatory`].
//!
//! | direction | the client needs | from |
//! |---|---|---|
//! | request | the certificate of `CyberSource_SJC_US` | [`Sandbox::recipient_certificate_pem`], or any keystore |
//! | response | a private key and its id | [`Merchant::response_keystore`], or [`Merchant::response_key_pem`] and [`Merchant::response_key_id`] |
//!
//! No document says whether an encrypted response holds the credentials or the JWE with them;
//! [`EncryptedContent`] has all three forms. A request that can't be opened gets 400. For an unknown
//! response key the connection is reset, as clients of the service saw it. A policy that explains names
//! in both cases the [`MleCheck`] that failed, and [`ReceivedRequest::mle`] always does. Encryption
//! needs a JWT: encrypted requests with credentials of another scheme are refused, unless an HTTP signature is
//! tolerated.
//!
//! # What it tolerates
//!
//! [`Policy::strict`] accepts what the vendor's guide or its `OpenAPI` document prescribes. [`Policy::tolerant`]
//! accepts, and notes by name ([`Tolerated`]), what an official SDK sends or the service was seen to take too:
//!
#![doc = include_str!("tolerances.md")]
//!
//! What no source backs is refused by both, and both have the same guards: of signature, body, date and replay.
//!
//! The clock is the system's, unless [`Policy::with_clock`] sets another one. Responses have its time as
//! `Date`.
//!
//! # What it demands
//!
//! | part of the request | demand | status otherwise |
//! |---|---|---|
//! | path | as above; a token id of 1 to 32 letters and digits; no query, no trailing slash | 404, 400 |
//! | method | `POST` | 405 |
//! | `Host` | a name on the certificate, with or without a port | 400 |
//! | `Content-Type` | `application/json`, with `;charset=utf-8` or without | 400 |
//! | `Accept` | `application/jose`, with `;charset=utf-8` or without | 400 |
//! | `profile-id` | absent, or `93B32398-AD51-4CC2-A682-EA3E93614EB1` | 424; 400 unless 36 letters, digits and dashes |
//! | headers | each of these once; so too `User-Agent` and those for signing, dates and framing | 400 |
//! | credentials | as above, if the policy demands them; checked before encryption, profile and body | 401 |
//! | encryption | `{"encryptedRequest": JWE}` or none, as the policy says; `RSA-OAEP-256`, `A256GCM`, `kid` of the certificate, `iat` at most five minutes off | 400 |
//! | body | one JSON object of at most 256 KiB and 16 levels, no member twice; known members of the documented type, length and values | 400, 413 |
//!
//! Every refusal has the vendor's error format. Its message says what was wrong, what was expected and
//! what was received, and never repeats a card number. [`ReceivedRequest::checks`] has every check that was made, of
//! every stage. Only the 401 has the front end's format, and
//! doesn't say what was wrong unless the policy explains. Members that the document doesn't list are
//! accepted. The service itself is laxer in places: a request that passes here is one that its
//! documents allow. The HTTP library refuses input that isn't HTTP with a bare 400, 414 or 431.
//!
//! # How it breaks
//!
//! [`Sandbox::faults`] takes rules that break connections, responses and their content: a reset of the
//! second request, a TLS record with a flipped bit, a body that trickles, a JWE for a key that nobody
//! has. Rules come from code, from JSON or from a file. The module [`faults`] lists them all, and says
//! how to repeat a run.
//!
//! # What it cannot do
//!
//! - The sandbox listens on 127.0.0.1 only. It stores nothing, unless [`SandboxBuilder::folder`] says where.
//! - It verifies only RS256 and HS256, and opens requests only by RSA-OAEP-256 (or RSA-OAEP, if tolerated) with
//!   A256GCM. The guide allows JWTs by other algorithms too; where the sandbox is the limit, the refusal says so. It
//!   issues no OAuth credentials.
//! - It remembers 16 384 `jti`. If there are more, it forgets those that expire first.
//! - It has one vault, for every transacting merchant, and one profile. All responses are sealed for
//!   [`Sandbox::merchant`].
//!
//! No vendor document specifies the following: the refusals of encryption, the statuses 405, 408, 413,
//! 429 and 503, the 404 of v2 for a card without network token, the wording of 500 and 502, the order
//! of the checks, a leeway of 5 s for `iat`, that a `jti` is good once for each key and until its `exp` (the guide: unique
//! for each request), a 401 for credentials of two schemes at once, and the
//! values behind networks other than Visa, which are published test card numbers and made-up ids.

mod api_keys;
mod asserting;
mod authentication;
mod builder;
mod checked;
mod checks;
mod clock;
mod credentials;
mod dice;
mod enrolment;
mod error;
mod error_response;
mod exchange;
mod explained;
pub mod faults;
mod files;
mod hosts;
mod identity;
mod keystore;
mod keystore_authority;
mod lasting;
mod masking;
mod merchant;
mod mle;
mod open_headers;
mod pem;
mod pkcs12;
mod plan;
mod policy;
mod portfolio;
mod private_files;
mod proxy;
mod public_key;
mod reading;
mod record;
mod response;
mod rsa_keys;
mod sandbox;
mod sealer;
mod secrets;
mod server;
mod server_certificate;
mod stages;
pub mod vault;
mod version;

pub use api_keys::KeyGenerationError;
pub use authentication::{
    AuthenticationCheck, AuthenticationFailure, AuthenticationOutcome, AuthenticationScheme,
};
pub use builder::SandboxBuilder;
pub use checked::{Checked, Stage, Verdict};
pub use error::StartError;
pub use files::WriteFilesError;
pub use merchant::Merchant;
pub use mle::{EncryptedContent, Mle, MleCheck, MleFailure, MleOutcome};
pub use policy::{Authentication, Policy, PolicyError};
pub use portfolio::Portfolio;
pub use reading::Tolerated;
pub use record::{CapturedAuthentication, Follower, ReceivedRequest};
pub use sandbox::Sandbox;
