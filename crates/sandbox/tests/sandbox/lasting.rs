//! Sandboxes with a port, ids and keys of their own, and those that a folder keeps.

use std::error::Error as _;
use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;

use payment_credentials_sandbox::vault::VISA;
use payment_credentials_sandbox::{Authentication, Sandbox, SandboxBuilder, StartError};
use uuid::Uuid;

use super::client::{Call, config, handshake};
use super::opening::open;

/// A place for a folder, which is removed in the end.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        payment_credentials_test_limit::start();
        let name = format!("sandbox-{}", Uuid::new_v4());
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name))
    }

    fn builder(&self) -> SandboxBuilder {
        Sandbox::builder(Authentication::strict()).folder(&self.0)
    }

    fn start(&self) -> Sandbox {
        self.builder().start_blocking().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What clients know of a sandbox.
fn known(sandbox: &Sandbox) -> Vec<String> {
    let (merchant, portfolio) = (sandbox.merchant(), sandbox.portfolio());
    [
        sandbox.root_certificate_pem(),
        sandbox.recipient_certificate_pem().unwrap(),
        sandbox.recipient_key_id().unwrap(),
        merchant.id(),
        merchant.key_id(),
        merchant.shared_secret(),
        merchant.bearer_access_token(),
        merchant.certificate_key_id(),
        merchant.keystore_password(),
        merchant.opening_key_id(),
        merchant.opening_key_pem(),
        merchant.response_key_id(),
        merchant.response_key_pem().unwrap(),
        portfolio.id(),
        portfolio.key_id(),
        portfolio.shared_secret(),
        portfolio.certificate_key_id(),
        portfolio.response_key_pem().unwrap(),
    ]
    .map(str::to_owned)
    .to_vec()
}

fn reason(fault: &StartError) -> String {
    fault.source().unwrap().to_string()
}

#[tokio::test]
async fn a_restart_from_a_folder_changes_nothing_that_a_client_knows() {
    let place = Place::new();
    let before = place.start();
    let (known_before, address) = (known(&before), before.address());
    let trust = config(before.root_certificate_der(), rustls::ALL_VERSIONS);
    drop(before);
    let after = place.builder().port(address.port()).start().await.unwrap();
    assert_eq!(known(&after), known_before);
    assert_eq!(after.address(), address);
    assert!(
        handshake(address, "apitest.cybersource.com", trust)
            .await
            .is_ok()
    );
}

#[cfg(unix)]
#[test]
fn folder_and_file_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    drop(place.start());
    let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&place.0), 0o700);
    let files: Vec<PathBuf> = fs::read_dir(&place.0)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    assert_eq!(files.iter().map(mode).collect::<Vec<_>>(), [0o600; 2]);

    let open_up = |path: &PathBuf, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        reason(&place.builder().start_blocking().unwrap_err())
    };
    let state = place.0.join("sandbox-state.json");
    assert!(open_up(&state, 0o640).contains("chmod 600"));
    assert!(open_up(&place.0, 0o750).contains("chmod 700"));
}

#[test]
fn a_file_that_cannot_be_read_is_refused_and_not_replaced() {
    let place = Place::new();
    drop(place.start());
    let file = place.0.join("sandbox-state.json");
    fs::write(&file, "{}").unwrap();
    let fault = place.builder().start_blocking().unwrap_err();
    assert!(reason(&fault).contains("delete it"), "{fault}");
    assert_eq!(fs::metadata(&file).unwrap().len(), 2);
}

#[tokio::test]
async fn a_root_that_outlives_the_process_is_good_for_test_hosts_alone() {
    let place = Place::new();
    let sandbox = place.start();
    let trust = || config(sandbox.root_certificate_der(), rustls::ALL_VERSIONS);
    for (name, is_served) in [
        ("apitest.cybersource.com", true),
        ("api-matest.cybersource.com", true),
        ("localhost", true),
        ("127.0.0.1", true),
        ("::1", true),
        ("api.cybersource.com", false),
        ("api.visaacceptance.com", false),
    ] {
        let stream = handshake(sandbox.address(), name, trust()).await;
        assert_eq!(stream.is_ok(), is_served, "{name}");
    }
    // The extension nameConstraints, and that it is critical.
    let extension = [0x06, 0x03, 0x55, 0x1d, 0x1e, 0x01, 0x01, 0xff];
    let has = |der: &[u8]| der.windows(8).any(|bytes| bytes == extension);
    assert!(has(sandbox.root_certificate_der()));
    let passing = Sandbox::start_blocking(Authentication::NotRequired).unwrap();
    assert!(!has(passing.root_certificate_der()));
}

#[tokio::test]
async fn own_ids_and_relations_are_served() {
    let sandbox = Sandbox::builder(Authentication::strict())
        .merchant_id("acme_shop")
        .portfolio("acme_group", &["acme_outlet", "acme_shop"])
        .start()
        .await
        .unwrap();
    let portfolio = sandbox.portfolio();
    assert_eq!(
        (sandbox.merchant().id(), portfolio.id()),
        ("acme_shop", "acme_group")
    );
    assert_eq!(portfolio.merchant_ids(), ["acme_shop", "acme_outlet"]);
    let call = Call::v3(VISA).with(
        "Authorization",
        &format!("Bearer {}", sandbox.merchant().bearer_access_token()),
    );
    let answer = call.answer(&sandbox).await;
    assert_eq!(answer.status, 201);
    open(&answer.body, sandbox.merchant());
    let created = sandbox.latest().unwrap();
    assert_eq!(
        created.authentication().unwrap().merchant_id(),
        Some("acme_shop")
    );
}

#[test]
fn the_ids_of_a_folder_stay_unless_others_are_asked_for() {
    let place = Place::new();
    let before = place
        .builder()
        .merchant_id("acme_shop")
        .start_blocking()
        .unwrap();
    let secret = before.merchant().shared_secret().to_owned();
    drop(before);
    assert_eq!(place.start().merchant().id(), "acme_shop");
    let other = place
        .builder()
        .merchant_id("other_shop")
        .start_blocking()
        .unwrap();
    assert_eq!(other.merchant().shared_secret(), secret);
    drop(other);
    assert_eq!(place.start().merchant().id(), "other_shop");
    let fault = place
        .builder()
        .portfolio("other_shop", &[])
        .start_blocking()
        .unwrap_err();
    assert!(reason(&fault).contains("same id"), "{fault}");
}

#[test]
fn ids_that_cannot_be_ids_are_refused() {
    let builder = || Sandbox::builder(Authentication::strict());
    let long = "x".repeat(51);
    for builder in [
        builder().merchant_id(""),
        builder().merchant_id(&long),
        builder().merchant_id("a b"),
        builder().portfolio("p\n", &[]),
        builder().portfolio("p", &["ä"]),
        builder().merchant_id("sandbox_portfolio"),
    ] {
        let fault = builder.start_blocking().unwrap_err();
        assert!(fault.to_string().contains("an id can't be used"), "{fault}");
    }
}

#[test]
fn a_port_that_is_taken_is_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let builder = Sandbox::builder(Authentication::NotRequired).port(port);
    let fault = builder.start_blocking().unwrap_err();
    assert!(fault.to_string().contains("could not be bound"), "{fault}");
}

#[test]
fn a_port_that_is_taken_is_named_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let builder = || Sandbox::builder(Authentication::NotRequired);
    for builder in [
        builder().port(port),
        builder().proxy_port(port),
        builder().port(port).proxy_port(port),
    ] {
        let fault = builder.start_blocking().unwrap_err().to_string();
        let what = format!("port {port} of 127.0.0.1 could not be bound, since it is taken");
        assert!(fault.contains(&what), "{fault}");
        assert!(fault.contains("set another port"), "{fault}");
    }
    drop(taken);
    let fault = builder()
        .port(port)
        .proxy_port(port)
        .start_blocking()
        .unwrap_err();
    let cause = std::error::Error::source(&fault).unwrap().to_string();
    assert_eq!(cause, "port and proxy_port are the same");
}

#[test]
fn sandboxes_of_a_process_share_rsa_keys_and_nothing_else() {
    let start = || Sandbox::start_blocking(Authentication::strict()).unwrap();
    let (one, other) = (start(), start());
    let fresh = Sandbox::builder(Authentication::strict())
        .fresh_keys()
        .start_blocking()
        .unwrap();
    assert_eq!(
        one.merchant().opening_key_pem(),
        other.merchant().opening_key_pem()
    );
    assert_ne!(
        one.merchant().opening_key_pem(),
        fresh.merchant().opening_key_pem()
    );
    let (one, other) = (known(&one), known(&other));
    let same = one
        .iter()
        .zip(&other)
        .filter(|(one, other)| one == other)
        .count();
    // The merchant's and the portfolio's id, the opening key and two response keys.
    assert_eq!(same, 5);
}

#[test]
fn a_folder_is_one_sandboxs_at_a_time() {
    let place = Place::new();
    let first = place.start();
    let fault = place
        .builder()
        .merchant_id("another")
        .start_blocking()
        .unwrap_err();
    assert!(
        reason(&fault).contains("another sandbox uses the folder"),
        "{fault:?}"
    );
    let merchant = first.merchant().id().to_owned();
    drop(first);
    assert_eq!(place.start().merchant().id(), merchant);
}
