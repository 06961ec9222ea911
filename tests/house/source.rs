//! Rust source as words: without comments, strings and what only tests compile.

use std::fs;
use std::path::{Path, PathBuf};

/// A word or a sign, with the line that it stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// Every `.rs` file below a directory of the repository, with its path from the root, in order.
pub fn files(below: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut open = vec![PathBuf::from(below)];
    let mut found = Vec::new();
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(root.join(&directory)).unwrap() {
            let entry = entry.unwrap();
            let path = directory.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = fs::read_to_string(entry.path()).unwrap();
                found.push((path.to_str().unwrap().to_owned(), text));
            }
        }
    }
    found.sort();
    found
}

/// The words and signs of a text. A string, a character and a lifetime are one word each.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let length = length(rest, first);
        let (word, after) = rest.split_at(length);
        if !first.is_whitespace() && !word.starts_with("//") && !word.starts_with("/*") {
            found.push(Token {
                text: word.to_owned(),
                line,
            });
        }
        line += word.matches('\n').count();
        rest = after;
    }
    found
}

/// How many bytes the first word, sign, comment or space of a text has.
fn length(text: &str, first: char) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return text.find("*/").map_or(text.len(), |end| end + 2);
    }
    if let Some(length) = string(text) {
        return length;
    }
    if first == '\'' {
        return quoted(text);
    }
    if word(first) {
        return text.find(|c| !word(c)).unwrap_or(text.len());
    }
    if text.starts_with("::") {
        return 2;
    }
    first.len_utf8()
}

fn word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The length of a string literal of any form that the text begins with.
fn string(text: &str) -> Option<usize> {
    let bare = text.trim_start_matches(['b', 'c']);
    let raw = bare
        .strip_prefix('r')
        .filter(|raw| raw.starts_with(['#', '"']));
    if text.len() - bare.len() > 1 {
        return None;
    }
    if let Some(raw) = raw {
        let opened = raw.trim_start_matches('#');
        let fence = format!("\"{}", &raw[..raw.len() - opened.len()]);
        let inside = opened.strip_prefix('"')?;
        let end = inside.find(&fence)? + fence.len();
        return Some(text.len() - inside.len() + end);
    }
    let inside = bare.strip_prefix('"')?;
    Some(text.len() - inside.len() + closed(inside, '"'))
}

/// The length of a character literal or of a lifetime.
fn quoted(text: &str) -> usize {
    let inside = &text[1..];
    let mut characters = inside.chars();
    match (characters.next(), characters.next()) {
        (Some('\\'), _) => 1 + closed(inside, '\''),
        (Some(one), Some('\'')) => 2 + one.len_utf8(),
        _ => 1 + inside.find(|c| !word(c)).unwrap_or(inside.len()),
    }
}

/// How far it is to the end of a literal, past escapes.
fn closed(inside: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        if c == quote && !escaped {
            return at + quote.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    inside.len()
}

/// The place after the item that begins at `from`: after its `;`, or after its body.
pub fn item_end(tokens: &[Token], from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            // What it stands in ends: it is a field or an expression.
            ")" | "]" | "}" if depth == 0 => return at,
            "," if depth == 0 => return at + 1,
            ")" | "]" => depth -= 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// True where the words that follow are these.
pub fn says(tokens: &[Token], at: usize, words: &[&str]) -> bool {
    let here = tokens.iter().skip(at).map(|token| token.text.as_str());
    here.take(words.len()).eq(words.iter().copied())
}
