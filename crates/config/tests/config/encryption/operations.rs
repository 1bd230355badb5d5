//! Encryption for single operations.

use payment_credentials_core::KeyPurpose;

use super::{jobs, refusal, with_all_keys};

#[test]
fn a_setting_for_this_operation_wins_over_one_for_all() {
    // The value in the map, and whether requests and responses are then encrypted; `None` means the
    // default for all merchants.
    let values = [
        ("true", Some(true), None),
        ("false", Some(false), None),
        ("'true'", Some(true), None),
        ("'true::'", Some(true), None),
        ("'::true'", None, Some(true)),
        ("'::false'", None, Some(false)),
        ("'FALSE :: True'", Some(false), Some(true)),
        ("'true::false'", Some(true), Some(false)),
        ("'::'", None, None),
    ];
    for (request, response) in [(false, false), (false, true), (true, false), (true, true)] {
        let all = format!("request_mle = {request}\nenableResponseMleGlobally = {response}\n");
        assert_eq!(is_on(&all), (request, response), "{all}");
        for (value, of_request, of_response) in values {
            let expected = (
                of_request.unwrap_or(request),
                of_response.unwrap_or(response),
            );
            let table = |operation| format!("{all}[mapToControlMLEonAPI]\n{operation} = {value}");
            for ours in [
                "postTokenPaymentCredentialsV3",
                "post_token_payment_credentials_v3",
                "post_token_payment_credentials_v3_with_http_info",
            ] {
                assert_eq!(is_on(&table(ours)), expected, "{}", table(ours));
            }
            let v2 = table("postTokenPaymentCredentials");
            assert_eq!(
                is_on(&format!("api_version = 'v2'\n{v2}")),
                expected,
                "{v2}"
            );
            let other = table("createPayment");
            assert_eq!(is_on(&other), (request, response), "{other}");
            // Under another name, what asks for encryption must not be left out silently.
            for nearly in [
                v2,
                table("postTokenPaymentCredentialV3"),
                table("post_token_payment_credentails_v3"),
            ] {
                if value.to_ascii_lowercase().contains("true") {
                    let error = refusal(&with_all_keys(&nearly));
                    assert!(
                        error.contains("v3 has postTokenPaymentCredentialsV3"),
                        "{error}"
                    );
                } else {
                    assert_eq!(is_on(&nearly), (request, response), "{nearly}");
                }
            }
        }
    }
    let broken = "[mapToControlMLEonAPI]\npostTokenPaymentCredentialsV3 = 'yes'";
    let error = refusal(&with_all_keys(broken));
    assert!(
        error.contains("must hold values `request::response`"),
        "{error}"
    );
}

/// Whether requests and responses are encrypted.
fn is_on(more: &str) -> (bool, bool) {
    let found = jobs(&with_all_keys(more));
    let has = |sought| found.iter().any(|(purpose, _)| *purpose == sought);
    (
        has(KeyPurpose::SealRequests),
        has(KeyPurpose::OpenResponses),
    )
}
