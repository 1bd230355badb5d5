//! CyberSource TMS payment-credentials in process: an embedded sandbox for tests and trials.
//!
//! A [`Sandbox`] is the service's `POST /tms/v{2,3}/tokens/{tokenId}/payment-credentials`, served
//! from a thread of the calling process: real TLS, real HTTP/1.1, real JWE, and neither account
//! nor network. It was written from the vendor's `OpenAPI` document and the TMS developer guide, and
//! shares no code with the client it tests.
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
//! // What a client has to know: where to connect, whom to trust, how to open the responses.
//! let address = sandbox.address();
//! let trust = sandbox.root_certificate_pem();
//! let key = sandbox.merchant().opening_key_pem();
//! # assert!(trust.starts_with("-----BEGIN CERTIFICATE-----"));
//! # assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"));
//!
//! // And what to ask for; each entry of the vault answers in its own way.
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
//! The server has its own thread and runtime. A sandbox can therefore be shared by tests that each
//! have a runtime of their own, serves callers that block, and is not affected by a paused clock.
//!
//! A client is pointed at the vendor's host name as ever, and connects to
//! [`Sandbox::address`] instead; the certificate names every host of the vendor's.
//!
//! # What it answers
//!
//! [`vault`] lists the token ids, among them some that fail in each documented way, and some that
//! fail as networks do. Every success mints a fresh cryptogram or security code. All responses carry
//! `v-c-correlation-id`, `uniqueTransactionID` and `Date`.
//!
//! # Which callers it accepts
//!
//! [`Authentication::NotRequired`] accepts every caller; a `Policy` accepts callers that authenticate as the
//! vendor's guide "Getting Started with REST" has it:
//!
//! | scheme | the sandbox's merchant has for it | examined |
//! |---|---|---|
//! | JWT, RS256 | [`Merchant::keystore`], [`Merchant::certificate_key_id`] | key, signature, all eleven claims, and that no `jti` is used twice |
//! | JWT, HS256 | [`Merchant::shared_secret`], [`Merchant::key_id`] | the same |
//! | HTTP Signature | the same secret and key id | key, the five lines, date within five minutes, digest |
//! | bearer | [`Merchant::bearer_access_token`] | that it is known |
//!
//! [`Sandbox::portfolio`] has the same for a `MetaKey`: its keys are good for two merchants. Keys
//! of others, such as those that a configuration file names, are enrolled by the policy.
//!
//! ```
//! use payment_credentials_sandbox::{Authentication, AuthenticationCheck, Sandbox};
//!
//! /// At which check the last request was refused.
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
//! A refused caller gets the gateway's 401, `{"response":{"rmsg":"Authentication Failed"}}`, and
//! nothing is minted. [`Policy::with_explanations`] adds `errors` beside it: which [`AuthenticationCheck`] failed,
//! what it expected and what it got, and for an HTTP signature the string to sign, a line each.
//! Clients of the service show that list, or ignore it. It repeats the path as it was signed, with
//! all its digits; never a secret, nor a signature that would have been right.
//!
//! # What is encrypted
//!
//! Beside the JWE that holds the credentials there is message-level encryption (MLE) of whole
//! bodies. As the vendor's service does today, the sandbox opens requests that are encrypted, and
//! encrypts responses, refusals too, for the key that the claim `v-c-response-mle-kid` names.
//! [`Policy::with_request_mle`] and [`Policy::with_response_mle`] switch each direction [`Mle::Off`]
//! or make it [`Mle::Mandatory`].
//!
//! | direction | the client needs | from |
//! |---|---|---|
//! | request | the certificate of `CyberSource_SJC_US` | [`Sandbox::recipient_certificate_pem`], or any keystore |
//! | response | a private key and its id | [`Merchant::response_keystore`], or [`Merchant::response_key_pem`] and [`Merchant::response_key_id`] |
//!
//! What is inside of an encrypted response, the credentials or the JWE that holds them, no document
//! says: [`EncryptedContent`] has all three. A request that can't be opened gets 400, and a response
//! key that nobody has a reset of the connection, as the service's clients saw it; a policy that
//! explains says in both cases which [`MleCheck`] failed, and [`ReceivedRequest::mle`] knows it
//! always. Encryption needs a JWT: what comes with another scheme's credentials is refused.
//!
//! # What it tolerates
//!
//! The sources disagree about some forms. [`Policy::strict`] follows the guide,
//! [`Policy::tolerant`] takes those of other clients too and notes them:
//!
//! | the guide | tolerated |
//! |---|---|
//! | `date` | `v-c-date` |
//! | `request-target` | `(request-target)` |
//! | `digestAlgorithm` | `digest-algorithm` |
//! | `SHA-256` | `sha-256` |
//! | `iat` and `exp` as numbers | as text |
//! | at most 120 s between them | more |
//! | `request-method` `post` | `POST` |
//! | the host signed bare | with the port that `Host` has |
//! | `;charset=utf-8` in `Content-Type` and `Accept` | without |
//! | claim `v-c-response-mle-kid` | `v-c-api-response-mle-kid` |
//! | `cty` and `iat` in the header of an encrypted request | without |
//!
//! The time is the system's, or the one that [`Policy::with_clock`] sets; answers bear it as `Date`.
//!
//! # What it insists on
//!
//! | of the request | is wanted | or else |
//! |---|---|---|
//! | path | as above; a token id of 1 to 32 letters and digits; no query, no trailing slash | 404, 400 |
//! | method | `POST` | 405 |
//! | `Host` | a name on the certificate, with or without a port | 400 |
//! | `Content-Type` | `application/json;charset=utf-8` | 400 |
//! | `Accept` | `application/jose;charset=utf-8` | 400 |
//! | `profile-id` | absent, or `93B32398-AD51-4CC2-A682-EA3E93614EB1` | 424; 400 unless 36 letters, digits and dashes |
//! | headers | each of these and their kin once | 400 |
//! | credentials | as above, if the policy wants them; examined before encryption, profile and body | 401 |
//! | encryption | `{"encryptedRequest": JWE}` or none, as the policy has it; `RSA-OAEP-256`, `A256GCM`, `kid` of the certificate, `iat` at most five minutes off | 400 |
//! | body | one JSON object of at most 256 KiB and 16 levels, no member twice; known members of the documented type, length and values | 400, 413 |
//!
//! Every refusal has the vendor's error shape, and its message says what was wrong, what was
//! wanted and what was got, without ever repeating a card number; the 401 alone is the gateway's,
//! and keeps to itself what was wrong unless asked to explain. Members that the document
//! doesn't list are tolerated. The service itself is laxer in places: a request that passes here is
//! one that its documents allow. What isn't HTTP at all is refused by the HTTP library with a bare
//! 400 or 431.
//!
//! # How it breaks
//!
//! [`Sandbox::faults`] takes rules by which connections, answers and what is in them are broken: a
//! reset of the second request, a TLS record with a flipped bit, a body that trickles, a JWE for a key
//! that nobody has. They are methods, JSON, or a file of it. The module [`faults`] lists them all, and
//! says how a run is repeated.
//!
//! # What it cannot do
//!
//! - It listens on 127.0.0.1 only, and nothing outlives it: each start makes new certificates and
//!   new keys.
//! - It knows RS256 and HS256 alone, no JWT of version 1, and hands out no OAuth credentials.
//! - It remembers 16 384 `jti`, and forgets those first that expire first.
//! - It has one vault, for every transacting merchant, and one profile; all responses are
//!   sealed for [`Sandbox::merchant`].
//!
//! No vendor document specifies the following: the refusals of encryption, the statuses 405, 408, 413,
//! 429 and 503, the 404 of v2 for a card without network token, the wording of 500 and 502, the order in
//! which it checks, a leeway of 5 s for `iat`, a 401 for credentials of two schemes at once, and the
//! values behind networks other than Visa, which are published test card numbers and made-up ids.

mod api_keys;
mod authentication;
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
mod hosts;
mod keystore;
mod keystore_authority;
mod masking;
mod merchant;
mod mle;
mod open_headers;
mod pem;
mod pkcs12;
mod plan;
mod policy;
mod portfolio;
mod public_key;
mod reading;
mod record;
mod response;
mod sandbox;
mod sealer;
mod server;
mod server_certificate;
pub mod vault;
mod version;

pub use api_keys::KeystoreError;
pub use authentication::{
    AuthenticationCheck, AuthenticationFailure, AuthenticationOutcome, AuthenticationScheme,
};
pub use error::StartError;
pub use merchant::Merchant;
pub use mle::{EncryptedContent, Mle, MleCheck, MleFailure, MleOutcome};
pub use policy::{Authentication, Policy, PolicyError};
pub use portfolio::Portfolio;
pub use reading::Tolerated;
pub use record::{CapturedAuthentication, ReceivedRequest};
pub use sandbox::Sandbox;
