//! Masks one text, or one value with a name.

use std::borrow::Cow;
use std::ops::Range;

use super::{commands, encoded, names, percent, shapes, urls};

/// The text that replaces a secret.
pub const MASK: &str = "***";

/// Masks every secret in a text, by its shape or place.
#[must_use]
pub fn text(raw: &str) -> Cow<'_, str> {
    let mut found = Vec::new();
    let signs = signs(raw);
    shown(raw, signs, &mut found);
    if signs & QUESTION != 0 {
        urls::queries(raw, &mut found);
    }
    mask(raw, found)
}

/// Finds secrets by their shape or place, except the values of queries.
fn shown(raw: &str, signs: u8, found: &mut Vec<Range<usize>>) {
    let has = |wanted| signs & wanted != 0;
    shapes::tokens(raw, found);
    if has(DASH) {
        shapes::mailchimp(raw, found);
        shapes::pem(raw, found);
    }
    if has(TILDE) {
        shapes::azure(raw, found);
    }
    if has(COLON) {
        shapes::telegram(raw, found);
        urls::user_information(raw, found);
        urls::paths(raw, found);
    }
    if has(COLON) && has(AT) {
        urls::bare_user_information(raw, found);
    }
    if has(PERCENT) {
        urls::encoded(raw, found);
        percent::user_information(raw, found);
    }
    if has(EQUALS | COLON | LESS) || (has(DASH) && has(BLANK)) {
        commands::assignments(raw, found);
    }
    if has(BLANK | EQUALS) {
        commands::passwords(raw, found);
    }
}

const DASH: u8 = 1;
const COLON: u8 = 1 << 1;
const QUESTION: u8 = 1 << 2;
const EQUALS: u8 = 1 << 3;
/// White space or a quote: both separate the words of a command.
const BLANK: u8 = 1 << 4;
const AT: u8 = 1 << 5;
const PERCENT: u8 = 1 << 6;
/// Both are rare. They share a bit: a rule for one finds nothing at the other.
const TILDE: u8 = 1 << 7;
const LESS: u8 = TILDE;

/// Returns which characters the text has that occur in secrets. The name or path of a package has
/// none, and a document has thousands of these.
fn signs(text: &str) -> u8 {
    let sign = |byte| match byte {
        b'-' => DASH,
        b':' => COLON,
        b'?' => QUESTION,
        b'=' => EQUALS,
        b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' => BLANK,
        b'@' => AT,
        b'%' => PERCENT,
        b'~' | b'<' => TILDE,
        _ => 0,
    };
    text.bytes().fold(0, |signs, byte| signs | sign(byte))
}

/// Masks the value of something with a name, by its name or by its shape.
#[must_use]
pub fn value<'v>(name: &str, raw: &'v str) -> Cow<'v, str> {
    if names::is_secret(name) && !names::is_open_value(name, raw) {
        return Cow::Borrowed(MASK);
    }
    if encoded::has_secret(raw, &|name, text| value(name, text) != text) {
        return Cow::Owned(MASK.to_owned());
    }
    if names::is_proxy(name) {
        let mut found = Vec::new();
        urls::proxy(raw, &mut found);
        if !found.is_empty() {
            return mask(raw, found);
        }
    }
    text(raw)
}

/// Returns true if the value is a secret, by its name or by its shape. [`value`] also masks what
/// may be a secret; this counts a URL's query by its names only.
#[must_use]
pub fn is_secret(name: &str, raw: &str) -> bool {
    if names::is_key_material(name)
        || (names::is_secret(name) && !names::is_open_value(name, raw) && raw != MASK)
    {
        return true;
    }
    let mut found = Vec::new();
    shown(raw, signs(raw), &mut found);
    if names::is_proxy(name) {
        urls::proxy(raw, &mut found);
    }
    found.retain(|range| raw.get(range.clone()) != Some(MASK));
    let in_query = |part: &str| {
        let pair = part.split_once('=');
        pair.is_some_and(|(name, value)| {
            names::is_secret(name) && !names::is_open_value(name, value) && value != MASK
        })
    };
    let queries = raw.split('?').skip(1);
    !found.is_empty()
        || queries
            .flat_map(|query| query.split(['&', ';']))
            .any(in_query)
}

/// Masks the name of a variable or label, if it is key material or a part of a text.
#[must_use]
pub fn name(raw: &str) -> &str {
    if names::is_key_material(raw) || name_is_text(raw) {
        MASK
    } else {
        raw
    }
}

pub(super) fn mask(raw: &str, mut found: Vec<Range<usize>>) -> Cow<'_, str> {
    if found.is_empty() {
        return Cow::Borrowed(raw);
    }
    found.sort_unstable_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut out = String::with_capacity(raw.len());
    let mut done = 0;
    for range in found {
        if range.end <= done {
            continue;
        }
        if range.start >= done {
            out.push_str(raw.get(done..range.start).unwrap_or_default());
            out.push_str(MASK);
        }
        done = range.end;
    }
    out.push_str(raw.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

/// Returns true for a name that is really a part of a text: the rest of a line after a line break,
/// or a URL up to its first `=`. The value is then the rest of that text.
pub(super) fn name_is_text(name: &str) -> bool {
    name.contains('?') || matches!(text(name), Cow::Owned(_))
}
