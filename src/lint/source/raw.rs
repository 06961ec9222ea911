//! What a key of a recipe is set to.

use std::collections::BTreeSet;

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The argument or label.
    pub key: String,
    /// What it is set to.
    pub value: Value,
    /// Where.
    pub line: u32,
}

impl Entry {
    pub(super) fn new(key: impl Into<String>, value: Value, line: u32) -> Self {
        let key = key.into();
        Self { key, value, line }
    }
}

/// A value in a recipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Written out.
    Literal(String),
    /// The value if these variables are not set from outside.
    Default(String, BTreeSet<String>),
    /// Made of these variables and functions, and not known here.
    Made(BTreeSet<String>),
}

impl Value {
    /// The text that is written out.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self {
            Self::Literal(text) => Some(text),
            Self::Default(..) | Self::Made(_) => None,
        }
    }

    /// Returns the text if no variable is set from outside; `None` if it is not known.
    #[must_use]
    pub fn usual(&self) -> Option<&str> {
        match self {
            Self::Literal(text) | Self::Default(text, _) => Some(text),
            Self::Made(_) => None,
        }
    }

    /// The variables that it is made of.
    #[must_use]
    pub fn names(&self) -> Option<&BTreeSet<String>> {
        match self {
            Self::Literal(_) => None,
            Self::Default(_, names) | Self::Made(names) => Some(names),
        }
    }
}
