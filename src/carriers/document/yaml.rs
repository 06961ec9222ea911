//! The plain part of YAML: `key: value`, nesting by indentation, lists of scalars,
//! quotes, comments and literal blocks. Anchors, tags and flow collections with
//! something in them are refused rather than misread.

use super::flat::{DocumentError, Flat, MAX_DEPTH, joined};

const SYNTAX: DocumentError = DocumentError::Syntax("YAML");

/// A key that may have others under it.
struct Level {
    /// Columns that its own key is indented by.
    indent: usize,
    /// The columns of its children, once known.
    inside: Option<usize>,
    key: String,
    items: usize,
    /// False once it has a value of its own.
    open: bool,
}

pub(super) fn parse(text: &str, flat: &mut Flat<'_>) -> Result<(), DocumentError> {
    let mut levels: Vec<Level> = Vec::new();
    let mut lines = (1_u32..)
        .zip(text.split('\n').map(|line| line.trim_end_matches('\r')))
        .peekable();
    let mut top = None;
    while let Some((number, line)) = lines.next() {
        let code = line.trim_start_matches(' ');
        let indent = line.len().saturating_sub(code.len());
        let code = code.trim_end();
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
                flat.push(key, value, Some(number))?;
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
            let inside = |line: &str| {
                let code = line.trim_start_matches(' ');
                code.is_empty() || line.len().saturating_sub(code.len()) > indent
            };
            while let Some((_, line)) = lines.next_if(|(_, line)| inside(line)) {
                block.push(line);
            }
            flat.push(key.clone(), unindented(&block), Some(number))?;
        } else if !open && let Some(value) = scalar(value)? {
            flat.push(key.clone(), value, Some(number))?;
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

/// The lines of a literal block without their common indentation.
fn unindented(block: &[&str]) -> String {
    let indent = |line: &&str| {
        line.len()
            .saturating_sub(line.trim_start_matches(' ').len())
    };
    let least = block
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(indent)
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> = block
        .iter()
        .map(|line| line.get(least..).unwrap_or_default())
        .collect();
    lines.join("\n").trim_end().to_owned()
}

/// `key: value`, the key perhaps quoted.
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

/// `None` for null and for empty collections.
fn scalar(text: &str) -> Result<Option<String>, DocumentError> {
    if text.starts_with(['"', '\'']) {
        let (value, after) = quoted(text).ok_or(SYNTAX)?;
        let after = after.trim_start();
        return if after.is_empty() || after.starts_with('#') {
            Ok(Some(value))
        } else {
            Err(SYNTAX)
        };
    }
    let plain = text
        .split_once(" #")
        .map_or(text, |(value, _)| value)
        .trim_end();
    match plain {
        "" | "~" | "null" | "Null" | "NULL" | "{}" | "[]" => Ok(None),
        _ if plain.starts_with(['[', '{', '&', '*', '!', '|', '>', '%', '@', '`', '#']) => {
            Err(SYNTAX)
        }
        _ if plain.contains(": ") => Err(SYNTAX),
        _ => Ok(Some(plain.to_owned())),
    }
}

/// A quoted string at the beginning of the text, and what follows it.
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
