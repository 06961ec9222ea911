//! Secrets in commands and files: `--token=X`, `--password X`, `NAME=X`, `NAME = X`,
//! `"password": "X"`, `<password>X</password>`, `X-Api-Key: X`, `-u NAME:X`, `login NAME password X`,
//! `sshpass -p X`, `mysql -pX`, `wandb login X`.

use std::ops::Range;

use super::names::{is_open_value, is_secret};
use super::scan::run;

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
        // A key of a JSON object that is called `key` says nothing; `tok` is a tokenizer in Python.
        let secret = !matches!(name, "key" | "Key" | "tok") && is_secret(name);
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

/// The words of a command, the value of a flag masked where it is a word of its own.
pub(super) fn mask_words(words: &mut [String], mask: &str) {
    let mut flag: Option<String> = None;
    let program = words.first().and_then(|word| word.rsplit('/').next());
    let program =
        program.and_then(|name| PROGRAMS.iter().find(|(known, _)| name.starts_with(known)));
    for word in words {
        if let Some((_, apart)) = program
            && flag.is_none()
            && let Some(taken) = word.strip_prefix("-p")
        {
            if *apart && taken.is_empty() {
                flag = Some("--password".to_owned());
            } else if !taken.is_empty() && !is_open_value("", taken) {
                *word = format!("-p{mask}");
            }
            continue;
        }
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

/// Programs that take a password with `-p`, and whether it may be a word of its own.
const PROGRAMS: [(&str, bool); 3] = [("sshpass", true), ("mysql", false), ("mariadb", false)];

/// So far from the name of a program, the words are its own.
const LONGEST_COMMAND: usize = 256;

/// Passwords of `sshpass -p X`, `mysql -pX`, and the key of `wandb login X`.
fn of_programs(text: &str, found: &mut Vec<Range<usize>>) {
    for (name, apart) in PROGRAMS {
        // Each byte is looked at once, however often the name stands before it.
        let mut done = 0;
        for (at, _) in text.match_indices(name) {
            done = of_program(text, at, at.max(done), apart, found);
        }
    }
    for (at, login) in text.match_indices("wandb login ") {
        let start = at + login.len();
        let words = text.get(start..).unwrap_or_default().split(' ').take(8);
        let mut from = start;
        for word in words {
            let key = run(word, 0, |b| b.is_ascii_alphanumeric());
            if key >= 32 {
                found.push(from..from + key);
            }
            from += word.len() + 1;
        }
    }
}

/// The passwords behind the name of a program that stands at `at`, looked for from `from` on. Returns
/// where the next search starts.
fn of_program(
    text: &str,
    at: usize,
    from: usize,
    apart: bool,
    found: &mut Vec<Range<usize>>,
) -> usize {
    let bytes = text.as_bytes();
    let most = bytes.len().min(at + LONGEST_COMMAND);
    let rest = bytes.get(from..most).unwrap_or_default();
    let length = rest.iter().take_while(|b| !b"\n;|&".contains(b)).count();
    let end = from + length;
    // A flag may reach over the place where the last search ended.
    let first = at.max(from.saturating_sub(2));
    let flags = bytes.get(first..end).unwrap_or_default().windows(3);
    for (flag, _) in flags.enumerate().filter(|(_, three)| *three == b" -p") {
        let mut start = first + flag + 3;
        if apart {
            start += run(text, start, |b| b == b' ' || b == b'\t');
        }
        let value = value_range(text, start);
        let taken = text.get(value.clone()).unwrap_or_default();
        let after = value.end;
        // `mysql -port`, and `mysqld --print-defaults`, are no passwords.
        if !taken.is_empty() && !is_open_value("", taken) {
            found.push(value);
        }
        if apart {
            return after;
        }
    }
    end
}

/// The text of an XML element, as Maven's `<password>X</password>`, or the value beside a key.
fn element(text: &str, at: usize, end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    let opened = at
        .checked_sub(1)
        .and_then(|before| text.as_bytes().get(before))
        == Some(&b'<');
    let value = match rest.strip_prefix('>').filter(|_| opened) {
        Some(inner) => inner.get(..inner.find('<')?)?,
        None => {
            let inner = rest.strip_prefix("\" value=\"")?;
            inner.get(..inner.find('"')?)?
        }
    };
    let start = end + if opened { 1 } else { "\" value=\"".len() };
    Some(start..start + value.len())
}

/// Passwords behind the name of their user: `curl -u NAME:X`, and the words of a `.netrc`.
pub(super) fn passwords(text: &str, found: &mut Vec<Range<usize>>) {
    of_programs(text, found);
    let blank = |b: u8| b == b' ' || b == b'\t';
    for flag in ["-u ", "--user ", "--user="] {
        for (at, _) in text.match_indices(flag) {
            if text
                .get(..at)
                .is_some_and(|before| before.ends_with(|c: char| !c.is_whitespace()))
            {
                continue;
            }
            let word = value_range(text, at + flag.len() + run(text, at + flag.len(), blank));
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
    for (at, word) in text.match_indices("password ") {
        let before = text.get(..at).unwrap_or_default();
        let mut words = before.split_ascii_whitespace().rev();
        if before.ends_with(char::is_whitespace) && words.nth(1) == Some("login") {
            let start = at + word.len();
            found.push(value_range(text, start + run(text, start, blank)));
        }
    }
}

/// Where the value of this name starts, when something assigns to it.
fn value_start(text: &str, name: &str, end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    if rest.starts_with('=') {
        return Some(end + 1);
    }
    // A file of settings.
    if let Some(value) = rest.trim_start_matches(' ').strip_prefix("= ") {
        return Some(text.len() - value.trim_start_matches(' ').len());
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

/// The value of a header of HTTP, `X-Api-Key: X` or `Authorization: Basic X`: to the closing
/// quote or the end of the line. A name with a dot is that of a file.
fn header_value(text: &str, name: &str, end: usize) -> Option<Range<usize>> {
    let value = text
        .get(end..)?
        .strip_prefix(": ")
        .filter(|_| !name.contains('.'))?;
    let length = value.find(['"', '\'', '\n', '\r']).unwrap_or(value.len());
    let value = value.get(..length)?;
    let start = end + ": ".len();
    // What says how it is written stays.
    let scheme = value.split_once(' ').filter(|(scheme, _)| {
        ["basic", "bearer", "token"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
    });
    let scheme = scheme.map_or(0, |(scheme, _)| scheme.len() + 1);
    Some(start + scheme..start + length)
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
