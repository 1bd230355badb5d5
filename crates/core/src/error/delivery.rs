use crate::kinds::kinds;

kinds! {
    /// Whether the service can have acted on the request.
    pub enum Delivery {
        /// A whole response came: no request is under way any more. The response of an `unexpected_…` kind may be
        /// another server's.
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
        /// This call must not be repeated at once: repeating can't help, or its time is used up
        /// ([`Deadline`](crate::PortErrorKind::Deadline)).
        Never = "never", "repeating can't help";
        /// Repeating may help and costs nothing: nothing was sent, or the service did not act on the
        /// request.
        Safe = "safe", "repeating may help and costs nothing";
    }
}

impl Repeatability {
    /// The repeatability that a seam reports, after a call of this delivery.
    ///
    /// Once the service has answered, its cryptogram is spent. A seam that calls its own failure safe to repeat
    /// means its own work, but the whole call would spend another cryptogram.
    pub(crate) fn after(self, delivery: Delivery) -> Self {
        if self == Self::Safe && delivery != Delivery::NotSent {
            Self::MayRepeat
        } else {
            self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A seam that calls its own failure safe must not make a `Retry` spend a second cryptogram.
    #[test]
    fn nothing_is_safe_to_repeat_because_of_a_seam_once_a_request_may_have_been_sent() {
        use Repeatability::{MayRepeat, Never, Safe};
        for delivery in [Delivery::Answered, Delivery::Unknown] {
            assert_eq!(Safe.after(delivery), MayRepeat);
            assert_eq!(MayRepeat.after(delivery), MayRepeat);
            assert_eq!(Never.after(delivery), Never);
        }
        assert_eq!(Safe.after(Delivery::NotSent), Safe);
    }
}
