//! The files for clients in any language, read by tools that share no code with their writer.

use std::fs::{self, OpenOptions};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use payment_credentials_sandbox::{Authentication, Sandbox, vault};
use serde_json::Value;
use uuid::Uuid;

use super::keystore;

/// A sandbox and the folder of its files, which is removed in the end.
struct Written {
    sandbox: Sandbox,
    folder: PathBuf,
}

impl Written {
    fn new() -> Self {
        payment_credentials_test_limit::start();
        let builder = Sandbox::builder(Authentication::tolerant()).proxy_port(0);
        let sandbox = builder.start_blocking().unwrap();
        let name = format!("sandbox-files-{}", Uuid::new_v4());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        sandbox.write_files(&folder).unwrap();
        Self { sandbox, folder }
    }

    fn read(&self, name: &str) -> Vec<u8> {
        let mut content = Vec::new();
        let mut file = OpenOptions::new()
            .read(true)
            .open(self.folder.join(name))
            .unwrap();
        file.read_to_end(&mut content).unwrap();
        content
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// Runs a program in the folder; none if there is no such program.
    fn run(&self, program: &str, arguments: &[&str]) -> Option<Output> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(&self.folder)
            .output()
            .ok()
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    assert!(output.status.success(), "{out} {err}");
    format!("{out}{err}")
}

#[cfg(unix)]
#[test]
fn folder_and_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let written = Written::new();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&written.folder), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&written.folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    let keystores = |owner: &str| {
        [
            "-2019.p12",
            "-2025.p12",
            "-response.p12",
            "-response.pem",
            ".p12",
        ]
        .map(|end| format!("{owner}{end}"))
    };
    let mut expected: Vec<String> = [
        "README.md",
        "java.properties",
        "keystore-password.txt",
        "node.json",
        "opening-key.pem",
        "payment-credentials.toml",
        "php.json",
        "portfolio-shared-secret.txt",
        "python.json",
        "recipient.pem",
        "root.pem",
        "ruby.json",
        "sandbox-files.sha256",
        "shared-secret.txt",
        "truststore.p12",
    ]
    .map(str::to_owned)
    .to_vec();
    expected.extend(keystores("sandbox_merchant"));
    expected.extend(keystores("sandbox_portfolio"));
    expected.sort();
    assert_eq!(names, expected);

    // Written again, the files are replaced; a folder that others may enter is refused.
    written.sandbox.write_files(&written.folder).unwrap();
    fs::set_permissions(&written.folder, fs::Permissions::from_mode(0o755)).unwrap();
    written.sandbox.write_files(&written.folder).unwrap_err();
}

#[test]
fn openssl_opens_every_keystore_and_finds_the_same_key() {
    let written = Written::new();
    for (owner, password) in [
        (
            "sandbox_merchant",
            written.sandbox.merchant().keystore_password(),
        ),
        (
            "sandbox_portfolio",
            written.sandbox.portfolio().keystore_password(),
        ),
    ] {
        let mut keys = Vec::new();
        for (end, password, scheme) in [
            ("", password, "PBES2"),
            (
                "-2025",
                password,
                "pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 1",
            ),
            ("-2019", owner, "Key bag"),
        ] {
            let (file, password) = (format!("{owner}{end}.p12"), format!("pass:{password}"));
            let arguments = [
                "pkcs12", "-in", &file, "-passin", &password, "-nodes", "-info",
            ];
            let Some(output) = written.run("openssl", &arguments) else {
                return;
            };
            // Some systems have OpenSSL's old algorithms in a provider of their own.
            let output = if output.status.success() {
                output
            } else {
                let arguments = [&arguments[..], &["-legacy"]].concat();
                written.run("openssl", &arguments).unwrap()
            };
            let text = succeeded(&output);
            assert!(text.contains(scheme), "{file} {text}");
            assert_eq!(text.matches("BEGIN CERTIFICATE").count(), 3, "{file}");
            let key = text.split("BEGIN PRIVATE KEY").nth(1).unwrap();
            keys.push(key.split("END PRIVATE KEY").next().unwrap().to_owned());
        }
        assert!(keys.iter().all(|key| *key == keys[0]));
        let file = written.read(&format!("{owner}.p12"));
        assert_eq!(keystore::open(&file, password).certificates.len(), 3);
    }
}

#[test]
fn java_reads_trust_store_and_keystores() {
    let written = Written::new();
    let list = |file: &str, password: &str| {
        let arguments = [
            "-list",
            "-v",
            "-storetype",
            "PKCS12",
            "-keystore",
            file,
            "-storepass",
            password,
        ];
        written.run("keytool", &arguments)
    };
    let Some(output) = list("truststore.p12", "changeit") else {
        return;
    };
    let text = succeeded(&output);
    assert!(text.contains("Entry type: trustedCertEntry"), "{text}");
    let password = written.sandbox.merchant().keystore_password();
    for (file, password) in [
        ("sandbox_merchant.p12", password),
        ("sandbox_merchant-2025.p12", password),
        ("sandbox_merchant-response.p12", password),
    ] {
        let text = succeeded(&list(file, password).unwrap());
        assert!(
            text.contains("Entry type: PrivateKeyEntry"),
            "{file} {text}"
        );
    }
    // Java's own reader skips keys in the clear, in the vendor's files of that time too. It reads the rest.
    succeeded(&list("sandbox_merchant-2019.p12", "sandbox_merchant").unwrap());
}

#[test]
fn configurations_name_the_files_the_proxy_and_the_key() {
    let written = Written::new();
    let proxy = written.sandbox.proxy_address().unwrap();
    let merchant = written.sandbox.merchant();
    for (name, folder, password) in [
        ("python.json", "keys_directory", "key_password"),
        ("node.json", "keysDirectory", "keyPass"),
        ("ruby.json", "keysDirectory", "keyPass"),
        ("php.json", "keysDirectory", "keyPass"),
    ] {
        let text = written.text(name);
        let value: Value = serde_json::from_str(&text).unwrap();
        let folder = Path::new(value[folder].as_str().unwrap());
        assert!(
            folder.join(format!("{}.p12", merchant.id())).is_file(),
            "{name}"
        );
        assert_eq!(value[password], merchant.keystore_password(), "{name}");
        if name != "php.json" {
            assert!(text.contains(&proxy.port().to_string()), "{name}");
        }
    }
    let java = written.text("java.properties");
    assert!(
        java.contains(&format!("proxyPort={}\n", proxy.port())),
        "{java}"
    );
    let readme = written.text("README.md");
    for part in [
        "Never add",
        "certifi.where",
        "NODE_EXTRA_CA_CERTS",
        "ssl_ca_cert",
        "curl.cainfo",
        "trustStore=",
    ] {
        assert!(readme.contains(part), "{part}");
    }
    assert!(readme.contains(&format!("setCurlProxyPort({})", proxy.port())));
    let names = [
        "{folder}",
        "{address}",
        "{proxy",
        "{merchant",
        "_id}",
        "_password}",
        "{trust}",
    ];
    assert!(names.iter().all(|name| !readme.contains(name)), "{readme}");
    assert_eq!(written.text("shared-secret.txt"), merchant.shared_secret());
}

/// A client of Python's or Node's standard library, which knows the files alone.
#[test]
fn python_and_node_reach_the_sandbox_by_its_proxy_and_trust_the_root() {
    let written = Written::new();
    let proxy = written.sandbox.proxy_address().unwrap();
    let python = format!(
        "import http.client, ssl\n\
         context = ssl.create_default_context(cafile='root.pem')\n\
         client = http.client.HTTPSConnection('{}', {}, context=context)\n\
         client.set_tunnel('apitest.cybersource.com', 443)\n\
         client.request('POST', '/from-python')\n\
         print(client.getresponse().status)\n",
        proxy.ip(),
        proxy.port()
    );
    let node = format!(
        "const http = require('http'), tls = require('tls'), fs = require('fs');\n\
         http.request({{host: '{}', port: {}, method: 'CONNECT', path: 'apitest.cybersource.com:443'}})\n\
         .on('connect', (_, socket) => {{\n\
           const stream = tls.connect({{socket, servername: 'apitest.cybersource.com',\n\
             ca: fs.readFileSync('root.pem')}}, () => stream.write('POST /from-node HTTP/1.1\\r\\n'\n\
             + 'Host: apitest.cybersource.com\\r\\nConnection: close\\r\\nContent-Length: 0\\r\\n\\r\\n'));\n\
           stream.on('data', data => {{ console.log(String(data).split(' ')[1]); process.exit(0); }});\n\
         }}).end();\n",
        proxy.ip(),
        proxy.port()
    );
    for (program, flag, script, path) in [
        ("python3", "-c", python, "/from-python"),
        ("node", "-e", node, "/from-node"),
    ] {
        let Some(output) = written.run(program, &[flag, &script]) else {
            continue;
        };
        assert!(succeeded(&output).contains("404"), "{program}");
        written
            .sandbox
            .assert_one_request_with(|request| request.path() == path);
    }
}

#[test]
fn the_files_of_another_merchant_are_removed_and_those_of_others_stay() {
    let written = Written::new();
    fs::write(written.folder.join("sandbox_portfolio.p12.bak"), "mine").unwrap();
    fs::write(written.folder.join("sandbox_merchant-2019.p12"), "mine now").unwrap();
    let other = Sandbox::builder(Authentication::tolerant()).merchant_id("acme_shop");
    let other = other.start_blocking().unwrap();
    other.write_files(&written.folder).unwrap();
    let exists = |name: &str| written.folder.join(name).exists();
    assert!(exists("acme_shop.p12") && exists("sandbox_portfolio.p12"));
    for stale in [".p12", "-2025.p12", "-response.p12", "-response.pem"] {
        assert!(!exists(&format!("sandbox_merchant{stale}")), "{stale}");
    }
    assert_eq!(
        written
            .text("sandbox-files.sha256")
            .matches("sandbox_merchant")
            .count(),
        0
    );
    assert_eq!(written.text("sandbox_portfolio.p12.bak"), "mine");
    assert_eq!(written.text("sandbox_merchant-2019.p12"), "mine now");
    if let Some(output) = written.run("sha256sum", &["--check", "sandbox-files.sha256"]) {
        succeeded(&output);
    }
}

/// What the list names in other folders is no file of the sandbox.
#[test]
fn nothing_outside_of_the_folder_is_removed() {
    let written = Written::new();
    let outside = written.folder.with_extension("outside");
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&outside).unwrap();
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let name = outside.file_name().unwrap().to_str().unwrap();
    let list = format!("{empty}  ../{name}\n{empty}  {}\n", outside.display());
    fs::write(written.folder.join("sandbox-files.sha256"), list).unwrap();
    written.sandbox.write_files(&written.folder).unwrap();
    assert!(outside.exists());
    fs::remove_file(outside).unwrap();
}

#[test]
fn the_readme_is_all_that_a_stranger_needs() {
    let written = Written::new();
    let (sandbox, readme) = (&written.sandbox, written.text("README.md"));
    let (merchant, portfolio) = (sandbox.merchant(), sandbox.portfolio());
    let address = sandbox.address().to_string();
    let proxy = sandbox.proxy_address().unwrap().to_string();
    for part in [
        &address,
        &proxy,
        "POST https://apitest.cybersource.com/tms/v3/tokens/",
        merchant.id(),
        merchant.key_id(),
        merchant.certificate_key_id(),
        merchant.response_key_id(),
        merchant.opening_key_id(),
        portfolio.id(),
        portfolio.key_id(),
        portfolio.certificate_key_id(),
        portfolio.response_key_id(),
        sandbox.recipient_key_id().unwrap(),
        "RS256",
        "HS256",
        "HmacSHA256",
        "RSA-OAEP-256, A256GCM",
        "setuptools==80.9.0",
        "`keytool -list` shows none",
        "SSL_CERT_FILE",
    ] {
        assert!(readme.contains(part), "{part}");
    }
    for entry in vault::ENTRIES {
        assert!(
            readme.contains(&format!("| `{}` |", entry.id())),
            "{}",
            entry.id()
        );
    }
    assert_eq!(
        written.text("portfolio-shared-secret.txt"),
        portfolio.shared_secret()
    );
}
