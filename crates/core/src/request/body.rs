//! The members of the body and their limits.

use crate::open_enum::open_enum;
use crate::secret::Personal;

use super::members_macro::{Hold, members};
use super::{ExtraMembers, Held};

open_enum! {
    /// The kind of credentials to return.
    ///
    /// If a request names none, the response holds the network token and the kind of proof that its network
    /// uses.
    PaymentCredentialType {
        /// The network token with a cryptogram; not for American Express.
        Cryptogram = "CRYPTOGRAM",
        /// Only the network token and its expiry.
        NetworkToken = "NETWORK_TOKEN",
        /// The network token with a dynamic code: American Express, and Visa's DTVV in v3.
        SecurityCode = "SECURITY_CODE",
    }
}

open_enum! {
    /// The purpose of the credentials.
    TransactionType {
        /// Account funding: only for Visa, and only with a cryptogram; Visa must enable it.
        Aft = "AFT",
        /// E-commerce, the service's default.
        Ecom = "ECOM",
    }
}

open_enum! {
    /// The payer's platform.
    PlatformType {
        /// Android.
        Android = "ANDROID",
        /// iOS.
        Ios = "iOS",
        /// A web browser.
        Web = "WEB",
        /// Windows.
        Windows = "WINDOWS",
    }
}

open_enum! {
    /// The party that made an identity proof.
    IdentityProvider {
        /// A device certificate, as a JWS.
        ClientDeviceCertJws = "CLIENT_DEVICE_CERT_JWS",
        /// Visa Payment Passkey.
        VisaPaymentPasskey = "VISA_PAYMENT_PASSKEY",
    }
}

open_enum! {
    /// How the payer was verified.
    UserAuthenticationMethod {
        /// A biometric method that isn't named.
        Biometric = "BIOMETRIC",
        /// The payer's behaviour.
        BiometricBehavioral = "BIOMETRIC_BEHAVIORAL",
        /// The face.
        BiometricFacial = "BIOMETRIC_FACIAL",
        /// A fingerprint.
        BiometricFingerprint = "BIOMETRIC_FINGERPRINT",
        /// The iris.
        BiometricIris = "BIOMETRIC_IRIS",
        /// The voice.
        BiometricVoice = "BIOMETRIC_VOICE",
        /// The payer unlocked the device; by which method is unknown.
        DeviceUnlockedMethodUnknown = "DEVICE_UNLOCKED_METHOD_UNKNOWN",
        /// Something that the payer knows.
        KnowledgeBasedAuthentication = "KNOWLEDGE_BASED_AUTHENTICATION",
        /// A one-time password by e-mail.
        OtpEmail = "OTP_EMAIL",
        /// A one-time password by text message.
        OtpSms = "OTP_SMS",
        /// A one-time password by text message, and something that the payer knows.
        OtpSmsKnowledge = "OTP_SMS_KNOWLEDGE",
        /// A passcode.
        Passcode = "PASSCODE",
        /// A passcode or a password.
        PasscodePassword = "PASSCODE_PASSWORD",
        /// A password.
        Password = "PASSWORD",
        /// A pattern.
        Pattern = "PATTERN",
        /// The payer was not verified.
        UserUnverified = "USER_UNVERIFIED",
        /// A user name and a password.
        UsernamePassword = "USERNAME_PASSWORD",
    }
}

macro_rules! hold_as_text {
    ($($name:ident),+) => {$(
        impl Hold for $name {
            fn held(&self) -> Option<Held<'_>> {
                Some(Held::Text(self.as_str()))
            }
        }
    )+};
}

hold_as_text!(
    IdentityProvider,
    PaymentCredentialType,
    PlatformType,
    TransactionType,
    UserAuthenticationMethod
);

members! {
    /// The body of a request; every member is optional.
    pub struct RequestBody {
        /// The kind of credentials to return.
        payment_credential_type / with_payment_credential_type: PaymentCredentialType = "paymentCredentialType";
        /// The purpose of the credentials.
        transaction_type / with_transaction_type: TransactionType = "transactionType";
        /// The caller's own id for the call.
        client_correlation_id / with_client_correlation_id: String = "clientCorrelationId", max 36;
        /// The order that the payer pays.
        order_information / with_order_information: OrderInformation = "orderInformation";
        /// The merchant, as the payer sees it.
        merchant_information / with_merchant_information: MerchantInformation = "merchantInformation";
        /// The payer's device and browser.
        device_information / with_device_information: DeviceInformation = "deviceInformation";
        /// Proofs that the payer was verified, such as device-bound keys and passkeys.
        authenticated_identities / with_authenticated_identities: Vec<AuthenticatedIdentity> = "authenticatedIdentities";
        /// The buyer, for passkeys. The TMS developer guide documents this member; the OpenAPI document doesn't.
        buyer_information / with_buyer_information: BuyerInformation = "buyerInformation";
    }

    /// The order that the payer pays.
    pub struct OrderInformation {
        /// The amount and currency.
        amount_details / with_amount_details: AmountDetails = "amountDetails";
        /// The billing name and address.
        bill_to / with_bill_to: BillTo = "billTo";
    }

    /// The amount and currency of an order.
    pub struct AmountDetails {
        /// The amount as decimal text, such as `10.00`.
        total_amount / with_total_amount: String = "totalAmount";
        /// The currency: ISO 4217 numeric (`978`) in the OpenAPI document, alphabetic (`USD`) in the
        /// developer guide's example. The text is sent unchanged.
        currency / with_currency: String = "currency";
    }

    /// The billing name and address.
    pub struct BillTo {
        /// Given name.
        first_name / with_first_name: Personal = "firstName", max 60;
        /// Family name.
        last_name / with_last_name: Personal = "lastName", max 60;
        /// First line of the address.
        address1 / with_address1: Personal = "address1", max 60;
        /// Second line of the address. The TMS developer guide documents this member; the OpenAPI document
        /// doesn't.
        address2 / with_address2: Personal = "address2";
        /// City.
        locality / with_locality: Personal = "locality", max 50;
        /// State or province.
        administrative_area / with_administrative_area: Personal = "administrativeArea", max 20;
        /// Postal code.
        postal_code / with_postal_code: Personal = "postalCode", max 10;
        /// Country, ISO 3166 alpha-2.
        country / with_country: Personal = "country", min 2, max 2;
        /// E-mail address.
        email / with_email: Personal = "email", max 255;
        /// Phone number. The TMS developer guide documents this member; the OpenAPI document doesn't.
        phone_number / with_phone_number: Personal = "phoneNumber";
    }

    /// The merchant, as the payer sees it.
    pub struct MerchantInformation {
        /// Name and address of the shop.
        merchant_descriptor / with_merchant_descriptor: MerchantDescriptor = "merchantDescriptor";
    }

    /// Name and address of the shop.
    ///
    /// The examples are base64url text in the OpenAPI document, and plain text in the developer guide. The
    /// texts are sent unchanged.
    pub struct MerchantDescriptor {
        /// The shop's name.
        name / with_name: String = "name";
        /// The shop's URL.
        url / with_url: String = "url";
    }

    /// The payer's device and browser.
    pub struct DeviceInformation {
        /// The platform.
        platform_type / with_platform_type: PlatformType = "platformType";
        /// IP address, version 4 or 6.
        ip_address / with_ip_address: Personal = "ipAddress", max 45;
        /// The browser's `Accept` header.
        http_accept_content / with_http_accept_content: Personal = "httpAcceptContent", max 2048;
        /// The browser's `User-Agent` header.
        user_agent_browser_value / with_user_agent_browser_value: Personal = "userAgentBrowserValue", max 2048;
        /// The browser's language.
        http_browser_language / with_http_browser_language: Personal = "httpBrowserLanguage", max 8;
        /// Whether the browser runs Java.
        http_browser_java_enabled / with_http_browser_java_enabled: bool = "httpBrowserJavaEnabled";
        /// Whether the browser runs JavaScript.
        http_browser_java_script_enabled / with_http_browser_java_script_enabled: bool = "httpBrowserJavaScriptEnabled";
        /// Colour depth in bits, as digits.
        http_browser_color_depth / with_http_browser_color_depth: Personal = "httpBrowserColorDepth", max 2;
        /// Screen height in pixels, as digits.
        http_browser_screen_height / with_http_browser_screen_height: Personal = "httpBrowserScreenHeight", max 6;
        /// Screen width in pixels, as digits.
        http_browser_screen_width / with_http_browser_screen_width: Personal = "httpBrowserScreenWidth", max 6;
        /// Minutes between UTC and the browser's time, such as `-480`.
        http_browser_time_difference / with_http_browser_time_difference: Personal = "httpBrowserTimeDifference", max 5;
        /// The device's id, for DCAP. The TMS developer guide documents this member; the OpenAPI document
        /// doesn't.
        id / with_id: Personal = "id";
    }

    /// A proof that the payer was verified.
    pub struct AuthenticatedIdentity {
        /// The proof's id.
        id / with_id: Personal = "id", max 50;
        /// The proof itself, base64url.
        data / with_data: Personal = "data", max 17_000;
        /// The party that made the proof.
        provider / with_provider: IdentityProvider = "provider";
        /// The relying party that the proof was made for.
        relying_party_id / with_relying_party_id: Personal = "relyingPartyId", max 2000;
        /// How the payer was verified.
        user_authentication_method / with_user_authentication_method: UserAuthenticationMethod = "userAuthenticationMethod";
    }

    /// The buyer. The TMS developer guide documents this member; the OpenAPI document doesn't.
    pub struct BuyerInformation {
        /// The buyer's language.
        language / with_language: Personal = "language";
    }
}
