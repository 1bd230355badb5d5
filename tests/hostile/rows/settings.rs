//! Rows B5, B11 to B13 and B16: files, addresses, links, and what `Debug` shows.

use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use payment_credentials::config::Config;
use payment_credentials_core::secret::{
    Cryptogram, NetworkTokenNumber, Pan, Password, Personal, SecretBytes, SecurityCode,
};
use payment_credentials_core::{BaseAddress, PaymentCredentials};
use zeroize::Zeroizing;

use crate::tools::sealer::CREDENTIALS;

/// The error of an opener whose key is in this file; panics if reading hangs.
fn unreadable(path: &Path) -> String {
    let fields = format!("opening_key_file = '{}'", path.display());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let opener = Config::from_toml(&fields).and_then(|config| config.opener());
        sender.send(opener.map(drop))
    });
    let opener = receiver.recv_timeout(Duration::from_secs(60));
    opener.expect("an end").expect_err("refused").to_string()
}

#[test]
fn b5_what_is_no_key_file_is_refused_without_reading_it_to_its_end() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("b5");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let huge = folder.join("huge.pem");
    let file = fs::File::create(&huge).expect("a file");
    file.set_len(1024 * 1024 * 1024).expect("a length");
    let mut cases = vec![
        (folder.join("missing.pem"), "doesn't exist"),
        (folder, "isn't a regular file"),
        (huge, "longer than 1 MiB"),
    ];
    if cfg!(unix) {
        cases.push(("/dev/zero".into(), "isn't a regular file"));
    }
    for (path, why) in cases {
        let error = unreadable(&path);
        assert!(
            error.contains("opening_key_file") && error.contains(why),
            "{error}"
        );
    }
}

#[test]
fn b11_only_an_https_origin_is_a_base_address_or_http_on_this_machine() {
    for text in [
        "",
        "payments.example",
        "ftp://payments.example",
        "file:///etc/passwd",
        "http://payments.example",
        "http://127.0.0.1.payments.example",
        "https://user:hunter2@payments.example",
        "https://payments.example/tms",
        "https://payments.example?x=1",
        "https://payments.example#x",
        "https://payments.example:0",
        "https://[fe80::1%25eth0]",
    ] {
        let error = text.parse::<BaseAddress>().expect_err(text);
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
    for text in [
        "https://payments.example:8443",
        "http://127.0.0.1:80",
        "http://[::1]",
    ] {
        assert!(text.parse::<BaseAddress>().is_ok(), "{text}");
    }
}

#[test]
fn b12_a_host_has_one_form_or_is_refused() {
    for text in ["https://Payments.EXAMPLE.", "https://payments.example:443/"] {
        let base: BaseAddress = text.parse().expect("an address");
        assert_eq!(base.to_string(), "https://payments.example");
        assert_eq!(base.host().to_string(), "payments.example");
    }
    for text in [
        "https://xn--abc.example",
        "https://b\u{fc}cher.example",
        "https://127.1",
    ] {
        assert!(text.parse::<BaseAddress>().is_err(), "{text}");
    }
}

#[test]
fn b13_a_link_to_anywhere_is_text() {
    for anywhere in [
        "https://elsewhere.example/",
        "//elsewhere",
        "javascript:void(0)",
    ] {
        let links = format!(r#"{{"_links":{{"self":{{"href":"{anywhere}"}}}},"#);
        let plaintext = CREDENTIALS.replacen('{', &links, 1);
        let credentials = PaymentCredentials::from_plaintext(plaintext.as_bytes());
        let links = credentials.expect("credentials").links.expect("links");
        let link = links.this.and_then(|link| link.href).expect("a link");
        assert_eq!(link.as_str(), anywhere);
    }
}

#[test]
fn b16_debug_shows_no_secret() {
    const SECRETS: [&str; 5] = [
        "4111111111111111",
        "4895370016750801",
        "AwAAAADggP/Ce5+ZciCXQUUAAAA=",
        "4523",
        "hunter2",
    ];
    let [pan, number, cryptogram, code, password] = SECRETS;
    let credentials = PaymentCredentials::from_plaintext(CREDENTIALS.as_bytes());
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:#?}",
        pan.parse::<Pan>().expect("a PAN"),
        number.parse::<NetworkTokenNumber>().expect("a number"),
        cryptogram.parse::<Cryptogram>().expect("a cryptogram"),
        code.parse::<SecurityCode>().expect("a code"),
        Personal::from(password),
        SecretBytes::from(Zeroizing::new(code.as_bytes().to_vec())),
        Password::from(password),
        credentials.expect("credentials"),
    );
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
