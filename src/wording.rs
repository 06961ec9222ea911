//! Errors of parsers and of the system, in plain words for the author of a file.

use crate::suggestions::{closest, hint};

/// serde's names of types, and the plain names.
const TYPES: [(&str, &str); 13] = [
    ("a boolean", "true or false"),
    ("a map", "a section with keys"),
    ("a sequence", "a list"),
    ("a string", "a text"),
    ("f64", "a number"),
    ("i64", "a whole number"),
    ("map", "a section with keys"),
    ("sequence", "a list"),
    ("u16", "a whole number"),
    ("u32", "a whole number"),
    ("u64", "a whole number"),
    ("u8", "a whole number"),
    ("usize", "a whole number"),
];

/// Starts of errors of the JSON parser, and their plain words.
const SYNTAX: [(&str, &str); 7] = [
    ("EOF while parsing", "it ends in the middle"),
    ("trailing characters", "there is more text after its end"),
    ("trailing comma", "there is a comma after the last value"),
    (
        "expected value",
        "a value is missing, or a text has no quotes",
    ),
    (
        "expected ident",
        "a value is missing, or a text has no quotes",
    ),
    ("key must be a string", "a key has no quotes"),
    ("control character", "a text has a control character"),
];

/// Errors of the system, and their plain words.
pub(crate) const SYSTEM: [(&str, &str); 6] = [
    (
        "No such file or directory",
        "there is no such file or directory",
    ),
    ("Permission denied", "permission is denied"),
    ("No space left on device", "the disk is full"),
    ("Is a directory", "it is a directory"),
    ("Not a directory", "a part of the path is not a directory"),
    ("Read-only file system", "the file system is read-only"),
];

/// Returns an error of a parser in plain words for the author of the text.
pub(crate) fn of_parser(message: &str) -> String {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(said, _)| said);
    if let Some((_, said)) = SYNTAX.iter().find(|(start, _)| message.starts_with(start)) {
        return (*said).to_owned();
    }
    let named = |start: &str| {
        let (name, rest) = message.strip_prefix(start)?.split_once('`')?;
        Some((name.to_owned(), quoted(rest)))
    };
    if let Some((name, known)) = named("unknown field `") {
        return missing_key(&name, &known);
    }
    if let Some((name, known)) = named("unknown variant `") {
        let near = hint(closest(known.iter().copied(), &name));
        return format!("'{name}' is not one of: {}{near}", known.join(", "));
    }
    if let Some((name, _)) = named("missing field `") {
        return format!("the key '{name}' is missing");
    }
    if let Some((name, _)) = named("duplicate field `") {
        return format!("the key '{name}' is there twice");
    }
    let typed = |start: &str| message.strip_prefix(start)?.split_once(", expected ");
    if let Some((found, wanted)) = typed("invalid type: ") {
        return format!(
            "{} is wrong here: it must be {}",
            found_in_words(found),
            wanted_in_words(wanted)
        );
    }
    if let Some((found, wanted)) = typed("invalid value: ") {
        let found = found_in_words(found);
        return format!(
            "{found} is out of range here: it must be {}{}",
            wanted_in_words(wanted),
            if found.starts_with("the number -") {
                ", 0 or more"
            } else {
                ""
            }
        );
    }
    message.replace('`', "'")
}

/// Returns the message about an unknown key, with the closest known key, or all keys if none is close.
fn missing_key(name: &str, known: &[&str]) -> String {
    match closest(known.iter().copied(), name) {
        Some(near) => format!("there is no key '{name}' here; the closest known name is '{near}'"),
        None if known.is_empty() => {
            format!("there is no key '{name}' here; no keys are known here")
        }
        None => format!(
            "there is no key '{name}' here; the known keys are: {}",
            known.join(", ")
        ),
    }
}

/// Returns the texts in backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn found_in_words(found: &str) -> String {
    match found {
        "map" => "a section".to_owned(),
        "sequence" => "a list".to_owned(),
        "null" | "unit" | "unit value" => "nothing".to_owned(),
        _ => {
            let plain = found.replace('`', "");
            let words = [
                ("string ", "the text "),
                ("integer ", "the number "),
                ("floating point ", "the number "),
                ("boolean ", ""),
            ];
            let word = words
                .iter()
                .find_map(|(theirs, ours)| Some(format!("{ours}{}", plain.strip_prefix(theirs)?)));
            word.unwrap_or(plain)
        }
    }
}

fn wanted_in_words(wanted: &str) -> String {
    if wanted.starts_with("struct ") {
        return "a section with keys".to_owned();
    }
    let known = TYPES.iter().find(|(theirs, _)| *theirs == wanted);
    known.map_or_else(|| wanted.replace('`', "'"), |(_, ours)| (*ours).to_owned())
}

#[cfg(test)]
mod tests {
    use super::of_parser;

    #[test]
    fn no_word_of_a_parser_reaches_a_person() {
        for (theirs, ours) in [
            (
                "invalid type: string \"3\", expected u32 at line 4 column 7",
                "the text \"3\" is wrong here: it must be a whole number",
            ),
            (
                "unknown field `severty`, expected one of `require`, `severity`, `unknown`",
                "there is no key 'severty' here; the closest known name is 'severity'",
            ),
            (
                "unknown field `colour`, expected `id` or `line`",
                "there is no key 'colour' here; the known keys are: id, line",
            ),
            (
                "unknown field `x`, there are no fields",
                "there is no key 'x' here; no keys are known here",
            ),
            (
                "unknown variant `eror`, expected one of `info`, `warning`, `error`",
                "'eror' is not one of: info, warning, error; the closest known name is 'error'",
            ),
            ("missing field `name`", "the key 'name' is missing"),
            ("duplicate field `name`", "the key 'name' is there twice"),
            (
                "EOF while parsing an object at line 2 column 0",
                "it ends in the middle",
            ),
            (
                "expected value at line 1 column 1",
                "a value is missing, or a text has no quotes",
            ),
            (
                "invalid type: sequence, expected a map",
                "a list is wrong here: it must be a section with keys",
            ),
            (
                "invalid value: integer `300`, expected u8",
                "the number 300 is out of range here: it must be a whole number",
            ),
            (
                "invalid type: boolean `true`, expected a string",
                "true is wrong here: it must be a text",
            ),
            ("something `else`", "something 'else'"),
        ] {
            assert_eq!(of_parser(theirs), ours, "{theirs}");
        }
    }
}
