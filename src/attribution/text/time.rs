//! Times.

/// Returns a time of RFC 3339 in seconds since 1970.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let time: jiff::Timestamp = text.parse().ok()?;
    Some(time.as_second())
}
