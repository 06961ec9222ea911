//! A regular expression that is compiled when it is first needed.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

/// A regular expression (linear time) over a whole value.
///
/// `\d` and the like mean ASCII: a look-alike digit is no digit.
/// It compiles at first use: a run needs few of the hundred that contracts hold.
/// Site contracts are checked as they are loaded, built-in ones by a test.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Pattern {
    text: String,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern from its text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            compiled: OnceLock::new(),
        }
    }

    /// The text as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// True when the value fits; false for a pattern that does not compile.
    #[must_use]
    pub fn is_match(&self, value: &str) -> bool {
        self.regex()
            .is_some_and(|regex| regex.is_match(value.as_bytes()))
    }

    /// What a named group took.
    #[must_use]
    pub fn capture<'v>(&self, value: &'v str, group: &str) -> Option<&'v str> {
        value.get(
            self.regex()?
                .captures(value.as_bytes())?
                .name(group)?
                .range(),
        )
    }

    /// What every named group took; one that took no part is left out.
    #[must_use]
    pub fn captures(&self, value: &str) -> Vec<(String, String)> {
        let taken = self.regex().and_then(|regex| {
            let captures = regex.captures(value.as_bytes())?;
            let named = regex.capture_names().flatten().filter_map(|name| {
                let text = value.get(captures.name(name)?.range())?;
                Some((name.to_owned(), text.to_owned()))
            });
            Some(named.collect())
        });
        taken.unwrap_or_default()
    }

    /// Why the pattern does not compile.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        // The last line says what is wrong; the ones before show where, in a drawing.
        let error = build(&self.text).err()?.to_string();
        let last = error.lines().last().unwrap_or_default();
        Some(last.trim_start_matches("error: ").to_owned())
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled
            .get_or_init(|| build(&self.text).ok())
            .as_ref()
    }
}

fn build(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text)
        .unicode(false)
        .size_limit(1 << 20)
        .build()
}
