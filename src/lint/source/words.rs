//! The words of ENV, LABEL and ARG.
//!
//! docs.docker.com/reference/dockerfile: `ENV K=V …`, the older `ENV K V`, quotes, the
//! escape character.

/// A key and its value, both as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Assignment {
    pub key: String,
    /// `None` if there is no `=`.
    pub value: Option<String>,
}

/// Returns the assignments of an instruction. Only ENV and LABEL have the older form.
pub(super) fn assignments(text: &str, escape: char, older: bool) -> Vec<Assignment> {
    let words = split(text, escape);
    let first_is_bare = words.first().is_some_and(|word| !word.contains('='));
    if older && first_is_bare {
        let text = text.trim();
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (key, value) = text.split_at(end);
        return vec![Assignment {
            key: key.to_owned(),
            value: Some(value.trim().to_owned()),
        }];
    }
    let assignment = |word: String| {
        let (key, value) = match word.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        Assignment {
            key: key.to_owned(),
            value,
        }
    };
    words.into_iter().map(assignment).collect()
}

/// The meaning of a character in a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Text,
    Quote,
    Escape,
    Escaped,
}

/// Tells the meaning of each character, one after the other.
struct Quoting {
    escape: char,
    /// The quote that is open.
    quote: Option<char>,
    escaped: bool,
}

impl Quoting {
    fn new(escape: char) -> Self {
        Self {
            escape,
            quote: None,
            escaped: false,
        }
    }

    fn role(&mut self, c: char) -> Role {
        if self.escaped {
            self.escaped = false;
            Role::Escaped
        } else if c == self.escape && self.quote != Some('\'') {
            self.escaped = true;
            Role::Escape
        } else if self.quote == Some(c) {
            self.quote = None;
            Role::Quote
        } else if self.quote.is_none() && (c == '"' || c == '\'') {
            self.quote = Some(c);
            Role::Quote
        } else {
            Role::Text
        }
    }
}

/// Splits at white space outside of quotes.
pub(super) fn split(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoting = Quoting::new(escape);
    for c in text.chars() {
        let role = quoting.role(c);
        if role != Role::Text || quoting.quote.is_some() || !c.is_whitespace() {
            word.push(c);
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Returns a word without its quotes and escapes.
pub(super) fn plain(word: &str, escape: char) -> String {
    let mut out = String::new();
    let mut quoting = Quoting::new(escape);
    for c in word.chars() {
        match quoting.role(c) {
            Role::Quote | Role::Escape => {}
            Role::Text => out.push(c),
            Role::Escaped => {
                // Within double quotes, an escape before any other character is literal.
                if quoting.quote == Some('"') && !matches!(c, '"' | '$') && c != escape {
                    out.push(escape);
                }
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<String> {
        let shown = |a: Assignment| match a.value {
            Some(value) => format!("{}={value}", a.key),
            None => a.key,
        };
        assignments(text, '\\', true)
            .into_iter()
            .map(shown)
            .collect()
    }

    #[test]
    fn assignments_of_both_forms() {
        assert_eq!(
            pairs("A=1 B=\"x y\" C=a\\ b"),
            ["A=1", "B=\"x y\"", "C=a\\ b"]
        );
        assert_eq!(pairs("A some words here"), ["A=some words here"]);
        assert_eq!(
            pairs("\"org.x.y\"=\"$A\" 'k k'=v"),
            ["\"org.x.y\"=\"$A\"", "'k k'=v"]
        );
        assert_eq!(pairs("A=it's ok'"), ["A=it's ok'"]);
        assert_eq!(assignments("A B=2", '\\', false).len(), 2);
        assert_eq!(assignments("A", '\\', false)[0].value, None);
        assert!(pairs("").is_empty());
    }

    #[test]
    fn quotes_and_escapes_are_taken_off() {
        assert_eq!(plain("\"a \\\"b\\\" \\n\"", '\\'), "a \"b\" \\n");
        assert_eq!(plain("a\\ b'c d'", '\\'), "a bc d");
    }
}
