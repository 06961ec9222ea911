//! Values that are secrets by what they look like, wherever they stand in a text.

use std::ops::Range;
use std::sync::LazyLock;

use super::starts::Starts;

/// How a known kind of token is written: after its prefix, at least `least`
/// characters of letters, digits and `more`.
struct Shape {
    prefix: &'static str,
    least: usize,
    more: &'static [u8],
    /// A digit must be among them, since the prefix is also the start of words.
    digit: bool,
}

const SHAPES: [Shape; 31] = [
    shape("hf_", 16, b""),
    shape("ghp_", 16, b""),
    shape("gho_", 16, b""),
    shape("ghs_", 16, b"._-"),
    shape("ghu_", 16, b""),
    shape("ghr_", 16, b""),
    shape("github_pat_", 16, b"_"),
    shape("glpat-", 16, b"_-."),
    shape("gldt-", 16, b"_-."),
    shape("glptt-", 16, b"_-."),
    shape("glrt-", 16, b"_-."),
    shape("glcbt-", 16, b"_-."),
    shape("AKIA", 16, b""),
    shape("ASIA", 16, b""),
    shape("xoxa-", 8, b"-"),
    shape("xoxb-", 8, b"-"),
    shape("xoxp-", 8, b"-"),
    shape("xoxe-", 8, b"-."),
    shape("xoxr-", 8, b"-"),
    shape("xoxs-", 8, b"-"),
    shape("xapp-", 8, b"-"),
    Shape {
        prefix: "sk-",
        least: 16,
        more: b"_-",
        digit: true,
    },
    shape("nvapi-", 16, b"_-"),
    shape("AIza", 30, b"_-"),
    shape("ya29.", 16, b"_-"),
    shape("hvs.", 20, b"_-"),
    shape("pypi-AgE", 16, b"_-"),
    shape("sk_live_", 16, b""),
    shape("rk_live_", 16, b""),
    shape("npm_", 30, b""),
    shape("dckr_pat_", 16, b"_-"),
];

const fn shape(prefix: &'static str, least: usize, more: &'static [u8]) -> Shape {
    Shape {
        prefix,
        least,
        more,
        digit: false,
    }
}

/// The parts of the text that are tokens.
pub(super) fn tokens(text: &str, found: &mut Vec<Range<usize>>) {
    // A start inside of a run that was looked at begins a shorter run only.
    let mut done = [0; SHAPES.len()];
    let mut web_done = 0;
    let starts = &*STARTS;
    for start in word_starts(text).filter(|&start| starts.at(text, start)) {
        for (shape, done) in SHAPES.iter().zip(&mut done) {
            if start >= *done && is_at(text, start, shape.prefix) {
                let body = start + shape.prefix.len();
                let of = |b: u8| b.is_ascii_alphanumeric() || shape.more.contains(&b);
                *done = body + run(text, body, of);
                let taken = text.get(body..*done).unwrap_or_default();
                let digits = taken.bytes().any(|b| b.is_ascii_digit());
                if taken.len() >= shape.least && (digits || !shape.digit) {
                    found.push(start..*done);
                }
            }
        }
        if start >= web_done && is_at(text, start, WEB_TOKEN) {
            web_done = web_token(text, start, found);
        }
        for scheme in SCHEMES {
            if is_at(text, start, scheme) {
                bearer(text, start + scheme.len(), found);
            }
        }
    }
}

/// How tokens and schemes begin.
static STARTS: LazyLock<Starts> = LazyLock::new(|| {
    let prefixes = SHAPES.iter().map(|shape| shape.prefix);
    Starts::of(prefixes.chain(SCHEMES).chain([WEB_TOKEN]))
});

/// What stands before a token in a header.
const SCHEMES: [&str; 4] = ["Bearer ", "bearer ", "Basic ", "basic "];

/// `{"` in base64.
const WEB_TOKEN: &str = "eyJ";

/// A JSON web token: three parts in base64, the first an object. Returns where it ends.
fn web_token(text: &str, start: usize, found: &mut Vec<Range<usize>>) -> usize {
    let of = |b: u8| b.is_ascii_alphanumeric() || b"_-.=".contains(&b);
    let end = start + run(text, start, of);
    let mut parts = text.get(start..end).unwrap_or_default().split('.');
    let long = |part: Option<&str>| part.is_some_and(|p| p.len() >= 6);
    if long(parts.next()) && long(parts.next()) && parts.next().is_some() {
        found.push(start..end);
    }
    end
}

/// What follows `Bearer` or `Basic` in a header.
fn bearer(text: &str, body: usize, found: &mut Vec<Range<usize>>) {
    let of = |b: u8| b.is_ascii_alphanumeric() || b"._~+/=-".contains(&b);
    let end = body + run(text, body, of);
    if end - body >= 12 {
        found.push(body..end);
    }
}

/// PEM blocks, from `-----BEGIN` to the end of the block, or of the text.
pub(super) fn pem(text: &str, found: &mut Vec<Range<usize>>) {
    // This search has no set-up, which costs more than a short text.
    if !text.contains("-----BEGIN") {
        return;
    }
    let mut from = 0;
    while let Some(start) = find(text, from, "-----BEGIN") {
        let end = find(text, start, "-----END").map_or(text.len(), |closing| {
            find(text, closing + "-----END".len(), "-----")
                .map_or(text.len(), |last| last + "-----".len())
        });
        found.push(start..end);
        from = end;
    }
}

/// Where something stands at the start of the text or after what is no letter or digit.
fn word_starts(text: &str) -> impl Iterator<Item = usize> {
    let mut inside = false;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        let starts = !inside;
        inside = byte.is_ascii_alphanumeric();
        starts.then_some(at)
    })
}

fn is_at(text: &str, at: usize, what: &str) -> bool {
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

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| at + from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_may_start_where_its_prefix_stands() {
        let prefixes = SHAPES.iter().map(|shape| shape.prefix);
        for prefix in prefixes.chain(SCHEMES).chain([WEB_TOKEN]) {
            assert!(STARTS.at(prefix, 0), "{prefix}");
        }
        for word in ["usr", "lib", "torch", "", "x", "é"] {
            assert!(!STARTS.at(word, 0), "{word}");
        }
    }
}
