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
    let Some(staged) = set(stage, Scenario::Responds, &mut clause).await else {
        return clause;
    };
    let mut proofs = vec![proof(stage, &staged).await, proof(stage, &staged).await];
    let at_once = both(proof(stage, &staged), proof(stage, &staged)).await;
    proofs.extend([at_once.0, at_once.1]);
    let mut known = HashSet::new();
    for proof in proofs {
        match proof {
            Ok(proof) => clause.holds(known.insert(proof), || {
                "each call must return a fresh cryptogram, but two returned the same".to_owned()
            }),
            Err(seen) => clause.holds(false, || seen),
        }
    }
    clause
}

pub(super) async fn not_idempotent(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("not idempotent");
    let Some(staged) = set(stage, Scenario::Responds, &mut clause).await else {
        return clause;
    };
    for calls in 1..=2 {
        let answer = call(stage, &staged, &staged.request).await;
        clause.holds(matches!(answer, Some(Ok(_))), || reported(answer.as_ref()));
        let asked = staged.service.asked();
        clause.holds(asked == calls, || {
            format!(
                "each call for the same card must send 1 request; calls: {calls}, \
                 requests that the service acted on: {asked}"
            )
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
        format!("a call that nobody awaits must send no request; the service acted on {asked}")
    });
    let waiting = staged.port.generate(&staged.request);
    let service = &staged.service;
    let dropped = drop_once(stage.patience(), waiting, || service.asked() == 1).await;
    clause.holds(dropped, || {
        let asked = service.asked();
        format!(
            "the call must send 1 request and wait for the response; the service acted on {asked}"
        )
    });
    let next = call(stage, &staged, &staged.next).await;
    clause.holds(matches!(next, Some(Ok(_))), || {
        format!(
            "the call after a dropped call must return credentials: {}",
            reported(next.as_ref())
        )
    });
    let asked = service.asked();
    clause.holds(asked == 2, || {
        format!("a dropped call and another one must send 2 requests; the service acted on {asked}")
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
            "a call must end with an error if the service never responds: {}",
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
            // Another clause tests that the call ends.
            None => true,
        };
        clause.holds(held, || {
            format!(
                "{scenario:?}: the delivery must be one of {deliveries:?}: {}",
                reported(answer.as_ref())
            )
        });
        let times = staged.service.asked();
        clause.holds(times == asked, || {
            format!(
                "{scenario:?}: requests of one call that the service acted on: {times}; \
                 expected: {asked}"
            )
        });
    }
    clause
}

pub(super) async fn answered_means_traceable(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("answered means traceable");
    for scenario in [Scenario::Responds, Scenario::Refuses] {
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
                "{scenario:?}: the service sent the correlation id {gave:?}, \
                 the port returned {got:?}: {}",
                reported(answer.as_ref())
            )
        });
    }
    clause
}

/// Whether the port returned the id that the service sent.
fn is_traced(gave: &GivenId, got: Option<&CorrelationId>) -> bool {
    match gave {
        GivenId::Known(id) => got == Some(id),
        GivenId::None => got.is_none(),
        GivenId::Some => got.is_some(),
    }
}

/// Personal data in each request, which must not appear anywhere else.
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
                    format!(
                        "{scenario:?}: the opener of the stage must open the response, \
                         so that the suite can search it for secrets, but doesn't"
                    )
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
                format!("{scenario:?}: `Debug`, `Display` or the log shows {what}, but must not")
            });
        }
    }
    clause
}

fn with_canary(request: &CredentialsRequest) -> CredentialsRequest {
    let bill_to = BillTo::default().with_email(CANARY);
    let order = OrderInformation::default().with_bill_to(bill_to);
    let body = RequestBody::default().with_order_information(order);
    // The canary is within the vendor's limits. If it weren't, the request would go without it, and the
    // search would find nothing.
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

/// Makes a call and opens its response. Returns the cryptogram or the code, or describes what came
/// instead.
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
    proof.ok_or_else(|| {
        "the response must open to a cryptogram or a code; stage a response that does".to_owned()
    })
}

fn reported(answer: Option<&Result<SealedCredentials, PortError>>) -> String {
    match answer {
        None => "the call didn't end within `patience`".to_owned(),
        Some(Ok(_)) => "the call returned credentials".to_owned(),
        Some(Err(error)) => format!("the call returned the error \"{error}\""),
    }
}
