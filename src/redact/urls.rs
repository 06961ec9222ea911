//! Finds secrets in URLs: the user and password before the host, the values of a query, a token in a path.

use std::ops::Range;

use super::scan::{alphanumeric_or, run, run_back};

/// Schemes of image references. A digest may follow their `@`, and a colon need not precede a port.
const REFERENCE_SCHEMES: [&str; 6] = [
    "docker",
    "dockerd",
    "podman",
    "oci",
    "docker-daemon",
    "enroot",
];

/// Names in queries whose values are not secret: places, versions, and the parameters of ordinary
/// pages.
const OPEN_QUERIES: &str = "\
    arch architecture branch channel checksum commit cuda dir egg expand format gid highlight hl \
    lang limit locale name os package page path per_page platform plain raw ref rev revision \
    searchtype sha sort subdirectory tab tag type uid variant version view";

/// Words before the address of a person or package; they are not users.
const NO_USERS: &str = "\
    acct author authors by cc contact email from git mail mailto maintainer npm sip to xmpp";

/// The longest password, in bytes, that is searched for in a URL without percent-encoding.
const MAX_PASSWORD: usize = 128;

/// Finds the user information of every URL in a text. `git@` is a public name, and stays.
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
            // A password with a slash that is not percent-encoded.
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

/// Finds `user:password@proxy:3128`, without a scheme, in the value of a proxy variable.
pub(super) fn proxy(value: &str, found: &mut Vec<Range<usize>>) {
    if !value.contains("://")
        && let Some(sign) = value.rfind('@')
    {
        found.push(0..sign);
    }
}

/// Finds the value of every `name=value` after a `?`.
pub(super) fn queries(text: &str, found: &mut Vec<Range<usize>>) {
    let value = |b: u8| in_url(b) && !b"&;#".contains(&b);
    let mut done = 0;
    for (question, _) in text.match_indices('?') {
        if question < done {
            continue;
        }
        let mut at = question + 1;
        loop {
            let name = run(text, at, alphanumeric_or(b"_.-[]%"));
            let equals = at + name;
            let end = match text.as_bytes().get(equals) {
                Some(b'=') if name > 0 => {
                    let start = equals + 1;
                    let end = start + run_any(text, start, value, usize::MAX);
                    let name = text.get(at..equals).unwrap_or_default();
                    if end > start && !is_open_query(name, text.get(start..end)) {
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

/// Returns true if the name says that the value is not secret. A token is still masked by its
/// shape, elsewhere.
fn is_open_query(name: &str, value: Option<&str>) -> bool {
    const LONGEST: usize = 80;
    let mut names = OPEN_QUERIES.split(' ');
    let open = names.any(|known| name.eq_ignore_ascii_case(known));
    open && value.is_some_and(|value| value.len() <= LONGEST)
}

/// Finds `user:password@host`, which some programs take with the name of the protocol apart.
pub(super) fn bare_user_information(text: &str, found: &mut Vec<Range<usize>>) {
    let in_user = alphanumeric_or(b"_.-");
    let in_password = |b: u8| in_url(b) && !b"/@#()[]{}".contains(&b);
    for (at, _) in text.match_indices('@') {
        let start = at - run_back(text, at, MAX_PASSWORD, in_password);
        let word = text.get(start..at).unwrap_or_default();
        let Some((user, password)) = word.split_once(':') else {
            continue;
        };
        let user = user.get(user.len() - run_back(user, user.len(), MAX_PASSWORD, in_user)..);
        let user = user.unwrap_or_default();
        let mut no_users = NO_USERS.split(' ');
        let open = user.is_empty() || no_users.any(|no| user.eq_ignore_ascii_case(no));
        let host = is_host(text, at + 1)
            || is_protocol(text, at + 1)
            || (looks_random(password) && is_name_of_host(text, at + 1));
        if !open && !password.is_empty() && host {
            found.push(at - password.len() - 1 - user.len()..at);
        }
    }
}

/// Returns true for `tcp(host:port)`, as in the Go driver of MySQL, and for an address in brackets.
fn is_protocol(text: &str, start: usize) -> bool {
    let rest = text.get(start..).unwrap_or_default();
    ["tcp(", "unix(", "["]
        .iter()
        .any(|known| rest.starts_with(known))
}

/// Returns true for a password that cannot be a tag or a version.
fn looks_random(password: &str) -> bool {
    const LEAST: usize = 12;
    let has = |of: fn(&u8) -> bool| password.as_bytes().iter().any(of);
    password.len() >= LEAST
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !password.contains(['.', '-'])
        && !is_hex(password)
}

/// Returns true for a host name in a private network: one word that is not the name of a digest.
fn is_name_of_host(text: &str, start: usize) -> bool {
    let length = run(text, start, alphanumeric_or(b"-"));
    let name = text.get(start..start + length).unwrap_or_default();
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.starts_with("sha")
}

/// Returns true for a host name with a domain, an address, or a host with a port.
fn is_host(text: &str, start: usize) -> bool {
    let end = start + run(text, start, alphanumeric_or(b"_.-"));
    let host = text.get(start..end).unwrap_or_default();
    let host = host.trim_end_matches('.');
    let rest = text.get(end..).unwrap_or_default();
    let port = rest.strip_prefix(':').unwrap_or_default();
    let port = port
        .get(..run(port, 0, alphanumeric_or(b"")))
        .unwrap_or_default();
    let port = (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
    let last = host.rsplit('.').next().unwrap_or_default();
    let domain = last != host && last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic());
    let numbers = host.split('.').filter(|part| part.parse::<u8>().is_ok());
    host == "localhost" || domain || (port && !host.is_empty()) || numbers.count() == 4
}

/// Finds the token in the path of a conda server, `/t/TOKEN/`. A forum's `/t/TITLE/` stays.
pub(super) fn paths(text: &str, found: &mut Vec<Range<usize>>) {
    if !text.contains("://") {
        return;
    }
    for (at, mark) in text.match_indices("/t/") {
        let start = at + mark.len();
        let end = start + run(text, start, alphanumeric_or(b"_-"));
        let token = text.get(start..end).unwrap_or_default();
        let from = at - run_back(text, at, MAX_PASSWORD, |b| in_url(b) && b != b'/');
        let host = text.get(from..at).unwrap_or_default();
        let conda = host.contains("conda");
        let random = token.len() >= 16
            && token.bytes().any(|b| b.is_ascii_digit())
            && (!token.contains('-') || token.split('-').filter(|part| is_hex(part)).count() >= 4);
        if text.as_bytes().get(end) == Some(&b'/') && (random || (conda && !token.is_empty())) {
            found.push(start..end);
        }
    }
}

fn is_hex(part: &str) -> bool {
    part.len() >= 4 && part.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Finds secrets in a URL that is the value of another URL, with its signs written as `%3A%2F%2F`.
pub(super) fn encoded(text: &str, found: &mut Vec<Range<usize>>) {
    let mut done = 0;
    for (at, _) in text.match_indices('%') {
        if at < done || !is_sign(text, at, "%3A") || !is_sign(text, at + 3, "%2F%2F") {
            continue;
        }
        let start = at + "%3A%2F%2F".len();
        let end = start + run(text, start, |b| in_url(b) && !b"&;".contains(&b));
        done = end;
        encoded_url(text, start..end, found);
    }
}

/// Finds the user information and the values of the query, after the `//`.
fn encoded_url(text: &str, url: Range<usize>, found: &mut Vec<Range<usize>>) {
    let (mut in_host, mut in_query) = (true, false);
    let mut sign = None;
    // The start of the current name and value.
    let (mut name, mut value) = (0..0, None);
    let signs = text.get(url.clone()).unwrap_or_default().match_indices('%');
    let signs = signs.map(|(at, _)| at + url.start).chain([url.end]);
    for at in signs {
        let is = |what: &str| is_sign(text, at, what);
        if in_host && is("%40") {
            sign = Some(at);
        }
        in_host &= !is("%2F") && !is("%3F");
        let ends = is("%26") || is("%23") || at == url.end;
        if ends && let Some(start) = value.take() {
            let known = text.get(name.clone()).unwrap_or_default();
            if start < at && !is_open_query(known, text.get(start..at)) {
                found.push(start..at);
            }
        }
        if is("%3F") || (in_query && is("%26")) {
            in_query = true;
            name = at + 3..at + 3;
        } else if in_query && value.is_none() && is("%3D") {
            name.end = at;
            value = Some(at + 3);
        }
    }
    found.extend(sign.map(|sign| url.start..sign));
}

/// Returns true if a percent-encoded sign is at this place, in upper or lower case.
fn is_sign(text: &str, at: usize, sign: &str) -> bool {
    let here = text.as_bytes().get(at..at + sign.len());
    here.is_some_and(|here| here.eq_ignore_ascii_case(sign.as_bytes()))
}

/// Returns true for `name:something` if the something is not a port.
fn has_odd_port(authority: &str) -> bool {
    !authority.starts_with('[')
        && authority
            .split_once(':')
            .is_some_and(|(_, port)| !port.is_empty() && !port.bytes().all(|b| b.is_ascii_digit()))
}

fn is_digest(text: &str) -> bool {
    text.starts_with("sha256:") || text.starts_with("sha512:")
}

/// Like [`run`], but non-ASCII characters also belong to the class, and there is a maximum.
fn run_any(text: &str, from: usize, of: impl Fn(u8) -> bool, most: usize) -> usize {
    text.as_bytes()
        .get(from..)
        .unwrap_or_default()
        .iter()
        .take(most)
        .take_while(|&&b| !b.is_ascii() || of(b))
        .count()
}

/// Returns true for a byte that a URL in a text may have.
fn in_url(b: u8) -> bool {
    b > b' ' && b != 0x7f && !b"\"'<>`|,".contains(&b)
}
