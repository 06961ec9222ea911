//! `os-release(5)`: shell assignments that need no shell.

use std::collections::BTreeMap;

/// The assignments; the last of a name wins, as it would in a shell.
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
    for quote in ['"', '\''] {
        let inside = value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        match inside {
            Some(inside) if quote == '"' => return unescape(inside),
            Some(inside) => return inside.to_owned(),
            None => {}
        }
    }
    unescape(value)
}

fn unescape(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        let escapes = character == '\\'
            && characters
                .peek()
                .is_some_and(|next| matches!(next, '"' | '\'' | '\\' | '$' | '`'));
        plain.extend(if escapes {
            characters.next()
        } else {
            Some(character)
        });
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
