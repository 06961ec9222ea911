//! Finds secrets by their shape, anywhere in a text.

use std::ops::Range;
use std::sync::LazyLock;

use super::rules::{RULES, Rule};
use super::scan::{Starts, alphanumeric_or, find, is_at, run, run_back, word_starts};
use super::webhooks;

/// The longest run in the middle of a token. It keeps the time linear in the text.
const LONGEST_PART: usize = 1024;

/// Finds the tokens in a text.
pub(super) fn tokens(text: &str, found: &mut Vec<Range<usize>>) {
    // A start inside of a run that was already read only begins a shorter run.
    let mut done: Vec<(usize, usize)> = Vec::new();
    let starts = &*STARTS;
    for start in word_starts(text).filter(|&start| starts.at(text, start)) {
        for (number, rule) in beginning(text, start) {
            let body = start + rule.start.len();
            let before = done.iter_mut().find(|(of, _)| *of == number);
            if before.as_ref().is_some_and(|(_, end)| body <= *end) {
                continue;
            }
            let (first, token) = token(rule, text, start);
            let end = token.as_ref().map_or(first, |token| token.end);
            match before {
                Some((_, until)) => *until = end,
                None => done.push((number, end)),
            }
            found.extend(token);
        }
        for host in webhooks::HOSTS {
            if is_at(text, start, host) {
                webhooks::path(text, start + host.len(), found);
            }
        }
        for scheme in SCHEMES {
            if is_at(text, start, scheme) {
                bearer(text, start + scheme.len(), found);
            }
        }
    }
}

/// Returns the rules whose start is at this place. The table is sorted by starts.
fn beginning(text: &str, start: usize) -> impl Iterator<Item = (usize, &'static Rule)> {
    let pair = text.as_bytes().get(start..start + 2).unwrap_or_default();
    let from = RULES.partition_point(|rule| rule.start.as_bytes() < pair);
    let alike = RULES.iter().enumerate().skip(from);
    alike
        .take_while(move |(_, rule)| rule.start.as_bytes().starts_with(pair))
        .filter(move |(_, rule)| is_at(text, start, rule.start))
}

/// Returns the token of a rule at a start, and the end of the first run after the start.
fn token(rule: &Rule, text: &str, start: usize) -> (usize, Option<Range<usize>>) {
    let (mut from, mut at) = (start, start + rule.start.len());
    let mut first = None;
    let mut pattern = rule.pattern.bytes().peekable();
    while let Some(sign) = pattern.next() {
        if !sign.is_ascii_lowercase() && sign != b'<' {
            if text.as_bytes().get(at) != Some(&sign) {
                return (first.unwrap_or(at), None);
            }
            at += 1;
            continue;
        }
        let behind = sign == b'<';
        let kind = if behind {
            pattern.next().unwrap_or(sign)
        } else {
            sign
        };
        let mut least = 0_usize;
        while let Some(digit) = pattern.next_if(u8::is_ascii_digit) {
            least = least * 10 + usize::from(digit - b'0');
        }
        let mut wanted = Wanted {
            least,
            ..Wanted::default()
        };
        while let Some(flag) = pattern.next_if(|sign| b"dxe".contains(sign)) {
            wanted.digit |= flag == b'd';
            wanted.no_hex |= flag == b'x';
            wanted.exact |= flag == b'e';
        }
        let range = if behind {
            from - run_back(text, from, LONGEST_PART, |b| is_of(kind, b))..from
        } else {
            at..at + run(text, at, |b| is_of(kind, b))
        };
        if !behind {
            at = range.end;
            first = first.or(Some(at));
        }
        let last = behind || pattern.peek().is_none();
        let fits = wanted.fits(text.get(range.clone()).unwrap_or_default());
        if !fits || (!last && range.len() > LONGEST_PART) {
            return (first.unwrap_or(at), None);
        }
        from = from.min(range.start);
    }
    // Characters directly after a token belong to it.
    at += run(text, at, |b| b.is_ascii_alphanumeric());
    (at, Some(from..at))
}

/// The requirements for a run of characters.
#[derive(Default)]
struct Wanted {
    least: usize,
    digit: bool,
    no_hex: bool,
    exact: bool,
}

impl Wanted {
    fn fits(&self, taken: &str) -> bool {
        let length = taken.len();
        (length == self.least || (length > self.least && !self.exact))
            && (!self.digit || taken.bytes().any(|b| b.is_ascii_digit()))
            && (!self.no_hex || !taken.bytes().all(|b| b.is_ascii_hexdigit()))
    }
}

/// Returns true for a character of the class that a pattern names.
fn is_of(kind: u8, b: u8) -> bool {
    match kind {
        b'h' => b.is_ascii_hexdigit(),
        b'n' => b.is_ascii_digit(),
        b'u' => b.is_ascii_uppercase() || b.is_ascii_digit(),
        b'w' => alphanumeric_or(b"_-")(b),
        b't' => alphanumeric_or(b"_-.=")(b),
        b'b' => alphanumeric_or(b"+/=")(b),
        _ => b.is_ascii_alphanumeric(),
    }
}

static STARTS: LazyLock<Starts> = LazyLock::new(|| Starts::of(beginnings()));

/// Returns all texts that are searched at the start of a word.
fn beginnings() -> impl Iterator<Item = &'static str> {
    let starts = RULES.iter().map(|rule| rule.start);
    starts.chain(SCHEMES).chain(webhooks::HOSTS)
}

/// The schemes before a token in a header.
const SCHEMES: [&str; 6] = [
    "Bearer ", "bearer ", "BEARER ", "Basic ", "basic ", "BASIC ",
];

/// Finds the token after `Bearer` or `Basic` in a header.
fn bearer(text: &str, body: usize, found: &mut Vec<Range<usize>>) {
    let end = body + run(text, body, alphanumeric_or(b"._~+/=-"));
    if end - body >= 12 {
        found.push(body..end);
    }
}

/// Finds a client secret of Azure AD: three characters, a digit, `Q~`, and 31 to 34 characters.
pub(super) fn azure(text: &str, found: &mut Vec<Range<usize>>) {
    const LEAST: usize = 31;
    let of = alphanumeric_or(b"_~.-");
    let mut done = 0;
    for (at, sign) in text.match_indices("Q~").filter(|(at, _)| *at >= 4) {
        let digit = text.as_bytes().get(at - 1).is_some_and(u8::is_ascii_digit);
        if at < done || !digit || run_back(text, at, 4, of) < 4 {
            continue;
        }
        let end = at + sign.len() + run(text, at + sign.len(), of);
        done = end;
        if end - at >= LEAST + sign.len() {
            found.push(at - 4..end);
        }
    }
}

/// Finds a key of Mailchimp: 32 hexadecimal digits, and the data centre, `-us12`.
pub(super) fn mailchimp(text: &str, found: &mut Vec<Range<usize>>) {
    const DIGITS: usize = 32;
    for (at, sign) in text.match_indices("-us") {
        let end = at + sign.len();
        let number = run(text, end, |b| b.is_ascii_digit());
        let key = run_back(text, at, DIGITS + 1, |b| b.is_ascii_alphanumeric());
        let hex = run_back(text, at, DIGITS + 1, |b| b.is_ascii_hexdigit());
        if (1..=2).contains(&number) && key == DIGITS && hex == DIGITS {
            found.push(at - DIGITS..end + number);
        }
    }
}

/// Finds a token of a Telegram bot: its number, `:A`, and 34 characters.
pub(super) fn telegram(text: &str, found: &mut Vec<Range<usize>>) {
    for (at, sign) in text.match_indices(":A") {
        // The number of a bot is short.
        let number = run_back(text, at, 17, |b| b.is_ascii_digit());
        let start = at + sign.len();
        if (5..=16).contains(&number) && run(text, start, alphanumeric_or(b"_-")) == 34 {
            found.push(at - number..start + 34);
        }
    }
}

/// Finds PEM blocks, from `-----BEGIN` to the end of the block or of the text.
pub(super) fn pem(text: &str, found: &mut Vec<Range<usize>>) {
    // This quick search needs no preparation, which would cost more than a short text.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::{MASK, is_secret, text};

    #[test]
    fn every_token_may_start_where_its_prefix_stands() {
        for prefix in beginnings() {
            assert!(STARTS.at(prefix, 0), "{prefix}");
        }
        for word in ["usr", "bin", "torch", "", "x", "é"] {
            assert!(!STARTS.at(word, 0), "{word}");
        }
    }

    #[test]
    fn the_rules_are_in_the_order_of_their_starts() {
        let starts = RULES.iter().map(|rule| rule.start.as_bytes());
        assert!(starts.is_sorted_by(|one, two| one < two));
        assert!(RULES.iter().all(|rule| rule.start.len() >= 2));
    }

    #[test]
    fn a_token_has_its_length_and_its_kinds_of_characters() {
        for raw in [
            "docker.io/xai-org/grok:xai-98dff2a81d747d1dba01a47f939f48c3526d4206",
            "xai-explainability_toolkit_for_image_models",
            "gsk_biopharma_trials",
            "r8_foo",
            "api_org_name",
            "SG.md",
            "SG.x.y",
            "MSG.abcDEFghiJKLmnoPQRst01.abcDEFghiJKLmnoPQRstuVWXyz0123456789ABCDEFab",
            "dapi0123",
            "wandb_v1_integration_tests_for_a_long_name_of_one",
            "pulp-98dff2a81d747d1dba01a47f939f48c3526d4206",
        ] {
            assert_eq!(text(raw), raw);
            assert!(!is_secret("HOOK", raw), "{raw}");
        }
        let hex = "0123456789abcdef0123456789abcdef";
        for token in [format!("dapi{hex}-2"), format!("dapi{hex}")] {
            let masked = text(&token).into_owned();
            assert!(
                masked.starts_with(MASK) && !masked.contains(hex),
                "{masked}"
            );
        }
    }
}
