//! The members of the request's body.

use payment_credentials_sandbox::vault::VISA;
use serde_json::{Value, json};

use super::client::{Answer, Call, shared};

/// Paths of members and the longest text of each, from the vendor's document.
const LENGTHS: [(&str, usize); 21] = [
    ("clientCorrelationId", 36),
    ("orderInformation.billTo.firstName", 60),
    ("orderInformation.billTo.lastName", 60),
    ("orderInformation.billTo.address1", 60),
    ("orderInformation.billTo.locality", 50),
    ("orderInformation.billTo.administrativeArea", 20),
    ("orderInformation.billTo.postalCode", 10),
    ("orderInformation.billTo.country", 2),
    ("orderInformation.billTo.email", 255),
    ("deviceInformation.ipAddress", 45),
    ("deviceInformation.httpAcceptContent", 2048),
    ("deviceInformation.userAgentBrowserValue", 2048),
    ("deviceInformation.httpBrowserLanguage", 8),
    ("deviceInformation.httpBrowserColorDepth", 2),
    ("deviceInformation.httpBrowserScreenHeight", 6),
    ("deviceInformation.httpBrowserScreenWidth", 6),
    ("deviceInformation.httpBrowserTimeDifference", 5),
    ("authenticatedIdentities[0].id", 50),
    ("authenticatedIdentities[0].data", 17_000),
    ("authenticatedIdentities[0].relyingPartyId", 2000),
    // The document has no limit here: any string is valid.
    ("orderInformation.amountDetails.totalAmount", 100_000),
];

/// Paths of members, and the type of each.
const KINDS: [(&str, &str); 18] = [
    ("paymentCredentialType", "a string"),
    ("transactionType", "a string"),
    ("clientCorrelationId", "a string"),
    ("orderInformation", "an object"),
    ("orderInformation.amountDetails", "an object"),
    ("orderInformation.amountDetails.totalAmount", "a string"),
    ("orderInformation.amountDetails.currency", "a string"),
    ("orderInformation.billTo", "an object"),
    ("merchantInformation", "an object"),
    ("merchantInformation.merchantDescriptor", "an object"),
    ("merchantInformation.merchantDescriptor.name", "a string"),
    ("merchantInformation.merchantDescriptor.url", "a string"),
    ("deviceInformation", "an object"),
    ("deviceInformation.platformType", "a string"),
    ("deviceInformation.httpBrowserJavaEnabled", "a boolean"),
    (
        "deviceInformation.httpBrowserJavaScriptEnabled",
        "a boolean",
    ),
    ("authenticatedIdentities", "an array"),
    ("authenticatedIdentities[0]", "an object"),
];

/// A body with this value at this path.
fn nested(path: &str, value: Value) -> Value {
    path.rsplit('.')
        .fold(value, |value, name| match name.strip_suffix("[0]") {
            Some(name) => json!({ name: [value] }),
            None => json!({ name: value }),
        })
}

async fn send(body: &Value) -> Answer {
    Call::v3(VISA).body(body.to_string()).answer(shared()).await
}

async fn check_refused(body: &Value, message: &str, path: &str) {
    let answer = send(body).await;
    assert_eq!(answer.status, 400);
    let expected = json!({"errors": [{
        "type": "invalidFields",
        "message": message,
        "details": [{"name": path, "location": "body"}],
    }]});
    assert_eq!(answer.body.parse::<Value>().unwrap(), expected);
}

#[tokio::test]
async fn texts_are_as_long_as_documented_at_most() {
    for (path, most) in LENGTHS {
        // Each character has two bytes, and the limit counts characters.
        let body = nested(path, "\u{e9}".repeat(most).into());
        let answer = send(&body).await;
        assert_eq!(answer.status, 201, "{path} {}", answer.body);
        if most == 100_000 {
            continue;
        }
        let least = if most == 2 && path.ends_with("country") {
            2
        } else {
            0
        };
        let got = most + 1;
        let message = format!("{path} must be {least} to {most} characters, got {got}");
        check_refused(&nested(path, "x".repeat(got).into()), &message, path).await;
    }
}

/// The client refuses the same: see `payment-credentials-core`.
#[tokio::test]
async fn a_country_has_two_letters_and_a_member_is_no_envelope() {
    let path = "orderInformation.billTo.country";
    for (short, got) in [("", 0), ("U", 1)] {
        let message = format!("{path} must be 2 to 2 characters, got {got}");
        check_refused(&nested(path, short.into()), &message, path).await;
    }
    let member = json!({"encryptedRequest": "a", "paymentCredentialType": "CRYPTOGRAM"});
    assert_eq!(send(&member).await.status, 400);
    let further_inside = json!({"deviceInformation": {"encryptedRequest": 1}});
    assert_eq!(send(&further_inside).await.status, 201);
}

#[tokio::test]
async fn members_have_the_documented_type() {
    for (path, wanted) in KINDS {
        for (value, got) in [(json!(7), "a number"), (Value::Null, "null")] {
            let message = format!("{path} must be {wanted}, got {got}");
            check_refused(&nested(path, value), &message, path).await;
        }
    }
}

#[tokio::test]
async fn enumerations_hold_documented_values() {
    for (path, values) in [
        ("transactionType", "AFT, ECOM"),
        (
            "deviceInformation.platformType",
            "ANDROID, WEB, WINDOWS, iOS",
        ),
        (
            "authenticatedIdentities[0].provider",
            "CLIENT_DEVICE_CERT_JWS, VISA_PAYMENT_PASSKEY",
        ),
    ] {
        let message = format!("{path} must be one of {values}, got IOS");
        check_refused(&nested(path, "IOS".into()), &message, path).await;
    }
    for value in ["OTP_SMS", "BIOMETRIC_IRIS", "USER_UNVERIFIED"] {
        let path = "authenticatedIdentities[0].userAuthenticationMethod";
        assert_eq!(send(&nested(path, value.into())).await.status, 201);
    }
}

#[tokio::test]
async fn a_full_body_passes() {
    let body = json!({
        "paymentCredentialType": "CRYPTOGRAM",
        "transactionType": "ECOM",
        "clientCorrelationId": "3e1b7943-6567-4965-a32b-5aa93d057d35",
        "orderInformation": {
            "amountDetails": {"totalAmount": "10.00", "currency": "978"},
            "billTo": {"firstName": "Sandy", "country": "US", "address2": "Floor 2"},
        },
        "merchantInformation": {"merchantDescriptor": {"name": "Shop", "url": "aHR0cHM"}},
        "deviceInformation": {
            "platformType": "iOS",
            "ipAddress": "2001:db8::1",
            "httpBrowserJavaEnabled": false,
            "httpBrowserTimeDifference": "-480",
        },
        "authenticatedIdentities": [{"provider": "VISA_PAYMENT_PASSKEY", "data": "e30"}],
    });
    assert_eq!(send(&body).await.status, 201);
}

#[tokio::test]
async fn faults_are_told_together_and_not_without_end() {
    let two = json!({"transactionType": "X", "clientCorrelationId": 1});
    assert_eq!(send(&two).await.errors().len(), 2);
    let many = json!({"authenticatedIdentities": vec![0; 10_000]});
    assert_eq!(send(&many).await.errors().len(), 16);
}
