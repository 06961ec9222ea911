//! JSON with limits on its depth and its number of values.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::unique::Unique;
use crate::wording::of_parser;

/// The greatest depth of nested objects and lists.
pub const MAX_DEPTH: usize = 64;

/// The largest number of values. A value takes more memory than its bytes.
pub const MAX_VALUES: usize = 100_000;

/// The reason why a text cannot be read as JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// It is nested too deep.
    #[error("it is JSON that is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// It has too many values.
    #[error("it is JSON of more than {MAX_VALUES} values")]
    TooMany,
    /// It is not JSON, or lacks a required field.
    #[error("{0}")]
    Syntax(String),
}

/// Parses a value. Keys without a field in `T` are skipped.
///
/// # Errors
/// If the text is over a limit, is not JSON, or is another document.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    check(bytes)?;
    serde_json::from_slice(bytes).map_err(|error| JsonError::Syntax(of_parser(&error.to_string())))
}

/// Parses a value as [`parse`] does. A key that is in one object twice is an error at every depth: two readers
/// could see different texts.
///
/// # Errors
/// Those of [`parse`], and a duplicate key.
pub fn parse_unique<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    parse::<Unique>(bytes)?;
    parse(bytes)
}

/// Checks a text against the limits. The text need not be JSON.
///
/// # Errors
/// If it is nested too deep, or has too many values.
pub fn check(bytes: &[u8]) -> Result<(), JsonError> {
    let (deepest, values) = shape(bytes);
    match (deepest > MAX_DEPTH, values > MAX_VALUES) {
        (true, _) => Err(JsonError::TooDeep),
        (_, true) => Err(JsonError::TooMany),
        _ => Ok(()),
    }
}

/// Returns a value as text: a string as it is, and any other value as JSON.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns the depth of brackets outside of strings, and an upper bound for the number of values.
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
