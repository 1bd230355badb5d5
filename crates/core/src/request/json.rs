//! Writes a body as JSON.

use bytes::Bytes;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::RequestBody;
use super::check::{MAX_BODY, RequestError, RequestRule};
use super::members_macro::{Held, Members};

/// Writes a body that has been checked.
pub(super) fn encoded(body: &RequestBody) -> Result<Bytes, RequestError> {
    let bytes = serde_json::to_vec(&Json(body))
        .map_err(|_content| RequestError::new("", RequestRule::NotJson))?;
    if bytes.len() > MAX_BODY {
        return Err(RequestError::new(
            "",
            RequestRule::TooLarge { max: MAX_BODY },
        ));
    }
    Ok(bytes.into())
}

/// Writes members as a JSON object.
struct Json<'a>(&'a dyn Members);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for member in self.0.members() {
            let name = member.name;
            match member.held {
                None => {}
                Some(Held::Flag(flag)) => object.serialize_entry(name, &flag)?,
                Some(Held::Text(text)) => object.serialize_entry(name, text)?,
                Some(Held::Object(inner)) => object.serialize_entry(name, &Json(inner))?,
                Some(Held::List(list)) => {
                    let list: Vec<_> = list.into_iter().map(Json).collect();
                    object.serialize_entry(name, &list)?;
                }
            }
        }
        for (name, value) in self.0.extra().iter() {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::{
        AmountDetails, AuthenticatedIdentity, BillTo, BuyerInformation, CredentialsRequest,
        DeviceInformation, ExtraMembers, IdentityProvider, MerchantDescriptor, MerchantInformation,
        OrderInformation, PaymentCredentialType, PlatformType, TransactionType,
        UserAuthenticationMethod,
    };

    #[track_caller]
    fn encodes(body: RequestBody, expected: &str) {
        let request = CredentialsRequest::new("7010000000016241111".parse().expect("a token id"));
        let request = request.with_body(body).expect("a request");
        assert_eq!(request.encoded_body(), expected);
    }

    #[test]
    fn writes_the_vendors_example_bodies() {
        encodes(RequestBody::default(), "{}");
        let body = |credential, transaction| {
            RequestBody::default()
                .with_payment_credential_type(credential)
                .with_transaction_type(transaction)
        };
        encodes(
            body(PaymentCredentialType::Cryptogram, TransactionType::Ecom),
            r#"{"paymentCredentialType":"CRYPTOGRAM","transactionType":"ECOM"}"#,
        );
        encodes(
            body(PaymentCredentialType::SecurityCode, TransactionType::Ecom),
            r#"{"paymentCredentialType":"SECURITY_CODE","transactionType":"ECOM"}"#,
        );
        encodes(
            body(PaymentCredentialType::Cryptogram, TransactionType::Aft),
            r#"{"paymentCredentialType":"CRYPTOGRAM","transactionType":"AFT"}"#,
        );
    }

    /// A member that this file's body doesn't set fails here, so that no new one goes untested.
    #[track_caller]
    fn check_every_member_is_set(object: &dyn Members) {
        for member in object.members() {
            match member.held {
                None => panic!("{} is not in the test", member.name),
                Some(Held::Object(inner)) => check_every_member_is_set(inner),
                Some(Held::List(inner)) => {
                    for item in inner {
                        check_every_member_is_set(item);
                    }
                }
                Some(Held::Flag(_) | Held::Text(_)) => {}
            }
        }
    }

    #[test]
    fn writes_every_member_and_the_extra_ones_of_each_level() {
        let extra: ExtraMembers = [("new", json!({"a": [1]}))].into_iter().collect();
        let bill_to = BillTo::default()
            .with_first_name("Ann")
            .with_last_name("Lee")
            .with_address1("1 Main St")
            .with_address2("Apt 2")
            .with_locality("Foster City")
            .with_administrative_area("CA")
            .with_postal_code("94404")
            .with_country("US")
            .with_email("ann@example.com")
            .with_phone_number("6505550100");
        let amount = AmountDetails::default()
            .with_total_amount("10.00")
            .with_currency("978");
        let order = OrderInformation::default()
            .with_amount_details(amount)
            .with_bill_to(bill_to);
        let descriptor = MerchantDescriptor::default()
            .with_name("Shop")
            .with_url("https://shop.example");
        let merchant = MerchantInformation::default().with_merchant_descriptor(descriptor);
        let device = DeviceInformation::default()
            .with_platform_type(PlatformType::Ios)
            .with_ip_address("203.0.113.7")
            .with_http_accept_content("*/*")
            .with_user_agent_browser_value("UA")
            .with_http_browser_language("en")
            .with_http_browser_java_enabled(false)
            .with_http_browser_java_script_enabled(true)
            .with_http_browser_color_depth("24")
            .with_http_browser_screen_height("900")
            .with_http_browser_screen_width("1440")
            .with_http_browser_time_difference("-480")
            .with_id("device-1")
            .with_extra(extra.clone());
        let identity = AuthenticatedIdentity::default()
            .with_id("i")
            .with_data("ZA")
            .with_provider(IdentityProvider::VisaPaymentPasskey)
            .with_relying_party_id("rp")
            .with_user_authentication_method(UserAuthenticationMethod::OtpSms);
        let body = RequestBody::default()
            .with_client_correlation_id("c-1")
            .with_payment_credential_type(PaymentCredentialType::Cryptogram)
            .with_transaction_type(TransactionType::Ecom)
            .with_order_information(order)
            .with_merchant_information(merchant)
            .with_device_information(device)
            .with_authenticated_identities([identity])
            .with_buyer_information(BuyerInformation::default().with_language("en"))
            .with_extra(extra);
        check_every_member_is_set(&body);
        encodes(
            body,
            concat!(
                r#"{"paymentCredentialType":"CRYPTOGRAM","transactionType":"ECOM","clientCorrelationId":"c-1","#,
                r#""orderInformation":{"amountDetails":{"totalAmount":"10.00","#,
                r#""currency":"978"},"billTo":{"firstName":"Ann","lastName":"Lee","address1":"1 Main St","#,
                r#""address2":"Apt 2","locality":"Foster City","administrativeArea":"CA","#,
                r#""postalCode":"94404","country":"US","email":"ann@example.com","#,
                r#""phoneNumber":"6505550100"}},"merchantInformation":{"merchantDescriptor":"#,
                r#"{"name":"Shop","url":"https://shop.example"}},"deviceInformation":{"platformType":"iOS","#,
                r#""ipAddress":"203.0.113.7","httpAcceptContent":"*/*","userAgentBrowserValue":"UA","#,
                r#""httpBrowserLanguage":"en","httpBrowserJavaEnabled":false,"#,
                r#""httpBrowserJavaScriptEnabled":true,"httpBrowserColorDepth":"24","#,
                r#""httpBrowserScreenHeight":"900","httpBrowserScreenWidth":"1440","#,
                r#""httpBrowserTimeDifference":"-480","id":"device-1","new":{"a":[1]}},"#,
                r#""authenticatedIdentities":[{"id":"i","data":"ZA","provider":"VISA_PAYMENT_PASSKEY","#,
                r#""relyingPartyId":"rp","userAuthenticationMethod":"OTP_SMS"}],"#,
                r#""buyerInformation":{"language":"en"},"new":{"a":[1]}}"#,
            ),
        );
    }

    #[test]
    fn sends_a_value_that_this_version_does_not_know() {
        let body = RequestBody::default().with_payment_credential_type("NEW_KIND");
        encodes(body, r#"{"paymentCredentialType":"NEW_KIND"}"#);
    }
}
