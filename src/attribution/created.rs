//! When an image was built, where it says so itself.

use crate::contracts::Field;

use super::Case;
use super::family::Family;
use super::whose::Whose;

/// RFC 3339 in UTC; `None` where nothing of the image's own says it, or a placeholder does.
pub(super) fn created(case: &Case, whose: &Whose) -> Option<String> {
    if whose.derived {
        return None;
    }
    let own = whose
        .family
        .and_then(|family: &Family| family.value(Field::Created));
    let owned = whose.publisher.is_some();
    let generic = case.generic.reading(Field::Created).filter(|_| owned);
    let configured = case.facts.created.as_ref();
    own.or(generic.map(|reading| reading.value.as_str()))
        .or(configured.map(|pair| pair.value.as_str()))
        .or(super::builds::finished(case))
        .and_then(utc)
}

/// Takes `2026-09-02T12:34:56.789Z`, offsets, and a bare date.
fn utc(text: &str) -> Option<String> {
    let text = text.trim();
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.to_string());
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    let time = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(time.timestamp().to_string())
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
