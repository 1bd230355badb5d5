use std::path::Path;

use payment_credentials_auth::{DigestAlgorithmClaim, JwtFormat, MethodCase, ResponseKeyClaim};
use payment_credentials_core::{KeyId, MerchantId};

use super::KeyFilePassword;
use super::key_source::given_twice;
use crate::diagnostic::{Diagnostic, Mistakes, Recorded};
use crate::field::{AnyField, Field};
use crate::fields::Fields;
use crate::value::{Secret, held};

/// The remedy for a missing merchant id or key id.
pub(super) const ID: &str = "give the id that the vendor's Business Center (its web console) shows";

/// How requests are authenticated.
#[derive(Debug)]
pub(crate) enum Signing<'a> {
    Bearer(&'a Secret),
    Certificate(Signer, KeyFile<'a>, JwtFormat),
    HttpSignature(Signer, SharedSecretField<'a>),
    /// By the client certificate alone.
    MutualTls,
    SharedSecret(Signer, SharedSecretField<'a>, JwtFormat),
}

/// Whose key signs, and for whom.
#[derive(Debug)]
pub(crate) struct Signer {
    /// The merchant account that owns the key: the merchant, or for a MetaKey the portfolio.
    pub(crate) owner: MerchantId,
    pub(crate) merchant: MerchantId,
}

#[derive(Debug)]
pub(crate) struct SharedSecretField<'a> {
    pub(crate) key_id: KeyId,
    pub(crate) secret: &'a Secret,
}

/// The key file that signs.
#[derive(Debug)]
pub(crate) struct KeyFile<'a> {
    pub(crate) place: KeyPlace<'a>,
    pub(crate) password: KeyFilePassword<'a>,
    pub(crate) key_id: Option<KeyId>,
}

/// Where the key file is.
#[derive(Debug)]
pub(crate) enum KeyPlace<'a> {
    /// A field holds it, or names it by its path.
    Key(&'a Secret),
    /// In `keys_directory`.
    Named {
        /// One folder, or the SDKs' default ones.
        folders: Vec<&'a Path>,
        name: String,
    },
}

impl KeyPlace<'_> {
    /// The field that gives it.
    pub(crate) fn field(&self) -> AnyField {
        match self {
            Self::Key(_) => Field::SIGNING_KEY.row(),
            Self::Named { .. } => Field::KEY_FILE_NAME.row(),
        }
    }
}

pub(crate) fn signing<'a>(
    fields: &'a Fields,
    mistakes: &mut Mistakes,
) -> Result<Signing<'a>, Recorded> {
    let field = Field::AUTHENTICATION_TYPE;
    let remedy = "give JWT, HTTP_SIGNATURE, OAUTH or MUTUAL_AUTH";
    let kind = mistakes.keep(fields.required(field, remedy))?;
    match kind.trim().to_ascii_uppercase().as_str() {
        "JWT" => jwt(fields, mistakes),
        "HTTP_SIGNATURE" => {
            let (signer, secret) = with_shared_secret(fields, mistakes)?;
            Ok(Signing::HttpSignature(signer, secret))
        }
        "OAUTH" => {
            let remedy = "give the access token, or a file with it";
            let access_token = fields.required_secret(Field::ACCESS_TOKEN, remedy);
            mistakes.keep(access_token).map(Signing::Bearer)
        }
        "MUTUAL_AUTH" => mistakes.keep(mutual_tls(fields)),
        _ => {
            let rule = "must be JWT, HTTP_SIGNATURE, OAUTH or MUTUAL_AUTH";
            Err(mistakes.add(fields.refused(field, kind, rule)))
        }
    }
}

/// What signs a JWT.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum JwtKeyType {
    P12,
    SharedSecret,
}

const JWT_KEY_TYPES: &[(&str, JwtKeyType)] = &[
    ("P12", JwtKeyType::P12),
    ("SHARED_SECRET", JwtKeyType::SharedSecret),
];

/// What signs a JWT; a key file by default.
pub(super) fn jwt_key_type(fields: &Fields) -> Result<JwtKeyType, Diagnostic> {
    let given = fields.one_of(Field::JWT_KEY_TYPE, JWT_KEY_TYPES)?;
    Ok(given.unwrap_or(JwtKeyType::P12))
}

fn jwt<'a>(fields: &'a Fields, mistakes: &mut Mistakes) -> Result<Signing<'a>, Recorded> {
    let format = jwt_format(fields, mistakes);
    match mistakes.keep(jwt_key_type(fields))? {
        JwtKeyType::P12 => {
            let (signer, file) = with_certificate(fields, mistakes)?;
            Ok(Signing::Certificate(signer, file, format?))
        }
        JwtKeyType::SharedSecret => {
            let (signer, secret) = with_shared_secret(fields, mistakes)?;
            Ok(Signing::SharedSecret(signer, secret, format?))
        }
    }
}

const DIGEST_ALGORITHM_CLAIMS: &[(&str, DigestAlgorithmClaim)] = &[
    ("digestAlgorithm", DigestAlgorithmClaim::Camel),
    ("digest-algorithm", DigestAlgorithmClaim::Dashed),
];

const REQUEST_METHODS: &[(&str, MethodCase)] =
    &[("post", MethodCase::Lower), ("POST", MethodCase::Upper)];

const RESPONSE_KEY_CLAIMS: &[(&str, ResponseKeyClaim)] = &[
    ("v-c-response-mle-kid", ResponseKeyClaim::Response),
    ("v-c-api-response-mle-kid", ResponseKeyClaim::ApiResponse),
];

fn jwt_format(fields: &Fields, mistakes: &mut Mistakes) -> Result<JwtFormat, Recorded> {
    let digest = fields.one_of(Field::DIGEST_ALGORITHM_CLAIM, DIGEST_ALGORITHM_CLAIMS);
    let digest = mistakes.keep(digest);
    let method = mistakes.keep(fields.one_of(Field::REQUEST_METHOD_CLAIM, REQUEST_METHODS));
    let response = mistakes.keep(fields.one_of(Field::RESPONSE_KEY_CLAIM, RESPONSE_KEY_CLAIMS));
    Ok(JwtFormat::default()
        .with_digest_algorithm(digest?.unwrap_or_default())
        .with_request_method(method?.unwrap_or_default())
        .with_response_key(response?.unwrap_or_default()))
}

fn with_certificate<'a>(
    fields: &'a Fields,
    mistakes: &mut Mistakes,
) -> Result<(Signer, KeyFile<'a>), Recorded> {
    let signer = signer(fields, mistakes);
    let key_id = mistakes.keep(fields.parsed(Field::SIGNING_KEY_ID));
    let signer = signer?;
    let file = mistakes.keep(key_file(fields, &signer.merchant, key_id?))?;
    Ok((signer, file))
}

fn mutual_tls(fields: &Fields) -> Result<Signing<'_>, Diagnostic> {
    if fields.is_true(Field::ENABLE_CLIENT_CERT) || fields.has(Field::CLIENT_IDENTITY) {
        return Ok(Signing::MutualTls);
    }
    let rule = "is MUTUAL_AUTH, which needs a client certificate; set enable_client_cert to true, or give \
                client_identity";
    Err(fields.diagnostic(Field::AUTHENTICATION_TYPE, rule))
}

/// The owner's name is the certificate's, so `key_alias` adds nothing: as in the SDKs, the owner wins
/// over another alias.
fn signer(fields: &Fields, mistakes: &mut Mistakes) -> Result<Signer, Recorded> {
    let merchant = mistakes.keep(fields.required_parsed(Field::MERCHANT_ID, ID));
    if fields.is_true(Field::USE_META_KEY) {
        let remedy = "give the portfolio that owns the MetaKey, or set use_metakey to false";
        let owner = mistakes.keep(fields.required_parsed(Field::PORTFOLIO_ID, remedy));
        let (owner, merchant) = (owner?, merchant?);
        return Ok(Signer { owner, merchant });
    }
    let merchant = merchant?;
    Ok(Signer {
        owner: merchant.clone(),
        merchant,
    })
}

/// The field that names the owner of keys: with a `MetaKey`, that is the portfolio.
pub(crate) fn owner(fields: &Fields) -> Field<held::Text> {
    if fields.is_true(Field::USE_META_KEY) {
        return Field::PORTFOLIO_ID;
    }
    Field::MERCHANT_ID
}

fn with_shared_secret<'a>(
    fields: &'a Fields,
    mistakes: &mut Mistakes,
) -> Result<(Signer, SharedSecretField<'a>), Recorded> {
    let signer = signer(fields, mistakes);
    let key_id = fields.required_parsed(Field::MERCHANT_KEY_ID, ID);
    let key_id = mistakes.keep(key_id.map_err(|mistake| swapped(fields).unwrap_or(mistake)));
    let remedy =
        "give the secret that the vendor's Business Center (its web console) showed with the key";
    let secret = mistakes.keep(fields.required_secret(Field::MERCHANT_SECRET_KEY, remedy));
    let (key_id, secret) = (key_id?, secret?);
    Ok((signer?, SharedSecretField { key_id, secret }))
}

/// The mistake that the key's id has letters of base64, as the secret has.
fn swapped(fields: &Fields) -> Option<Diagnostic> {
    let field = Field::MERCHANT_KEY_ID;
    let rule = format!(
        "looks like the shared secret itself; give the key's id here, and the secret in {}",
        fields.name_beside(field, Field::MERCHANT_SECRET_KEY.row())
    );
    let is_swapped = fields.text(field)?.contains(['+', '/', '=']);
    is_swapped.then(|| fields.diagnostic(field, rule))
}

/// The key file, which has the merchant's name if no field names it.
fn key_file<'a>(
    fields: &'a Fields,
    merchant: &MerchantId,
    key_id: Option<KeyId>,
) -> Result<KeyFile<'a>, Diagnostic> {
    let name = fields.text(Field::KEY_FILE_NAME);
    let place = match (fields.secret(Field::SIGNING_KEY), name) {
        (Some(_), Some(_)) => {
            let rule = given_twice(fields, Field::SIGNING_KEY);
            return Err(fields.diagnostic(Field::KEY_FILE_NAME, rule));
        }
        (Some(key), None) => KeyPlace::Key(key),
        (None, name) => KeyPlace::Named {
            folders: match fields.path(Field::KEYS_DIRECTORY) {
                Some(folder) => vec![folder],
                None => vec![Path::new("resources"), Path::new("resource")],
            },
            name: name.unwrap_or(merchant.as_str()).to_owned(),
        },
    };
    Ok(KeyFile {
        place,
        password: KeyFilePassword::of(fields, Field::KEY_PASSWORD)
            .with_own_of_key(fields, Field::KEY_OWN_PASSWORD),
        key_id,
    })
}
