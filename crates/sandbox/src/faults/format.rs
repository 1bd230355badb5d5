//! Rules as JSON, and back.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::rule::{Fault, FaultPhase, FaultRule, FaultRuleError, Match};

const PHASES: [(&str, FaultPhase); 7] = [
    ("connect", FaultPhase::Connect),
    ("tls", FaultPhase::Tls),
    ("write", FaultPhase::Write),
    ("headers", FaultPhase::Headers),
    ("body", FaultPhase::Body),
    ("decrypt", FaultPhase::Decrypt),
    ("parse", FaultPhase::Parse),
];

/// Reads a list of rules.
pub(super) fn read(text: &str) -> Result<Vec<FaultRule>, FaultRuleError> {
    let wrong = |nth| move |rule| FaultRuleError::Format { nth, rule };
    let list: Option<Vec<Value>> = serde_json::from_str(text).ok();
    let list = list.ok_or("must be a JSON list").map_err(wrong(0))?;
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
    const MEMBERS: [&str; 5] = ["on", "phase", "fault", "times", "seed"];
    let members = value.as_object().ok_or("must be a JSON object")?;
    if members.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
        return Err("must have no members but on, phase, fault, times and seed");
    }
    let phase = members
        .get("phase")
        .and_then(Value::as_str)
        .and_then(|name| PHASES.iter().find(|(known, _)| *known == name));
    let (_, phase) = phase.ok_or("must have a phase, such as headers")?;
    let fault = members.get("fault").and_then(fault);
    let fault = fault.ok_or("must have a fault, such as \"reset\" or {\"cut_at\": 17}")?;
    let rule = FaultRule::at(*phase).on(on(members)?).fault(fault);
    let times = number(members, "times", 1)?;
    let times = u32::try_from(times)
        .ok()
        .ok_or("must have a smaller times")?;
    Ok(rule.times(times).seed(number(members, "seed", 0)?))
}

fn number(members: &Map<String, Value>, name: &str, default: u64) -> Result<u64, &'static str> {
    let number = members.get(name).map_or(Some(default), Value::as_u64);
    number.ok_or("must have whole numbers for times and seed")
}

fn on(members: &Map<String, Value>) -> Result<Match, &'static str> {
    const RULE: &str =
        "must have for on \"any\", or one of connection and request (a number) and token_id";
    let (name, value) = match members.get("on") {
        None => return Ok(Match::Any),
        Some(Value::String(any)) if any == "any" => return Ok(Match::Any),
        Some(Value::Object(on)) if on.len() == 1 => on.iter().next().ok_or(RULE)?,
        Some(_) => return Err(RULE),
    };
    let found = match name.as_str() {
        "connection" => value.as_u64().map(Match::Connection),
        "request" => value.as_u64().map(Match::Request),
        "token_id" => value.as_str().map(Match::token_id),
        _ => None,
    };
    found.ok_or(RULE)
}

fn fault(value: &Value) -> Option<Fault> {
    let (name, parameter) = match value {
        Value::String(name) => (name, None),
        Value::Object(fault) if fault.len() == 1 => {
            let (name, parameter) = fault.iter().next()?;
            (name, Some(parameter.as_u64()?))
        }
        Value::Object(_) | Value::Array(_) | Value::Bool(_) | Value::Null | Value::Number(_) => {
            return None;
        }
    };
    let status = |number: u64| u16::try_from(number).ok();
    Some(match (name.as_str(), parameter) {
        ("close", None) => Fault::Close,
        ("contradiction", None) => Fault::Contradiction,
        ("cut", None) => Fault::Cut,
        ("cut_at", Some(at)) => Fault::CutAt(usize::try_from(at).ok()?),
        ("delay_ms", Some(time)) => Fault::Delay(Duration::from_millis(time)),
        ("early_response", Some(number)) => Fault::EarlyResponse(status(number)?),
        ("error_body", None) => Fault::ErrorBody,
        ("flip_bit", None) => Fault::FlipBit,
        ("garbage", None) => Fault::Garbage,
        ("informational", Some(count)) => Fault::Informational(u32::try_from(count).ok()?),
        ("old_version", None) => Fault::OldVersion,
        ("one_byte_segments", None) => Fault::OneByteSegments,
        ("oversize", None) => Fault::Oversize,
        ("redirect", None) => Fault::Redirect,
        ("reset", None) => Fault::Reset,
        ("second_response", None) => Fault::SecondResponse,
        ("silence", None) => Fault::Silence,
        ("status", Some(number)) => Fault::Status(status(number)?),
        ("trickle_ms", Some(time)) => Fault::Trickle(Duration::from_millis(time)),
        ("unencrypted", None) => Fault::Unencrypted,
        ("wrong_identity", None) => Fault::WrongIdentity,
        ("wrong_key", None) => Fault::WrongKey,
        _ => return None,
    })
}

fn encode(rule: &FaultRule) -> Value {
    let on = match &rule.on {
        Match::Any => json!("any"),
        Match::Connection(nth) => json!({"connection": nth}),
        Match::Request(nth) => json!({"request": nth}),
        Match::TokenId(id) => json!({"token_id": id}),
    };
    let phase = PHASES.iter().find(|(_, known)| *known == rule.phase);
    json!({
        "on": on,
        "phase": phase.map(|(name, _)| name),
        "fault": encode_fault(rule.fault),
        "times": rule.times,
        "seed": rule.seed,
    })
}

fn encode_fault(fault: Fault) -> Value {
    // Rounded up, as timers do: what was waited for is waited for again.
    let milliseconds = |time: Duration| {
        let whole = time.as_nanos().div_ceil(1_000_000);
        u64::try_from(whole).unwrap_or(u64::MAX)
    };
    match fault {
        Fault::Close => json!("close"),
        Fault::Contradiction => json!("contradiction"),
        Fault::Cut => json!("cut"),
        Fault::CutAt(at) => json!({"cut_at": at}),
        Fault::Delay(time) => json!({"delay_ms": milliseconds(time)}),
        Fault::EarlyResponse(status) => json!({"early_response": status}),
        Fault::ErrorBody => json!("error_body"),
        Fault::FlipBit => json!("flip_bit"),
        Fault::Garbage => json!("garbage"),
        Fault::Informational(count) => json!({"informational": count}),
        Fault::OldVersion => json!("old_version"),
        Fault::OneByteSegments => json!("one_byte_segments"),
        Fault::Oversize => json!("oversize"),
        Fault::Redirect => json!("redirect"),
        Fault::Reset => json!("reset"),
        Fault::SecondResponse => json!("second_response"),
        Fault::Silence => json!("silence"),
        Fault::Status(status) => json!({"status": status}),
        Fault::Trickle(time) => json!({"trickle_ms": milliseconds(time)}),
        Fault::Unencrypted => json!("unencrypted"),
        Fault::WrongIdentity => json!("wrong_identity"),
        Fault::WrongKey => json!("wrong_key"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for (_, phase) in PHASES {
            for fault in FAULTS.into_iter().filter(|fault| fault.occurs_in(phase)) {
                let on = matches[rules.len() % matches.len()].clone();
                let seed = rules.len() as u64;
                rules.push(FaultRule::at(phase).on(on).fault(fault).times(2).seed(seed));
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
                assert_eq!(encode_fault(fault), json!({name: milliseconds}));
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
            ("{}", "rule 0: must be a JSON list"),
            ("[7]", "rule 1: must be a JSON object"),
            (
                r#"[{"phase":"body","fault":"cut","time":2}]"#,
                "no members but",
            ),
            (r#"[{"phase":"head","fault":"cut"}]"#, "must have a phase"),
            (
                r#"[{"phase":"body","fault":"cut_at"}]"#,
                "must have a fault",
            ),
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
