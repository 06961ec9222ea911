//! Finds secrets in commands and files: `--token=X`, `--password X`, `NAME=X`, `NAME = X`,
//! `"password": "X"`, `<password>X</password>`, `X-Api-Key: X`, `-u NAME:X`, `login NAME password X`,
//! `wandb login X`.

use std::ops::Range;

use super::names::{is_open_value, is_secret};
use super::piped;
use super::programs::{self, LONGEST_COMMAND, Part, Taken, Words};
use super::scan::{alphanumeric_or, run, value_range};

/// Finds the values of flags and assignments whose names are those of secrets.
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
        // A JSON key called `key` may hold anything; `tok` is a tokenizer in Python.
        let is_switch = name.starts_with("--no-");
        let secret = (!matches!(name, "key" | "Key" | "tok") && !is_switch && is_secret(name))
            || is_password_of_odbc(text, at, name);
        let value = secret.then(|| {
            element(text, at, end)
                .or_else(|| header_value(text, name, end))
                .or_else(|| Some(value_range(text, value_start(text, name, end)?)))
        });
        if let Some(value) = value.flatten() {
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

/// Returns true for `Pwd=` in a connection string, with other pairs before it. The variable `PWD`
/// is a directory.
fn is_password_of_odbc(text: &str, at: usize, name: &str) -> bool {
    let before = text.get(..at).unwrap_or_default();
    name == "Pwd" || (name == "pwd" && before.trim_end_matches(' ').ends_with(';'))
}

/// Masks the words of a command. The value of a flag may be a word of its own.
pub(super) fn mask_words(words: &mut [String], mask: &str) {
    let mut masked = words.to_vec();
    let (mut flag, mut part): (Option<&str>, Option<Part>) = (None, None);
    let mut programs = Words::default();
    for (word, masked) in words.iter().zip(&mut masked) {
        if let Some(part) = part.take()
            && let Some(value) = programs::masked(part, word, mask)
        {
            *masked = value;
            continue;
        }
        match programs.take(word, mask) {
            Some(Taken::Next(of)) => {
                part = Some(of);
                continue;
            }
            Some(Taken::Masked(value)) => {
                *masked = value;
                continue;
            }
            None => {}
        }
        if let Some(name) = flag.take()
            && !word.starts_with("--")
            && !is_open_value(name, word)
        {
            mask.clone_into(masked);
            continue;
        }
        if word.starts_with('-')
            && !word.starts_with("--no-")
            && !word.contains('=')
            && word.bytes().all(in_name)
            && is_secret(word)
        {
            flag = Some(word);
        }
    }
    words.clone_from_slice(&masked);
}

/// Finds the key in `wandb login X`.
fn of_wandb(text: &str, found: &mut Vec<Range<usize>>) {
    for (at, login) in text.match_indices("wandb login ") {
        let start = at + login.len();
        let words = text.get(start..).unwrap_or_default().split(' ').take(8);
        let mut from = start;
        for word in words {
            let key = run(word, 0, alphanumeric_or(b""));
            if key >= 32 {
                found.push(from..from + key);
            }
            from += word.len() + 1;
        }
    }
}

/// Finds the text of an XML element, as in Maven's `<password>X</password>`, or the value beside a
/// key.
fn element(text: &str, at: usize, end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    let opened = text.get(..at)?.ends_with('<');
    let (start, value) = match tag_end(rest).filter(|_| opened) {
        Some(close) => {
            let inner = rest.get(close..)?;
            (end + close, inner.get(..inner.find('<')?)?)
        }
        None => {
            const BETWEEN: &str = "\" value=\"";
            let inner = rest.strip_prefix(BETWEEN)?;
            (end + BETWEEN.len(), inner.get(..inner.find('"')?)?)
        }
    };
    Some(start..start + value.len())
}

/// Returns the end of the tag whose name ends here: `>` or ` xml:space="preserve">`.
fn tag_end(rest: &str) -> Option<usize> {
    const LONGEST: usize = 256;
    if !rest.starts_with(['>', ' ', '\t', '\n']) {
        return None;
    }
    let mut bytes = rest.bytes().take(LONGEST);
    let close = bytes.position(|b| b == b'>' || b == b'<')?;
    (rest.as_bytes().get(close) == Some(&b'>')).then_some(close + 1)
}

/// Finds passwords that follow the name of their user: `curl -u NAME:X`, and the words of a
/// `.netrc`.
pub(super) fn passwords(text: &str, found: &mut Vec<Range<usize>>) {
    programs::commands(text, found);
    piped::passwords(text, found);
    of_wandb(text, found);
    for flag in ["-u ", "--user ", "--user="] {
        for (at, _) in text.match_indices(flag) {
            let before = text.get(..at).unwrap_or_default();
            if before.ends_with(|c: char| !c.is_whitespace()) {
                continue;
            }
            let word = value_after_blanks(text, at + flag.len());
            let taken = text.get(word.clone()).unwrap_or_default();
            // `docker run -u 1000:1000` names a user and a group.
            if let Some((name, password)) = taken.split_once(':')
                && !name.is_empty()
                && password.bytes().any(|b| !b.is_ascii_digit())
            {
                found.push(word.start + name.len() + 1..word.end);
            }
        }
    }
    of_curl(text, found);
    settings(text, found);
    for (at, word) in text.match_indices("password ") {
        let before = text.get(..at).unwrap_or_default();
        let mut words = before.split_ascii_whitespace().rev();
        if before.ends_with(char::is_whitespace) && words.nth(1) == Some("login") {
            found.push(value_after_blanks(text, at + word.len()));
        }
    }
}

/// Finds the secret in `aws configure set NAME X`, `conda config --set NAME X` and the like.
fn settings(text: &str, found: &mut Vec<Range<usize>>) {
    for command in ["configure set ", "config set ", "config --set "] {
        for (at, word) in text.match_indices(command) {
            let start = at + word.len();
            let end = start + run(text, start, in_name);
            let name = text.get(start..end).unwrap_or_default();
            let value = value_after_blanks(text, end);
            let taken = text.get(value.clone()).unwrap_or_default();
            if value.start > end && is_secret(name) && !is_open_value(name, taken) {
                found.push(value);
            }
        }
    }
}

fn value_after_blanks(text: &str, start: usize) -> Range<usize> {
    let blanks = run(text, start, |b| b == b' ' || b == b'\t');
    value_range(text, start + blanks)
}

/// Returns the range to search for the flags of the program at `at`. The bytes before `from` were
/// already searched.
fn command(text: &str, at: usize, from: usize) -> (usize, usize) {
    const LONGEST_FLAG: usize = 3;
    let bytes = text.as_bytes();
    let most = bytes.len().min(at + LONGEST_COMMAND);
    let rest = bytes.get(from..most).unwrap_or_default();
    let length = rest.iter().take_while(|b| !b"\n;|&".contains(b)).count();
    // A flag may begin before the place where the last search ended.
    (at.max(from.saturating_sub(LONGEST_FLAG)), from + length)
}

/// Finds secrets in the arguments of `curl`: `-uNAME:X` in one word, and the cookies of `-b
/// NAME=X`.
fn of_curl(text: &str, found: &mut Vec<Range<usize>>) {
    let mut done = 0;
    for (at, _) in text.match_indices("curl") {
        let (first, end) = command(text, at, at.max(done));
        done = end;
        let flags = text.as_bytes().get(first..end).unwrap_or_default();
        for (flag, four) in flags.windows(4).enumerate() {
            let (length, separator) = match four {
                b" -b " => (4, '='),
                [b' ', b'-', b'u', _] => (3, ':'),
                _ => continue,
            };
            let value = value_range(text, first + flag + length);
            let taken = text.get(value.clone()).unwrap_or_default();
            if let Some((name, secret)) = taken.split_once(separator)
                && !name.is_empty()
                && !secret.is_empty()
            {
                found.push(value.start + name.len() + 1..value.end);
            }
        }
    }
}

/// Returns where the value of this name starts, if something assigns to it.
fn value_start(text: &str, name: &str, end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    if rest.starts_with('=') {
        return Some(end + 1);
    }
    // A line of a settings file.
    if let Some(value) = rest.trim_start_matches(' ').strip_prefix("= ") {
        return Some(text.len() - value.trim_start_matches(' ').len());
    }
    if name.starts_with("--") && rest.starts_with(' ') {
        let start = end + run(text, end, |b| b == b' ');
        return (!text.get(start..)?.starts_with('-')).then_some(start);
    }
    // A key of a JSON object.
    let after = rest.strip_prefix(['"', '\''])?.trim_start();
    let value = after.strip_prefix(':')?.trim_start();
    Some(text.len() - value.len())
}

/// Finds the value of an HTTP header, `X-Api-Key: X` or `Authorization: Basic X`, up to the closing
/// quote or the end of the line. A name with a dot is the name of a file.
fn header_value(text: &str, name: &str, end: usize) -> Option<Range<usize>> {
    let value = text.get(end..)?.strip_prefix(": ")?;
    let start = end + ": ".len();
    if name.contains('.') {
        return None;
    }
    if value.starts_with(['"', '\'']) {
        return Some(value_range(text, start));
    }
    let length = value.find(['"', '\'', '\n', '\r']).unwrap_or(value.len());
    let value = value.get(..length)?;
    // The word for the scheme, such as `Basic`, is not masked.
    let scheme = value.split_once(' ').map(|(scheme, _)| scheme);
    let is_known = |scheme: &&str| {
        let mut known = ["basic", "bearer", "token"].into_iter();
        known.any(|known| scheme.eq_ignore_ascii_case(known))
    };
    let scheme = scheme.filter(is_known).map_or(0, |scheme| scheme.len() + 1);
    Some(start + scheme..start + length)
}

fn in_name(b: u8) -> bool {
    alphanumeric_or(b"_.-")(b)
}
