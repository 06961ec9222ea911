//! Commits as people and tools write them.

/// A commit, parsed from text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommitText {
    /// Lower-case hex, 7 to 64 digits.
    pub id: String,
    /// True for `…-dirty`.
    pub dirty: bool,
}

impl CommitText {
    /// Parses `98dff2a…`, `g98dff2a81`, `98dff2a…-dirty` and `https://host/p/-/commit/98dff2a…`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.rsplit_once("/commit/").map_or(text, |(_, id)| id);
        let (text, dirty) = match text.strip_suffix("-dirty") {
            Some(clean) => (clean, true),
            None => (text, false),
        };
        let text = text.strip_prefix('g').unwrap_or(text);
        let hex = (7..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        let zero = text.bytes().all(|b| b == b'0');
        (hex && !zero).then(|| Self {
            id: text.to_ascii_lowercase(),
            dirty,
        })
    }

    pub(crate) fn is_full(&self) -> bool {
        matches!(self.id.len(), 40 | 64)
    }
}

/// Returns true if one commit is the other, or an abbreviation of it.
pub(crate) fn same_commit(a: &str, b: &str) -> bool {
    // A whole commit does not abbreviate a longer text.
    if a.len().min(b.len()) >= 40 {
        return a == b;
    }
    a.starts_with(b) || b.starts_with(a)
}

/// Returns true for a tag that is only a commit: 7 to 12 or 40 hex digits, with letters and numbers.
pub(crate) fn is_bare_commit(tag: &str) -> bool {
    matches!(tag.len(), 7..=12 | 40)
        && tag.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        && tag.bytes().any(|b| b.is_ascii_alphabetic())
        && tag.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_hex_however_it_is_written() {
        let full = "98dff2a81d747d1dba01a47f939f48c3526d4206";
        for (text, expected) in [
            (full, Some((full, false))),
            ("g98dff2a81", Some(("98dff2a81", false))),
            ("98DFF2A", Some(("98dff2a", false))),
            ("98dff2a81-dirty", Some(("98dff2a81", true))),
            (
                &format!("https://gitlab.com/acme/app/-/commit/{full}"),
                Some((full, false)),
            ),
            ("98dff2", None),
            ("main", None),
            ("unknown", None),
            ("0000000000000000000000000000000000000000", None),
        ] {
            let parsed = CommitText::parse(text);
            assert_eq!(
                parsed.as_ref().map(|c| (c.id.as_str(), c.dirty)),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_bare_commit_has_letters_and_digits() {
        for (tag, expected) in [
            ("22f026b", true),
            ("13aacd8", true),
            ("1234567", false),
            ("deadbee", false),
            ("v1.2.3", false),
        ] {
            assert_eq!(is_bare_commit(tag), expected, "{tag}");
        }
    }
}
