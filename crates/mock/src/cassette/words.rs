//! The words of the vendor's that a cassette may hold.

/// The vendor's codes in its `OpenAPI` document and its TMS developer guide.
pub(super) const REASONS: &[&str] = &[
    "badGateway",
    "conflict",
    "declined",
    "forbidden",
    "internalError",
    "invalidCombination",
    "invalidFields",
    "invalidHeaders",
    "invalidParameters",
    "invalidRequest",
    "missingFields",
    "missingHeaders",
    "notAvailable",
    "notFound",
    "serverError",
    "serviceUnavailable",
    "tooManyRequests",
    "unauthorized",
];

pub(super) const STATES: &[&str] = &["ACTIVE", "DELETED", "EXPIRED", "SUSPENDED", "UNPROVISIONED"];
pub(super) const TOKEN_REASONS: &[&str] = &[
    "CARD_NOT_ALLOWED",
    "CARD_NOT_ELIGIBLE",
    "CARD_VERIFICATION_FAILED",
    "DECLINED",
    "INVALID_REQUEST",
    "SERVICE_UNAVAILABLE",
    "SYSTEM_ERROR",
];
pub(super) const NETWORKS: &[&str] = &["americanexpress", "mastercard", "visa"];
pub(super) const SOURCES: &[&str] = &["ISSUER", "ONFILE", "TOKEN"];
pub(super) const BRANDS: &[&str] = &["american-express", "jcb", "mastercard", "visa"];
pub(super) const ECIS: &[&str] = &["00", "01", "02", "05", "06", "07"];
pub(super) const CHECKS: &[&str] = &[
    "MATCH",
    "NO_MATCH",
    "NOT_SUPPORTED",
    "PARTIAL_MATCH",
    "PARTIAL_MATCH_FORMAT_UNSUPPORTED",
    "SKIPPED",
];
pub(super) const CARD_TYPES: &[&str] = &["001", "002", "003", "007"];
pub(super) const CARD_NUMBERS: &[&str] = &["full", "malformed", "masked", "no-number"];
pub(super) const COMMERCE_INDICATORS: &[&str] = &[
    "aesk",
    "dipb",
    "internet",
    "js",
    "moto",
    "recurring",
    "spa",
    "vbv",
];
pub(super) const TOKEN_MEMBERS: &[&str] = &[
    "applicationTransactionCounter",
    "enrollmentId",
    "id",
    "object",
    "paymentAccountReference",
    "requestorId",
    "tokenReferenceId",
];
pub(super) const DETAIL_MEMBERS: &[&str] =
    &["expirationMonth", "expirationYear", "number", "suffix"];
pub(super) const BILLING_MEMBERS: &[&str] = &[
    "address1",
    "address2",
    "administrativeArea",
    "company",
    "country",
    "email",
    "firstName",
    "lastName",
    "locality",
    "phoneNumber",
    "postalCode",
];

/// The members of a request's body whose names are recorded; of all others only that one is there.
pub(super) const REQUEST_MEMBERS: &[&str] = &[
    "address1",
    "address2",
    "administrativeArea",
    "amountDetails",
    "authenticatedIdentities",
    "billTo",
    "buyerInformation",
    "clientCorrelationId",
    "country",
    "currency",
    "data",
    "deviceInformation",
    "email",
    "firstName",
    "httpAcceptContent",
    "httpBrowserColorDepth",
    "httpBrowserJavaEnabled",
    "httpBrowserJavaScriptEnabled",
    "httpBrowserLanguage",
    "httpBrowserScreenHeight",
    "httpBrowserScreenWidth",
    "httpBrowserTimeDifference",
    "id",
    "ipAddress",
    "language",
    "lastName",
    "locality",
    "merchantDescriptor",
    "merchantInformation",
    "name",
    "orderInformation",
    "paymentCredentialType",
    "phoneNumber",
    "platformType",
    "postalCode",
    "provider",
    "relyingPartyId",
    "totalAmount",
    "transactionType",
    "url",
    "userAgentBrowserValue",
    "userAuthenticationMethod",
];

/// The members whose value is recorded if it is one of these words.
pub(super) const LISTED: &[(&str, &[&str])] = &[
    (
        "currency",
        &[
            "AUD", "CAD", "CHF", "EUR", "GBP", "JPY", "USD", "036", "124", "392", "756", "826",
            "840", "978",
        ],
    ),
    (
        "paymentCredentialType",
        &["CRYPTOGRAM", "NETWORK_TOKEN", "SECURITY_CODE"],
    ),
    ("platformType", &["ANDROID", "iOS", "WEB", "WINDOWS"]),
    (
        "provider",
        &["CLIENT_DEVICE_CERT_JWS", "VISA_PAYMENT_PASSKEY"],
    ),
    ("transactionType", &["AFT", "ECOM"]),
    (
        "userAuthenticationMethod",
        &[
            "BIOMETRIC",
            "BIOMETRIC_BEHAVIORAL",
            "BIOMETRIC_FACIAL",
            "BIOMETRIC_FINGERPRINT",
            "BIOMETRIC_IRIS",
            "BIOMETRIC_VOICE",
            "DEVICE_UNLOCKED_METHOD_UNKNOWN",
            "KNOWLEDGE_BASED_AUTHENTICATION",
            "OTP_EMAIL",
            "OTP_SMS",
            "OTP_SMS_KNOWLEDGE",
            "PASSCODE",
            "PASSCODE_PASSWORD",
            "PASSWORD",
            "PATTERN",
            "USER_UNVERIFIED",
            "USERNAME_PASSWORD",
        ],
    ),
];
