//! The value of a word in a Dockerfile: its text, if that is known, and the build arguments that change it.

use std::collections::BTreeSet;

/// The longest text to evaluate: `ENV A=$A$A` cannot grow without limit.
const LONGEST: usize = 64 * 1024;
/// The most names on which a value depends. Real values have fewer.
const MOST_NAMES: usize = 64;

/// The value of a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Worth {
    /// Its text with the arguments that are given; `None` if that is not known.
    pub text: Option<String>,
    /// True if the name is set: `${X-word}` then takes its value.
    pub is_set: bool,
    /// The build arguments on which it depends.
    pub arguments: BTreeSet<String>,
    /// Names that nothing in the file sets: empty, or what the base image has.
    pub missing: BTreeSet<String>,
}

impl Worth {
    /// A text that is written out.
    pub fn literal(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            is_set: true,
            ..Self::default()
        }
    }

    /// A value that is set, and not known here.
    pub fn unknown() -> Self {
        Self {
            is_set: true,
            ..Self::default()
        }
    }

    /// A name that is not set.
    pub fn unset() -> Self {
        Self {
            text: Some(String::new()),
            ..Self::default()
        }
    }

    /// Returns true if no argument and no base image can change it.
    pub fn is_fixed(&self) -> bool {
        self.text.is_some() && self.arguments.is_empty() && self.missing.is_empty()
    }

    /// Returns true for an empty text; `None` if the text is not known.
    pub fn is_empty(&self) -> Option<bool> {
        self.text.as_ref().map(String::is_empty)
    }

    /// Adds an argument that changes it.
    pub fn of_argument(mut self, name: &str) -> Self {
        self.arguments.insert(name.to_owned());
        self
    }

    /// Adds what another value depends on.
    pub fn depends(&mut self, other: &Self) {
        for (own, new) in [
            (&mut self.arguments, &other.arguments),
            (&mut self.missing, &other.missing),
        ] {
            let room = MOST_NAMES.saturating_sub(own.len());
            own.extend(new.iter().take(room).cloned());
        }
    }

    /// Appends another value.
    pub fn push(&mut self, other: &Self) {
        self.text = match (self.text.take(), &other.text) {
            (Some(mut text), Some(more)) if text.len().saturating_add(more.len()) <= LONGEST => {
                text.push_str(more);
                Some(text)
            }
            _ => None,
        };
        self.depends(other);
    }

    pub fn push_char(&mut self, c: char) {
        if let Some(text) = &mut self.text {
            text.push(c);
        }
    }
}
