use super::{LOWER_CASE, Malformed};

const UNQUOTED: &str = "lacks quotes around the value";

impl Malformed {
    /// The mistake that the parser of TOML found at a byte of a text.
    pub(crate) fn in_toml(text: &str, start: usize, said: &str) -> Self {
        let here = Self::at(text, start);
        let rest = text.get(start..).unwrap_or_default();
        let line = text.lines().nth(here.line - 1).unwrap_or_default();
        // The parser names a whole name.
        let name = rest.chars().take_while(|letter| !"= \n".contains(*letter));
        let mut places = name.scan(start, |at, letter| {
            let place = *at;
            *at += letter.len_utf8();
            Some(place)
        });
        if let Some(of_letter) = places.find_map(|place| Self::of_letter(text, place)) {
            return of_letter;
        }
        if said.starts_with("key with no value") {
            return here.without_separator(text);
        }
        if is_about_a_value(said)
            && let Some((column, what)) = bare_value(line)
        {
            return Self { column, ..here }.because(Some(what));
        }
        if said.starts_with("missing assignment")
            && text
                .get(..start)
                .is_some_and(|before| before.trim_end().ends_with(':'))
        {
            return here.because(Some("has a : between a name and its value; write = there"));
        }
        here.because(toml(said, rest, line.trim()))
    }

    /// A line of TOML without `=`; it may be the second line of a text whose quote doesn't close on the first.
    fn without_separator(self, text: &str) -> Self {
        let mut lines: Vec<_> = text.lines().take(self.line).collect();
        let line = lines.pop().unwrap_or_default().trim();
        let what = match line {
            _ if line.starts_with("//") || line.starts_with([';', '!']) => {
                "begins a comment as TOML doesn't; write # instead"
            }
            _ if line
                .split_once('=')
                .is_some_and(|(name, _)| name.trim().contains(' ')) =>
            {
                "has a blank in a field's name; write _ instead"
            }
            _ if line.ends_with('{') => {
                "begins a block, as HCL and others have; write name = value, without blocks"
            }
            _ => "has no = between a name and its value",
        };
        let opened = lines.iter().rposition(|line| line.contains('='));
        let is_open = |line: &str| {
            let (_, value) = line.split_once('=').unwrap_or_default();
            let value = value.trim();
            ['"', '\'']
                .iter()
                .any(|quote| value.starts_with(*quote) && value.matches(*quote).count() == 1)
        };
        match opened.map(|at| (at, lines.get(at).copied().unwrap_or_default())) {
            Some((at, line)) if is_open(line) => Self {
                line: at + 1,
                column: 1 + line.chars().take_while(|letter| *letter != '=').count(),
                ..self
            }
            .because(Some(
                "begins a text that doesn't end on its line; write a text of several lines between ''' and '''",
            )),
            _ => self.because(Some(what)),
        }
    }
}

/// Whether the parser found something where a value ends, or that no value begins with.
fn is_about_a_value(said: &str) -> bool {
    let beginnings = [
        "unexpected key or value",
        "string values must be quoted",
        "missing opening quote",
        "invalid date",
        "invalid float",
        "extra `=`",
        "unexpected leading zero",
    ];
    beginnings.iter().any(|it| said.starts_with(it))
}

/// Where on a line a value begins that isn't in quotes, as a text must be, and what is wrong with it.
///
/// `None` if the line has no such value, or if more can be said about it.
fn bare_value(line: &str) -> Option<(usize, &'static str)> {
    let (name, value) = line.split_once('=')?;
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || "_-.\"'{[, ".contains(letter);
    let value = value.trim_start();
    let begins = value.chars().next()?;
    if !name.chars().all(is_of_name) || "\"'[{#".contains(begins) {
        return None;
    }
    let before = line.strip_suffix(value)?;
    let column = 1 + before.chars().count();
    let value = value.trim_end();
    let word = value.split([',', ';', ' ']).next().unwrap_or_default();
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let is_one_of = |words: &[&str]| words.iter().any(|it| it.eq_ignore_ascii_case(word));
    // Their mistakes are those of their own kind.
    if is_one_of(&["true", "false"]) || is_digits(word) {
        return None;
    }
    let unit = value.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let is_with_unit =
        unit.len() < value.len() && ["ms", "s", "m", "h", "min", "sec"].contains(&unit);
    let what = match begins {
        '=' => "has a second =; put quotes around a value that holds one, or delete it",
        '>' => "has =>, as PHP and Ruby have; write = alone",
        _ if is_one_of(&["null", "none", "nil"]) => {
            "has no value, which TOML has no word for; delete the line"
        }
        _ if is_with_unit => {
            "has a number with a unit; write the number alone, in the unit that the field counts"
        }
        _ if value.ends_with(['"', '\'']) => "lacks the opening quote",
        _ => UNQUOTED,
    };
    Some((column, what))
}

/// What the message of TOML's parser means.
fn toml(said: &str, rest: &str, line: &str) -> Option<&'static str> {
    let begins = |beginning: &str| said.starts_with(beginning);
    let what = if begins("invalid multi-line") {
        "lacks the three quotes at the end of a text of several lines"
    } else if begins("invalid basic string") || begins("invalid literal string") {
        "lacks the closing quote"
    } else if said.contains("escape") || said.contains("unicode") {
        r"has a backslash that begins no escape; write a Windows path in single quotes, as 'C:\keys', or with /"
    } else if begins("unexpected key or value") && rest.starts_with([',', ';']) {
        "has a comma or semicolon behind the value; delete it"
    } else if begins("unexpected key or value") && rest.starts_with(char::is_control) {
        "has an invisible control character behind the value; delete it"
    } else if begins("unexpected key or value") {
        "goes on behind the closing quote; write a quote inside of a text as \\\" between double quotes"
    } else if begins("string values must be quoted") && line.ends_with('=') {
        "gives no value; write it behind the =, or delete the line"
    } else if begins("string values must be quoted") {
        UNQUOTED
    } else if begins("extra `=`") {
        "has a second =; put quotes around a value that holds one"
    } else if begins("invalid boolean") {
        boolean(rest)
    } else if begins("duplicate key") && line.starts_with('[') {
        "begins a table a second time; put its fields into one"
    } else if begins("duplicate key") {
        "gives the field a second time; keep one of them"
    } else if begins("unclosed table") {
        "lacks the ] behind a table's name"
    } else if begins("unclosed inline table") || begins("invalid inline table") {
        "lacks a comma, or the } behind a table"
    } else if begins("invalid type: integer") {
        "has a number that is too large; write it in quotes, if it is a text"
    } else if begins("unclosed array") {
        "lacks the ] behind a list"
    } else if begins("missing assignment") {
        "lacks a = between a name and its value"
    } else if begins("invalid unquoted key") {
        "has a name with characters other than letters, digits, _ and -; write the field's name"
    } else if begins("missing comma between array") {
        "lacks a comma between two entries of a list"
    } else if begins("unexpected leading zero") {
        "has a number that begins with 0; write it without, or as a text in quotes"
    } else {
        return None;
    };
    Some(what)
}

/// A bare word that begins as `true` or `false` do.
fn boolean(rest: &str) -> &'static str {
    let word = rest
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .next();
    let is = |other: &str| word.is_some_and(|word| word.eq_ignore_ascii_case(other));
    if is("true") || is("false") {
        return LOWER_CASE;
    }
    UNQUOTED
}
