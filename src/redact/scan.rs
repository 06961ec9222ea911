//! Steps through a text: how the words begin that are looked for, and how far characters of a kind go.

use std::ops::Range;

/// The first two bytes of some words, which are longer and of ASCII.
pub(super) struct Starts([u128; 128]);

impl Starts {
    pub(super) fn of<'w>(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut seconds = [0; 128];
        for word in words {
            if let [first, second, ..] = word.as_bytes()
                && let Some(seconds) = seconds.get_mut(usize::from(*first))
            {
                *seconds |= bit(*second);
            }
        }
        Self(seconds)
    }

    /// True where one of the words begins with these two.
    pub(super) fn has(&self, first: u8, second: u8) -> bool {
        match self.0.get(usize::from(first)) {
            None | Some(0) => false,
            Some(seconds) => seconds & bit(second) != 0,
        }
    }

    /// True where a word may stand at this byte of the text.
    pub(super) fn at(&self, text: &str, at: usize) -> bool {
        let pair = text.as_bytes().get(at..at.saturating_add(2));
        matches!(pair, Some(&[first, second]) if self.has(first, second))
    }
}

/// None for a byte beyond ASCII.
fn bit(byte: u8) -> u128 {
    1_u128.checked_shl(u32::from(byte)).unwrap_or(0)
}

/// Where something stands at the start of the text, after what is no letter or digit, or after a
/// sequence that colours a terminal (ECMA-48, 5.4), whose last byte is a letter.
pub(super) fn word_starts(text: &str) -> impl Iterator<Item = usize> {
    let (mut inside, mut sequence) = (false, false);
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        let (starts, of_sequence) = (!inside && !sequence, sequence);
        sequence = byte == 0x1b || (sequence && (byte == b'[' || (0x20..0x40).contains(&byte)));
        inside = byte.is_ascii_alphanumeric() && !of_sequence;
        starts.then_some(at)
    })
}

/// True where the text goes on with these characters.
pub(super) fn is_at(text: &str, at: usize, what: &str) -> bool {
    let (text, what) = (text.as_bytes(), what.as_bytes());
    text.get(at) == what.first() && text.get(at..at + what.len()) == Some(what)
}

/// How many bytes from here on are of a kind. The kind is of ASCII.
pub(super) fn run(text: &str, from: usize, of: impl Fn(u8) -> bool) -> usize {
    text.as_bytes()
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take_while(|&&b| b.is_ascii() && of(b))
        .count()
}

/// How many bytes before this place are of a kind, up to a most. The kind is of ASCII.
pub(super) fn run_back(text: &str, before: usize, most: usize, of: impl Fn(u8) -> bool) -> usize {
    text.as_bytes()
        .get(..before)
        .unwrap_or_default()
        .iter()
        .rev()
        .take(most)
        .take_while(|&&b| b.is_ascii() && of(b))
        .count()
}

/// Where these characters stand from here on.
pub(super) fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| at + from)
}

/// The value from here: to the closing quote, or to the next blank or separator. What a backslash
/// stands before is a part of it, as in a shell.
pub(super) fn value_range(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let dollar = usize::from(rest.starts_with("$'") || rest.starts_with("$\""));
    let quoted = rest.get(dollar..).unwrap_or_default();
    for quote in ['"', '\''] {
        if let Some(inner) = quoted.strip_prefix(quote) {
            let plain = quote == '\'' && dollar == 0;
            let start = start + dollar + 1;
            return start..start + unescaped(inner, |c| c == quote, plain);
        }
    }
    let ends = |c: char| c.is_whitespace() || "\"'&;,|)".contains(c);
    start..start + unescaped(rest, ends, false)
}

/// How far it is to the first such character without a backslash before it, or to the end.
fn unescaped(text: &str, ends: impl Fn(char) -> bool, plain: bool) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' && !plain {
            escaped = true;
        } else if ends(c) {
            return at;
        }
    }
    text.len()
}
