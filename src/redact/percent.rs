//! Finds user information in URLs that are percent-encoded, once or several times.

use std::ops::Range;

use super::urls;

/// The most levels of encoding: a URL may be the value of another URL.
const ROUNDS: usize = 3;

/// Finds the user information of `https://NAME%3APASSWORD%40host`, `https%253A%252F%252F…` and
/// similar URLs.
pub(super) fn user_information(text: &str, found: &mut Vec<Range<usize>>) {
    let mut bytes = text.as_bytes().to_vec();
    // The place of each byte in the text, and of the end.
    let mut places: Vec<usize> = (0..=bytes.len()).collect();
    for _ in 0..ROUNDS {
        let before = bytes.len();
        (bytes, places) = decoded(&bytes, &places);
        if bytes.len() == before {
            return;
        }
        let mut inner = Vec::new();
        // Decoding replaces ASCII signs by ASCII signs, so this is UTF-8.
        urls::user_information(std::str::from_utf8(&bytes).unwrap_or_default(), &mut inner);
        let place = |at: usize| places.get(at).copied().unwrap_or(text.len());
        found.extend(
            inner
                .iter()
                .map(|range| place(range.start)..place(range.end)),
        );
    }
}

/// Decodes one level of `%3A` and the other signs by which a URL is recognised.
fn decoded(bytes: &[u8], places: &[usize]) -> (Vec<u8>, Vec<usize>) {
    let (mut out, mut kept) = (Vec::with_capacity(bytes.len()), Vec::new());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let sign = bytes.get(at..at + 3).and_then(sign);
        out.push(sign.unwrap_or(byte));
        kept.extend(places.get(at));
        at += if sign.is_some() { 3 } else { 1 };
    }
    kept.extend(places.last());
    (out, kept)
}

/// Returns the decoded sign: `%3A` is a colon.
fn sign(three: &[u8]) -> Option<u8> {
    let [b'%', high, low] = three else {
        return None;
    };
    match (high, low.to_ascii_uppercase()) {
        (b'2', b'5') => Some(b'%'),
        (b'2', b'F') => Some(b'/'),
        (b'3', b'A') => Some(b':'),
        (b'3', b'F') => Some(b'?'),
        (b'4', b'0') => Some(b'@'),
        _ => None,
    }
}
