//! Makes text from an image safe to show. Characters that a terminal acts on, or that are invisible, are
//! spelled out.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// The most combining marks behind one character. More would paint over the lines around it, and are spelled
/// out.
const MAX_MARKS: usize = 2;

/// Returns the text with every control, invisible and direction-changing character in the form `\n`,
/// `\x1b` or `\u{202e}`. Clean text is returned unchanged. A backslash is not escaped: the form is for
/// reading, not for decoding.
#[must_use]
pub fn text(raw: &str) -> Cow<'_, str> {
    if raw.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len() + 16);
    let mut marks = MAX_MARKS;
    let mut changed = false;
    for c in raw.chars() {
        let mark = c.width() == Some(0);
        if is_hostile(c) || (mark && marks >= MAX_MARKS) {
            push_escape(&mut out, c);
            changed = true;
            marks = MAX_MARKS;
            continue;
        }
        // A combining mark needs a base character.
        marks = if mark { marks + 1 } else { 0 };
        out.push(c);
    }
    if changed {
        Cow::Owned(out)
    } else {
        Cow::Borrowed(raw)
    }
}

/// A line of a log that begins with one of these, after spaces, is a command for GitHub (docs.github.com,
/// "Workflow commands") or Azure Pipelines ("Logging commands").
const COMMANDS: [&str; 3] = ["::", "##[", "##vso["];

/// Returns the lines of an output without commands for a build system: the first character of such a
/// line is escaped. A line of JSON is never a command.
#[must_use]
pub fn lines(output: &str) -> Cow<'_, str> {
    let command = |line: &str| {
        let text = uncoloured(line);
        let is_one = COMMANDS.iter().any(|start| text.starts_with(start));
        is_one.then(|| line.len().saturating_sub(text.len()))
    };
    if !output.split('\n').any(|line| command(line).is_some()) {
        return Cow::Borrowed(output);
    }
    let mut out = String::with_capacity(output.len() + 16);
    for line in output.split_inclusive('\n') {
        let (before, text) = line
            .split_at_checked(command(line).unwrap_or(0))
            .unwrap_or(("", line));
        out.push_str(before);
        let mut rest = text.chars();
        match rest.next().filter(|_| command(line).is_some()) {
            Some(first) => {
                push_escape(&mut out, first);
                out.push_str(rest.as_str());
            }
            None => out.push_str(text),
        }
    }
    Cow::Owned(out)
}

fn uncoloured(line: &str) -> &str {
    let mut text = line.trim_start();
    while let Some((_, rest)) = text.strip_prefix("\x1b[").and_then(|it| it.split_once('m')) {
        text = rest.trim_start();
    }
    text
}

/// Returns bytes as safe text. A byte that is not UTF-8 becomes `\xff`.
#[must_use]
pub fn bytes(raw: &[u8]) -> String {
    let mut out = String::new();
    for chunk in raw.utf8_chunks() {
        out.push_str(&text(chunk.valid()));
        for byte in chunk.invalid() {
            push(&mut out, format_args!("\\x{byte:02x}"));
        }
    }
    out
}

/// Returns the text in printable ASCII.
#[must_use]
pub fn ascii(raw: &str) -> Cow<'_, str> {
    if raw.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len() + 16);
    for c in raw.chars() {
        if c == ' ' || c.is_ascii_graphic() {
            out.push(c);
        } else {
            push_escape(&mut out, c);
        }
    }
    Cow::Owned(out)
}

/// Returns a page in ASCII, for a terminal without UTF-8. Marks become similar ASCII characters of the
/// same width; other characters are escaped.
#[must_use]
pub fn plain(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    for c in page.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            '…' => out.push('~'),
            '·' | '–' | '—' => out.push('-'),
            '━' => out.push('='),
            '✓' => out.push('+'),
            '✗' => out.push('x'),
            '→' => out.push('>'),
            '’' => out.push('\''),
            c => push_escape(&mut out, c),
        }
    }
    out
}

/// Returns the text as one word of a shell command: bare if that is safe, else in single quotes. A text with
/// hostile characters becomes `$'…'`, which bash, zsh and ksh read.
#[must_use]
pub fn shell_quote(raw: &str) -> Cow<'_, str> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&b);
    if !raw.is_empty() && raw.bytes().all(plain) {
        return Cow::Borrowed(raw);
    }
    if matches!(text(raw), Cow::Borrowed(_)) {
        return Cow::Owned(format!("'{}'", raw.replace('\'', r"'\''")));
    }
    let mut out = String::from("$'");
    for byte in raw.bytes() {
        match byte {
            b'\'' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            0x20..0x7f => out.push(char::from(byte)),
            _ => push(&mut out, format_args!("\\x{byte:02x}")),
        }
    }
    out.push('\'');
    Cow::Owned(out)
}

/// Returns true for a character that must not reach a terminal as it is.
#[must_use]
pub fn is_hostile(c: char) -> bool {
    matches!(c,
        // C0, DEL and C1.
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Soft hyphen, grapheme joiner, direction of the text.
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Of no width: joiners, invisible operators, deprecated format characters, byte order mark.
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        // Fillers that look like nothing.
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
        // Spaces of other widths: text padded with them could pass for a line of its own.
        | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        // Line and paragraph separators.
        | '\u{2028}' | '\u{2029}'
        // Variation selectors, interlinear annotations, not characters at all.
        | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{fdd0}'..='\u{fdef}'
        // Tags, more variation selectors and the rest of plane 14; nothing else is in it.
        | '\u{e0000}'..='\u{effff}')
}

fn push_escape(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        '\0'..='\u{7f}' => push(out, format_args!("\\x{:02x}", u32::from(c))),
        _ => push(out, format_args!("\\u{{{:x}}}", u32::from(c))),
    }
}

/// Writing to a `String` cannot fail.
fn push(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(arguments);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_a_command_of_a_build_system() {
        for clean in ["a::b\n", "{\n  \"::x\": 1\n}\n", "# ## [x]\n", ""] {
            assert!(matches!(lines(clean), Cow::Borrowed(_)), "{clean}");
        }
        for (output, shown) in [
            ("::error::x\n", "\\x3a:error::x\n"),
            ("a\n  ::x\nb", "a\n  \\x3a:x\nb"),
            ("\x1b[1m\x1b[31m::x\x1b[0m", "\x1b[1m\x1b[31m\\x3a:x\x1b[0m"),
            ("\t##[group]x", "\t\\x23#[group]x"),
            ("##vso[task]y\r\n", "\\x23#vso[task]y\r\n"),
        ] {
            assert_eq!(lines(output), shown);
        }
    }

    #[test]
    fn clean_text_costs_nothing() {
        for clean in [
            "",
            "vllm/vllm-openai:v0.29.0",
            "C:\\x1b",
            "größer 漢字 é",
            "e\u{301}",
        ] {
            assert!(
                matches!(text(clean), Cow::Borrowed(same) if same == clean),
                "{clean}"
            );
        }
    }

    #[test]
    fn what_a_terminal_acts_on_becomes_visible() {
        for (raw, shown) in [
            ("\u{1b}[31mred", r"\x1b[31mred"),
            ("a\nb\tc\rd", r"a\nb\tc\rd"),
            ("\0\u{7f}", r"\x00\x7f"),
            ("\u{9b}31m", r"\u{9b}31m"),
            ("\u{1b}]52;c;aGk=\u{7}", r"\x1b]52;c;aGk=\x07"),
            ("a\u{202e}b", r"a\u{202e}b"),
            ("a\u{2066}b\u{2069}", r"a\u{2066}b\u{2069}"),
            ("pay\u{200b}pal", r"pay\u{200b}pal"),
            ("so\u{ad}ft", r"so\u{ad}ft"),
            ("\u{feff}x", r"\u{feff}x"),
            ("a\u{2028}b\u{2029}", r"a\u{2028}b\u{2029}"),
            ("\u{e0041}", r"\u{e0041}"),
            ("x\u{fe0f}", r"x\u{fe0f}"),
            ("a\u{a0}b", r"a\u{a0}b"),
            ("\u{61c}\u{200e}\u{200f}", r"\u{61c}\u{200e}\u{200f}"),
        ] {
            assert_eq!(text(raw), shown);
        }
    }

    #[test]
    fn marks_do_not_pile_up_or_stand_alone() {
        assert_eq!(text("\u{301}x"), r"\u{301}x");
        assert_eq!(text("x\u{301}\u{302}\u{303}"), "x\u{301}\u{302}\\u{303}");
    }

    #[test]
    fn every_control_character_is_escaped() {
        for code in (0..0x20).chain(0x7f..0xa0) {
            let c = char::from_u32(code).unwrap();
            assert!(!text(&c.to_string()).contains(c), "{code:x}");
        }
    }

    #[test]
    fn ascii_leaves_nothing_else() {
        assert_eq!(ascii("é漢"), r"\u{e9}\u{6f22}");
        assert_eq!(ascii("a b"), "a b");
    }

    #[test]
    fn bytes_that_are_not_text_are_named() {
        assert_eq!(bytes(b"a\xff\x1bz"), r"a\xff\x1bz");
    }

    #[test]
    fn shell_words_survive_a_shell() {
        for (raw, quoted) in [
            (
                "docker://vllm/vllm-openai:v0.29.0",
                "docker://vllm/vllm-openai:v0.29.0",
            ),
            (
                "docker://nvcr.io#nvidia/pytorch:25.03-py3",
                "'docker://nvcr.io#nvidia/pytorch:25.03-py3'",
            ),
            ("", "''"),
            ("a b", "'a b'"),
            ("$(reboot)", "'$(reboot)'"),
            ("it's", r"'it'\''s'"),
            ("a\nb", r"$'a\x0ab'"),
            ("\u{202e}'\\", r"$'\xe2\x80\xae\'\\'"),
        ] {
            assert_eq!(shell_quote(raw), quoted);
        }
    }
}
