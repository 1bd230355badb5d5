/// The lines that an HTTP Signature covers, in their order: names and values.
pub(super) struct SignedLines<'a>(pub(super) [Option<(&'a str, &'a str)>; 5]);

impl SignedLines<'_> {
    /// The text to sign.
    pub(super) fn joined(&self) -> String {
        let mut text = String::with_capacity(512);
        for (name, value) in self.0.iter().flatten() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(name);
            text.push_str(": ");
            text.push_str(value);
        }
        text
    }

    /// Adds the names, with a space between.
    pub(super) fn push_names(&self, text: &mut String) {
        let mut separator = "";
        for (name, _) in self.0.iter().flatten() {
            text.push_str(separator);
            text.push_str(name);
            separator = " ";
        }
    }
}
