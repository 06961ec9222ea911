//! Constants in generated Python files such as `_version.py`. The files are read as text, never run.

use super::pair::{Pair, Place};

/// A constant at the top level of a file: `name = 'value'`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant<'a> {
    /// One of the names in the assignment.
    pub name: &'a str,
    /// The string; `None` for every other value.
    pub value: Option<&'a str>,
    /// The line, from 1.
    pub line: u32,
}

impl Constant<'_> {
    /// Returns the constant as a pair, if it is a string.
    pub(super) fn pair(&self, path: &str) -> Option<Pair> {
        let carrier = "python";
        let place = Place { carrier, path };
        Some(place.line("", self.line, self.name, self.value?))
    }
}

/// Returns the constants at the top level of a file, also those with a type (`a: str = 'x'`). The
/// assignment `a = b = 'x'` has two. Escapes in strings stay as they are.
pub fn constants(text: &str) -> impl Iterator<Item = Constant<'_>> {
    (1_u32..).zip(text.split('\n')).flat_map(|(line, code)| {
        let mut names: Vec<&str> = Vec::new();
        let mut rest = code.trim_end();
        while let Some((target, value)) = rest.split_once('=') {
            let name = target.split_once(':').map_or(target, |(name, _)| name);
            let name = match names.is_empty() {
                // An indented line is not at the top level.
                true => name.trim_end(),
                false => name.trim(),
            };
            if !is_name(name) || value.starts_with('=') {
                break;
            }
            names.push(name);
            rest = value;
        }
        let value = string(rest.trim_start());
        names
            .into_iter()
            .map(move |name| Constant { name, value, line })
    })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn string(text: &str) -> Option<&str> {
    let quote = text.chars().next()?;
    if !matches!(quote, '\'' | '"') {
        return None;
    }
    let (value, after) = text.strip_prefix(quote)?.split_once(quote)?;
    let after = after.trim_start();
    (after.is_empty() || after.starts_with('#')).then_some(value)
}

/// Returns the first string constant with one of the names.
#[must_use]
pub fn first_string<'a>(text: &'a str, names: &[&str]) -> Option<Constant<'a>> {
    constants(text).find(|constant| constant.value.is_some() && names.contains(&constant.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_of_a_version_file_is_found() {
        const NAMES: [&str; 2] = ["__commit_id__", "commit_id"];
        for (text, expected) in [
            (
                "__version__ = version = '0.1'\n\n__commit_id__ = commit_id = 'g98dff2a81'\n",
                Some(("g98dff2a81", 3)),
            ),
            (
                "__commit_id__: COMMIT_ID\ncommit_id: COMMIT_ID\n__commit_id__ = commit_id = \"gabc\"  # x\r\n",
                Some(("gabc", 3)),
            ),
            ("commit_id: str | None = 'abc'", Some(("abc", 1))),
            ("__commit_id__ = commit_id = None\n", None),
            ("    __commit_id__ = 'indented'\n", None),
            ("__commit_id__ = 'a' + 'b'\n", None),
            ("__commit_id__ == 'a'\n", None),
            (
                "x['__commit_id__'] = 'a'\n# __commit_id__ = 'a'\n__commit_id__ = 'open\n",
                None,
            ),
        ] {
            let found = first_string(text, &NAMES).map(|it| (it.value.unwrap(), it.line));
            assert_eq!(found, expected, "{text}");
        }
    }
}
