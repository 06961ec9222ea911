//! Conditions that select images of a report (`--where`).

use std::mem::discriminant;
use std::str::FromStr;

use jiff::Timestamp;

use super::codes::{self, UnknownCode};
use super::findings::age;
use super::record::Record;
use super::totals::owner;
use crate::provenance::{Kind, Level};
use crate::suggestions::{closest, hint};

/// The keys of conditions.
pub const KEYS: [&str; 7] = [
    "kind",
    "official",
    "publisher",
    "owner",
    "finding",
    "recognised",
    "older-than",
];

/// The values of the key `recognised`: how much of a known image is there.
const RECOGNISED: [&str; 4] = [
    Level::SameContent.as_str(),
    Level::Contains.as_str(),
    Level::SamePackage.as_str(),
    "no",
];

/// The values of the key `kind`. `unreadable` means an image without an answer.
const KINDS: [&str; 9] = [
    Kind::Release.as_str(),
    Kind::Nightly.as_str(),
    Kind::Ci.as_str(),
    Kind::Pr.as_str(),
    Kind::Staging.as_str(),
    Kind::Local.as_str(),
    Kind::Derived.as_str(),
    Kind::Unknown.as_str(),
    UNREADABLE,
];

/// The kind that is shown for an image without an answer.
pub const UNREADABLE: &str = "unreadable";

/// The word for an unknown publisher.
pub const UNKNOWN: &str = "unknown";

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The image is of this kind.
    Kind(String),
    /// Whether the image is official; `None` for not known.
    Official(Option<bool>),
    /// The image has this publisher.
    Publisher(String),
    /// The file belongs to this user.
    Owner(String),
    /// The image has a finding of this code.
    Finding(String),
    /// The level of a recognised image in it, or `no`.
    Recognised(String),
    /// More than this many days passed since the image was built, or packed if only that is known.
    OlderThan(i64),
}

/// The reason why a condition cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// It has no `=`.
    #[error("a condition is KEY=VALUE, such as kind=nightly or older-than=90d; '{0}' has no '='")]
    NoValue(String),
    /// It has several values.
    #[error("a condition has one value; to select several values, repeat --where {0}=VALUE")]
    Several(String),
    /// An unknown key.
    #[error("no condition has the key '{key}'{}; the keys are {}", hint(*closest), KEYS.join(", "))]
    Key {
        /// The key that the user gave.
        key: String,
        /// The closest known key.
        closest: Option<&'static str>,
    },
    /// An unknown kind.
    #[error("no image has the kind '{kind}'{}; the kinds are {}", hint(*closest), KINDS.join(", "))]
    Kind {
        /// The kind that the user gave.
        kind: String,
        /// The closest known kind.
        closest: Option<&'static str>,
    },
    /// Neither yes nor no nor unknown.
    #[error("official is yes, no or unknown, not '{0}'")]
    Official(String),
    /// An unknown level.
    #[error("recognised is same-content, contains, same-package or no, not '{0}'")]
    Recognised(String),
    /// A code that no finding has.
    #[error(transparent)]
    Finding(#[from] UnknownCode),
    /// The age is not a number of days.
    #[error("older-than is a number of days, such as 90d, or of weeks, such as 12w; not '{0}'")]
    Age(String),
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| ConditionError::NoValue(text.to_owned()))?;
        let owned = value.to_owned();
        if KEYS.contains(&key) && value.contains(',') {
            return Err(ConditionError::Several(key.to_owned()));
        }
        match key {
            "kind" if KINDS.contains(&value) => Ok(Self::Kind(owned)),
            "kind" => Err(ConditionError::Kind {
                closest: closest(KINDS, value),
                kind: owned,
            }),
            "official" => match value {
                "yes" | "true" => Ok(Self::Official(Some(true))),
                "no" | "false" => Ok(Self::Official(Some(false))),
                UNKNOWN | "null" => Ok(Self::Official(None)),
                _ => Err(ConditionError::Official(owned)),
            },
            "publisher" => Ok(Self::Publisher(owned)),
            "owner" => Ok(Self::Owner(owned)),
            "finding" => {
                codes::check(std::slice::from_ref(&owned))?;
                Ok(Self::Finding(owned))
            }
            "recognised" if RECOGNISED.contains(&value) => Ok(Self::Recognised(owned)),
            "recognised" => Err(ConditionError::Recognised(owned)),
            "older-than" => days(value)
                .map(Self::OlderThan)
                .ok_or(ConditionError::Age(owned)),
            _ => Err(ConditionError::Key {
                key: key.to_owned(),
                closest: closest(KEYS, key),
            }),
        }
    }
}

/// Parses the days in `90`, `90d` or `12w`.
fn days(text: &str) -> Option<i64> {
    let (number, each) = match text.strip_suffix('w') {
        Some(weeks) => (weeks, 7),
        None => (text.strip_suffix('d').unwrap_or(text), 1),
    };
    let number: u32 = number.parse().ok()?;
    i64::from(number).checked_mul(each)
}

impl Condition {
    /// Returns the condition as a user writes it.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Kind(kind) => format!("kind={kind}"),
            Self::Official(Some(true)) => "official=yes".to_owned(),
            Self::Official(Some(false)) => "official=no".to_owned(),
            Self::Official(None) => "official=unknown".to_owned(),
            Self::Publisher(name) => format!("publisher={name}"),
            Self::Owner(name) => format!("owner={name}"),
            Self::Finding(code) => format!("finding={code}"),
            Self::Recognised(level) => format!("recognised={level}"),
            Self::OlderThan(days) => format!("older-than={days}d"),
        }
    }

    fn holds(&self, record: &Record, codes: &[&str], now: Timestamp) -> bool {
        let origin = record.origin.as_ref();
        match self {
            Self::Kind(kind) => kind_of(record) == kind,
            // An unreadable image is neither official nor not official.
            Self::Official(wanted) => origin.and_then(|origin| origin.official) == *wanted,
            Self::Publisher(name) => {
                let publisher = origin.and_then(|origin| origin.publisher.as_deref());
                publisher.unwrap_or(UNKNOWN) == name
            }
            Self::Owner(name) => owner(record) == *name || record.file.uid.to_string() == *name,
            Self::Finding(code) => codes.contains(&code.as_str()),
            Self::Recognised(level) => {
                let first = record.recognised.first();
                first.map_or("no", |it| it.level.as_str()) == level
            }
            Self::OlderThan(days) => age(record, now).is_some_and(|(old, _)| old > *days),
        }
    }
}

/// Returns the kind of an image, or [`UNREADABLE`].
#[must_use]
pub fn kind_of(record: &Record) -> &'static str {
    let origin = record.origin.as_ref();
    origin.map_or(UNREADABLE, |origin| origin.kind.as_str())
}

/// Returns true if an image meets the conditions: for each key, at least one of its conditions.
#[must_use]
pub fn meets(conditions: &[Condition], record: &Record, codes: &[&str], now: Timestamp) -> bool {
    conditions.iter().all(|condition| {
        let key = discriminant(condition);
        let mut same_key = conditions
            .iter()
            .filter(|other| discriminant(*other) == key);
        same_key.any(|one| one.holds(record, codes, now))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::record::{FileFields, OriginSummary};
    use crate::provenance::PathText;

    const NOW: &str = "2026-09-20T00:00:00Z";

    fn image() -> Record {
        let file = FileFields {
            uid: 1000,
            owner: Some("ada".to_owned()),
            packed_at: Some("2026-06-01T00:00:00Z".to_owned()),
            ..FileFields::default()
        };
        let mut record = Record::unread(PathText::Text("/x.sqsh".to_owned()), file);
        record.origin = Some(OriginSummary {
            kind: Kind::Nightly,
            official: Some(true),
            publisher: Some("vllm".to_owned()),
            ..OriginSummary::default()
        });
        record
    }

    fn fits(record: &Record, conditions: &[&str]) -> bool {
        let conditions: Vec<Condition> = conditions
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        meets(&conditions, record, &["moving-tag"], NOW.parse().unwrap())
    }

    #[test]
    fn one_key_twice_means_either_and_two_keys_mean_both() {
        let image = image();
        for (conditions, expected) in [
            (&[][..], true),
            (&["kind=nightly"], true),
            (&["kind=release"], false),
            (&["kind=release", "kind=nightly"], true),
            (&["kind=nightly", "publisher=sglang"], false),
            (&["official=yes", "owner=ada"], true),
            (&["official=unknown"], false),
            (&["owner=1000"], true),
            (&["owner=bob"], false),
            (&["finding=moving-tag"], true),
            (&["finding=duplicate-file"], false),
            (&["recognised=no"], true),
            (&["recognised=contains"], false),
            (&["older-than=90"], true),
            (&["older-than=15w"], true),
            (&["older-than=111d"], false),
        ] {
            assert_eq!(fits(&image, conditions), expected, "{conditions:?}");
        }
    }

    #[test]
    fn an_image_without_an_answer_is_unreadable_and_of_unknown_publisher() {
        let image = Record::unread(PathText::Text("/x".to_owned()), FileFields::default());
        assert!(fits(&image, &["kind=unreadable", "publisher=unknown"]));
        assert!(fits(&image, &["official=unknown"]));
        assert!(!fits(&image, &["kind=unknown"]));
        assert!(!fits(&image, &["older-than=0"]));
    }

    #[test]
    fn a_condition_that_selects_nothing_by_mistake_is_refused() {
        for (text, said) in [
            ("kind", "has no '='"),
            ("kinds=release", "the closest known name is 'kind'"),
            ("kind=nightli", "the closest known name is 'nightly'"),
            ("official=maybe", "yes, no or unknown"),
            ("finding=duplicate", "duplicate-file"),
            ("recognised=yes", "same-content, contains"),
            ("older-than=soon", "number of days"),
            ("older-than=-1", "number of days"),
        ] {
            let error = text.parse::<Condition>().unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn a_condition_is_written_as_it_is_read() {
        for text in [
            "kind=pr",
            "official=no",
            "official=unknown",
            "publisher=vllm",
            "owner=ada",
            "finding=local",
            "recognised=same-content",
            "older-than=90d",
        ] {
            assert_eq!(text.parse::<Condition>().unwrap().text(), text);
        }
    }
}
