//! Reads configurations from files, texts and the environment.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::Config;
use crate::diagnostic::{ConfigError, Diagnostic, Mistakes};
use crate::fields::{Fields, MAX_NAMES, too_many_names};
use crate::files;
use crate::format::{self, Format, JSON, TOML};
use crate::merchant_section::{is_misspelled, is_section, misspelled};
use crate::merchant_table::tables;
use crate::origin::{Origin, PREFIX};
use crate::proxy_variables::ProxyVariables;
use crate::raw::Raw;
use crate::service_links::ServiceLinks;

const TOO_LONG: &str = "is longer than 1 MiB; delete what isn't configuration";

impl Config {
    /// Reads a file: JSON, if its name ends in `.json`; Java properties, if it ends in `.properties`; and TOML
    /// otherwise.
    ///
    /// Relative paths in the file are resolved from the file's own folder, and then from the working directory,
    /// as the SDKs do. If both have a file, and their content differs, a note says which was taken.
    ///
    /// A file with secrets in it must not be readable by others (on Unix; PCI DSS 8.6.2).
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if the file can't be read, is no regular file, is longer than 1 MiB, holds no
    /// table, holds secrets that others can read, or has more than 256 fields or values of the wrong kind.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let origin = Origin::of_file(&name);
        let refused = |message: &str| ConfigError::from(Diagnostic::new(&origin, "", message));
        let format = format::of_file(path);
        let read = files::read(path);
        if let (Err(rule), Err(_)) = (&format, &read) {
            return Err(refused(rule));
        }
        let (content, metadata) =
            read.map_err(|error| refused(&files::unreadable(path, &error)))?;
        let text = std::str::from_utf8(&content)
            .map_err(|error| refused(&format::no_utf_8(&content, error.valid_up_to())))?;
        let format = format.map_err(|rule| refused(format::by_beginning(text).unwrap_or(rule)))?;
        if text.contains('\0') {
            return Err(refused(
                "holds NUL characters, as UTF-16 text does; save it as UTF-8",
            ));
        }
        let mut config = Self::from_text(&origin, text, format)?;
        config
            .fields
            .folders
            .extend(path.parent().map(Path::to_owned));
        // PCI DSS 8.6.2: no passwords in files that others can read.
        if let Some(readers) = files::other_readers(&metadata)
            && config.holds_secrets()
        {
            return Err(refused(&format!(
                "holds secrets, and {readers} may read it; run `chmod 600` on it (in a Kubernetes volume, set \
                 defaultMode: 0400), or move the secrets to files of their own or to the environment"
            )));
        }
        Ok(config)
    }

    /// Reads a JSON text, which must be an object.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if the text is no object, is longer than 1 MiB, or has more than 256 fields or
    /// values of the wrong kind.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        Self::from_text(&Origin::new("JSON"), text, JSON)
    }

    /// Reads a TOML text.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if the text is no TOML, is longer than 1 MiB, or has more than 256 fields or
    /// values of the wrong kind.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        Self::from_text(&Origin::new("TOML"), text, TOML)
    }

    /// Reads the environment variables whose names begin with `CYBERSOURCE_`.
    ///
    /// The rest of the name is any name of a field: `CYBERSOURCE_MERCHANT_ID` and
    /// `CYBERSOURCE_MERCHANTID` are the same. Pass the environment in: `std::env::vars_os()`. The variables of a
    /// proxy, such as `HTTPS_PROXY`, are noted and not used; [`with_proxy_from_env`](Self::with_proxy_from_env)
    /// uses them.
    ///
    /// ```
    /// use payment_credentials_config::Config;
    ///
    /// let variables = [
    ///     ("CYBERSOURCE_RUN_ENVIRONMENT", "apitest.cybersource.com"),
    ///     ("PATH", "/usr/bin"),
    /// ];
    /// let config = Config::from_env(variables)?;
    /// assert_eq!(config.endpoint()?.base().host().to_string(), "apitest.cybersource.com");
    /// # Ok::<(), payment_credentials_config::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError`], if a value is of the wrong kind or no Unicode, or if there are more than 256
    /// such variables, or more than 1 MiB of them.
    pub fn from_env<N, V>(variables: impl IntoIterator<Item = (N, V)>) -> Result<Self, ConfigError>
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let origin = Origin::environment();
        let mut bytes = 0_usize;
        let mut given = Vec::new();
        let mut proxies = Vec::new();
        for (name, value) in variables {
            let Ok(name) = name.into().into_string() else {
                continue;
            };
            if ProxyVariables::has(&name) {
                proxies.push((name, value.into()));
                continue;
            }
            let Some(field) = name.strip_prefix(PREFIX).map(str::to_owned) else {
                continue;
            };
            let value = value.into();
            bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
            if bytes > files::MAX_BYTES {
                return Err(Diagnostic::new(&origin, "", TOO_LONG).into());
            }
            if given.len() == MAX_NAMES {
                return Err(too_many_names(&origin).into());
            }
            given.push((name, field, value));
        }
        let links = ServiceLinks::among(&given);
        given.retain(|(name, ..)| !links.has(name));
        let members = given.into_iter().map(|(name, field, value)| {
            let Ok(value) = value.into_string() else {
                return Err(Diagnostic::new(
                    &origin,
                    name,
                    "isn't Unicode text; set it as UTF-8",
                ));
            };
            Ok((name, field, Raw::Text(Zeroizing::new(value))))
        });
        let members = Mistakes::collect(|mistakes| mistakes.keep_all(members))?;
        let proxies = ProxyVariables::without_addresses(proxies);
        Self::collected(|mistakes| {
            for clash in links.clashes(&origin) {
                mistakes.add(clash);
            }
            let mut fields = Fields::read(origin, members, mistakes);
            for (name, message) in links.notes() {
                fields.note(name, message);
            }
            Self {
                unread_proxy: Some(Arc::new(proxies)),
                ..Self::new(fields)
            }
        })
    }

    fn from_text(origin: &Origin, text: &str, format: Format) -> Result<Self, ConfigError> {
        let origin = &origin.clone().written_in(format.notation);
        // Editors on Windows put a byte order mark before the text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let refused = |message: String| Diagnostic::new(origin, "", message);
        if text.len() > files::MAX_BYTES {
            return Err(refused(TOO_LONG.to_owned()).into());
        }
        let raw = format.read(text).map_err(refused)?;
        let Raw::Table(members) = raw else {
            return Err(refused(format::no_object(&raw).to_owned()).into());
        };
        if let Some(rule) = format::wrapper(&members) {
            return Err(refused(rule.to_owned()).into());
        }
        if members
            .iter()
            .any(|(name, value)| is_misspelled(name, value))
        {
            let rule = misspelled(format.notation);
            return Err(Diagnostic::new(origin, "merchant", rule).into());
        }
        let (sections, members): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|(name, _)| is_section(name));
        let named = members
            .into_iter()
            .map(|(name, raw)| (name.clone(), name, raw))
            .collect();
        Self::collected(|mistakes| {
            let sections = sections.into_iter();
            let tables = sections.flat_map(|(_, section)| tables(origin, section, mistakes));
            Self {
                tables: tables.collect(),
                ..Self::new(Fields::read(origin.clone(), named, mistakes))
            }
        })
    }

    /// What was read, or the mistakes of reading it. With these come those that the settings find in what could be
    /// read, so that one round shows both; what is missing may be given elsewhere, and isn't told yet.
    fn collected(read: impl FnOnce(&mut Mistakes) -> Self) -> Result<Self, ConfigError> {
        let mut unsettled = None;
        let read = Mistakes::collect(|mistakes| {
            let config = read(mistakes);
            unsettled = Some(config.clone());
            Ok(config)
        });
        let (error, config) = match (read, unsettled) {
            (Err(error), Some(config)) => (error, config),
            (read, _) => return read,
        };
        Mistakes::collect(|mistakes| {
            let recorded = mistakes.keep_errors::<()>(Err(error));
            for mistake in config.mistakes_of_settings() {
                mistakes.add(mistake);
            }
            recorded.map(|()| config)
        })
    }

    /// The mistakes that the settings find in fields that are given.
    fn mistakes_of_settings(&self) -> Vec<Diagnostic> {
        let limits = self.limits_of_fields().err();
        let settings = Mistakes::collect(|mistakes| {
            self.validated(mistakes)?;
            Ok(())
        });
        let all = [settings.err(), limits].into_iter().flatten();
        let all = all.flat_map(|error| error.mistakes().to_vec());
        all.filter(|mistake| self.fields.gives(mistake)).collect()
    }
}
