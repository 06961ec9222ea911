//! A regular expression that is compiled when it is first needed.

use std::sync::OnceLock;

use regex_lite::{Regex, RegexBuilder};
use serde::Deserialize;

/// A regular expression in linear time. `\d` and the like match only ASCII.
///
/// It compiles at first use: a run needs few of the hundred patterns in contracts. Loading checks the patterns
/// of a site's contract, and a test those of the built-in ones.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Pattern {
    text: String,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Returns the text as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns true if the value matches; false for a pattern that does not compile.
    #[must_use]
    pub fn is_match(&self, value: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(value))
    }

    /// Returns the text that a named group matches.
    #[must_use]
    pub fn capture<'v>(&self, value: &'v str, group: &str) -> Option<&'v str> {
        let group = self.regex()?.captures(value)?.name(group)?;
        Some(group.as_str())
    }

    /// Returns the texts that the named groups match, by name; without groups that took no part.
    #[must_use]
    pub fn captures(&self, value: &str) -> Vec<(String, String)> {
        let taken = self.regex().and_then(|regex| {
            let captures = regex.captures(value)?;
            let named = regex.capture_names().flatten().filter_map(|name| {
                let text = captures.name(name)?.as_str();
                Some((name.to_owned(), text.to_owned()))
            });
            Some(named.collect())
        });
        taken.unwrap_or_default()
    }

    /// Returns true if it has a group of this name.
    #[must_use]
    pub fn has_group(&self, name: &str) -> bool {
        self.regex()
            .is_some_and(|regex| regex.capture_names().flatten().any(|group| group == name))
    }

    /// Returns why the pattern does not compile.
    #[must_use]
    pub fn error(&self) -> Option<String> {
        build(&self.text).err().map(|error| error.to_string())
    }

    fn regex(&self) -> Option<&Regex> {
        self.compiled
            .get_or_init(|| build(&self.text).ok())
            .as_ref()
    }
}

fn build(text: &str) -> Result<Regex, regex_lite::Error> {
    RegexBuilder::new(text).size_limit(1 << 20).build()
}
