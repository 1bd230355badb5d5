use std::future::pending;
use std::io;
use std::pin::pin;
use std::thread;
use std::time::{Duration, SystemTime};

use payment_credentials_config::{Config, VerificationKey};
use payment_credentials_core::seam::{Clock as _, SystemClock};
use payment_credentials_sandbox::{
    Mle, Policy, ReceivedRequest, Sandbox as Service, Stage, Verdict, vault,
};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::arguments::{Sandbox, When};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hidden_numbers::shown;
use crate::output::{Output, complain};

pub(crate) fn run(arguments: &Sandbox, output: Output) -> Result<(), Failure> {
    let sandbox = start(arguments)?;
    if let Some(file) = &arguments.faults {
        let added = sandbox.faults().add_json_file(file);
        added.map_err(|error| {
            Failure::new(Exit::Configuration, "the faults can't be used").because(&error)
        })?;
    }
    if let Some(folder) = &arguments.files {
        let written = sandbox.write_files(folder);
        written.map_err(|error| {
            let text = format!("{} can't be written", shown(&folder.to_string_lossy()));
            Failure::new(Exit::Configuration, text).because(&error)
        })?;
    }
    introduce(&sandbox, arguments);
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::new(Exit::Configuration, "the runtime can't be started").because(&error)
    })?;
    runtime.block_on(follow(&sandbox, arguments.with_parent, output))
}

fn start(arguments: &Sandbox) -> Result<Service, Failure> {
    let mut policy = if arguments.strict {
        Policy::strict()
    } else {
        Policy::tolerant()
    };
    policy = policy
        .with_explanations()
        .with_request_mle(mle(arguments.request_mle))
        .with_response_mle(mle(arguments.response_mle));
    let offset = arguments.clock_offset;
    if offset != 0 {
        policy = policy.with_clock(move || shifted(SystemClock.now(), offset));
    }
    policy = enrolled(policy, arguments)?;
    let mut builder = Service::builder(policy.into())
        .port(arguments.port)
        .proxy_port(arguments.proxy_port);
    if let Some(folder) = &arguments.state {
        builder = builder.folder(folder);
    }
    builder.start_blocking().map_err(|error| {
        Failure::new(Exit::Configuration, "the sandbox can't be started").because(&error)
    })
}

fn enrolled(policy: Policy, arguments: &Sandbox) -> Result<Policy, Failure> {
    let Some(file) = &arguments.enrol else {
        return Ok(policy);
    };
    let unusable = || {
        let text = format!("{} can't be enrolled", shown(&file.to_string_lossy()));
        Failure::new(Exit::Configuration, text)
    };
    let Some(key) = Config::from_file(file)?.enrolment()? else {
        return Err(unusable().with_cause("it names no key that the sandbox can verify with"));
    };
    let (owner, key_id) = (key.owner.as_str(), key.key_id.as_str());
    let policy = match &key.verification_key {
        VerificationKey::Certificate(der) => policy.with_certificate(owner, key_id, der),
        VerificationKey::SharedSecret(secret) => {
            policy.with_shared_secret(owner, key_id, secret.expose())
        }
        _ => return Err(unusable().with_cause("its kind of key is unknown here")),
    };
    let policy = policy.map_err(|error| unusable().because(&error))?;
    Ok(policy.with_relation(owner, key.merchant.as_str()))
}

const fn mle(when: When) -> Mle {
    match when {
        When::Off => Mle::Off,
        When::Optional => Mle::Optional,
        When::Mandatory => Mle::Mandatory,
    }
}

fn shifted(time: SystemTime, seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let shifted = if seconds < 0 {
        time.checked_sub(by)
    } else {
        time.checked_add(by)
    };
    shifted.unwrap_or(time)
}

/// Says where the sandbox is and what to call it with.
fn introduce(sandbox: &Service, arguments: &Sandbox) {
    complain(&format!("sandbox  https://{}", sandbox.address()));
    if let Some(proxy) = sandbox.proxy_address() {
        complain(&format!("proxy    http://{proxy}"));
    }
    complain(&format!("merchant {}", sandbox.merchant().id()));
    complain(&format!("token id {} (Visa)", vault::VISA));
    match &arguments.files {
        Some(folder) => {
            let readme = folder.join("README.md");
            complain(&format!("files    {}", shown(&readme.to_string_lossy())));
        }
        None => {
            complain("files    none; --files FOLDER writes keys and configurations for each SDK");
        }
    }
    complain("Ctrl-C ends it.");
}

/// Prints each request as it comes, until Ctrl-C, or until standard input ends.
async fn follow(sandbox: &Service, with_parent: bool, output: Output) -> Result<(), Failure> {
    let mut follower = sandbox.follow();
    let mut parent_ended = pin!(parent_ended(with_parent));
    loop {
        tokio::select! {
            request = follower.next() => match request {
                Some(request) => output.result(|| line(&request), || object(&request))?,
                None => return Ok(()),
            },
            _ = tokio::signal::ctrl_c() => break,
            () = &mut parent_ended => break,
        }
    }
    complain(&format!("{} credentials were made", sandbox.minted()));
    Ok(())
}

async fn parent_ended(is_wanted: bool) {
    if !is_wanted {
        return pending().await;
    }
    let (ended, has_ended) = oneshot::channel();
    // A thread of its own, since a read of standard input can't be given up.
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        let _ = ended.send(());
    });
    let _ = has_ended.await;
}

/// A request on a line, and the first check that it failed below it.
fn line(request: &ReceivedRequest) -> String {
    let status = request
        .status()
        .map_or_else(|| "---".to_owned(), |status| status.to_string());
    let scheme = scheme(request).unwrap_or_else(|| "unsigned".to_owned());
    let verdict = match request.refused_at() {
        Some(stage) => format!("refused ({})", stage.name()),
        None if request.is_minted() => "made credentials".to_owned(),
        None => "passed".to_owned(),
    };
    let mut lines = vec![format!(
        "#{} {status} {scheme}: {verdict}",
        request.number()
    )];
    let tolerated = request.tolerated().into_iter();
    lines.extend(tolerated.map(|one| format!("    tolerated: {one:?}")));
    lines.extend(
        request
            .objections()
            .next()
            .map(|check| format!("    {check}")),
    );
    lines.join("\n")
}

fn scheme(request: &ReceivedRequest) -> Option<String> {
    let caller = request.authentication()?;
    caller.scheme().map(|scheme| format!("{scheme:?}"))
}

fn object(request: &ReceivedRequest) -> Value {
    let checks = request.checks().iter().map(|check| {
        json!({
            "stage": check.stage().name(),
            "check": check.name(),
            "verdict": match check.verdict() {
                Verdict::Passed => "passed",
                Verdict::Tolerated(_) => "tolerated",
                Verdict::Refused | _ => "refused",
            },
            "expected": check.expected(),
            "got": check.got(),
        })
    });
    json!({
        "number": request.number(),
        "status": request.status(),
        "scheme": scheme(request),
        "refusedAt": request.refused_at().map(Stage::name),
        "minted": request.is_minted(),
        "correlationId": request.correlation_id(),
        "checks": checks.collect::<Vec<_>>(),
    })
}
