//! OpenSSH's file of allowed signers (ssh-keygen(1), "ALLOWED SIGNERS").

use jiff::civil::{Date, DateTime};

use crate::attestation::names::NAMESPACE;
use crate::attestation::verify::SshKey;

/// The most lines of a file.
const MAX_LINES: usize = 4096;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Allowed {
    pub principals: String,
    pub namespaces: Vec<String>,
    pub from: Option<i64>,
    pub until: Option<i64>,
    pub key: SshKey,
}

/// Reads all lines.
///
/// # Errors
/// `line 3: …`, for an unknown option: ignoring it would trust the signer for more than the line says.
pub(super) fn parse(text: &str) -> Result<Vec<Allowed>, String> {
    let mut all = Vec::new();
    for (number, line) in (1_usize..).zip(text.split('\n')) {
        if number > MAX_LINES {
            return Err(format!("it has more than {MAX_LINES} lines"));
        }
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        all.push(one(line).map_err(|reason| format!("line {number}: {reason}"))?);
    }
    Ok(all)
}

fn one(line: &str) -> Result<Allowed, String> {
    let (principals, rest) = word(line);
    let (first, after) = word(rest);
    // Options come before the key. No key type contains an equals sign or a quote.
    let (options, key) = match SshKey::parse(rest) {
        Some(key) => ("", Some(key)),
        None => (first, SshKey::parse(after)),
    };
    let key = key.ok_or(
        "it is \"principals [options] keytype key\", and the key must be ssh-ed25519, ecdsa or ssh-rsa",
    )?;
    let mut allowed = Allowed {
        principals: principals.trim_matches('"').to_owned(),
        namespaces: vec![NAMESPACE.to_owned()],
        from: None,
        until: None,
        key,
    };
    for option in split(options) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.trim_matches('"');
        match name.to_ascii_lowercase().as_str() {
            "namespaces" => allowed.namespaces = value.split(',').map(str::to_owned).collect(),
            "valid-after" => allowed.from = Some(moment(value)?),
            "valid-before" => allowed.until = Some(moment(value)?),
            "cert-authority" => {
                return Err("cert-authority is not supported; list the keys".to_owned());
            }
            other => return Err(format!("the option \"{other}\" is not known")),
        }
    }
    Ok(allowed)
}

/// Returns the first word, including quoted blanks, and the rest.
fn word(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let end = text.find(|letter: char| {
        quoted ^= letter == '"';
        !quoted && letter.is_ascii_whitespace()
    });
    let (first, rest) = text.split_at(end.unwrap_or(text.len()));
    (first, rest.trim_ascii_start())
}

/// Splits options at the commas outside of quotes.
fn split(options: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    options
        .split(move |letter: char| {
            quoted ^= letter == '"';
            letter == ',' && !quoted
        })
        .filter(|option| !option.is_empty())
}

/// Parses `YYYYMMDDZ` or `YYYYMMDDHHMM[SS]Z` to seconds since 1970. A time without the Z is local
/// time, which differs between readers.
fn moment(text: &str) -> Result<i64, String> {
    let wrong = || format!("\"{text}\" is not a time in UTC such as 20270131Z or 202701311200Z");
    let digits = text.strip_suffix('Z').ok_or_else(wrong)?;
    let time = match digits.len() {
        8 => Date::strptime("%Y%m%d", digits).map(|day| day.at(0, 0, 0, 0)),
        12 => DateTime::strptime("%Y%m%d%H%M", digits),
        14 => DateTime::strptime("%Y%m%d%H%M%S", digits),
        _ => return Err(wrong()),
    };
    let time = time.and_then(|time| jiff::tz::TimeZone::UTC.to_timestamp(time));
    time.map(jiff::Timestamp::as_second).map_err(|_| wrong())
}

#[cfg(all(test, feature = "attest"))]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    #[test]
    fn a_line_is_principals_options_and_a_key() {
        let text = format!(
            "# who\n\nadmin@site {KEY} a comment\n\
             \"a b\",c namespaces=\"file,sqsh-prov\",valid-before=\"20270131Z\" {KEY}\n"
        );
        let found = parse(&text).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].principals, "admin@site");
        assert_eq!(found[0].namespaces, ["sqsh-prov"]);
        assert_eq!(found[1].namespaces, ["file", "sqsh-prov"]);
        assert_eq!(found[1].until, Some(1_801_353_600));
    }

    #[test]
    fn what_is_not_known_trusts_nobody() {
        for (line, said) in [
            ("admin".to_owned(), "keytype key"),
            ("admin ssh-ed25519 AAAA".to_owned(), "keytype key"),
            (format!("a cert-authority {KEY}"), "cert-authority"),
            (format!("a touch-required {KEY}"), "touch-required"),
            (format!("a valid-before=\"20270131\" {KEY}"), "in UTC"),
            (format!("a valid-before=\"20271331Z\" {KEY}"), "in UTC"),
        ] {
            let error = parse(&line).unwrap_err();
            assert!(
                error.starts_with("line 1: ") && error.contains(said),
                "{error}"
            );
        }
    }
}
