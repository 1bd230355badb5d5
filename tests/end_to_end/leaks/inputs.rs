//! Rejected settings and ids, which no error repeats.

use std::error::Error;
use std::str::FromStr;

use payment_credentials::keys::PrivateKey;
use payment_credentials::request::{BillTo, DeviceInformation, OrderInformation, RequestBody};

use payment_credentials::secret::{Cryptogram, NetworkTokenNumber, Pan, SecurityCode};
use payment_credentials::{
    BaseAddress, ConnectTo, CorrelationId, CredentialsRequest, Jwe, KeyId, ProfileId, TokenId,
};

use super::scan::{Scan, assert_clean};
use super::sealer::PRIVATE_PEM;

fn refuse<T: FromStr>(scan: &mut Scan, text: &str)
where
    T::Err: Error,
{
    let place = std::any::type_name::<T>();
    match text.parse::<T>() {
        Ok(_) => panic!("{place} was taken"),
        Err(error) => scan.error(place, &error),
    }
}

#[test]
fn ids_and_secrets_that_are_rejected() {
    let mut scan = Scan::begin();
    let secret = scan.odd("a secret in the wrong place");
    let long = scan.number("a number in the wrong place").repeat(40);
    refuse::<TokenId>(&mut scan, &secret);
    refuse::<TokenId>(&mut scan, &long);
    refuse::<ProfileId>(&mut scan, &secret);
    refuse::<ProfileId>(&mut scan, &long);
    refuse::<KeyId>(&mut scan, &secret);
    refuse::<Jwe>(&mut scan, &secret);
    refuse::<Pan>(&mut scan, &long);
    refuse::<NetworkTokenNumber>(&mut scan, &long);
    refuse::<Cryptogram>(&mut scan, &secret);
    refuse::<SecurityCode>(&mut scan, &secret);
    refuse::<CorrelationId>(&mut scan, &secret);
    assert_clean(&scan);
}

#[test]
fn ids_that_are_card_numbers() {
    let mut scan = Scan::begin();
    let number = scan.number("a number for an id");
    scan.shown("a token id", &number.parse::<TokenId>().expect("an id"));
    scan.shown("a key id", &number.parse::<KeyId>().expect("an id"));
    let id = number.parse::<CorrelationId>().expect("an id");
    scan.saw("a correlation id", &format!("{id} {id:?}"));
    let request = CredentialsRequest::new(number.parse().expect("an id"));
    scan.shown("a request", &request);
    let encoded = payment_credentials::wire::encode(&request, payment_credentials::ApiVersion::V3);
    scan.shown("an encoded request", &encoded);
    assert_clean(&scan);
}

#[test]
fn addresses_that_are_rejected() {
    let mut scan = Scan::begin();
    let word = scan.word("password");
    for address in [
        format!("https://user:{word}@payments.example.com"),
        format!("https://payments.example.com/?key={word}"),
        format!("https://payments.example.com/#{word}"),
        format!("https://payments.example.com/{word}"),
        format!("ftp://{word}"),
        format!("https://[{word}"),
        format!("{word} {word}"),
    ] {
        refuse::<BaseAddress>(&mut scan, &address);
        refuse::<ConnectTo>(&mut scan, &address);
    }
    assert_clean(&scan);
}

#[test]
fn bodies_that_are_rejected() {
    let mut scan = Scan::begin();
    let long = scan.word("personal data").repeat(30);
    let bill_to = BillTo::default().with_first_name(&*long).with_email(&*long);
    let order = OrderInformation::default().with_bill_to(bill_to);
    let device = DeviceInformation::default().with_ip_address(&*long);
    for body in [
        RequestBody::default().with_order_information(order),
        RequestBody::default().with_device_information(device),
        RequestBody::default().with_client_correlation_id(&*long),
    ] {
        let request = CredentialsRequest::new("7010000000016241111".parse().expect("an id"));
        let error = request.with_body(body).expect_err("refused");
        scan.error("a body", &error);
    }
    assert_clean(&scan);
}

#[test]
fn keys_that_are_rejected() {
    let mut scan = Scan::begin();
    scan.keep_pem("private key", PRIVATE_PEM);
    let lines: Vec<&str> = PRIVATE_PEM.lines().collect();
    let swapped = PRIVATE_PEM.replace("PRIVATE KEY", "EC PRIVATE KEY");
    let certificate = PRIVATE_PEM.replace("PRIVATE KEY", "CERTIFICATE");
    for file in [
        lines[1..].join("\n"),
        lines[..lines.len() - 1].join("\n"),
        [&lines[..3], &lines[4..]].concat().join("\n"),
        format!("{PRIVATE_PEM}\n{PRIVATE_PEM}"),
        PRIVATE_PEM.replacen('A', "B", 1),
        PRIVATE_PEM.replacen('A', "!", 1),
        swapped,
        certificate,
    ] {
        let error = PrivateKey::from_pem(file).expect_err("refused");
        scan.error("a key file", &error);
    }
    scan.shown(
        "a key",
        &PrivateKey::from_pem(PRIVATE_PEM.as_bytes()).expect("a key"),
    );
    assert_clean(&scan);
}
