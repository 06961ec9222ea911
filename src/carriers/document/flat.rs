//! The flat keys of a document, and their bounds.

use crate::carriers::Pair;
use crate::provenance::Source;

/// How deep keys may be nested.
pub(super) const MAX_DEPTH: usize = 64;
/// How many values a document may have.
pub(super) const MAX_VALUES: usize = 4096;
/// Bytes of one key with the keys above it.
pub(super) const MAX_KEY: usize = 1024;

/// Why a document was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is not well formed.
    #[error("it is not valid {0}")]
    Syntax(&'static str),
    /// It is a list or a single value.
    #[error("it is not an object with keys")]
    NotAnObject,
    /// Over a bound of this reader.
    #[error("it is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Over a bound of this reader.
    #[error("it has more than {MAX_VALUES} values")]
    TooMany,
    /// Over a bound of this reader.
    #[error("it has a key of more than {MAX_KEY} bytes")]
    LongKey,
}

/// Keys of a document, one after the other.
pub(super) struct Flat<'a> {
    pub carrier: &'a str,
    pub path: &'a str,
    pub pairs: Vec<Pair>,
}

impl Flat<'_> {
    pub fn push(
        &mut self,
        key: String,
        value: String,
        line: Option<u32>,
    ) -> Result<(), DocumentError> {
        if self.pairs.len() >= MAX_VALUES {
            return Err(DocumentError::TooMany);
        }
        let source = Source {
            carrier: self.carrier.to_owned(),
            path: Some(self.path.to_owned()),
            line,
            key: Some(key.clone()),
        };
        self.pairs.push(Pair { key, value, source });
        Ok(())
    }
}

pub(super) fn joined(prefix: &str, key: &str) -> Result<String, DocumentError> {
    if prefix.len().saturating_add(key.len()) >= MAX_KEY {
        return Err(DocumentError::LongKey);
    }
    Ok(if prefix.is_empty() {
        key.to_owned()
    } else {
        format!("{prefix}.{key}")
    })
}
