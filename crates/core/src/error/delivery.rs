use crate::kinds::kinds;

kinds! {
    /// Whether the service can have acted on the request.
    pub enum Delivery {
        /// The service sent its response, and so has decided about the request.
        Answered = "answered", "answered";
        /// No byte of the request left this process, so the service can't have acted.
        NotSent = "not_sent", "not sent";
        /// The service may have acted: a cryptogram may have been minted.
        Unknown = "unknown", "outcome unknown";
    }
}

impl Delivery {
    /// Whether a call of two attempts reports this delivery rather than `other`: `Unknown` before
    /// `Answered` before `NotSent`, in the order of what the service may have done.
    #[must_use]
    pub fn is_worse_than(self, other: Self) -> bool {
        let doubt = |delivery| match delivery {
            Self::NotSent => 0,
            Self::Answered => 1,
            Self::Unknown => 2,
        };
        doubt(self) > doubt(other)
    }
}

kinds! {
    /// Whether the same call may be made again.
    pub enum Repeatability {
        /// Repeating may help, and may spend a second cryptogram: the caller decides.
        MayRepeat = "may_repeat", "repeating may help, and may spend a second cryptogram";
        /// Repeating can't help.
        Never = "never", "repeating can't help";
        /// Repeating may help and costs nothing: nothing was sent, or the service did not act on the
        /// request.
        Safe = "safe", "repeating may help and costs nothing";
    }
}
