//! JSON with bounds: how large, how deep.

use serde::de::DeserializeOwned;

use crate::wording::of_parser;

/// How deep objects and lists may be nested.
pub const MAX_DEPTH: usize = 64;

/// How many values there may be; each takes more memory than it has bytes.
pub const MAX_VALUES: usize = 100_000;

/// Why a text is not taken as JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Over a bound.
    #[error("it is JSON that is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Over a bound.
    #[error("it is JSON of more than {MAX_VALUES} values")]
    TooMany,
    /// Not JSON, or not with the fields that are needed.
    #[error("{0}")]
    Syntax(String),
}

/// Reads a value; what it has no field for is skipped without keeping it.
///
/// # Errors
/// If the text is too deep, no JSON, or another document.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    check(bytes)?;
    serde_json::from_slice(bytes).map_err(|error| JsonError::Syntax(of_parser(&error.to_string())))
}

/// Whether a text is within the bounds, whatever it is otherwise.
///
/// # Errors
/// If it is too deep, or has too many values.
pub fn check(bytes: &[u8]) -> Result<(), JsonError> {
    let (deepest, values) = shape(bytes);
    match (deepest > MAX_DEPTH, values > MAX_VALUES) {
        (true, _) => Err(JsonError::TooDeep),
        (_, true) => Err(JsonError::TooMany),
        _ => Ok(()),
    }
}

/// The deepest nesting of brackets outside strings, and how many values there are at most.
fn shape(bytes: &[u8]) -> (usize, usize) {
    let (mut depth, mut deepest, mut values) = (0_usize, 0_usize, 1_usize);
    let (mut quoted, mut escaped) = (false, false);
    for &byte in bytes {
        if escaped {
            escaped = false;
            continue;
        }
        match (quoted, byte) {
            (true, b'\\') => escaped = true,
            (_, b'"') => quoted = !quoted,
            (false, b'{' | b'[') => {
                depth = depth.saturating_add(1);
                values = values.saturating_add(1);
                deepest = deepest.max(depth);
            }
            (false, b',') => values = values.saturating_add(1),
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    (deepest, values)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn sixty_four_levels_are_read_and_no_more() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse::<Value>(nested(64).as_bytes()).is_ok());
        assert_eq!(
            parse::<Value>(nested(65).as_bytes()),
            Err(JsonError::TooDeep)
        );
        let text = format!("\"{}\\\"{}\"", "[".repeat(100), "{".repeat(100));
        assert!(parse::<Value>(text.as_bytes()).is_ok());
        assert!(matches!(
            parse::<Value>(b"{\"a\":"),
            Err(JsonError::Syntax(_))
        ));
    }
}
