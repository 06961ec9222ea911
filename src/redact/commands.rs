//! Secrets in commands: `--token=X`, `--password X`, `NAME=X`, `"password": "X"`.

use std::ops::Range;

use super::names::{is_open_value, is_secret};
use super::shapes::run;

/// The values of secret-looking flags and assignments in a text.
pub(super) fn assignments(text: &str, found: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = run(text, at, in_name);
        if length == 0 {
            at += 1;
            continue;
        }
        let end = at + length;
        let name = text.get(at..end).unwrap_or_default();
        // A key of a JSON object that is called `key` says nothing.
        let secret = !matches!(name, "key" | "Key") && is_secret(name);
        if let Some(start) = secret.then(|| value_start(text, name, end)).flatten() {
            let value = value_range(text, start);
            let taken = text.get(value.clone()).unwrap_or_default();
            if !taken.is_empty() && !is_open_value(name, taken) {
                at = value.end;
                found.push(value);
                continue;
            }
        }
        at = end;
    }
}

/// The words of a command, the value of a flag masked where it is a word of its own.
pub(super) fn mask_words(words: &mut [String], mask: &str) {
    let mut flag: Option<String> = None;
    for word in words {
        if let Some(name) = flag.take()
            && !word.starts_with("--")
            && !is_open_value(&name, word)
        {
            mask.clone_into(word);
            continue;
        }
        if word.starts_with('-')
            && !word.contains('=')
            && word.bytes().all(in_name)
            && is_secret(word)
        {
            flag = Some(word.clone());
        }
    }
}

/// Where the value of this name starts, when something assigns to it.
fn value_start(text: &str, name: &str, end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    if rest.starts_with('=') {
        return Some(end + 1);
    }
    if name.starts_with("--") && rest.starts_with(' ') {
        let start = end + run(text, end, |b| b == b' ');
        return (!text.get(start..)?.starts_with('-')).then_some(start);
    }
    // A key of a JSON object.
    let after = rest
        .strip_prefix('"')
        .or_else(|| rest.strip_prefix('\''))?
        .trim_start();
    let value = after.strip_prefix(':')?.trim_start();
    Some(text.len() - value.len())
}

/// The value from here: to the closing quote, or to the next blank or separator.
fn value_range(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    for quote in ['"', '\''] {
        if let Some(inner) = rest.strip_prefix(quote) {
            let length = inner.find(quote).unwrap_or(inner.len());
            return start + 1..start + 1 + length;
        }
    }
    let length = rest
        .find(|c: char| c.is_whitespace() || "\"'&;,|)".contains(c))
        .unwrap_or(rest.len());
    start..start + length
}

fn in_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_.-".contains(&b)
}
