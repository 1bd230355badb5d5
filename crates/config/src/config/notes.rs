use super::Config;
use crate::diagnostic::Diagnostic;
use crate::field::{AnyField, Field};
use crate::merchant_table::MerchantTable;
use crate::origin::Origin;
use crate::settings;

impl Config {
    /// Lists what works but may not be what was meant: unknown fields, fields without effect, secrets
    /// in plain text; and after files were read, what was noted about them, such as a certificate that ends soon.
    ///
    /// Each of these notes is also logged as a warning: those about files when the files are read, for a port or
    /// an opener, and those about fields when a port or the ports of merchants are built. One is not: that a port
    /// was built, and nobody asked for the [`limits`](Self::limits) that the configuration sets. These may still be
    /// asked for.
    #[must_use]
    pub fn notes(&self) -> Vec<Diagnostic> {
        let mut notes = self.field_notes();
        notes.extend(self.unused_limits());
        notes.extend(self.noted.all());
        notes
    }

    /// Notes on the fields alone.
    pub(crate) fn field_notes(&self) -> Vec<Diagnostic> {
        let mut notes = self.fields.notes.clone();
        notes.extend(settings::notes(&self.fields));
        if !self.names_several() {
            notes.extend(settings::unused(&self.fields));
        }
        notes.extend(self.unread_proxy());
        notes.extend(self.tables.iter().flat_map(MerchantTable::notes));
        notes
    }

    /// The note that a variable names a proxy for this endpoint, and nothing reads the variable.
    fn unread_proxy(&self) -> Option<Diagnostic> {
        let is_decided = self.proxy_variables.is_some() || self.fields.has(Field::USE_PROXY);
        if is_decided || !self.uses.connects() {
            return None;
        }
        let variables = self.unread_proxy.as_ref()?;
        let variable = variables.named_for(&self.endpoint().ok()?)?;
        let (flag, address) = (Field::USE_PROXY.row(), Field::PROXY_ADDRESS.row());
        let (flag, address) = (self.fields.name(flag), self.fields.name(address));
        let message = format!(
            "is set and isn't read; to use a proxy, set {flag} to true and {address}; to use none, set {flag} to \
             false; in code, Config::with_proxy_from_env reads the variable"
        );
        Some(Diagnostic::new(&Origin::environment(), variable, message))
    }

    /// The notes that limits are set, and a port was built without them.
    fn unused_limits(&self) -> Vec<Diagnostic> {
        const LIMITS: [AnyField; 3] = [
            Field::MAX_RETRIES.row(),
            Field::CALLS_PER_SECOND.row(),
            Field::MAX_CONCURRENT_CALLS.row(),
        ];
        if !self.uses.built_port_alone() {
            return Vec::new();
        }
        let given = LIMITS.into_iter().filter(|field| self.fields.has(*field));
        let message = "has no effect on the port of Config::port; put what Config::limits returns around that \
                       port, or take the port from Config::merchants";
        let notes = given.map(|field| self.fields.diagnostic(field, message));
        notes.collect()
    }
}
