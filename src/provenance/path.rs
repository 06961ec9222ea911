//! A path in the document.

use serde::{Deserialize, Serialize};

/// A path as text, or its bytes in base64 where it is not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum PathText {
    /// The path is UTF-8.
    Text(String),
    /// The path is not UTF-8.
    Bytes {
        /// Base64 of the path's bytes.
        bytes: String,
    },
}

impl Default for PathText {
    fn default() -> Self {
        Self::Text(String::new())
    }
}
