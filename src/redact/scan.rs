//! Steps through a text: finds the starts of words, and measures runs of characters of one class.

use std::ops::Range;

/// The first two bytes of some ASCII words.
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

    /// Returns true if one of the words begins with these two bytes.
    pub(super) fn has(&self, first: u8, second: u8) -> bool {
        match self.0.get(usize::from(first)) {
            None | Some(0) => false,
            Some(seconds) => seconds & bit(second) != 0,
        }
    }

    /// Returns true if one of the words may begin at this byte of the text.
    pub(super) fn at(&self, text: &str, at: usize) -> bool {
        let pair = text.as_bytes().get(at..at.saturating_add(2));
        matches!(pair, Some(&[first, second]) if self.has(first, second))
    }
}

/// Returns the bit of an ASCII byte, and no bit for another byte.
fn bit(byte: u8) -> u128 {
    1_u128.checked_shl(u32::from(byte)).unwrap_or(0)
}

/// Returns where words start: at the start of the text, after a character that is neither letter
/// nor digit, or after a sequence that colours a terminal (ECMA-48, 5.4), whose last byte is a
/// letter.
pub(super) fn word_starts(text: &str) -> impl Iterator<Item = usize> {
    let (mut inside, mut sequence) = (false, false);
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        let (starts, of_sequence) = (!inside && !sequence, sequence);
        sequence = byte == 0x1b || (sequence && (byte == b'[' || (0x20..0x40).contains(&byte)));
        inside = byte.is_ascii_alphanumeric() && !of_sequence;
        starts.then_some(at)
    })
}

/// Returns true if these characters are at this place of the text.
pub(super) fn is_at(text: &str, at: usize, what: &str) -> bool {
    let (text, what) = (text.as_bytes(), what.as_bytes());
    text.get(at) == what.first() && text.get(at..at + what.len()) == Some(what)
}

/// Returns a class: ASCII letters, digits and these signs.
pub(super) fn alphanumeric_or(signs: &[u8]) -> impl Fn(u8) -> bool + Copy {
    move |b| b.is_ascii_alphanumeric() || signs.contains(&b)
}

/// Returns the number of bytes from here that belong to an ASCII class.
pub(super) fn run(text: &str, from: usize, of: impl Fn(u8) -> bool) -> usize {
    text.as_bytes()
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take_while(|&&b| b.is_ascii() && of(b))
        .count()
}

/// Returns the number of bytes before this place that belong to an ASCII class, at most `most`.
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

/// Returns where these characters next occur.
pub(super) fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| at + from)
}

/// Returns the value from here to the closing quote, or to the next blank or separator. A character
/// after a backslash belongs to the value, as in a shell.
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

/// Returns the distance to the first such character without a backslash before it, or to the end.
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
