//! Words as bash's `${word@Q}` writes them: `'a'`, `'it'\''s'`, `$'tab\there'`.

/// Splits a line into words. Returns `None` if only a shell can read it: it has an expansion, an operator
/// or a quote without an end.
#[must_use]
pub fn split(line: &str) -> Option<Vec<String>> {
    read(line, false)
}

/// Splits a line of words that bash's `${word@Q}` quoted. Returns `None` if any part of a word is not
/// quoted.
#[must_use]
pub fn split_quoted(line: &str) -> Option<Vec<String>> {
    read(line, true)
}

fn read(line: &str, quoted: bool) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut rest = line.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b' ' => finish(&mut words, &mut word),
            b'\t' if !quoted => finish(&mut words, &mut word),
            b'\'' => {
                let (quoted, after) = split_at_byte(rest, b'\'')?;
                word.get_or_insert_default().extend_from_slice(quoted);
                rest = after;
            }
            b'$' => {
                let quoted = rest.strip_prefix(b"'")?;
                rest = ansi_c(quoted, word.get_or_insert_default())?;
            }
            _ if quoted && !(byte == b'\\' && rest.starts_with(b"'")) => return None,
            b'"' => rest = double_quoted(rest, word.get_or_insert_default())?,
            b'\\' => {
                let (&escaped, after) = rest.split_first()?;
                word.get_or_insert_default().push(escaped);
                rest = after;
            }
            b'|' | b'&' | b';' | b'<' | b'>' | b'(' | b')' | b'`' => return None,
            other => word.get_or_insert_default().push(other),
        }
    }
    finish(&mut words, &mut word);
    Some(words)
}

fn finish(words: &mut Vec<String>, word: &mut Option<Vec<u8>>) {
    if let Some(bytes) = word.take() {
        words.push(String::from_utf8_lossy(&bytes).into_owned());
    }
}

fn split_at_byte(bytes: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|&byte| byte == wanted)?;
    let (before, after) = bytes.split_at_checked(at)?;
    Some((before, after.get(1..)?))
}

/// Reads the inside of `"…"`. Returns the text after the closing quote.
fn double_quoted<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some(rest),
            b'$' | b'`' => return None,
            b'\\' => {
                let (&escaped, after) = rest.split_first()?;
                if !matches!(escaped, b'"' | b'\\' | b'$' | b'`') {
                    word.push(b'\\');
                }
                word.push(escaped);
                rest = after;
            }
            other => word.push(other),
        }
    }
}

/// Reads the inside of `$'…'`. Returns the text after the closing quote.
fn ansi_c<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'\'' => return Some(rest),
            b'\\' => rest = escape(rest, word)?,
            other => word.push(other),
        }
    }
}

fn escape<'a>(rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (&kind, after) = rest.split_first()?;
    let simple = match kind {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'a' => 0x07,
        b'b' => 0x08,
        b'e' | b'E' => 0x1b,
        b'f' => 0x0c,
        b'v' => 0x0b,
        b'\\' | b'\'' | b'"' | b'?' => kind,
        b'0'..=b'7' => {
            let (value, after) = number(rest, 8, 3);
            word.push(u8::try_from(value & 0xff).ok()?);
            return Some(after);
        }
        b'x' => return hex(after, 2, word),
        b'u' => return hex(after, 4, word),
        b'U' => return hex(after, 8, word),
        b'c' => {
            let (&control, after) = after.split_first()?;
            word.push(match control {
                b'?' => 0x7f,
                _ => control & 0x1f,
            });
            return Some(after);
        }
        // Bash keeps the backslash of an unknown escape.
        other => {
            word.push(b'\\');
            other
        }
    };
    word.push(simple);
    Some(after)
}

/// Reads the digits of `\xHH`, which is a byte, or of `\uHHHH` and `\UHHHHHHHH`, which are characters.
fn hex<'a>(rest: &'a [u8], digits: usize, word: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (value, after) = number(rest, 16, digits);
    if after.len() == rest.len() {
        return None;
    }
    if digits == 2 {
        word.push(u8::try_from(value).ok()?);
    } else {
        let character = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
        word.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Some(after)
}

/// Reads up to `most` digits. More than 8 do not fit.
fn number(mut rest: &[u8], radix: u32, most: usize) -> (u32, &[u8]) {
    let mut value = 0_u32;
    for _ in 0..most {
        let Some((&byte, after)) = rest.split_first() else {
            break;
        };
        let Some(digit) = char::from(byte).to_digit(radix) else {
            break;
        };
        value = value.wrapping_mul(radix).wrapping_add(digit);
        rest = after;
    }
    (value, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_unquoted_as_bash_would() {
        for (line, expected) in [
            ("", &[] as &[&str]),
            ("  ", &[]),
            ("'a' 'b c'", &["a", "b c"]),
            ("'it'\\''s'", &["it's"]),
            ("''", &[""]),
            ("'' ''", &["", ""]),
            ("plain --x=y", &["plain", "--x=y"]),
            ("'$(touch x)' '*' ';rm'", &["$(touch x)", "*", ";rm"]),
            (r"$'tab\there'", &["tab\there"]),
            (
                r"$'\n\t\\\'\x22\a\b\e\E\f\v\r'",
                &["\n\t\\'\"\x07\x08\x1b\x1b\x0c\x0b\r"],
            ),
            (r#"$'\"\?'"#, &["\"?"]),
            (r"$'\303\274n\303\257'", &["ünï"]),
            (r"$'\xc3\xbc\1x\0061'", &["ü\u{1}x\u{6}1"]),
            (r"$'\u00fc\u6a21\U0001F680\u41z'", &["ü模🚀Az"]),
            (r"$'\UFFFFFFFF\ud800'", &["\u{fffd}\u{fffd}"]),
            (r"$'\cA\c?\q'", &["\x01\x7f\\q"]),
            (r"'a'$'\n''b'", &["a\nb"]),
            (r#""double \"quoted\" \n""#, &["double \"quoted\" \\n"]),
            ("'a\rb'", &["a\rb"]),
        ] {
            assert_eq!(
                split(line)
                    .as_deref()
                    .map(|w| w.iter().map(String::as_str).collect()),
                Some(expected.to_vec()),
                "{line}"
            );
        }
    }

    #[test]
    fn a_word_outside_of_quotes_is_not_bashs_own() {
        for line in ["", " 'a'  'b' ", "'it'\\''s' $'a\\nb\\'' ''"] {
            assert_eq!(split_quoted(line), split(line), "{line}");
        }
        for line in [
            "a", "'a' b", "'a'b", "\"a\"", "\\a", "'a'\t'b'", "'a'; b", "'open",
        ] {
            assert_eq!(split_quoted(line), None, "{line}");
        }
    }

    #[test]
    fn what_needs_a_shell_is_refused() {
        for line in [
            "'open", "$'open", "\"open", "$HOME", "a; b", "$(x)", "`x`", "\"$x\"", "a\\", r"$'\",
            "a|b", r"$'\xzz'",
        ] {
            assert_eq!(split(line), None, "{line}");
        }
    }
}
