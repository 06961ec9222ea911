//! The variables of a build, without values that must not be stamped.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use unicode_width::UnicodeWidthChar as _;

use crate::carriers::url::without_credentials;
use crate::redact;

/// The longest value, in bytes; containerd takes no longer label.
const LONGEST: usize = 4096;

/// Variables by name. An empty one counts as not set, as for `${X:-}` in a shell.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    values: BTreeMap<String, String>,
    refused: RefCell<BTreeSet<String>>,
}

impl Environment {
    /// Takes the process's variables. Names and values that are not UTF-8 are left out.
    #[must_use]
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let text = |(name, value): (OsString, OsString)| {
            let value = value.into_string().ok()?.trim().to_owned();
            (!value.is_empty()).then_some((name.into_string().ok()?, value))
        };
        Self {
            values: variables.into_iter().filter_map(text).collect(),
            refused: RefCell::default(),
        }
    }

    /// Returns true if the variable is set and not empty.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Returns a value of one line. It may contain spaces, as a path does, so it is not for a stamp.
    #[must_use]
    pub fn line(&self, name: &str) -> Option<String> {
        self.checked(name, |value| is_stampable(value).then(|| value.to_owned()))
    }

    /// Returns a value without white space: a commit, a tag, a reference.
    #[must_use]
    pub fn word(&self, name: &str) -> Option<String> {
        self.checked(name, |value| is_word(value).then(|| value.to_owned()))
    }

    /// Returns a name with its spaces encoded as in URLs: a value of a stamp is one word everywhere.
    #[must_use]
    pub fn name(&self, name: &str) -> Option<String> {
        self.line(name).map(|line| line.replace(' ', "%20"))
    }

    /// Returns a URL without the credentials that CI systems put into it.
    #[must_use]
    pub fn url(&self, name: &str) -> Option<String> {
        self.checked(name, |value| {
            let url = without_user(value);
            let (plain, _) = url.split_once(['?', '#']).unwrap_or((&url, ""));
            let fits = is_stampable(plain) && !url.contains(|c| c == ' ' || !is_visible(c));
            fits.then_some(url)
        })
    }

    /// Returns what `take` makes of a value. If that is nothing, notes the variable as refused.
    fn checked(&self, name: &str, take: impl Fn(&str) -> Option<String>) -> Option<String> {
        let taken = take(self.values.get(name)?);
        if taken.is_none() {
            self.refused.borrow_mut().insert(name.to_owned());
        }
        taken
    }

    /// Returns the variables that were read and cannot be stamped: several lines, a secret.
    #[must_use]
    pub fn refused(&self) -> Vec<String> {
        self.refused.borrow().iter().cloned().collect()
    }
}

/// Returns true for a value without white space that can be stamped.
pub(super) fn is_word(value: &str) -> bool {
    is_stampable(value) && !value.contains(' ')
}

/// Returns true for a value that can be stamped: one line of printable text, and no secret.
pub(super) fn is_stampable(value: &str) -> bool {
    value.len() <= LONGEST
        && value.chars().all(is_visible)
        && matches!(redact::text(value), std::borrow::Cow::Borrowed(_))
}

/// Returns true for printable ASCII, and for letters and digits of any script. Controls, line separators,
/// invisible characters, marks of the direction and U+115F, an empty letter, are none.
fn is_visible(c: char) -> bool {
    let letter = || c.is_alphanumeric() && c != '\u{115f}' && c.width() > Some(0);
    c == ' ' || c.is_ascii_graphic() || letter()
}

/// Returns the URL without user and password. A query stays, since it may name a build page.
fn without_user(url: &str) -> String {
    let (page, query) = match url.find(['?', '#']) {
        Some(at) => url.split_at_checked(at).unwrap_or((url, "")),
        None => (url, ""),
    };
    // The `?` may be a part of a password, so no part of the query stays.
    if query.contains('@') {
        return without_credentials(url);
    }
    format!("{}{query}", without_credentials(page))
}

#[cfg(test)]
impl Environment {
    /// Variables as a test writes them.
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        Self::new(pairs.iter().map(|(n, v)| (n.into(), v.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_not_set() {
        let environment = Environment::of(&[("A", ""), ("B", " x \n")]);
        assert_eq!(environment.line("A"), None);
        assert!(!environment.has("A"));
        assert_eq!(environment.line("B").as_deref(), Some("x"));
    }

    #[test]
    fn what_cannot_be_one_line_of_an_image_is_not_stamped() {
        let secret = format!("ghp_{}", "a1B2c3D4e5".repeat(4));
        for bad in [
            "a\nVLLM_IMAGE_TAG=vllm/vllm-openai:v9.9.9",
            "a\rb",
            "\u{1b}[31mred",
            "a\u{202e}b",
            "a\u{2028}b",
            &"x".repeat(5000),
            secret.as_str(),
        ] {
            let environment = Environment::of(&[("X", bad)]);
            assert_eq!(environment.word("X"), None, "{bad:?}");
            assert_eq!(environment.url("X"), None, "{bad:?}");
            assert_eq!(environment.refused(), ["X"]);
        }
        let environment = Environment::of(&[("X", "my job --push")]);
        assert_eq!(environment.line("X").as_deref(), Some("my job --push"));
        assert_eq!(environment.word("X"), None);
        assert_eq!(environment.name("X").as_deref(), Some("my%20job%20--push"));
    }

    #[test]
    fn no_character_is_stamped_that_a_terminal_must_not_get() {
        let passed: Vec<char> = ('\0'..=char::MAX)
            .filter(|&c| is_visible(c) && crate::report::escape::is_hostile(c))
            .collect();
        assert_eq!(passed.first(), None);
    }

    #[test]
    fn urls_lose_their_credentials_and_keep_their_page() {
        for (url, expected) in [
            (
                "https://gitlab-ci-token:glcbt-64_x@gitlab.com/a/b.git",
                "https://gitlab.com/a/b.git",
            ),
            (
                "https://ci.example/1?build=7",
                "https://ci.example/1?build=7",
            ),
            (
                "https://u:p@ci.example/1?build=7",
                "https://ci.example/1?build=7",
            ),
            ("https://u:p?w@ci.example/1", "https://ci.example/1"),
            ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ] {
            let environment = Environment::of(&[("X", url)]);
            assert_eq!(environment.url("X").as_deref(), Some(expected), "{url}");
        }
    }
}
