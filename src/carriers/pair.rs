//! A value of a carrier, and its source.

use crate::provenance::{Source, SourcedValue};

/// A key, its value and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// The name.
    pub key: String,
    /// The value as read; bytes that are not UTF-8 become U+FFFD.
    pub value: String,
    /// Its source.
    pub source: Source,
}

impl Pair {
    /// The value and where it stands, as a conflict shows it.
    #[must_use]
    pub fn sourced(&self) -> SourcedValue {
        SourcedValue {
            value: self.value.clone(),
            source: self.source.clone(),
        }
    }
}

/// Where a configuration stands; sources are named after it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// `oci-config`, `charliecloud`, …: the carrier, `-env` and `-label` are added to it.
    pub carrier: &'a str,
    /// The file.
    pub path: &'a str,
}

impl Place<'_> {
    /// A pair of this place, of the carrier with something added to its name.
    pub(crate) fn pair(&self, kind: &str, key: &str, value: &str) -> Pair {
        Pair {
            key: key.to_owned(),
            value: value.to_owned(),
            source: Source {
                carrier: format!("{}{kind}", self.carrier),
                path: Some(self.path.to_owned()),
                line: None,
                key: Some(key.to_owned()),
            },
        }
    }
}
