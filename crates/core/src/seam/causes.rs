use std::error::Error;
use std::{io, iter};

/// An error and all its causes, the error itself first.
///
/// `source` of an [`io::Error`] skips the error that it wraps; this doesn't. A transport searches so for the
/// error that proves what became of a request.
///
/// ```
/// use std::io;
///
/// use payment_credentials_core::seam::causes;
///
/// let broken = io::Error::from(io::ErrorKind::BrokenPipe);
/// let outer = io::Error::other(io::Error::other(broken));
/// assert_eq!(causes(&outer).count(), 3);
/// ```
pub fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        let error: &'a (dyn Error + 'static) = *error;
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}
