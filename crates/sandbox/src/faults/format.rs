//! Reads fault rules from JSON, and writes them.

mod milliseconds;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::rule::{Fault, FaultPhase, FaultRule, FaultRuleError, Match};

#[derive(Deserialize, Serialize)]
#[serde(remote = "FaultRule", deny_unknown_fields)]
struct RuleFormat {
    #[serde(with = "PhaseFormat")]
    phase: FaultPhase,
    #[serde(default, with = "MatchFormat")]
    on: Match,
    #[serde(with = "FaultFormat")]
    fault: Fault,
    #[serde(default = "once")]
    times: u32,
    #[serde(default)]
    seed: u64,
}

const fn once() -> u32 {
    1
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "FaultPhase", rename_all = "snake_case")]
enum PhaseFormat {
    Connect,
    Tls,
    Write,
    Headers,
    Body,
    Decrypt,
    Parse,
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Match", rename_all = "snake_case")]
enum MatchFormat {
    Any,
    Connection(u64),
    Request(u64),
    TokenId(String),
}

#[derive(Deserialize, Serialize)]
#[serde(remote = "Fault", rename_all = "snake_case")]
enum FaultFormat {
    Close,
    Contradiction,
    Cut,
    CutAt(usize),
    #[serde(rename = "delay_ms", with = "milliseconds")]
    Delay(Duration),
    EarlyResponse(u16),
    ErrorBody,
    FlipBit,
    Garbage,
    Informational(u32),
    OldVersion,
    OneByteSegments,
    Oversize,
    Redirect,
    Reset,
    SecondResponse,
    Silence,
    Status(u16),
    #[serde(rename = "trickle_ms", with = "milliseconds")]
    Trickle(Duration),
    Unencrypted,
    WrongIdentity,
    WrongKey,
}

/// Reads a list of rules.
pub(super) fn read(text: &str) -> Result<Vec<FaultRule>, FaultRuleError> {
    let wrong = |nth| move |rule| FaultRuleError::Format { nth, rule };
    let list: Option<Vec<Value>> = serde_json::from_str(text).ok();
    let list = list
        .ok_or("must be a JSON list of rules")
        .map_err(wrong(0))?;
    let numbered = list.iter().zip(1..);
    numbered
        .map(|(value, nth)| rule(value).map_err(wrong(nth)))
        .collect()
}

/// Writes a list of rules, each on a line of its own.
pub(super) fn write<'a>(rules: impl Iterator<Item = &'a FaultRule>) -> String {
    let lines: Vec<String> = rules.map(|rule| encode(rule).to_string()).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

fn rule(value: &Value) -> Result<FaultRule, &'static str> {
    let members = value.as_object().ok_or("must be a JSON object")?;
    // Serde would read `{"reset": null}` as `"reset"`.
    let mut named = members.values().filter_map(Value::as_object);
    if named.any(|named| named.values().any(Value::is_null)) {
        return Err("must have no null");
    }
    RuleFormat::deserialize(members).map_err(|_repeats_its_input| broken(members))
}

/// The demand that a rule doesn't meet. Serde's own message would repeat the input.
fn broken(members: &Map<String, Value>) -> &'static str {
    let member = |name: &str| members.get(name);
    let demands = [
        (
            member("phase").is_some_and(|phase| PhaseFormat::deserialize(phase).is_ok()),
            "must have a phase, such as headers",
        ),
        (
            member("fault").is_some_and(|fault| FaultFormat::deserialize(fault).is_ok()),
            "must have a fault, such as \"reset\" or {\"cut_at\": 17}",
        ),
        (
            member("on").is_none_or(|on| MatchFormat::deserialize(on).is_ok()),
            "must have \"any\" for on, or one of connection and request (a number) and token_id",
        ),
        (
            ["times", "seed"]
                .iter()
                .all(|name| member(name).is_none_or(Value::is_u64)),
            "must have whole numbers for times and seed",
        ),
        (
            member("times").is_none_or(|times| u32::deserialize(times).is_ok()),
            "must have a smaller number for times",
        ),
    ];
    let mut unmet = demands.into_iter().filter(|(is_met, _)| !is_met);
    unmet.next().map_or(
        "must have no members but on, phase, fault, times and seed",
        |(_, demand)| demand,
    )
}

fn encode(rule: &FaultRule) -> Value {
    // This can't fail: a rule consists of numbers, texts and names.
    RuleFormat::serialize(rule, serde_json::value::Serializer).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PHASES: [FaultPhase; 7] = [
        FaultPhase::Connect,
        FaultPhase::Tls,
        FaultPhase::Write,
        FaultPhase::Headers,
        FaultPhase::Body,
        FaultPhase::Decrypt,
        FaultPhase::Parse,
    ];

    const FAULTS: [Fault; 22] = [
        Fault::Close,
        Fault::Contradiction,
        Fault::Cut,
        Fault::CutAt(17),
        Fault::Delay(Duration::from_millis(5)),
        Fault::EarlyResponse(401),
        Fault::ErrorBody,
        Fault::FlipBit,
        Fault::Garbage,
        Fault::Informational(32),
        Fault::OldVersion,
        Fault::OneByteSegments,
        Fault::Oversize,
        Fault::Redirect,
        Fault::Reset,
        Fault::SecondResponse,
        Fault::Silence,
        Fault::Status(503),
        Fault::Trickle(Duration::from_secs(1)),
        Fault::Unencrypted,
        Fault::WrongIdentity,
        Fault::WrongKey,
    ];

    #[test]
    fn every_rule_reads_as_it_was_written() {
        let matches = [
            Match::Any,
            Match::Connection(2),
            Match::Request(3),
            Match::token_id("7E57"),
        ];
        let mut rules = Vec::new();
        for phase in PHASES {
            for fault in FAULTS.into_iter().filter(|fault| fault.occurs_in(phase)) {
                let on = matches[rules.len() % matches.len()].clone();
                let seed = rules.len() as u64;
                rules.push(
                    FaultRule::at(phase)
                        .on(on)
                        .fault(fault)
                        .times(2)
                        .seeded(seed),
                );
            }
        }
        let text = write(rules.iter());
        assert_eq!(read(&text).unwrap(), rules);
        assert!(
            FAULTS
                .iter()
                .all(|fault| rules.iter().any(|rule| rule.fault == *fault))
        );
    }

    #[test]
    fn a_time_is_written_in_whole_milliseconds_that_are_no_shorter() {
        for (time, milliseconds) in [
            (Duration::ZERO, 0),
            (Duration::from_nanos(1), 1),
            (Duration::from_micros(1_500), 2),
            (Duration::from_millis(20), 20),
            (Duration::MAX, u64::MAX),
        ] {
            for (fault, name) in [
                (Fault::Delay(time), "delay_ms"),
                (Fault::Trickle(time), "trickle_ms"),
            ] {
                let rule = FaultRule::at(FaultPhase::Headers).fault(fault);
                assert_eq!(encode(&rule)["fault"], json!({name: milliseconds}));
            }
        }
    }

    #[test]
    fn what_may_be_left_out_has_its_default() {
        let rules = read(r#"[{"phase": "headers", "fault": "reset"}]"#).unwrap();
        assert_eq!(
            rules,
            [FaultRule::at(FaultPhase::Headers).fault(Fault::Reset)]
        );
    }

    #[test]
    fn a_misspelt_rule_is_named_and_not_guessed() {
        for (text, said) in [
            ("{}", "the text must be a JSON list of rules"),
            ("[7]", "rule 1: must be a JSON object"),
            (r#"[["body", "any", "cut", 1, 0]]"#, "must be a JSON object"),
            (
                r#"[{"phase":"body","fault":"cut","time":2}]"#,
                "no members but",
            ),
            (r#"[{"phase":"head","fault":"cut"}]"#, "must have a phase"),
            (
                r#"[{"phase":"body","fault":"cut_at"}]"#,
                "must have a fault",
            ),
            (r#"[{"phase":"body","fault":{"reset":null}}]"#, "no null"),
            (
                r#"[{"phase":"body","fault":{"reset":1}}]"#,
                "must have a fault",
            ),
            (
                r#"[{"phase":"body","fault":{"status":70000}}]"#,
                "must have a fault",
            ),
            (
                r#"[{"phase":"body","fault":"cut","on":{"request":"2"}}]"#,
                "for on",
            ),
            (r#"[{"phase":"body","fault":"cut","on":"all"}]"#, "for on"),
            (
                r#"[{"phase":"body","fault":"cut","times":-1}]"#,
                "whole numbers",
            ),
            (
                r#"[{"phase":"body","fault":"cut","times":5000000000}]"#,
                "smaller",
            ),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
