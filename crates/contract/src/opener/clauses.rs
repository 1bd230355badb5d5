//! The clauses, in the order of the trait's documentation.

use std::collections::BTreeSet;

use payment_credentials_core::{
    Delivery, Jwe, PaymentCredentials, PortError, PortErrorKind, ResponseHead, SealedContent,
    SealedCredentials,
};

use crate::patience::within;
use crate::report::Clause;
use crate::said;
use crate::secrets::secrets_of;

use super::{NOT_CREDENTIALS, Scenario, Stage, Staged};

/// Headers that no opener may accept, each with a description of its flaw.
const UNACCEPTABLE: [(&str, &str); 9] = [
    ("the algorithm none", "eyJhbGciOiJub25lIn0"),
    ("RSA1_5", "eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMjU2R0NNIn0"),
    (
        "RSA-OAEP with SHA-1",
        "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ",
    ),
    (
        "A128CBC-HS256",
        "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0",
    ),
    (
        "compression",
        "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIiwiemlwIjoiREVGIn0",
    ),
    (
        "a critical extension",
        "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIiwiY3JpdCI6WyJleHAiXX0",
    ),
    (
        "an unknown key id",
        "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoiY29udHJhY3Qtc3VpdGUtbm9i\
         b2R5LWhhcy10aGlzLWtleSJ9",
    ),
    ("an array in place of an object", "WyJSU0EtT0FFUC0yNTYiXQ"),
    ("text that isn't JSON", "bm90IEpTT04"),
];

/// The parts of a JWE that only the cryptography can validate, by their index.
const VALIDATED_INSIDE: [(usize, &str); 4] = [
    (1, "encrypted key"),
    (2, "initialisation vector"),
    (3, "ciphertext"),
    (4, "tag"),
];

pub(super) async fn one_uniform_failure(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("one uniform failure");
    let mut texts = BTreeSet::new();
    if let Some(staged) = set(stage, Scenario::Opens, &mut clause).await {
        let opened = open(stage, &staged, &staged.sealed).await;
        clause.holds(matches!(opened, Some(Ok(_))), || {
            format!("a valid JWE must open: {}", reported(opened.as_ref()))
        });
        for (part, name) in VALIDATED_INSIDE {
            for changed in changed(&staged.sealed, part) {
                let failure = open(stage, &staged, &changed).await;
                note(&mut clause, &mut texts, name, failure);
            }
        }
    }
    if let Some(staged) = set(stage, Scenario::OtherKey, &mut clause).await {
        let failure = open(stage, &staged, &staged.sealed).await;
        note(&mut clause, &mut texts, "key", failure);
    }
    if !texts.is_empty() {
        clause.holds(texts.len() == 1, || {
            format!(
                "all failures must have one text, not {}: {texts:?}",
                texts.len()
            )
        });
    }
    clause
}

/// Records a failure inside the cryptography and its texts, without the head of the response.
fn note(clause: &mut Clause, texts: &mut BTreeSet<String>, flaw: &str, failure: Option<Opened>) {
    let is_decrypt = matches!(&failure, Some(Err(error)) if error.kind() == PortErrorKind::Decrypt);
    clause.holds(is_decrypt, || {
        format!(
            "a wrong {flaw} must fail as `Decrypt`: {}",
            reported(failure.as_ref())
        )
    });
    if let Some(Err(error)) = failure {
        texts.insert(said::error(&error.with_head(ResponseHead::new(0))));
    }
}

pub(super) async fn the_header_is_validated_first(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("the header is validated first");
    let Some(staged) = set(stage, Scenario::ReadsHeaders, &mut clause).await else {
        return clause;
    };
    for (name, header) in UNACCEPTABLE {
        let Some(sealed) = with_part(&staged.sealed, 0, header) else {
            clause.holds(false, || {
                "the stage must provide a JWE, but provides other content".to_owned()
            });
            return clause;
        };
        let refused = open(stage, &staged, &sealed).await;
        let is_token = matches!(&refused, Some(Err(error)) if error.kind() == PortErrorKind::Jwe);
        clause.holds(is_token, || {
            format!(
                "a header with {name} must fail as `Jwe`: {}",
                reported(refused.as_ref())
            )
        });
        let uses = staged.keys.count();
        clause.holds(uses == 0, || {
            format!("a header with {name} must fail before any key is used, but {uses} uses were counted")
        });
    }
    clause
}

pub(super) async fn answered(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("answered");
    for scenario in Scenario::ALL {
        let Some(staged) = set(stage, scenario, &mut clause).await else {
            continue;
        };
        for (flaw, sealed) in failing(scenario, &staged) {
            let failure = open(stage, &staged, &sealed).await;
            let is_answered = |error: &PortError| {
                error.delivery() == Delivery::Answered && error.head() == Some(sealed.head())
            };
            let held = matches!(&failure, Some(Err(error)) if is_answered(error));
            clause.holds(held, || {
                format!(
                    "{flaw}: the error must have the delivery `Answered` and the response's head: {}",
                    reported(failure.as_ref())
                )
            });
        }
    }
    clause
}

/// The sealed credentials that must fail to open in a scenario, each with the reason.
fn failing(scenario: Scenario, staged: &Staged) -> Vec<(&'static str, SealedCredentials)> {
    let again = || again(&staged.sealed);
    let failing = match scenario {
        Scenario::KeyServiceDown => ("a key service that is down", again()),
        Scenario::NotCredentials => ("a plaintext that isn't credentials", again()),
        Scenario::Opens => ("a wrong tag", changed(&staged.sealed, 4).next()),
        Scenario::OtherKey => ("another key", again()),
        Scenario::ReadsHeaders => {
            let (_, header) = UNACCEPTABLE[0];
            ("a wrong header", with_part(&staged.sealed, 0, header))
        }
    };
    let (flaw, sealed) = failing;
    sealed.into_iter().map(|sealed| (flaw, sealed)).collect()
}

pub(super) async fn secrets_stay_inside(stage: &dyn Stage) -> Clause {
    let mut clause = Clause::new("secrets stay inside");
    let canaries = ["4895370016750801", "canary-9d27", NOT_CREDENTIALS];
    let mut secrets: Vec<_> = canaries.map(str::to_owned).into();
    for scenario in [Scenario::Opens, Scenario::NotCredentials] {
        let Some(staged) = set(stage, scenario, &mut clause).await else {
            continue;
        };
        let opened = open(stage, &staged, &staged.sealed).await;
        let mut said = said::shown(&staged.opener);
        let is_as_staged = match &opened {
            Some(Ok(opened)) => {
                said += &said::shown(opened);
                secrets.extend(secrets_of(opened));
                scenario == Scenario::Opens
            }
            Some(Err(error)) => {
                said += &said::error(error);
                scenario == Scenario::NotCredentials && error.kind() == PortErrorKind::Payload
            }
            None => false,
        };
        clause.holds(is_as_staged, || {
            format!(
                "{scenario:?} has another outcome than staged: {}",
                reported(opened.as_ref())
            )
        });
        let shown = secrets.iter().any(|secret| said.contains(secret.as_str()));
        clause.holds(!shown, || {
            format!("{scenario:?}: `Debug` or an error must not show the plaintext, but does")
        });
    }
    clause
}

async fn set(stage: &dyn Stage, scenario: Scenario, clause: &mut Clause) -> Option<Staged> {
    let staged = stage.stage(scenario).await;
    clause.staged(&scenario, stage.cannot(), staged)
}

type Opened = Result<PaymentCredentials, PortError>;

async fn open(stage: &dyn Stage, staged: &Staged, sealed: &SealedCredentials) -> Option<Opened> {
    within(stage.patience(), staged.opener.open(sealed)).await
}

fn reported(opened: Option<&Opened>) -> String {
    match opened {
        None => "the call didn't end within `patience`".to_owned(),
        Some(Ok(_)) => "the call returned credentials".to_owned(),
        Some(Err(error)) => format!("the call returned the error \"{error}\""),
    }
}

/// Builds the same sealed credentials once more, because they can't be copied.
fn again(sealed: &SealedCredentials) -> Option<SealedCredentials> {
    with_part(sealed, usize::MAX, "")
}

/// The JWE with one of its parts replaced by `text`.
fn with_part(sealed: &SealedCredentials, part: usize, text: &str) -> Option<SealedCredentials> {
    let SealedContent::Jwe(jwe) = sealed.content() else {
        return None;
    };
    let compact = jwe
        .parts()
        .into_iter()
        .enumerate()
        .map(|(at, old)| if at == part { text } else { old })
        .collect::<Vec<_>>()
        .join(".");
    let jwe: Jwe = compact.parse().ok()?;
    Some(SealedCredentials::new(jwe, sealed.head().clone()))
}

/// The JWE with one character of a part changed: once the first character, and once the middle one.
///
/// The last character is never changed, because some of its bits may encode no byte.
fn changed(sealed: &SealedCredentials, part: usize) -> impl Iterator<Item = SealedCredentials> {
    let text = match sealed.content() {
        SealedContent::Jwe(jwe) => jwe.parts().get(part).copied().unwrap_or_default(),
        SealedContent::Plaintext(_) | _ => "",
    };
    [0, text.len() / 2].into_iter().filter_map(move |at| {
        let other = |(index, old): (usize, char)| match old {
            'A' if index == at => 'B',
            _ if index == at => 'A',
            old => old,
        };
        let changed: String = text.chars().enumerate().map(other).collect();
        with_part(sealed, part, &changed)
    })
}
