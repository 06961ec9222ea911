//! The text that a source is read from.

/// Why a text is no Dockerfile or bake file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Its syntax is not that of a Dockerfile.
    #[error("it is a Dockerfile that cannot be read: {0}")]
    Dockerfile(String),
    /// Its syntax is not HCL.
    #[error("it is a bake file that cannot be read: line {line}, column {caret}: {reason}")]
    Hcl {
        /// The line, from 1.
        line: usize,
        /// Why.
        reason: String,
        /// The whole line.
        text: String,
        /// The place in it, from 1.
        caret: usize,
    },
    /// Its syntax is not YAML.
    #[error(
        "it is not a Dockerfile, a bake file or an image, and cannot be read as YAML (Compose, a workflow): {0}"
    )]
    Yaml(String),
    /// HCL, and none of bake.
    #[error("it is HCL, but has no target that bake could build")]
    NoTarget,
    /// Over a limit.
    #[error("{0}")]
    TooMany(String),
    /// No JSON.
    #[error("it is a bake file that cannot be read: {0}")]
    Json(#[from] crate::image::json::JsonError),
}

impl SourceError {
    /// The line with a caret under the place, where that is known.
    #[must_use]
    pub fn excerpt(&self) -> Option<String> {
        let Self::Hcl {
            line, text, caret, ..
        } = self
        else {
            return None;
        };
        // A tab would move the caret.
        let text: String = text
            .chars()
            .map(|c| if c == '\t' { ' ' } else { c })
            .collect();
        let text: String = text.chars().take(LONGEST_SHOWN).collect();
        if *caret > LONGEST_SHOWN {
            return None;
        }
        Some(format!("{line:>6} | {text}\n       | {:>caret$}", '^'))
    }
}

/// The longest line that an excerpt shows, in characters.
const LONGEST_SHOWN: usize = 160;

/// Returns the line of an offset, from 1.
pub(super) fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let breaks = before.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_one() {
        assert_eq!(line_of("a\nb\nc", 0), 1);
        assert_eq!(line_of("a\nb\nc", 2), 2);
        assert_eq!(line_of("a\nb\nc", 99), 3);
    }
}
