//! The clauses, in the order of the trait's documentation.

use std::collections::HashSet;

use payment_credentials_core::request::{BillTo, OrderInformation, RequestBody};
use payment_credentials_core::{
    CorrelationId, CredentialsRequest, Delivery, PortError, SealedCredentials,
};

use crate::patience::{both, drop_once, within};
use crate::report::Clause;
use crate::said;
use crate::secrets::{proof_of, secrets_of};

use super::{GivenId, Scenario, Stage, Staged};

pub(super) async fn fresh_each_time(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("fresh each time");
    let Some(staged) = set(stage, Scenario::Answers, &mut clause).await else {
        return clause;
    };
    let mut proofs = vec![proof(stage, &staged).await, proof(stage, &staged).await];
    let at_once = both(proof(stage, &staged), proof(stage, &staged)).await;
    proofs.extend([at_once.0, at_once.1]);
    let mut known = HashSet::new();
    for proof in proofs {
        match proof {
            Ok(proof) => clause.holds(known.insert(proof), || {
                "two calls returned the same cryptogram".to_owned()
            }),
            Err(seen) => clause.holds(false, || seen),
        }
    }
    clause
}

pub(super) async fn not_idempotent(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("not idempotent");
    let Some(staged) = set(stage, Scenario::Answers, &mut clause).await else {
        return clause;
    };
    for calls in 1..=2 {
        let answer = call(stage, &staged, &staged.request).await;
        clause.holds(matches!(answer, Some(Ok(_))), || reported(answer.as_ref()));
        let asked = staged.service.asked();
        clause.holds(asked == calls, || {
            format!("after {calls} calls for the same card, the service was asked {asked} times")
        });
    }
    clause
}

pub(super) async fn dropping_is_not_undoing(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("dropping is not undoing");
    let Some(staged) = set(stage, Scenario::Silent, &mut clause).await else {
        return clause;
    };
    drop(staged.port.generate(&staged.request));
    let asked = staged.service.asked();
    clause.holds(asked == 0, || {
        format!("a call that nobody awaited asked the service {asked} times")
    });
    let waiting = staged.port.generate(&staged.request);
    let service = &staged.service;
    let dropped = drop_once(stage.patience(), waiting, || service.asked() == 1).await;
    clause.holds(dropped, || {
        let asked = service.asked();
        format!("no call that waits for the service was seen; it was asked {asked} times")
    });
    let next = call(stage, &staged, &staged.next).await;
    clause.holds(matches!(next, Some(Ok(_))), || {
        format!(
            "after a dropped call, the next one: {}",
            reported(next.as_ref())
        )
    });
    let asked = service.asked();
    clause.holds(asked == 2, || {
        format!("after a dropped call and another one, the service was asked {asked} times")
    });
    clause
}

pub(super) async fn ends_by_itself(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("ends by itself");
    let Some(staged) = set(stage, Scenario::Silent, &mut clause).await else {
        return clause;
    };
    let answer = call(stage, &staged, &staged.request).await;
    clause.holds(matches!(answer, Some(Err(_))), || {
        format!(
            "a service that never answers: {}",
            reported(answer.as_ref())
        )
    });
    clause
}

pub(super) async fn errors_say_how_far_it_got(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("errors say how far it got");
    let (answered, sent, any) = (
        [Delivery::Answered].as_slice(),
        [Delivery::Unknown].as_slice(),
        [Delivery::NotSent, Delivery::Unknown].as_slice(),
    );
    for (scenario, deliveries, asked) in [
        (Scenario::Unreachable, any, 0),
        (Scenario::HangsUp, sent, 1),
        (Scenario::Silent, sent, 1),
        (Scenario::Refuses, answered, 1),
    ] {
        let Some(staged) = set(stage, scenario, &mut clause).await else {
            continue;
        };
        let answer = call(stage, &staged, &staged.request).await;
        let as_it_was = |error: &PortError| deliveries.contains(&error.delivery());
        let held = match &answer {
            Some(Ok(_)) => false,
            Some(Err(error)) => as_it_was(error),
            // That it ends is another clause.
            None => true,
        };
        clause.holds(held, || {
            format!("{scenario:?}: {}", reported(answer.as_ref()))
        });
        let times = staged.service.asked();
        clause.holds(times == asked, || {
            format!("{scenario:?}: one call asked the service {times} times, not {asked}")
        });
    }
    clause
}

pub(super) async fn answered_means_traceable(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("answered means traceable");
    for scenario in [Scenario::Answers, Scenario::Refuses] {
        let Some(staged) = set(stage, scenario, &mut clause).await else {
            continue;
        };
        let answer = call(stage, &staged, &staged.request).await;
        let got = match &answer {
            Some(Ok(sealed)) => sealed.head().correlation_id(),
            Some(Err(error)) => error.correlation_id(),
            None => None,
        };
        let gave = staged.service.gave();
        clause.holds(is_traced(&gave, got), || {
            format!(
                "{scenario:?}: the service gave {gave:?}; {}, correlation id {got:?}",
                reported(answer.as_ref())
            )
        });
    }
    clause
}

/// Whether the id that came is the one that was given.
fn is_traced(gave: &GivenId, got: Option<&CorrelationId>) -> bool {
    match gave {
        GivenId::Known(id) => got == Some(id),
        GivenId::None => got.is_none(),
        GivenId::Some => got.is_some(),
    }
}

/// Personal data in each request, which must not be seen anywhere else.
const CANARY: &str = "canary-4e1b@example.com";

pub(super) async fn secrets_stay_inside(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("secrets stay inside");
    for scenario in Scenario::ALL {
        let Some(staged) = set(stage, scenario, &mut clause).await else {
            continue;
        };
        let mut said = said::shown(&staged.port);
        let mut secrets = vec![CANARY.to_owned()];
        let answer = call(stage, &staged, &with_canary(&staged.request)).await;
        match answer {
            Some(Ok(sealed)) => {
                said += &said::shown(&sealed);
                let opened = within(stage.patience(), staged.opener.open(&sealed)).await;
                if let Some(Ok(opened)) = &opened {
                    said += &said::shown(opened);
                    secrets.extend(secrets_of(opened));
                }
                clause.holds(matches!(opened, Some(Ok(_))), || {
                    format!("{scenario:?}: the response doesn't open, so it can't be searched")
                });
            }
            Some(Err(error)) => said += &said::error(&error),
            None => {}
        }
        said += &said::shown(&staged.port);
        said += &stage.logged();
        for secret in secrets {
            clause.holds(!said.contains(&secret), || {
                let what = if secret == CANARY {
                    "personal data of the request"
                } else {
                    "a number or a cryptogram"
                };
                format!("{scenario:?}: {what} is shown by `Debug`, `Display` or the log")
            });
        }
    }
    clause
}

fn with_canary(request: &CredentialsRequest) -> CredentialsRequest {
    let bill_to = BillTo::default().with_email(CANARY);
    let order = OrderInformation::default().with_bill_to(bill_to);
    let body = RequestBody::default().with_order_information(order);
    // The canary is within the vendor's limits; were it not, its search would find nothing.
    let with_body = request.clone().with_body(body);
    with_body.unwrap_or_else(|_refused| request.clone())
}

async fn set(stage: &dyn Stage, scenario: Scenario, clause: &mut Clause) -> Option<Staged> {
    let staged = stage.stage(scenario).await;
    clause.staged(&scenario, stage.cannot(), staged)
}

type Answer = Option<Result<SealedCredentials, PortError>>;

async fn call(stage: &dyn Stage, staged: &Staged, request: &CredentialsRequest) -> Answer {
    within(stage.patience(), staged.port.generate(request)).await
}

/// Asks and opens, down to the cryptogram; or returns what came instead.
async fn proof(stage: &dyn Stage, staged: &Staged) -> Result<String, String> {
    let answer = call(stage, staged, &staged.request).await;
    let Some(Ok(sealed)) = answer else {
        return Err(reported(answer.as_ref()));
    };
    let opened = within(stage.patience(), staged.opener.open(&sealed)).await;
    let proof = match &opened {
        Some(Ok(opened)) => proof_of(opened),
        Some(Err(_)) | None => None,
    };
    proof.ok_or_else(|| "a response without a cryptogram or code; stage one that has it".to_owned())
}

fn reported(answer: Option<&Result<SealedCredentials, PortError>>) -> String {
    match answer {
        None => "the call didn't end".to_owned(),
        Some(Ok(_)) => "credentials came".to_owned(),
        Some(Err(error)) => format!("the error \"{error}\""),
    }
}
