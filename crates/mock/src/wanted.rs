use std::fmt;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};
use std::thread;

use mockall::Predicate;
use predicates_core::reflection::PredicateReflection;

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
        others: Others::default(),
        of: PhantomData::<fn(&T)>,
    }
}

/// What was wanted, and what came instead.
struct Wanted<F, T: ?Sized> {
    what: String,
    is_it: F,
    others: Others,
    of: PhantomData<fn(&T)>,
}

/// What came instead of what was wanted.
#[derive(Debug, Default)]
pub(crate) struct Others(Mutex<Vec<String>>);

impl Others {
    /// Keeps the text of an argument that isn't what was wanted.
    pub(crate) fn note(&self, other: String) {
        let mut others = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        others.push(other);
    }

    fn texts(&self) -> Vec<String> {
        let others = self.0.lock();
        others.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Names what was wanted, and what came instead.
    pub(crate) fn show(&self, what: &dyn fmt::Display, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wanted: {what}")?;
        match &*self.texts() {
            [] => Ok(()),
            others => write!(f, "; got: {}", others.join(", ")),
        }
    }

    /// Prints an expectation that was not met, if something came instead.
    #[expect(
        clippy::print_stderr,
        reason = "only in a test that fails: mockall says what came, and nothing of what was wanted"
    )]
    pub(crate) fn report(&self, expectation: &dyn fmt::Display) {
        if !self.texts().is_empty() {
            eprintln!("an expectation that was not met: {expectation}");
        }
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
            self.others.note(format!("{argument:?}"));
        }
        is_it
    }
}

impl<F, T: ?Sized> PredicateReflection for Wanted<F, T> {}

impl<F, T: ?Sized> fmt::Display for Wanted<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.others.show(&self.what, f)
    }
}

impl<F, T: ?Sized> Drop for Wanted<F, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.others.report(self);
        }
    }
}
