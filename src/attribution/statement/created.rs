//! Finds the time of the build, if the image itself says it.

use crate::attribution::case::Case;
use crate::attribution::verdict::ownership::Ownership;
use crate::contracts::Field;

/// Returns the time in RFC 3339 and UTC; `None` if nothing of the image's own says it, or only a placeholder.
pub(crate) fn created(case: &Case, ownership: &Ownership) -> Option<String> {
    if ownership.derived {
        return None;
    }
    let own = ownership
        .family
        .and_then(|family| family.value(Field::Created));
    let owned = ownership.publisher.is_some();
    let generic = case.generic.reading(Field::Created).filter(|_| owned);
    let configured = case.facts.created.as_ref();
    own.or(generic.map(|reading| reading.value.as_str()))
        .or(configured.map(|pair| pair.value.as_str()))
        .or(case.builds.finished())
        .and_then(utc)
}

/// Parses `2026-09-02T12:34:56.789Z`, offsets, and a bare date.
fn utc(text: &str) -> Option<String> {
    let text = text.trim();
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.to_string());
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    let time = jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0));
    Some(time.ok()?.to_string())
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn times_become_utc() {
        for (text, expected) in [
            ("2026-09-02T12:34:56.789Z", Some("2026-09-02T12:34:56.789Z")),
            ("2026-09-02T14:34:56+02:00", Some("2026-09-02T12:34:56Z")),
            ("2026-10-02", Some("2026-10-02T00:00:00Z")),
            ("yesterday", None),
        ] {
            assert_eq!(utc(text).as_deref(), expected, "{text}");
        }
    }
}
