use tokio::time::Duration;

use crate::faults::error_body::errors;
use crate::faults::rule::{Fault, FaultPhase};
use crate::faults::seeded::Seeded;
use crate::faults::step::Step;
use crate::hosts::ELSEWHERE;

use super::bytes::{broken, garbage};

/// More bytes than a client should accept, where responses have about 2 KiB.
const OVERSIZE: usize = 300 * 1024;

/// Time for a client to read a sound record before a spoilt one arrives. If both arrive together, TLS may
/// report the spoilt one and deliver neither.
const READING: Duration = Duration::from_millis(100);

/// A web page as a filter in front of the service would send it.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Request rejected</title></head>\n\
    <body><h1>Request rejected</h1><p>Sandbox edge filter.</p></body></html>\n";

/// A sound response with a length, which all responses of the sandbox have.
pub(super) struct Response<'a> {
    /// The head, with the blank line that ends it.
    head: &'a [u8],
    body: &'a [u8],
}

impl<'a> Response<'a> {
    /// Splits a response; none if it isn't complete yet.
    pub(super) fn whole(bytes: &'a [u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let (head, body) = bytes.split_at_checked(end.checked_add(4)?)?;
        let response = Self { head, body };
        let length = response
            .field("content-length")
            .map_or(Some(0), |length| length.parse().ok());
        (length? <= body.len()).then_some(response)
    }

    pub(super) fn steps(&self, phase: FaultPhase, fault: Fault, seeded: &mut Seeded) -> Vec<Step> {
        if phase == FaultPhase::Body {
            return self.in_body(fault, seeded);
        }
        if let Some(mut steps) = broken(fault, seeded, self.head) {
            if !matches!(steps.last(), Some(Step::Close | Step::Hang | Step::Reset)) {
                steps.push(Step::Write(self.body.to_vec()));
            }
            return steps;
        }
        let last = if matches!(fault, Fault::Garbage | Fault::OldVersion) {
            vec![Step::Close]
        } else {
            Vec::new()
        };
        let mut steps = vec![Step::Write(self.other_head(fault, seeded))];
        steps.extend(last);
        steps
    }

    /// The bytes that replace the response where its head is broken.
    fn other_head(&self, fault: Fault, seeded: &mut Seeded) -> Vec<u8> {
        match fault {
            Fault::Garbage => [garbage(seeded).as_slice(), b"\r\n\r\n"].concat(),
            Fault::Oversize => {
                let field = format!("x-oversize: {}", "x".repeat(OVERSIZE));
                self.with(&[&field], self.body)
            }
            Fault::Contradiction => {
                let field = format!("content-length: {}", self.body.len().saturating_add(1));
                self.with(&[&field], self.body)
            }
            // HTTP/0.9 has no head.
            Fault::OldVersion => self.body.to_vec(),
            Fault::Redirect => {
                let location = format!("location: https://{ELSEWHERE}/");
                self.instead(307, &[&location], "text/html", "")
            }
            Fault::Informational(count) => {
                let hints =
                    b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(usize::try_from(count).unwrap_or(0));
                [hints.as_slice(), self.head, self.body].concat()
            }
            Fault::SecondResponse => [self.head, self.body, self.head, self.body].concat(),
            Fault::Status(status) => {
                let wait: &[&str] = match status {
                    429 | 503 => &["retry-after: 1"],
                    _ => &[],
                };
                self.instead(status, wait, "application/json", &errors(status))
            }
            _ => [self.head, self.body].concat(),
        }
    }

    fn in_body(&self, fault: Fault, seeded: &mut Seeded) -> Vec<Step> {
        let (half, rest) = self.body.split_at(self.body.len() / 2);
        let begun = [self.head, half].concat();
        match fault {
            Fault::Reset => vec![Step::Write(begun), Step::Reset],
            Fault::Close => vec![Step::Write(begun), Step::Close],
            Fault::Silence => vec![Step::Write(begun), Step::Hang],
            Fault::FlipBit => vec![
                Step::Write(begun),
                Step::Pause(READING),
                Step::FlipRecord(seeded.next()),
                Step::Write(rest.to_vec()),
            ],
            _ => match broken(fault, seeded, self.body) {
                Some(steps) => {
                    let mut all = vec![Step::Write(self.head.to_vec())];
                    all.extend(steps);
                    all
                }
                None => vec![Step::Write(self.other_body(fault, seeded))],
            },
        }
    }

    /// The bytes that replace the response where only its body is broken.
    fn other_body(&self, fault: Fault, seeded: &mut Seeded) -> Vec<u8> {
        let chunked = "transfer-encoding: chunked";
        match fault {
            Fault::Garbage => {
                let head = self.head_with(&[chunked], &["content-length"]);
                [head.as_slice(), &garbage(seeded), b"\r\n"].concat()
            }
            Fault::Contradiction => self.with(&[chunked], self.body),
            Fault::Oversize => self.instead(201, &[], "application/jose", &"x".repeat(OVERSIZE)),
            Fault::OldVersion => self.with(&["content-encoding: gzip"], self.body),
            Fault::SecondResponse => [self.head, self.body, &[b'x'; 32]].concat(),
            Fault::ErrorBody => self.instead(201, &[], "application/json", &errors(201)),
            Fault::Status(status) => self.instead(status, &[], "text/html", PAGE),
            _ => [self.head, self.body].concat(),
        }
    }

    fn field(&self, name: &str) -> Option<&str> {
        let head = str::from_utf8(self.head).ok()?;
        head.lines().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The same response with more header fields.
    fn with(&self, fields: &[&str], body: &[u8]) -> Vec<u8> {
        [self.head_with(fields, &[]).as_slice(), body].concat()
    }

    fn head_with(&self, fields: &[&str], without: &[&str]) -> Vec<u8> {
        let head = String::from_utf8_lossy(self.head);
        let kept = head.lines().filter(|line| {
            let name = line.split_once(':').map_or("", |(name, _)| name);
            !line.is_empty() && !without.iter().any(|gone| gone.eq_ignore_ascii_case(name))
        });
        let lines: Vec<&str> = kept.chain(fields.iter().copied()).collect();
        format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes()
    }

    /// Another response with the ids of this one.
    fn instead(&self, status: u16, fields: &[&str], content_type: &str, body: &str) -> Vec<u8> {
        let content_type = format!("content-type: {content_type}");
        let length = format!("content-length: {}", body.len());
        let fields = [&[content_type.as_str(), &length], fields].concat();
        let head = self.head_with(&fields, &["content-type", "content-length"]);
        let start = head.iter().position(|byte| *byte == b'\r').unwrap_or(0);
        let line = format!("HTTP/1.1 {status} ");
        [
            line.as_bytes(),
            head.get(start..).unwrap_or_default(),
            body.as_bytes(),
        ]
        .concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &[u8] = b"HTTP/1.1 201 Created\r\ncontent-type: application/jose\r\n\
        v-c-correlation-id: 42\r\ncontent-length: 4\r\n\r\na.b.";

    fn written(phase: FaultPhase, fault: Fault) -> String {
        let response = Response::whole(SOUND).unwrap();
        let steps = response.steps(phase, fault, &mut Seeded::new(1));
        let bytes = steps.iter().flat_map(|step| match step {
            Step::Write(bytes) => bytes.clone(),
            Step::Close | Step::FlipRecord(_) | Step::Hang | Step::Pause(_) | Step::Reset => {
                Vec::new()
            }
        });
        String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
    }

    #[test]
    fn a_response_is_broken_only_once_it_is_whole() {
        for end in 0..SOUND.len() {
            assert!(Response::whole(&SOUND[..end]).is_none(), "{end}");
        }
        assert!(Response::whole(SOUND).is_some());
    }

    #[test]
    fn another_status_keeps_the_ids() {
        let response = written(FaultPhase::Headers, Fault::Status(503));
        assert!(response.starts_with("HTTP/1.1 503 \r\n"), "{response}");
        assert!(
            response.contains("v-c-correlation-id: 42\r\n"),
            "{response}"
        );
        assert!(response.contains("retry-after: 1\r\n"), "{response}");
        assert_eq!(response.matches("content-length").count(), 1, "{response}");
        assert!(Response::whole(response.as_bytes()).is_some());
    }

    #[test]
    fn a_slow_response_is_the_same_response() {
        let sound = String::from_utf8_lossy(SOUND);
        for phase in [FaultPhase::Headers, FaultPhase::Body] {
            let pause = Duration::from_secs(1);
            for fault in [
                Fault::OneByteSegments,
                Fault::Trickle(pause),
                Fault::Delay(pause),
            ] {
                assert_eq!(written(phase, fault), sound, "{phase:?} {fault:?}");
            }
        }
    }

    #[test]
    fn a_cut_leaves_out_what_the_seed_or_the_rule_says() {
        assert_eq!(written(FaultPhase::Headers, Fault::CutAt(8)), "HTTP/1.1");
        assert!(written(FaultPhase::Body, Fault::CutAt(3)).ends_with("\r\n\r\na.b"));
        assert!(written(FaultPhase::Headers, Fault::Cut).len() < SOUND.len() - 4);
    }
}
