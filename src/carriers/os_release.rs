//! Parses `os-release(5)`: shell assignments that need no shell.

use std::collections::BTreeMap;

/// Returns the assignments. The last one to a name counts, as in a shell.
#[must_use]
pub fn parse(bytes: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(bytes);
    text.split('\n')
        .filter_map(|line| {
            let (name, value) = line.trim().split_once('=')?;
            let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            (!name.is_empty() && name.bytes().all(valid)).then(|| (name.to_owned(), unquote(value)))
        })
        .collect()
}

fn unquote(value: &str) -> String {
    let within = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    match within('\'') {
        Some(inside) => inside.to_owned(),
        None => unescape(within('"').unwrap_or(value)),
    }
}

fn unescape(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = |next: &char| matches!(next, '"' | '\'' | '\\' | '$' | '`');
        let escaped = match character {
            '\\' => characters.next_if(escaped),
            _ => None,
        };
        plain.push(escaped.unwrap_or(character));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes_are_undone() {
        let text = "# comment=x\n\nPRETTY_NAME=\"Ubuntu 24.04.3 LTS\"\nID=ubuntu\nA='single $x'\n\
            B=\"a \\\"b\\\" \\$c \\`d\\` \\\\e \\n\"\nEMPTY=\nQ=\"\"\nOPEN=\"x\n BAD NAME=1\n=x\nnope\nID=last\r\n";
        let parsed = parse(text.as_bytes());
        for (name, value) in [
            ("PRETTY_NAME", "Ubuntu 24.04.3 LTS"),
            ("A", "single $x"),
            ("B", "a \"b\" $c `d` \\e \\n"),
            ("EMPTY", ""),
            ("Q", ""),
            ("OPEN", "\"x"),
            ("ID", "last"),
        ] {
            assert_eq!(parsed.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert_eq!(parsed.len(), 7);
    }
}
