//! Finds control characters in values. A damaged line break may be one: it joins two lines, and the second
//! variable or label is lost.

use super::{Facts, Loss, Pair};

/// The code of the loss.
pub const CONTROL_CHARACTER: &str = "control-character";

/// Returns the loss if a value in a line of a file has a control character, or bytes that are not UTF-8.
#[must_use]
pub fn loss(facts: &Facts) -> Option<Loss> {
    let pairs = facts.environment.iter().chain(&facts.labels);
    let mut found = pairs.filter(|pair| pair.source.line.is_some() && is_damaged(pair));
    let first = found.next()?;
    let count = found.count().saturating_add(1);
    let path = first.source.path.as_deref().unwrap_or_default();
    let line = first.source.line.unwrap_or_default();
    let message = format!(
        "{count} values have a control character, or bytes that are not UTF-8 (first: {path} line {line}): a damaged line break may hide the next variable or label"
    );
    Some(Loss::minor(CONTROL_CHARACTER, message))
}

fn is_damaged(pair: &Pair) -> bool {
    let mut characters = pair.key.chars().chain(pair.value.chars());
    characters.any(is_foreign_to_text)
}

/// Returns true for a character that no text has, and no colour or title of a terminal.
fn is_foreign_to_text(c: char) -> bool {
    const USED: [char; 5] = ['\t', '\n', '\r', '\u{7}', '\u{1b}'];
    (c.is_control() && !USED.contains(&c)) || c == char::REPLACEMENT_CHARACTER
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carriers::environment;

    fn of(bytes: &[u8]) -> Option<Loss> {
        loss(&Facts {
            environment: environment::parse(bytes).variables,
            ..Facts::default()
        })
    }

    #[test]
    fn a_line_break_with_a_flipped_bit_is_noticed() {
        assert_eq!(of(b"NVARCH=x86_64\nNVIDIA_REQUIRE_CUDA=cuda>=13.0\n"), None);
        assert_eq!(
            of(b"PS1=\x1b[31mred\x1b[0m\x07\nA=b\tc\r\nB=\xc3\xa9\n"),
            None
        );
        for bit in [0, 1, 2, 4, 7] {
            let mut bytes = b"NVARCH=x86_64\nNVIDIA_REQUIRE_CUDA=cuda>=13.0\n".to_vec();
            bytes[13] ^= 1 << bit;
            let found = of(&bytes).unwrap();
            assert!(found.message.contains("/etc/environment line 1"), "{bit}");
        }
    }
}
