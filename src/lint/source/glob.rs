//! The patterns of `${NAME#pattern}`, `${NAME%pattern}` and `${NAME/pattern/text}`: `*` is
//! any text, `?` any character, and a backslash makes the next character an ordinary one.
//!
//! As in BuildKit (frontend/dockerfile/shell/lex.go), a pattern becomes a regular expression.

use regex_lite::{NoExpand, Regex};

/// Longest text and pattern that are compared, in characters; builds have shorter ones.
const LONGEST: usize = 512;

/// Returns the regular expressions for the parts of a pattern; `None` if it, or the text, is too long. `longest`
/// says how much `*` takes.
fn parts(text: &str, pattern: &str, longest: bool) -> Option<Vec<String>> {
    let is_long = |it: &str| it.chars().nth(LONGEST).is_some();
    if is_long(text) || is_long(pattern) {
        return None;
    }
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' if longest => ".*".to_owned(),
            '*' => ".*?".to_owned(),
            '?' => ".".to_owned(),
            '\\' => literal(chars.next().unwrap_or('\\')),
            c => literal(c),
        });
    }
    Some(parts)
}

fn literal(c: char) -> String {
    regex_lite::escape(c.encode_utf8(&mut [0; 4]))
}

fn expression(start: &str, parts: &[String]) -> Option<Regex> {
    Regex::new(&format!("(?s){start}{}", parts.concat())).ok()
}

/// Returns the text without the prefix that matches; `None` if it is too long.
pub(super) fn without_prefix(text: &str, pattern: &str, longest: bool) -> Option<String> {
    let prefix = expression("^", &parts(text, pattern, longest)?)?;
    Some(prefix.replace(text, "").into_owned())
}

/// Returns the text without the suffix that matches; `None` if it is too long.
pub(super) fn without_suffix(text: &str, pattern: &str, longest: bool) -> Option<String> {
    // A regular expression has no shortest suffix. Backwards, the suffix is a prefix.
    let backwards: String = text.chars().rev().collect();
    let mut parts = parts(text, pattern, longest)?;
    parts.reverse();
    let suffix = expression("^", &parts)?;
    Some(suffix.replace(&backwards, "").chars().rev().collect())
}

/// Returns the text with the first match, or all matches, replaced; `None` if it is too long.
pub(super) fn replaced(text: &str, pattern: &str, by: &str, everywhere: bool) -> Option<String> {
    let limit = if everywhere { 0 } else { 1 };
    let parts = parts(text, pattern, true)?;
    // An empty match is not replaced.
    if text.is_empty() || pattern.is_empty() {
        return Some(text.to_owned());
    }
    let found = expression("", &parts)?;
    Some(found.replacen(text, limit, NoExpand(by)).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_a_shell() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(without_prefix("v1.4.2", "v", false), some("1.4.2"));
        assert_eq!(without_prefix("a/b/c", "*/", false), some("b/c"));
        assert_eq!(without_prefix("a/b/c", "*/", true), some("c"));
        assert_eq!(without_suffix("a.tar.gz", ".*", false), some("a.tar"));
        assert_eq!(without_suffix("a.tar.gz", ".*", true), some("a"));
        assert_eq!(without_suffix("abc", "?", false), some("ab"));
        assert_eq!(without_prefix("abc", "x", true), some("abc"));
        assert_eq!(without_prefix("a*b", "a\\*", true), some("b"));
        assert_eq!(replaced("a-b-c", "-", "_", false), some("a_b-c"));
        assert_eq!(replaced("a-b-c", "-", "_", true), some("a_b_c"));
        assert_eq!(replaced("1.2.3", ".*", "", false), some("1"));
        assert_eq!(replaced("abc", "", "x", true), some("abc"));
        assert_eq!(without_prefix(&"a".repeat(600), "a", true), None);
        let (text, pattern) = ("a".repeat(500), "*a".repeat(200) + "b");
        assert_eq!(without_prefix(&text, &pattern, true), some(&text));
    }
}
