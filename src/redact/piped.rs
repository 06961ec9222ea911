//! Finds passwords that a command reads from a pipe: `echo root:X | chpasswd`, and
//! `echo X | docker login --password-stdin`.

use std::ops::Range;

use super::names::is_open_value;
use super::programs::LONGEST_COMMAND;

/// The words of a command that reads a password from its standard input, and the character before the password in
/// what it reads.
const READERS: [(&str, Option<char>); 4] = [
    ("chpasswd", Some(':')),
    ("passwd --stdin", None),
    ("--password-stdin", None),
    ("--with-token", None),
];

/// Finds the password in the last word before the pipe of such a command.
pub(super) fn passwords(text: &str, found: &mut Vec<Range<usize>>) {
    for (reader, separator) in READERS {
        let mut done = 0;
        for (at, _) in text.match_indices(reader) {
            let from = at.saturating_sub(LONGEST_COMMAND).max(done);
            done = at + reader.len();
            let from = (from..at).find(|&from| text.is_char_boundary(from));
            let before = from.and_then(|from| Some((from, text.get(from..at)?)));
            let secret = before.and_then(|(from, before)| {
                let secret = secret(before, separator)?;
                Some(from + secret.start..from + secret.end)
            });
            found.extend(secret);
        }
    }
}

/// Returns the range of the password in the text before such a command.
fn secret(before: &str, separator: Option<char>) -> Option<Range<usize>> {
    // Between the pipe and this word is the rest of the one command.
    let (piped, command) = before.rsplit_once('|')?;
    if command.contains([';', '\n']) || piped.ends_with('|') {
        return None;
    }
    let piped = piped.trim_end_matches([' ', '\t', '\n', '\\']);
    let word = last_word(piped)?;
    let taken = piped.get(word.clone())?;
    let start = match separator {
        Some(separator) => {
            let (user, _) = taken.split_once(separator)?;
            let is_named = !user.is_empty();
            is_named.then_some(word.start + user.len() + separator.len_utf8())?
        }
        // Another program prints the content of a file, or a password of its own.
        None if !is_printed(piped.get(..word.start)?) => return None,
        None => word.start,
    };
    let is_open = is_open_value("", piped.get(start..word.end)?);
    (!is_open).then_some(start..word.end)
}

/// Returns the range of the last word, without its quotes.
fn last_word(text: &str) -> Option<Range<usize>> {
    let end = text.trim_end_matches(['"', '\'', '\\']).len();
    let quote = text.get(end..)?.chars().find(|c| *c != '\\');
    let word = text.get(..end)?;
    let start = match quote {
        Some(quote) => word.rfind(quote).map_or(0, |at| at + quote.len_utf8()),
        None => {
            let blank = |c: char| c.is_whitespace() || c == '"' || c == '\'';
            word.rfind(blank).map_or(0, |at| at + 1)
        }
    };
    (start < end).then_some(start..end)
}

/// Returns true if the last command of the text prints the word that follows.
fn is_printed(before: &str) -> bool {
    let command = before.rsplit([';', '|', '&', '(', '\n']).next();
    let mut words = command
        .unwrap_or_default()
        .split([' ', '\t', '"', '\'', '/']);
    words.any(|word| word == "echo" || word == "printf")
}
