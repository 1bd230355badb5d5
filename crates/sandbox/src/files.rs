//! Everything that a client in any language needs to call the sandbox, as files.

mod configurations;
mod manifest;
mod readme;

use std::path::Path;

use zeroize::Zeroizing;

use crate::api_keys::ApiKeys;
use crate::keystore_authority::BoxError;
use crate::pkcs12::{self, Anatomy};
use crate::private_files;
use crate::sandbox::Sandbox;

/// Java's own password for trust stores. It protects nothing, since the root certificate is public.
const TRUST_STORE_PASSWORD: &str = "changeit";
const TRUST_STORE_NAME: &str = "payment-credentials sandbox root";

/// Why the files could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox's files could not be written")]
pub struct WriteFilesError(#[source] BoxError);

/// A file's name and its content.
type File = (String, Zeroizing<Vec<u8>>);

impl Sandbox {
    /// Writes what a client in any language needs to call this sandbox, with a `README.md` that says how.
    ///
    /// | files | content |
    /// |---|---|
    /// | `README.md` | what to call and by which keys, which client takes which file, and how each is told to trust the root |
    /// | `root.pem`, `truststore.p12` | the certificate to trust, in PEM, and as Java reads it (password `changeit`) |
    /// | *id*`.p12` | the keystore of the merchant and of the portfolio, as OpenSSL 3 writes one |
    /// | *id*`-2025.p12`, *id*`-2019.p12` | the same as the vendor's portal wrote it: since 2025, and until 2019, with the id as password |
    /// | *id*`-response.p12`, *id*`-response.pem` | the key that opens encrypted responses |
    /// | `recipient.pem` | the certificate that requests are encrypted for |
    /// | `opening-key.pem` | the key that opens credentials |
    /// | `shared-secret.txt`, `keystore-password.txt` | the merchant's shared secret, and its keystores' password |
    /// | `portfolio-shared-secret.txt` | the portfolio's shared secret |
    /// | `sandbox-files.sha256` | which files these are, as `sha256sum --check` reads it |
    /// | `payment-credentials.toml` | a configuration for `payment-credentials-config` |
    /// | `python.json`, `node.json`, `ruby.json`, `php.json`, `java.properties` | configurations of the vendor's SDKs |
    ///
    /// The SDKs reach the sandbox by its proxy, so start it with
    /// [`SandboxBuilder::proxy_port`](crate::SandboxBuilder::proxy_port); without one, their configurations lack it,
    /// and lead to the vendor. For files that stay good, also set a
    /// [`folder`](crate::SandboxBuilder::folder) and ports. **Never add the root to a system's or a browser's trust
    /// store**; each configuration tells one client to trust it.
    ///
    /// Files that an earlier call wrote into the folder, for another merchant, are removed, unless somebody has changed
    /// them since. Files of others stay.
    ///
    /// The folder is made if there is none, for its owner alone (0700), and each file too (0600). The keys are made
    /// on first use. The call blocks.
    ///
    /// ```
    /// # use payment_credentials_sandbox::{Authentication, Sandbox};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder(Authentication::tolerant()).proxy_port(0).start_blocking()?;
    /// # let folder = std::env::temp_dir().join(format!("sandbox-files-{}", std::process::id()));
    /// sandbox.write_files(&folder)?;
    /// assert!(folder.join("README.md").is_file());
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`WriteFilesError`] if the folder can't be written or others may enter it, or if the operating system has
    /// no randomness.
    pub fn write_files(&self, folder: impl AsRef<Path>) -> Result<(), WriteFilesError> {
        write(self, folder.as_ref()).map_err(WriteFilesError)
    }
}

fn write(sandbox: &Sandbox, folder: &Path) -> Result<(), BoxError> {
    private_files::prepare_folder(folder)?;
    // The SDKs are started anywhere, so their configurations need the whole path.
    let folder = folder.canonicalize()?;
    let mut files = certificates(sandbox)?;
    for keys in [sandbox.merchant().keys(), sandbox.portfolio().keys()] {
        files.extend(keystores(keys)?);
    }
    files.extend(configurations::all(sandbox, &folder)?);
    files.push(text("README.md", &readme::text(sandbox, &folder)?));
    manifest::replace(&folder, &files)
}

fn text(name: &str, content: &str) -> File {
    (name.to_owned(), Zeroizing::new(content.as_bytes().to_vec()))
}

fn certificates(sandbox: &Sandbox) -> Result<Vec<File>, BoxError> {
    let root = sandbox.root_certificate_der();
    let trusted = pkcs12::encode_trusted(TRUST_STORE_PASSWORD, root, TRUST_STORE_NAME)?;
    let merchant = sandbox.merchant();
    Ok(vec![
        text("root.pem", sandbox.root_certificate_pem()),
        ("truststore.p12".to_owned(), trusted),
        text("recipient.pem", sandbox.recipient_certificate_pem()?),
        text("opening-key.pem", merchant.opening_key_pem()),
        text("shared-secret.txt", merchant.shared_secret()),
        text(
            "portfolio-shared-secret.txt",
            sandbox.portfolio().shared_secret(),
        ),
        text("keystore-password.txt", merchant.keystore_password()),
    ])
}

fn keystores(keys: &ApiKeys) -> Result<Vec<File>, BoxError> {
    let owner = keys.owner();
    let responses = keys.response_keystore()?;
    let mut files = Vec::new();
    for (name, anatomy) in [
        (format!("{owner}.p12"), Anatomy::Modern),
        (format!("{owner}-2025.p12"), Anatomy::Recent),
        (format!("{owner}-2019.p12"), Anatomy::Old),
    ] {
        files.push((name, keys.keystore_of(anatomy)?));
    }
    files.push((format!("{owner}-response.p12"), responses.pkcs12.clone()));
    files.push(text(&format!("{owner}-response.pem"), &responses.pem));
    Ok(files)
}
