//! An error advises to check the response key only if a wrong key can be the cause.

use std::error::Error;

use super::*;

fn reported(mle: bool, fault: TransportErrorKind, delivery: Delivery) -> Option<String> {
    let (_, result) = Bench {
        mle,
        answer: Answer::Fault(fault, delivery),
        ..Bench::default()
    }
    .run();
    let error = result.expect_err("a fault");
    error.source().map(ToString::to_string)
}

#[test]
fn a_reset_after_the_request_tells_of_the_response_key_that_was_asked_for() {
    let reported = reported(true, TransportErrorKind::Reset, Delivery::Unknown).expect("a cause");
    assert!(
        reported.contains("\"response-key\"") && reported.contains("Business Center"),
        "{reported}"
    );
}

#[test]
fn no_other_fault_does() {
    use Delivery::{Answered, NotSent, Unknown};
    use TransportErrorKind::{Connect, Deadline, Framing, Reset, Tls, TooLarge};

    for fault in [Connect, Deadline, Framing, Tls, TooLarge] {
        for delivery in [Answered, NotSent, Unknown] {
            assert_eq!(
                reported(true, fault, delivery),
                None,
                "{fault:?} {delivery:?}"
            );
        }
    }
    for delivery in [Answered, NotSent] {
        assert_eq!(reported(true, Reset, delivery), None, "{delivery:?}");
    }
    assert_eq!(reported(false, Reset, Unknown), None);
}
