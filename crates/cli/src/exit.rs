use std::process::ExitCode;

use payment_credentials_core::{Delivery, PortError, PortErrorKind};

/// How the program ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Exit {
    /// Something that was looked for isn't there, or is to be looked at: a key that expires, an unknown word.
    Found,
    /// The arguments aren't understood, or not allowed together.
    Usage,
    /// The configuration, or a file that it or an argument names, can't be used.
    Configuration,
    /// The service refused the request.
    Refused,
    /// The request was sent, and whether the service acted on it is unknown.
    Unknown,
    /// The request wasn't sent.
    NotSent,
    /// The service has responded, and its response couldn't be opened or printed.
    PartlyDone,
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The code, as `paycred --help` lists it.
    const fn code(self) -> u8 {
        match self {
            Self::Found => 1,
            Self::Usage => 2,
            Self::Configuration => 3,
            Self::Refused => 4,
            Self::Unknown => 5,
            Self::NotSent => 6,
            Self::PartlyDone => 7,
            Self::Interrupted => 130,
        }
    }

    /// How a call ends that has failed.
    ///
    /// A response that is neither credentials nor a refusal couldn't be opened.
    pub(crate) fn of_call(error: &PortError, has_response: bool) -> Self {
        let is_refusal = matches!(error.kind(), PortErrorKind::Refused(_));
        match error.delivery() {
            _ if has_response => Self::PartlyDone,
            Delivery::NotSent => Self::NotSent,
            Delivery::Answered if is_refusal => Self::Refused,
            Delivery::Answered => Self::PartlyDone,
            Delivery::Unknown | _ => Self::Unknown,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
