//! Parses the plain part of YAML: `key: value`, nesting by indentation, lists of scalars, quotes, comments
//! and literal blocks. Anchors, tags and flow collections are errors, except for empty collections.

use super::flat::{DocumentError, Flat, MAX_DEPTH, joined};

const SYNTAX: DocumentError = DocumentError::Syntax("YAML");

/// A key that may have keys below it.
struct Level {
    /// The indentation of the key.
    indent: usize,
    /// The indentation of the keys below it, once it is known.
    inside: Option<usize>,
    key: String,
    items: usize,
    /// False if it has a value of its own.
    open: bool,
}

pub(super) fn parse(text: &str, flat: &mut Flat<'_>) -> Result<(), DocumentError> {
    let mut levels: Vec<Level> = Vec::new();
    let mut lines = (1_u32..)
        .zip(text.split('\n').map(|line| line.trim_end_matches('\r')))
        .peekable();
    let mut top = None;
    while let Some((number, line)) = lines.next() {
        let indent = indentation(line);
        let code = line.trim_start_matches(' ').trim_end();
        if code.is_empty() || code.starts_with('#') || line == "---" || line == "..." {
            continue;
        }
        if code.starts_with('\t') {
            return Err(SYNTAX);
        }
        let is_item = code == "-" || code.starts_with("- ");
        // A list may have the indentation of its key.
        levels.retain(|level| {
            level.indent < indent || (is_item && level.indent == indent && level.open)
        });
        let expected = match levels.last_mut() {
            Some(level) if !level.open => return Err(SYNTAX),
            Some(level) => level.inside.get_or_insert(indent),
            None => top.get_or_insert(indent),
        };
        if *expected != indent {
            return Err(SYNTAX);
        }
        if is_item {
            let Some(level) = levels.last_mut() else {
                return Err(DocumentError::NotAnObject);
            };
            let key = joined(&level.key, &level.items.to_string())?;
            level.items = level.items.saturating_add(1);
            if let Some(value) = scalar(code.trim_start_matches('-').trim_start())? {
                flat.push(&key, &value, Some(number))?;
            }
            continue;
        }
        let (name, value) = split_key(code).ok_or(SYNTAX)?;
        let prefix = levels.last().map_or("", |level| level.key.as_str());
        let key = joined(prefix, &name)?;
        if levels.len() >= MAX_DEPTH {
            return Err(DocumentError::TooDeep);
        }
        let open = value.is_empty() || value.starts_with('#');
        if matches!(value, "|" | "|-" | "|+") {
            let mut block: Vec<&str> = Vec::new();
            let inside =
                |line: &str| line.trim_start_matches(' ').is_empty() || indentation(line) > indent;
            while let Some((_, line)) = lines.next_if(|(_, line)| inside(line)) {
                block.push(line);
            }
            flat.push(&key, &unindented(&block), Some(number))?;
        } else if !open && let Some(value) = scalar(value)? {
            flat.push(&key, &value, Some(number))?;
        }
        levels.push(Level {
            indent,
            inside: None,
            key,
            items: 0,
            open,
        });
    }
    Ok(())
}

/// Returns the lines of a literal block without their common indentation.
fn unindented(block: &[&str]) -> String {
    let with_text = block.iter().filter(|line| !line.trim().is_empty());
    let least = with_text.map(|line| indentation(line)).min().unwrap_or(0);
    let lines = block
        .iter()
        .map(|line| line.get(least..).unwrap_or_default());
    let lines: Vec<&str> = lines.collect();
    lines.join("\n").trim_end().to_owned()
}

fn indentation(line: &str) -> usize {
    line.bytes().take_while(|&byte| byte == b' ').count()
}

/// Splits `key: value`. The key may be quoted.
fn split_key(code: &str) -> Option<(String, &str)> {
    if code.starts_with(['"', '\'']) {
        let (name, after) = quoted(code)?;
        return Some((name, after.trim_start().strip_prefix(':')?.trim_start()));
    }
    if code.starts_with(['[', '{', '&', '*', '!', '?', '|', '>', '%', '@', '`']) {
        return None;
    }
    let (name, value) = match code.split_once(": ") {
        Some(parts) => parts,
        None => (code.strip_suffix(':')?, ""),
    };
    (!name.contains(" #")).then(|| (name.trim_end().to_owned(), value.trim_start()))
}

/// Parses a scalar; `None` for null and for empty collections.
fn scalar(text: &str) -> Result<Option<String>, DocumentError> {
    if text.starts_with(['"', '\'']) {
        let (value, after) = quoted(text).ok_or(SYNTAX)?;
        return match after.trim_start() {
            after if after.is_empty() || after.starts_with('#') => Ok(Some(value)),
            _ => Err(SYNTAX),
        };
    }
    let plain = text.split_once(" #").map_or(text, |(value, _)| value);
    match plain.trim_end() {
        "" | "~" | "null" | "Null" | "NULL" | "{}" | "[]" => Ok(None),
        plain if plain.starts_with(['[', '{', '&', '*', '!', '|', '>', '%', '@', '`', '#']) => {
            Err(SYNTAX)
        }
        plain if plain.contains(": ") => Err(SYNTAX),
        plain => Ok(Some(plain.to_owned())),
    }
}

/// Parses the quoted string at the start of a text. Returns it and the rest.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut characters = text.chars();
    let quote = characters.next()?;
    let mut value = String::new();
    loop {
        match characters.next()? {
            '\'' if quote == '\'' && characters.as_str().starts_with('\'') => {
                value.extend(characters.next());
            }
            end if end == quote => return Some((value, characters.as_str())),
            '\\' if quote == '"' => value.push(match characters.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '0' => '\0',
                same @ ('"' | '\\' | '/' | ' ') => same,
                _ => return None,
            }),
            other => value.push(other),
        }
    }
}
