use std::fmt;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};
use std::thread;

use mockall::Predicate;
use payment_credentials_core::{CredentialsRequest, TokenId};
use predicates_core::reflection::PredicateReflection;

/// Expects a request for this token id, whatever else the request says.
///
/// If the test fails, its output names the token id that was wanted and the requests that came instead; see
/// [`wanted`]. An id that is masked has a mark, so that two ids whose masks are alike are seen to differ.
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
#[must_use = "pass it to the `with` of an expectation"]
pub fn request_for(token_id: TokenId) -> impl Predicate<CredentialsRequest> + Send + Sync {
    let what = format!("a request for {token_id:?}");
    wanted(what, move |request: &CredentialsRequest| {
        *request.token_id() == token_id
    })
}

/// Expects an argument of which this function returns true, and says in words what that is.
///
/// `mockall` shows a function as `<function>`, and of a call that meets no expectation only what came. With
/// this predicate a test that fails also shows what was wanted, beside the arguments that came instead: in
/// the message of an expectation that wasn't met, or as a line of its own after the panic of a call that meets
/// no expectation. The arguments are shown by their `Debug`, which shows no card data.
///
/// ```
/// use payment_credentials_core::CredentialsRequest;
/// use payment_credentials_mock::{MockPaymentCredentialsPort, failures, wanted};
///
/// let mut mock = MockPaymentCredentialsPort::new();
/// mock.expect_generate()
///     .with(wanted("a request with a profile id", |request: &CredentialsRequest| {
///         request.profile_id().is_some()
///     }))
///     .returning(|_| Err(failures::refused(404)));
/// ```
#[must_use = "pass it to the `with` of an expectation"]
pub fn wanted<T, F>(what: impl Into<String>, is_it: F) -> impl Predicate<T> + Send + Sync
where
    T: fmt::Debug + ?Sized,
    F: Fn(&T) -> bool + Send + Sync,
{
    Wanted {
        what: what.into(),
        is_it,
        others: Mutex::default(),
        of: PhantomData::<fn(&T)>,
    }
}

/// What was wanted, and what came instead.
struct Wanted<F, T: ?Sized> {
    what: String,
    is_it: F,
    others: Mutex<Vec<String>>,
    of: PhantomData<fn(&T)>,
}

impl<F, T: ?Sized> Wanted<F, T> {
    fn others(&self) -> Vec<String> {
        let others = self.others.lock();
        others.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<F, T> Predicate<T> for Wanted<F, T>
where
    T: fmt::Debug + ?Sized,
    F: Fn(&T) -> bool,
{
    fn eval(&self, argument: &T) -> bool {
        let is_it = (self.is_it)(argument);
        if !is_it {
            let other = format!("{argument:?}");
            let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
            others.push(other);
        }
        is_it
    }
}

impl<F, T: ?Sized> PredicateReflection for Wanted<F, T> {}

impl<F, T: ?Sized> fmt::Display for Wanted<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wanted: {}", self.what)?;
        match &*self.others() {
            [] => Ok(()),
            others => write!(f, "; got: {}", others.join(", ")),
        }
    }
}

impl<F, T: ?Sized> Drop for Wanted<F, T> {
    #[expect(
        clippy::print_stderr,
        reason = "only in a test that fails: mockall says what came, and nothing of what was wanted"
    )]
    fn drop(&mut self) {
        if thread::panicking() && !self.others().is_empty() {
            eprintln!("an expectation that was not met: {self}");
        }
    }
}
