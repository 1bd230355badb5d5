use crate::field::{AnyField, Field};

/// The fields that belong to what all merchants share: the host, the connection, the limits, and the
/// algorithms that openers accept. A merchant's table can't have them, and a reload can't change them.
pub(super) const SHARED: &[AnyField] = &[
    Field::RUN_ENVIRONMENT.row(),
    Field::INTERMEDIATE_HOST.row(),
    Field::API_VERSION.row(),
    Field::ON_CLOCK_SKEW.row(),
    Field::OPENING_ACCEPTS.row(),
    Field::TRUST_BARE_REFUSALS.row(),
    Field::CALL_DEADLINE.row(),
    Field::CONNECT_DEADLINE.row(),
    Field::TLS_DEADLINE.row(),
    Field::IDLE_TIMEOUT.row(),
    Field::MAX_IDLE_CONNECTIONS.row(),
    Field::MAX_HANDSHAKES.row(),
    Field::MAX_RETRIES.row(),
    Field::CALLS_PER_SECOND.row(),
    Field::MAX_CONCURRENT_CALLS.row(),
    Field::TOTAL_DEADLINE.row(),
    Field::USE_PROXY.row(),
    Field::PROXY_ADDRESS.row(),
    Field::PROXY_PORT.row(),
    Field::PROXY_USER.row(),
    Field::PROXY_PASSWORD.row(),
    Field::SSL_CA_CERT.row(),
    Field::TRUSTED_ROOTS.row(),
    Field::SSL_VERIFY.row(),
    Field::DISABLE_SSL_VERIFICATION.row(),
    Field::ENABLE_CLIENT_CERT.row(),
    Field::CLIENT_CERT_DIR.row(),
    Field::SSL_CLIENT_CERT.row(),
    Field::PRIVATE_KEY.row(),
    Field::SSL_KEY_PASSWORD.row(),
    Field::SSL_KEY_OWN_PASSWORD.row(),
    Field::CLIENT_IDENTITY.row(),
];

/// Whether a field belongs to what all merchants share.
pub(super) fn is_shared(field: AnyField) -> bool {
    SHARED.iter().any(|shared| shared.name == field.name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::field::Row;

    /// The fields that each merchant may have for itself, and that a reload reads afresh.
    const OF_A_MERCHANT: &[AnyField] = &[
        Field::MERCHANT_ID.row(),
        Field::MERCHANTS_DIRECTORY.row(),
        Field::AUTHENTICATION_TYPE.row(),
        Field::JWT_KEY_TYPE.row(),
        Field::MERCHANT_KEY_ID.row(),
        Field::MERCHANT_SECRET_KEY.row(),
        Field::KEYS_DIRECTORY.row(),
        Field::KEY_FILE_NAME.row(),
        Field::KEY_ALIAS.row(),
        Field::KEY_PASSWORD.row(),
        Field::KEY_OWN_PASSWORD.row(),
        Field::SIGNING_KEY.row(),
        Field::SIGNING_KEY_ID.row(),
        Field::RESPONSE_KEY_CLAIM.row(),
        Field::DIGEST_ALGORITHM_CLAIM.row(),
        Field::REQUEST_METHOD_CLAIM.row(),
        Field::USE_META_KEY.row(),
        Field::PORTFOLIO_ID.row(),
        Field::ACCESS_TOKEN.row(),
        Field::OPENING_KEY_FILE.row(),
        Field::OPENING_KEY.row(),
        Field::OPENING_KEY_OWN_PASSWORD.row(),
        Field::OPENING_KEY_ID.row(),
        Field::OPENING_KEY_PASSWORD.row(),
        Field::OPENING_KEYS.row(),
        Field::REQUEST_MLE.row(),
        Field::RESPONSE_MLE.row(),
        Field::ACCEPT_CREDENTIALS_IN_THE_CLEAR.row(),
        Field::MLE_BY_OPERATION.row(),
        Field::REQUEST_MLE_KEY_ALIAS.row(),
        Field::REQUEST_MLE_CERTIFICATE.row(),
        Field::RESPONSE_MLE_KEY_ID.row(),
        Field::RESPONSE_MLE_KEY_FILE.row(),
        Field::RESPONSE_MLE_KEY_PASSWORD.row(),
        Field::RESPONSE_MLE_KEY.row(),
    ];

    #[test]
    fn each_field_is_shared_or_a_merchants() {
        let names = |fields: &[AnyField]| -> BTreeSet<_> {
            fields.iter().map(|field| field.name).collect()
        };
        let (shared, own) = (names(SHARED), names(OF_A_MERCHANT));
        assert!(shared.is_disjoint(&own));
        let both: BTreeSet<_> = shared.union(&own).copied().collect();
        assert_eq!(
            both,
            names(Row::ALL),
            "add a new field to SHARED if merchants can't differ in it, else to OF_A_MERCHANT"
        );
    }
}
