//! The patterns of `${NAME#pattern}`, `${NAME%pattern}` and `${NAME/pattern/text}`: `*` is
//! any text, `?` any character, a backslash takes the meaning of the next one.

/// Longest text and pattern that are compared, in characters; builds have shorter ones.
const LONGEST: usize = 512;

/// One part of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Any,
    One,
    Char(char),
}

fn parts(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' => Part::Any,
            '?' => Part::One,
            '\\' => Part::Char(chars.next().unwrap_or('\\')),
            c => Part::Char(c),
        });
    }
    parts
}

/// Returns the lengths of the prefixes of `text` that match the pattern, in rising order.
fn lengths(parts: &[Part], text: &[char]) -> Vec<usize> {
    // The places in the pattern that may come next; an asterisk may be left at once.
    let open = |mut places: Vec<bool>| {
        for (at, part) in parts.iter().enumerate() {
            if *part == Part::Any && places.get(at) == Some(&true) {
                set(&mut places, at.saturating_add(1));
            }
        }
        places
    };
    let none = vec![false; parts.len().saturating_add(1)];
    let mut places = none.clone();
    set(&mut places, 0);
    places = open(places);
    let mut found = Vec::new();
    for count in 0..=text.len() {
        if places.last() == Some(&true) {
            found.push(count);
        }
        let Some(c) = text.get(count) else { break };
        let mut next = none.clone();
        for (at, part) in parts.iter().enumerate() {
            if places.get(at) != Some(&true) {
                continue;
            }
            match part {
                Part::Any => set(&mut next, at),
                Part::One => set(&mut next, at.saturating_add(1)),
                Part::Char(own) if own == c => set(&mut next, at.saturating_add(1)),
                Part::Char(_) => {}
            }
        }
        places = open(next);
    }
    found
}

fn set(places: &mut [bool], at: usize) {
    if let Some(place) = places.get_mut(at) {
        *place = true;
    }
}

/// Text and pattern, where both are short enough.
fn taken(text: &str, pattern: &str) -> Option<(Vec<char>, Vec<Part>)> {
    let (text, parts): (Vec<char>, _) = (text.chars().collect(), parts(pattern));
    (text.len() <= LONGEST && parts.len() <= LONGEST).then_some((text, parts))
}

fn chosen(lengths: &[usize], longest: bool) -> Option<usize> {
    let found = if longest {
        lengths.last()
    } else {
        lengths.first()
    };
    found.copied()
}

/// Returns the text without the prefix that matches; `None` if it is too long.
pub(super) fn without_prefix(text: &str, pattern: &str, longest: bool) -> Option<String> {
    let (text, parts) = taken(text, pattern)?;
    let cut = chosen(&lengths(&parts, &text), longest).unwrap_or(0);
    Some(text.iter().skip(cut).collect())
}

/// Returns the text without the suffix that matches; `None` if it is too long.
pub(super) fn without_suffix(text: &str, pattern: &str, longest: bool) -> Option<String> {
    let (mut text, mut parts) = taken(text, pattern)?;
    text.reverse();
    parts.reverse();
    let cut = chosen(&lengths(&parts, &text), longest).unwrap_or(0);
    text.reverse();
    let keep = text.len().saturating_sub(cut);
    Some(text.iter().take(keep).collect())
}

/// Returns the text with the first match, or all matches, replaced; `None` if it is too long.
pub(super) fn replaced(text: &str, pattern: &str, by: &str, everywhere: bool) -> Option<String> {
    let (text, parts) = taken(text, pattern)?;
    let mut out = String::new();
    let (mut at, mut done) = (0, false);
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let found = chosen(&lengths(&parts, rest), true).filter(|length| *length > 0 && !done);
        match found {
            Some(length) => {
                out.push_str(by);
                at = at.saturating_add(length);
                done = !everywhere;
            }
            None => {
                out.extend(rest.first());
                at = at.saturating_add(1);
            }
        }
    }
    Some(out)
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
