//! Secrets in URLs: the user and password before the host, the values of a query.

use std::ops::Range;

use super::shapes::run;

/// Schemes of image references: what follows their `@` may be a digest, and their
/// colons do not stand before ports.
const REFERENCE_SCHEMES: [&str; 6] = [
    "docker",
    "dockerd",
    "podman",
    "oci",
    "docker-daemon",
    "enroot",
];

/// A password that is not written as a URL needs it is looked for so far.
const MAX_PASSWORD: usize = 128;

/// The user-information of every URL in the text. `git@`, a name that everybody
/// uses, stays.
pub(super) fn user_information(text: &str, found: &mut Vec<Range<usize>>) {
    if !text.contains("://") {
        return;
    }
    for (at, separator) in text.match_indices("://") {
        let start = at + separator.len();
        let host_end = start + run(text, start, |b| in_url(b) && !b"/?#\\".contains(&b));
        let authority = text.get(start..host_end).unwrap_or_default();
        let reference = REFERENCE_SCHEMES
            .iter()
            .any(|s| text.get(..at).is_some_and(|before| before.ends_with(s)));
        let end = if let Some(sign) = authority.rfind('@') {
            if reference && is_digest(authority.get(sign + 1..).unwrap_or_default()) {
                continue;
            }
            start + sign
        } else if !reference && has_odd_port(authority) {
            // A password with a slash in it, written down as it is.
            match (0..run_any(text, host_end, in_url, MAX_PASSWORD))
                .find(|&at| text.as_bytes().get(host_end + at) == Some(&b'@'))
            {
                Some(sign) => host_end + sign,
                None => continue,
            }
        } else {
            continue;
        };
        let user = text.get(start..end).unwrap_or_default();
        if !user.is_empty() && user != "git" {
            found.push(start..end);
        }
    }
}

/// `user:password@proxy:3128`, which has no scheme: the value of a proxy variable.
pub(super) fn proxy(value: &str, found: &mut Vec<Range<usize>>) {
    if !value.contains("://")
        && let Some(sign) = value.rfind('@')
    {
        found.push(0..sign);
    }
}

/// The value of every `name=value` after a `?`.
pub(super) fn queries(text: &str, found: &mut Vec<Range<usize>>) {
    let value = |b: u8| in_url(b) && !b"&;#".contains(&b);
    let mut done = 0;
    for (question, _) in text.match_indices('?') {
        if question < done {
            continue;
        }
        let mut at = question + 1;
        loop {
            let name = run(text, at, |b| {
                b.is_ascii_alphanumeric() || b"_.-[]%".contains(&b)
            });
            let equals = at + name;
            let byte = text.as_bytes().get(equals).copied();
            let end = match byte {
                Some(b'=') if name > 0 => {
                    let start = equals + 1;
                    let end = start + run_any(text, start, value, usize::MAX);
                    if end > start {
                        found.push(start..end);
                    }
                    end
                }
                _ => equals,
            };
            done = end;
            match text.as_bytes().get(end) {
                Some(b'&' | b';') if end > question + 1 => at = end + 1,
                _ => break,
            }
        }
    }
}

/// True for `name:something` where the something is no port.
fn has_odd_port(authority: &str) -> bool {
    !authority.starts_with('[')
        && authority
            .split_once(':')
            .is_some_and(|(_, port)| !port.is_empty() && !port.bytes().all(|b| b.is_ascii_digit()))
}

fn is_digest(text: &str) -> bool {
    text.starts_with("sha256:") || text.starts_with("sha512:")
}

/// Like [`run`], but characters beyond ASCII are of the kind, and up to a most.
fn run_any(text: &str, from: usize, of: impl Fn(u8) -> bool, most: usize) -> usize {
    text.as_bytes()
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take(most)
        .take_while(|&&b| !b.is_ascii() || of(b))
        .count()
}

/// True for what may stand in a URL that stands in a text.
fn in_url(b: u8) -> bool {
    b > b' ' && b != 0x7f && !b"\"'<>`|,".contains(&b)
}
