//! Values that are secrets by what they look like, wherever they stand in a text.

use std::ops::Range;

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
    for shape in &SHAPES {
        // A start inside of a run that was looked at begins a shorter run only.
        let mut done = 0;
        for start in word_starts(text, shape.prefix) {
            if start < done {
                continue;
            }
            let body = start + shape.prefix.len();
            let of = |b: u8| b.is_ascii_alphanumeric() || shape.more.contains(&b);
            done = body + run(text, body, of);
            let taken = text.get(body..done).unwrap_or_default();
            let digits = taken.bytes().any(|b| b.is_ascii_digit());
            if taken.len() >= shape.least && (digits || !shape.digit) {
                found.push(start..done);
            }
        }
    }
    web_tokens(text, found);
    bearers(text, found);
}

/// JSON web tokens: three parts in base64, the first an object.
fn web_tokens(text: &str, found: &mut Vec<Range<usize>>) {
    let mut done = 0;
    for start in word_starts(text, "eyJ") {
        if start < done {
            continue;
        }
        let of = |b: u8| b.is_ascii_alphanumeric() || b"_-.=".contains(&b);
        done = start + run(text, start, of);
        let mut parts = text.get(start..done).unwrap_or_default().split('.');
        let long = |part: Option<&str>| part.is_some_and(|p| p.len() >= 6);
        if long(parts.next()) && long(parts.next()) && parts.next().is_some() {
            found.push(start..done);
        }
    }
}

/// What follows `Bearer` or `Basic` in a header.
fn bearers(text: &str, found: &mut Vec<Range<usize>>) {
    for scheme in ["Bearer ", "bearer ", "Basic ", "basic "] {
        for start in word_starts(text, scheme) {
            let body = start + scheme.len();
            let end = body
                + run(text, body, |b| {
                    b.is_ascii_alphanumeric() || b"._~+/=-".contains(&b)
                });
            if end - body >= 12 {
                found.push(body..end);
            }
        }
    }
}

/// PEM blocks, from `-----BEGIN` to the end of the block, or of the text.
pub(super) fn pem(text: &str, found: &mut Vec<Range<usize>>) {
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

/// Where the text has the word, at its start or after what is no letter or digit.
pub(super) fn word_starts<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(word).map(|(at, _)| at).filter(|&at| {
        !text
            .get(..at)
            .and_then(|before| before.bytes().next_back())
            .is_some_and(|b| b.is_ascii_alphanumeric())
    })
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
