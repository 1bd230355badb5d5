//! Why a field's file isn't found: what the field holds in place of a path, and where a file was looked for.

use std::path::{Path, PathBuf};

use super::{Files, misnamed, places};
use crate::diagnostic::Diagnostic;
use crate::field::{AnyField, Field};
use crate::fields::Fields;
use crate::misplaced::{is_key, is_of_windows};
use crate::reference;
use crate::value::held;

const ADDRESS: &str =
    "holds an address such as https://…, which isn't fetched; download the file, and give its path";
const CLASS_PATH: &str =
    "begins with classpath:, which only Java resolves; give the path of the file";
const OF_WINDOWS: &str =
    "begins with a drive of Windows, and this isn't Windows; give the path on this machine";

const WORD: &str = "names a folder that doesn't exist; a word isn't shown, since it may be a password, given in \
                    another's place; give the folder's whole path";

impl Files<'_> {
    /// The mistake that a field holds the key itself in place of its path.
    pub(super) fn key_instead(&self, field: AnyField, paths: &[PathBuf]) -> Option<Diagnostic> {
        let given = paths.first()?.to_str()?;
        let given = self.fields.text_of_path(field).unwrap_or(given);
        if !is_key(given) {
            return None;
        }
        Some(self.fields.diagnostic(field, sister(self.fields, field)))
    }

    /// The mistake that none of these places has a file.
    pub(super) fn not_found(
        &self,
        field: AnyField,
        paths: &[PathBuf],
        places: &[PathBuf],
    ) -> Diagnostic {
        let fields = self.fields;
        if let Some(mistake) = self.folder_missing(field) {
            return mistake;
        }
        // An entry of a list has no field of its own; and a file without a name has the merchant's.
        let of_entry = || paths.first().filter(|_| fields.has(field))?.to_str();
        let given = fields.text_of_path(field).or_else(of_entry);
        let given = given.unwrap_or_default();
        let missing = if let Some(rule) = misread(given).or_else(|| misnamed::rule(field, given)) {
            rule
        } else if fields.is_a_word(field) {
            places::WORD.to_owned()
        } else {
            places::none_of(places, paths, fields.is_secret(field))
        };
        if fields.has(field) {
            let message = folder_twice(fields, field).unwrap_or(missing);
            return fields.diagnostic(field, message);
        }
        let signs = shared_secret_instead(fields, field).unwrap_or_default();
        let message = format!("isn't given, and the merchant id {missing}{signs}");
        fields.diagnostic(field, message)
    }

    /// The mistake that the folder of a file isn't one, or is a word that may be something else.
    fn folder_missing(&self, field: AnyField) -> Option<Diagnostic> {
        let fields = self.fields;
        let (folder, _) = folder_of(field)?;
        let given = fields.path(folder)?;
        let text = given.to_str()?;
        let of_letters = || misnamed::rule(folder.row(), text);
        if let Some(rule) = misread(text).or_else(of_letters) {
            return Some(fields.diagnostic(folder, rule));
        }
        let places = places::places(fields, &[given.to_owned()]);
        let is_missing = !places.iter().any(|place| place.is_dir());
        let is_word = given.components().count() == 1;
        let is_plain = |text: &str| text.bytes().all(|it| it.is_ascii_lowercase());
        let is_plain = given.to_str().is_some_and(is_plain);
        (is_missing && is_word && !is_plain).then(|| fields.diagnostic(folder, WORD))
    }

    /// The mistake that a path leads through a file.
    pub(super) fn no_folder(&self, field: AnyField) -> Diagnostic {
        let fields = self.fields;
        let is_file = |folder: &Path| {
            let places = places::places(fields, &[folder.to_owned()]);
            places.iter().any(|place| place.is_file())
        };
        if let Some((folder, name)) = folder_of(field)
            && fields.path(folder).is_some_and(is_file)
        {
            let name = fields.name_beside(folder, name.row());
            let rule = format!("names a file; give its folder here, and the file's name in {name}");
            return fields.diagnostic(folder, rule);
        }
        let rule = "names a file that can't be read, since a file stands where its path has a folder; \
                    correct the path";
        fields.diagnostic(field, rule)
    }
}

/// The field of the folder that a field's file is in, and the field of the file's name.
fn folder_of(field: AnyField) -> Option<(Field<held::Path>, Field<held::Text>)> {
    let is = |other: Field<held::Text>| field.name == other.row().name;
    if is(Field::KEY_FILE_NAME) {
        return Some((Field::KEYS_DIRECTORY, Field::KEY_FILE_NAME));
    }
    let is_of_client = is(Field::SSL_CLIENT_CERT) || is(Field::PRIVATE_KEY);
    is_of_client.then_some((Field::CLIENT_CERT_DIR, Field::SSL_CLIENT_CERT))
}

/// The rule that a file's name breaks which begins with the folder that another field gives.
fn folder_twice(fields: &Fields, field: AnyField) -> Option<String> {
    let (folder, _) = folder_of(field)?;
    let name = Path::new(fields.text_of_path(field)?);
    let is_twice = name.starts_with(fields.path(folder)?);
    let folder = fields.name(folder);
    is_twice.then(|| {
        format!(
            "holds the folder too, which {folder} gives already; give the name of the file alone"
        )
    })
}

/// The rule that a path breaks which only another program could follow.
fn misread(given: &str) -> Option<String> {
    if let Some(rule) = reference::in_text(given) {
        return Some(rule);
    }
    let is_address = given.split_once("://").is_some_and(|(scheme, _)| {
        scheme.len() > 1
            && scheme
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '+')
    });
    if is_address {
        return Some(ADDRESS.to_owned());
    }
    if given.starts_with("classpath:") {
        return Some(CLASS_PATH.to_owned());
    }
    (cfg!(not(windows)) && is_of_windows(given)).then(|| OF_WINDOWS.to_owned())
}

/// The rule that a key in a field that names its file breaks, with the field that holds a key.
fn sister(fields: &Fields, field: AnyField) -> String {
    let sisters = [
        (Field::OPENING_KEY_FILE.row(), Field::OPENING_KEY.row()),
        (Field::KEY_FILE_NAME.row(), Field::SIGNING_KEY.row()),
        (
            Field::RESPONSE_MLE_KEY_FILE.row(),
            Field::RESPONSE_MLE_KEY.row(),
        ),
    ];
    let sister = sisters.iter().find(|(file, _)| file.name == field.name);
    if let Some((_, key)) = sister {
        let key = fields.name_beside(field, key);
        return format!("holds the key itself; give it as {key}");
    }
    if field.name == Field::OPENING_KEYS.row().name {
        return "holds the key itself; give it as key in that entry, in place of file".to_owned();
    }
    let identity = [Field::SSL_CLIENT_CERT.row(), Field::PRIVATE_KEY.row()];
    if identity.iter().any(|it| it.name == field.name) {
        let identity = fields.name_beside(field, Field::CLIENT_IDENTITY.row());
        return format!("holds the key or the certificate itself; give both as {identity}");
    }
    if fields.is_secret(field) {
        let secret = fields.name_beside(field, field);
        return format!("holds the key itself; give it as {secret}, without _file");
    }
    // Where a certificate belongs, PEM is taken in place of a path.
    "holds the certificate itself in base64; give it as PEM, with its lines BEGIN and END, or the path of its file"
        .to_owned()
}

/// What a merchant with a shared secret meant who has no key file.
fn shared_secret_instead(fields: &Fields, field: AnyField) -> Option<String> {
    let secret = Field::MERCHANT_SECRET_KEY;
    let applies = field.name == Field::KEY_FILE_NAME.row().name && fields.has(secret);
    let beside = |other: AnyField| fields.name_beside(secret, other);
    applies.then(|| {
        format!(
            "; {} and {} sign only with {} HTTP_SIGNATURE, or {} SHARED_SECRET",
            beside(Field::MERCHANT_KEY_ID.row()),
            fields.name(secret),
            beside(Field::AUTHENTICATION_TYPE.row()),
            beside(Field::JWT_KEY_TYPE.row()),
        )
    })
}
