use std::fmt;
use std::thread;

use mockall::Predicate;
use payment_credentials_core::request::PaymentCredentialType;
use payment_credentials_core::{CredentialsRequest, ProfileId, TokenId};
use predicates_core::reflection::PredicateReflection;

use crate::compared::{Compared, or_none};
use crate::wanted::Others;

/// Expects a request for this token id, whatever else the request says; the methods of [`RequestMatcher`] add
/// more.
///
/// If the test fails, its output names what was wanted and the requests that came instead, part by part. An id
/// that is masked has a mark, so that two ids whose masks are alike are seen to differ.
///
/// ```
/// use payment_credentials_core::{CredentialsRequest, PaymentCredentialsPort};
/// use payment_credentials_mock::{MockPaymentCredentialsPort, block_on, fixtures::Fixture, request_for};
///
/// let mut mock = MockPaymentCredentialsPort::new();
/// mock.expect_generate()
///     .with(request_for("7010000000016241111".parse()?))
///     .once()
///     .returning(|_| Ok(Fixture::VisaV3.sealed()));
///
/// let request = CredentialsRequest::new("7010000000016241111".parse()?);
/// assert!(block_on(mock.generate(&request)).is_ok());
/// # Ok::<(), payment_credentials_core::ParseValueError>(())
/// ```
#[must_use = "pass it to the `with` of an expectation, or to the `to` of a scripted port"]
pub fn request_for(token_id: TokenId) -> RequestMatcher {
    let mut wanted = any_request();
    wanted.token_id = Some(token_id);
    wanted
}

/// Expects any request; the methods of [`RequestMatcher`] narrow that down.
///
/// ```
/// use payment_credentials_core::request::{PaymentCredentialType, RequestBody};
/// use payment_credentials_core::CredentialsRequest;
/// use payment_credentials_mock::any_request;
///
/// let wanted = any_request()
///     .with_credential_type(PaymentCredentialType::Cryptogram)
///     .without_profile_id();
///
/// let request = CredentialsRequest::new("7010000000016241111".parse()?);
/// assert!(!wanted.matches(&request));
/// let body = RequestBody::default().with_payment_credential_type(PaymentCredentialType::Cryptogram);
/// assert!(wanted.matches(&request.with_body(body)?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "pass it to the `with` of an expectation, or to the `to` of a scripted port"]
pub fn any_request() -> RequestMatcher {
    RequestMatcher {
        token_id: None,
        credential_type: Member::Anything,
        profile_id: Member::Anything,
        others: Others::default(),
    }
}

/// Which requests a test wants: by token id, credential type and profile id. What isn't set may be anything.
///
/// A `mockall` expectation takes it by `with`, and a step of a scripted port by
/// [`to`](crate::ScriptedPort::to). [`wanted`](crate::wanted) takes a function instead.
#[derive(Debug)]
pub struct RequestMatcher {
    token_id: Option<TokenId>,
    credential_type: Member<PaymentCredentialType>,
    profile_id: Member<ProfileId>,
    others: Others,
}

/// What is wanted of an optional member of a request.
#[derive(Debug)]
enum Member<T> {
    Absent,
    Anything,
    Exactly(T),
}

impl<T> Member<T> {
    /// The wanted value, `None` if the member must be absent.
    fn demand(&self) -> Result<Option<&T>, Unlimited> {
        match self {
            Self::Absent => Ok(None),
            Self::Anything => Err(Unlimited),
            Self::Exactly(value) => Ok(Some(value)),
        }
    }
}

/// The member may be anything.
struct Unlimited;

impl RequestMatcher {
    /// Wants a request for this type of credentials.
    #[must_use]
    pub fn with_credential_type(mut self, wanted: PaymentCredentialType) -> Self {
        self.credential_type = Member::Exactly(wanted);
        self
    }

    /// Wants a request that names no type of credentials, so that the card's network decides.
    #[must_use]
    pub fn without_credential_type(mut self) -> Self {
        self.credential_type = Member::Absent;
        self
    }

    /// Wants a request that names this vault profile.
    #[must_use]
    pub fn with_profile_id(mut self, wanted: ProfileId) -> Self {
        self.profile_id = Member::Exactly(wanted);
        self
    }

    /// Wants a request that names no vault profile.
    #[must_use]
    pub fn without_profile_id(mut self) -> Self {
        self.profile_id = Member::Absent;
        self
    }

    /// Whether this is such a request.
    #[must_use]
    pub fn matches(&self, request: &CredentialsRequest) -> bool {
        self.compare(request).is_same()
    }

    /// Compares what was wanted with a request, part by part.
    pub(crate) fn compare(&self, request: &CredentialsRequest) -> Compared {
        let mut compared = Compared::default();
        if let Some(wanted) = &self.token_id {
            let got = request.token_id();
            let [wanted_text, got_text] = [wanted, got].map(|id| format!("{id:?}"));
            compared.part("token id", wanted_text, got_text, wanted == got);
        }
        if let Ok(wanted) = self.credential_type.demand() {
            let got = request.body().payment_credential_type.as_ref();
            // By the text that is sent: an unlisted value may be written as a listed one.
            let text = |it: &PaymentCredentialType| it.as_str().to_owned();
            let is_same = wanted.map(text) == got.map(text);
            let [wanted_text, got_text] = [wanted, got].map(or_none);
            compared.part("credential type", wanted_text, got_text, is_same);
        }
        if let Ok(wanted) = self.profile_id.demand() {
            let got = request.profile_id();
            let [wanted_text, got_text] = [wanted, got].map(or_none);
            compared.part("profile id", wanted_text, got_text, wanted == got);
        }
        compared
    }
}

/// What is wanted, in words.
struct Words<'a>(&'a RequestMatcher);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.token_id {
            Some(token_id) => write!(f, "a request for {token_id:?}")?,
            None => f.write_str("a request")?,
        }
        match &self.0.credential_type {
            Member::Exactly(credential_type) => write!(f, " of type {credential_type:?}")?,
            Member::Absent => f.write_str(" without a credential type")?,
            Member::Anything => {}
        }
        match &self.0.profile_id {
            Member::Exactly(profile_id) => write!(f, " with {profile_id:?}"),
            Member::Absent => f.write_str(" without a profile id"),
            Member::Anything => Ok(()),
        }
    }
}

impl Predicate<CredentialsRequest> for RequestMatcher {
    fn eval(&self, request: &CredentialsRequest) -> bool {
        let compared = self.compare(request);
        if compared.is_same() {
            return true;
        }
        // What differs is plain if there is only one part.
        let parts = (compared.len() > 1).then_some(&compared);
        let parts = parts.map(ToString::to_string).unwrap_or_default();
        self.others.note(format!("{request:?}{parts}"));
        false
    }
}

impl PredicateReflection for RequestMatcher {}

impl fmt::Display for RequestMatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.others.show(&Words(self), f)
    }
}

impl Drop for RequestMatcher {
    fn drop(&mut self) {
        if thread::panicking() {
            self.others.report(self);
        }
    }
}
