//! Rules from a file, many rules at once, and extreme values.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use payment_credentials_sandbox::faults::{
    Fault, FaultPhase, FaultRule, FaultRuleError, Faults, InjectedFault, Match,
};
use payment_credentials_sandbox::vault;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::task::{JoinSet, yield_now};

use super::client::{Answer, Call, connect, start};

/// A file that is removed when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn holding(name: &str, content: impl AsRef<[u8]>) -> Self {
        let name = format!("fault-rules-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn the_rules_of_a_file_are_those_of_its_text() {
    let sandbox = start();
    let file = Scratch::holding(
        "rules.json",
        r#"[{"on": {"request": 2}, "phase": "headers", "fault": {"status": 410}}]"#,
    );
    sandbox.faults().add_json_file(&file.0).unwrap();
    drop(file);
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(Call::v3(vault::VISA).answer(&sandbox).await.status);
    }
    assert_eq!(statuses, [201, 410, 201]);
}

#[test]
fn a_log_that_was_saved_is_a_file_of_rules() {
    let faults = Faults::default();
    let file = Scratch::holding("log.json", faults.log_json());
    faults.add_json_file(&file.0).unwrap();
}

#[test]
fn a_file_that_is_of_no_use_is_named_and_what_to_do_is_said() {
    let faults = Faults::default();
    let said = |path: &PathBuf| {
        let error = faults.add_json_file(path).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&path.display().to_string()), "{text}");
        (error, text)
    };
    let missing = std::env::temp_dir().join("no-such-fault-rules.json");
    let (error, text) = said(&missing);
    assert!(text.contains("isn't there; give a path"), "{text}");
    assert!(matches!(
        error,
        FaultRuleError::Unreadable { cause: Some(_), .. }
    ));

    let (_, text) = said(&std::env::temp_dir());
    assert!(
        text.contains("is no regular file; give the path of one"),
        "{text}"
    );

    let spaces = vec![b' '; 4 * 1024 * 1024 + 1];
    let long = Scratch::holding("long.json", &spaces);
    let (_, text) = said(&long.0);
    assert!(
        text.contains("is longer than 4 MiB; give fewer rules"),
        "{text}"
    );
    let mut list = spaces;
    list.truncate(4 * 1024 * 1024 - 2);
    list.extend_from_slice(b"[]");
    let longest = Scratch::holding("longest.json", list);
    faults.add_json_file(&longest.0).unwrap();

    let binary = Scratch::holding("binary.json", [0xFF, 0xFE]);
    let (_, text) = said(&binary.0);
    assert!(
        text.contains("is no UTF-8 text; write it as such"),
        "{text}"
    );

    let misspelt = r#"[{"phase":"body","fault":"cut"},{"phase":"head","fault":"cut"}]"#;
    let misspelt = Scratch::holding("misspelt.json", misspelt);
    let (error, text) = said(&misspelt.0);
    assert!(
        text.contains("rule 2: must have a phase, such as headers"),
        "{text}"
    );
    assert!(matches!(error, FaultRuleError::InFile { .. }));
}

/// Opening a FIFO like a file would wait for a writer.
#[cfg(unix)]
#[test]
fn a_pipe_or_a_socket_is_not_waited_for() {
    use std::os::unix::net::UnixListener;
    use std::sync::mpsc::channel;
    let path = |what| std::env::temp_dir().join(format!("rules-{}-{what}", std::process::id()));
    let (pipe, socket) = (path("pipe"), path("socket"));
    let listener = UnixListener::bind(&socket).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for path in [pipe, socket] {
        let (tell, told) = channel();
        let read = path.clone();
        thread::spawn(move || {
            let error = Faults::default().add_json_file(&read).unwrap_err();
            tell.send(error.to_string())
        });
        let error = told.recv_timeout(Duration::from_secs(20));
        fs::remove_file(&path).unwrap();
        let error = error.expect("it isn't waited for");
        assert!(error.contains("no regular file"), "{error}");
    }
    drop(listener);
}

#[tokio::test]
async fn seeds_and_times_go_to_their_ends() {
    let sandbox = start();
    let text = r#"[
        {"phase": "headers", "fault": {"status": 404}, "times": 0},
        {"phase": "headers", "fault": {"status": 409}, "times": 3, "seed": 18446744073709551615},
        {"phase": "headers", "fault": {"cut_at": 18446744073709551615}, "times": 1},
        {"phase": "headers", "fault": {"status": 410}, "times": 4294967295}
    ]"#;
    sandbox.faults().add_json(text).unwrap();
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let answer = Call::v3(vault::VISA).send(&sandbox).await;
        statuses.push(answer.map_or(0, |answer| answer.status));
    }
    assert_eq!(statuses, [409, 409, 409, 0, 410, 410]);
    let log = sandbox.faults().log();
    let seeds: Vec<_> = log.iter().map(|fault| fault.rule().seed()).collect();
    assert_eq!(seeds, [u64::MAX, 0, 1, 0, 0, 1]);
}

#[tokio::test]
async fn the_first_rule_that_fits_is_applied_and_no_other() {
    let sandbox = start();
    let text = r#"[
        {"on": {"connection": 2}, "phase": "headers", "fault": {"status": 404}},
        {"phase": "headers", "fault": {"status": 409}},
        {"phase": "headers", "fault": {"status": 410}},
        {"phase": "tls", "fault": "one_byte_segments"}
    ]"#;
    sandbox.faults().add_json(text).unwrap();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(Call::v3(vault::VISA).answer(&sandbox).await.status);
    }
    assert_eq!(statuses, [409, 404, 410, 201]);
    // The rule of a connection is applied in addition to those of its requests.
    let log = sandbox.faults().log();
    let hit: Vec<_> = log
        .iter()
        .map(|it| (it.connection(), it.request()))
        .collect();
    assert_eq!(hit, [(1, None), (1, Some(1)), (2, Some(2)), (3, Some(3))]);
}

#[tokio::test]
async fn a_response_without_credentials_has_none_that_could_be_broken() {
    let sandbox = start();
    for (phase, fault) in [
        (FaultPhase::Decrypt, Fault::Garbage),
        (FaultPhase::Parse, Fault::Garbage),
        (FaultPhase::Body, Fault::Unencrypted),
    ] {
        let applied = sandbox.faults().log().len();
        sandbox
            .faults()
            .add(FaultRule::at(phase).fault(fault))
            .unwrap();
        assert_eq!(
            Call::v3(vault::NOT_FOUND).answer(&sandbox).await.status,
            404
        );
        assert_eq!(sandbox.faults().log().len(), applied + 1);
        let sound = Call::v3(vault::VISA).answer(&sandbox).await;
        assert_eq!(sound.body.split('.').count(), 5, "{phase:?}");
    }
}

/// The sandbox holds all of them in memory.
#[test]
fn more_informational_responses_than_the_sandbox_can_hold_are_refused() {
    let faults = Faults::default();
    let rule = |count| FaultRule::at(FaultPhase::Headers).fault(Fault::Informational(count));
    faults.add(rule(100_000)).unwrap();
    let error = faults.add(rule(100_001)).unwrap_err();
    assert!(
        error.to_string().contains("ask for 100000 at most"),
        "{error}"
    );
    let text = r#"[{"phase":"headers","fault":{"informational":4294967295}}]"#;
    assert!(faults.add_json(text).is_err());
}

#[tokio::test]
async fn rules_that_are_added_at_once_are_all_there() {
    const THREADS: u64 = 8;
    const EACH: u64 = 8;
    let sandbox = start();
    let adders = (0..THREADS).map(|thread| {
        let faults = sandbox.faults().clone();
        thread::spawn(move || {
            for nth in 0..EACH {
                let on = Match::nth_request(thread * EACH + nth + 1);
                let rule = FaultRule::at(FaultPhase::Headers)
                    .on(on)
                    .fault(Fault::Status(410));
                faults.add(rule).unwrap();
            }
        })
    });
    adders
        .collect::<Vec<_>>()
        .into_iter()
        .for_each(|adder| adder.join().unwrap());
    let mut stream = connect(&sandbox).await.unwrap();
    for _ in 0..THREADS * EACH {
        Call::v3(vault::VISA).write(&mut stream).await.unwrap();
        assert_eq!(Answer::read(&mut stream).await.unwrap().status, 410);
    }
    let log = sandbox.faults().log();
    let requests: Vec<_> = log.iter().filter_map(InjectedFault::request).collect();
    assert!(requests.into_iter().eq(1..=THREADS * EACH));
}

/// Rules that are added and cleared while calls run break each call entirely or not at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_may_come_and_go_while_calls_run() {
    const CALLERS: usize = 4;
    const CALLS: usize = 50;
    let sandbox = Arc::new(start());
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let sandbox = Arc::clone(&sandbox);
        callers.spawn(async move {
            let mut stream = connect(&sandbox).await.unwrap();
            let mut broken = 0;
            for _ in 0..CALLS {
                Call::v3(vault::VISA).write(&mut stream).await.unwrap();
                match Answer::read(&mut stream).await.unwrap().status {
                    201 => {}
                    410 => broken += 1,
                    other => panic!("{other}"),
                }
            }
            broken
        });
    }
    let rules = r#"[
        {"phase": "headers", "fault": {"status": 410}, "times": 2},
        {"phase": "headers", "fault": {"status": 410}, "times": 2}
    ]"#;
    let mut broken = 0;
    loop {
        sandbox.faults().add_json(rules).unwrap();
        yield_now().await;
        sandbox.faults().clear();
        match callers.try_join_next() {
            Some(ended) => broken += ended.unwrap(),
            None if callers.is_empty() => break,
            None => {}
        }
    }
    assert_eq!(sandbox.faults().log().len(), broken);
    assert_eq!(sandbox.requests().len(), CALLERS * CALLS);
    assert_eq!(Call::v3(vault::VISA).answer(&sandbox).await.status, 201);
}

/// Ends a test that hangs.
const HANGING: Duration = Duration::from_secs(60);

/// Every fault ends with the sandbox, even one that would take forever.
#[tokio::test]
async fn no_fault_holds_up_the_sandboxs_end() {
    let sandbox = start();
    let slow = [
        Fault::Silence,
        Fault::Delay(Duration::MAX),
        Fault::Trickle(Duration::MAX),
        // Sends everything at once, and waits for the client to close.
        Fault::CutAt(usize::MAX),
    ];
    let mut connections = JoinSet::new();
    let mut nth = 0;
    for phase in [
        FaultPhase::Connect,
        FaultPhase::Tls,
        FaultPhase::Write,
        FaultPhase::Headers,
        FaultPhase::Body,
    ] {
        for fault in slow.into_iter().filter(|fault| fault.occurs_in(phase)) {
            nth += 1;
            let on = Match::nth_connection(nth);
            let rule = FaultRule::at(phase).on(on).fault(fault).times(u32::MAX);
            sandbox.faults().add(rule).unwrap();
            if matches!(phase, FaultPhase::Connect | FaultPhase::Tls) {
                let mut silent = TcpStream::connect(sandbox.address()).await.unwrap();
                connections.spawn(async move {
                    // The connection may end in any way.
                    let _ = silent.read_to_end(&mut Vec::new()).await;
                });
            } else {
                let mut stream = connect(&sandbox).await.unwrap();
                Call::v3(vault::VISA).write(&mut stream).await.unwrap();
                connections.spawn(async move {
                    let _ = stream.read_to_end(&mut Vec::new()).await;
                    drop(stream);
                });
            }
            while (sandbox.faults().log().len() as u64) < nth {
                yield_now().await;
            }
        }
    }
    let (tell, ended) = mpsc::channel();
    thread::spawn(move || {
        drop(sandbox);
        tell.send(()).unwrap();
    });
    tokio::task::spawn_blocking(move || ended.recv_timeout(HANGING))
        .await
        .unwrap()
        .expect("it ends");
    connections.join_all().await;
}
