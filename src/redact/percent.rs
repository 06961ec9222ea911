//! Users in percent-encoded URLs, encoded once or several times.

use std::ops::Range;

use super::urls;

/// So often a URL may be the value of another one.
const ROUNDS: usize = 3;

/// The user information of `https://NAME%3APASSWORD%40host`, `https%253A%252F%252F…` and the like.
pub(super) fn user_information(text: &str, found: &mut Vec<Range<usize>>) {
    let mut bytes = text.as_bytes().to_vec();
    // Where each byte stands in the text, and the end.
    let mut places: Vec<usize> = (0..=bytes.len()).collect();
    for _ in 0..ROUNDS {
        let before = bytes.len();
        (bytes, places) = decoded(&bytes, &places);
        if bytes.len() == before {
            return;
        }
        let mut inner = Vec::new();
        // Signs of ASCII took the place of signs of ASCII.
        urls::user_information(std::str::from_utf8(&bytes).unwrap_or_default(), &mut inner);
        let place = |at: usize| places.get(at).copied().unwrap_or(text.len());
        found.extend(
            inner
                .iter()
                .map(|range| place(range.start)..place(range.end)),
        );
    }
}

/// The same with one level of `%3A` and its like taken away, for the signs that a URL is told by.
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

/// `%3A` is a colon.
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
