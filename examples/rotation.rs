//! Two merchants of a portfolio (MetaKey), whose key is replaced while calls run.
//!
//! The configuration and the keys are files in a folder. The program watches the folder, and reloads the
//! keys when a file has changed. Against the embedded sandbox: `cargo run --example rotation`

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use payment_credentials::config::{Config, Merchants};
use payment_credentials::generator::CredentialsGenerator;
use payment_credentials::layers::{Metrics, Trace};
use payment_credentials::{CredentialsRequest, PaymentCredentialsPort as _};
use payment_credentials_sandbox::{Policy, Sandbox, vault};
use tokio::time::{MissedTickBehavior, interval, sleep};

const PORTFOLIO: &str = "portfolio";

/// Two keys of the portfolio: id and shared secret. Published sample values, enrolled at the sandbox below.
const KEYS: [(&str, &str); 2] = [
    (
        "08c94330-f618-42a3-b09d-e1e43be5efda",
        "yBJxy6LjM2TmcPGu+GaJrHtkke25fPpUX+UY6/L/1tE=",
    ),
    (
        "2ab1b9d5-0d39-4d8f-9a4c-8a1d3a8e5c11",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ),
];

/// How often the folder is looked at.
const LOOK: Duration = Duration::from_millis(200);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = start().await?;
    let folder = Folder::new(&sandbox)?;
    folder.put_key(0)?;

    let file = folder.configuration();
    let merchants = Arc::new(Config::from_file(&file)?.merchants()?);
    let watcher = tokio::spawn(watch(Arc::clone(&merchants), file));
    let done = calls_around_a_rotation(&merchants, &sandbox, &folder).await;
    watcher.abort();
    done
}

/// Reloads the keys whenever a file beside the configuration has changed.
async fn watch(merchants: Arc<Merchants>, file: PathBuf) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut loaded = stamps(&file);
    loop {
        looks.tick().await;
        let now = stamps(&file);
        if now == loaded {
            continue;
        }
        let (merchants, path) = (Arc::clone(&merchants), file.clone());
        // Reading files and validating keys would hold up the other tasks of this worker.
        let reload =
            tokio::task::spawn_blocking(move || merchants.reload(&Config::from_file(path)?));
        match reload.await {
            Ok(Ok(reloaded)) => println!("reloaded: {reloaded:?}"),
            // The old keys stay in use. A service would also raise an alert.
            Ok(Err(mistakes)) => println!("not reloaded:\n{mistakes}"),
            Err(failed) => println!("not reloaded: {failed}"),
        }
        loaded = now;
    }
}

/// Name, size and time of each file in the configuration's folder. If there is a file that can't be read, its
/// entry is missing, which is a change too.
fn stamps(file: &Path) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
    let folder = file.parent().and_then(|folder| fs::read_dir(folder).ok());
    let paths = folder.into_iter().flatten().filter_map(Result::ok);
    let mut stamps: Vec<_> = paths
        .filter_map(|entry| {
            // Follows links, since Kubernetes replaces secrets by changing a link.
            let metadata = fs::metadata(entry.path()).ok()?;
            Some((entry.path(), metadata.len(), metadata.modified().ok()))
        })
        .collect();
    stamps.sort();
    stamps
}

async fn calls_around_a_rotation(
    merchants: &Merchants,
    sandbox: &Sandbox,
    folder: &Folder,
) -> Result<(), Box<dyn Error>> {
    let (next, _) = KEYS[1];
    call_for_each(merchants, sandbox).await?;
    folder.put_key(1)?;
    while !signs_with(merchants, next) {
        sleep(LOOK).await;
    }
    call_for_each(merchants, sandbox).await
}

fn signs_with(merchants: &Merchants, key_id: &str) -> bool {
    let keys = merchants.configured_keys();
    let mut ids = keys.iter().filter_map(|key| key.key_id.as_ref());
    ids.any(|id| id.as_str() == key_id)
}

async fn call_for_each(merchants: &Merchants, sandbox: &Sandbox) -> Result<(), Box<dyn Error>> {
    for merchant in merchants.all() {
        let port = Trace::new(Metrics::new(merchant.port()));
        let opener = merchant.opener().ok_or("no opening key is configured")?;
        let signs_for = port.merchant_id();
        let generator = CredentialsGenerator::new(port, opener);
        let request = CredentialsRequest::new(vault::VISA.parse()?);
        let generated = generator.generate(&request).await?;
        let credentials = generated.credentials;
        println!("{}: {:?}", merchant.id(), credentials.account());
        assert_eq!(signs_for.as_ref(), Some(merchant.id()));

        let requests = sandbox.requests();
        let seen = requests.last().and_then(|request| request.authentication());
        println!("  as the service saw it: {seen:?}");
    }
    Ok(())
}

/// The sandbox, which knows both keys of the portfolio and both of its merchants.
async fn start() -> Result<Sandbox, Box<dyn Error>> {
    let mut policy = Policy::strict()
        .with_relation(PORTFOLIO, "bakery")
        .with_relation(PORTFOLIO, "florist");
    for (key_id, secret) in KEYS {
        policy = policy.with_shared_secret(PORTFOLIO, key_id, secret)?;
    }
    Ok(Sandbox::start(policy.into()).await?)
}

/// A folder with the configuration and the keys; removed at the end.
struct Folder {
    path: PathBuf,
    connection: String,
}

impl Folder {
    fn new(sandbox: &Sandbox) -> Result<Self, Box<dyn Error>> {
        let path = std::env::temp_dir().join(format!("rotation-{}", std::process::id()));
        fs::create_dir(&path)?;
        let folder = Self {
            path,
            connection: format!("intermediate_host = '{}'", sandbox.address()),
        };
        folder.write("root.pem", sandbox.root_certificate_pem())?;
        folder.write("opening.pem", sandbox.merchant().opening_key_pem())?;
        Ok(folder)
    }

    fn configuration(&self) -> PathBuf {
        self.path.join("payment-credentials.toml")
    }

    /// Makes one of the keys the portfolio's. Its file comes first, and then the configuration that names it, so
    /// that there is no moment at which the configuration names a key that isn't there.
    fn put_key(&self, key: usize) -> Result<(), Box<dyn Error>> {
        let (key_id, secret) = KEYS.get(key).ok_or("no such key")?;
        self.write(&format!("secret-{key}"), secret)?;
        let fields = format!(
            "run_environment = 'apitest.cybersource.com'\n{}\nssl_ca_cert = 'root.pem'\n\
             opening_key_file = 'opening.pem'\nauthentication_type = 'HTTP_SIGNATURE'\n\
             use_metakey = true\nportfolio_id = '{PORTFOLIO}'\nmerchant_key_id = '{key_id}'\n\
             merchant_secret_key_file = 'secret-{key}'\n[merchants.bakery]\n[merchants.florist]\n",
            self.connection
        );
        self.write("payment-credentials.toml", &fields)
    }

    /// Writes a file that its owner alone may read. It appears whole: no reader sees a part.
    fn write(&self, name: &str, content: &str) -> Result<(), Box<dyn Error>> {
        let unfinished = self.path.join(format!(".{name}"));
        fs::write(&unfinished, content)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o600))?;
        }
        fs::rename(&unfinished, self.path.join(name))?;
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If it can't be removed, the system removes it with its other temporary files.
        let _ = fs::remove_dir_all(&self.path);
    }
}
