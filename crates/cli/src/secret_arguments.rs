//! Secrets aren't taken as arguments: every process of the machine can read them, and shells write them down.

use std::ffi::OsString;

const WORDS: [&str; 4] = ["password", "passphrase", "secret", "private-key"];

/// What to answer if an option's name asks for a secret.
pub(crate) fn refused(words: &[OsString]) -> Option<String> {
    let names = words.iter().skip(1).filter_map(|word| {
        let word = word.to_str()?.strip_prefix("--")?;
        let name = word.split_once('=').map_or(word, |(name, _)| name);
        // It begins with letters alone: after an id that looks like an option, nothing of it is repeated.
        let is_name = |name: &&str| {
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        };
        Some(name).filter(is_name)
    });
    let is_secret = |name: &&str| {
        let holds_word = WORDS.iter().any(|word| name.contains(word));
        holds_word && !name.ends_with("-file")
    };
    let name = names.take_while(|name| !name.is_empty()).find(is_secret)?;
    Some(format!(
        "--{name} isn't taken as an argument: every process of this machine can read arguments, and \
         shells write them down.\n  Give a file (--password-file), or set the variable CYBERSOURCE_… of the \
         configuration's field."
    ))
}

#[cfg(test)]
mod tests {
    use super::refused;

    fn answer(line: &str) -> Option<String> {
        let words: Vec<_> = line.split(' ').map(Into::into).collect();
        refused(&words)
    }

    #[test]
    fn an_option_that_would_hold_a_secret_is_refused_without_its_value() {
        for line in [
            "paycred keys a.p12 --password hunter2",
            "paycred keys a.p12 --password=hunter2",
            "paycred generate 1 --merchant-secret-key=hunter2",
            "paycred open --key-passphrase hunter2",
        ] {
            let text = answer(line).expect(line);
            assert!(
                text.contains("--password-file") && !text.contains("hunter2"),
                "{text}"
            );
        }
    }

    #[test]
    fn files_and_what_stands_behind_two_dashes_are_no_secrets() {
        for line in [
            "paycred keys a.p12 --password-file p.txt",
            "paycred generate -- --password",
            "paycred generate 7010000000016241111",
        ] {
            assert_eq!(answer(line), None, "{line}");
        }
    }
}
