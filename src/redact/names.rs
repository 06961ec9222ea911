//! Recognises names of variables, labels and flags for secrets.

use std::sync::LazyLock;

use super::scan::Starts;

/// A word that contains one of these is about a secret.
const WITHIN: [&str; 5] = ["SECRET", "PASSW", "PASSPHRASE", "CREDENTIAL", "APIKEY"];

/// Words that are names of secrets. Spaces separate the words of this list and of those below.
const WHOLE: &str = "\
    PASS PW PWDS TOK CRED CREDS AUTHORIZATION AUTHENTICATION OAUTH2 AUTHKEY PAT BEARER DSN JWT NETRC \
    PSW";

/// Pairs of last words of names whose values are secrets, or may contain a password.
const PAIRS: &str = "\
    AMQP_URI AMQP_URL BROKER_URL CONN_STR CONN_STRING CONNECTION_STR CONNECTION_STRING \
    DATABASE_URI DATABASE_URL DB_URL MONGO_URI MONGO_URL MONGODB_URI REDIS_URI REDIS_URL \
    WEBHOOK_URL";

/// Words that name a secret if they are the last.
const LAST: [&str; 5] = ["COOKIE", "OTP", "PASSCODE", "SAS", "WEBHOOK"];

/// Words after `PASS` with which it is not a password.
const AFTER_PASS: [&str; 4] = ["COUNT", "RATE", "RATIO", "THROUGH"];

/// Words before `PASS` without a separator: `SSHPASS`. `ASKPASS` is a program.
const BEFORE_PASS: &str = "ADMIN DB FTP KEY MAIL PG REDIS ROOT SMTP SQL SSH USER";

/// Words before `KEY` without a separator: `ACCESSKEY`.
const BEFORE_KEY: &str = "\
    ACCESS ACCOUNT API AUTH CONSUMER DEPLOY ENCRYPTION HOST LICENSE MASTER PRIV PRIVATE SECRET \
    SIGNING SSH TLS";

/// Words before `KEY` with which it is not secret.
const OPEN_KEYS: &str = "PUBLIC DEPENDENCY CACHE RUNTIME SORT PRIMARY FOREIGN PARTITION INDEX";

/// Words that may follow `KEY` and `KEYTAB` in the name of a secret.
const AFTER_KEY: [&str; 6] = ["B64", "BASE64", "DATA", "ID", "PEM", "VALUE"];

/// Last words of names that are *about* a secret, and whose values are not secret.
const ABOUT: &str = "\
    ALGORITHM ARGS AUDIENCE BACKEND COUNT DESCRIPTION DIR DISABLED ENABLED ENDPOINT EXPIRY FILE \
    FORMAT HEADER HOST ISSUER LENGTH LIMIT METHOD MODE NAME PARALLELISM PATH PREFIX PROVIDER REALM \
    REQUIRED SERVER SIZE SOCK STDIN TIMEOUT TTL TYPE URI URL USER VERSION";

/// Returns true for the name of a secret: `HF_TOKEN`, `apiKey`, `--db-password`, `com.example.auth`.
/// Returns false for a name that only looks like one: `TOKENIZERS_PARALLELISM`, `KEYBOARD`,
/// `org.opencontainers.image.authors`.
pub(super) fn is_secret(name: &str) -> bool {
    has_telling_part(name) && is_secret_by_words(name)
}

/// Every name of a secret contains one of these; most names need not be split.
const TELLING: [&str; 24] = [
    "AMQP", "AUTH", "BEARER", "BROKER", "CONN", "COOKIE", "CRED", "DATABASE", "DB", "DSN", "JWT",
    "KEY", "MONGO", "NETRC", "OTP", "PASS", "PAT", "PSW", "PW", "REDIS", "SAS", "SECRET", "TOK",
    "WEBHOOK",
];

static STARTS: LazyLock<Starts> = LazyLock::new(|| Starts::of(TELLING));

/// Returns true if the name has one of the parts in `TELLING`. The capital of a non-ASCII character
/// may be an ASCII letter.
fn has_telling_part(name: &str) -> bool {
    let bytes = name.as_bytes();
    let is_at = |at: usize, part: &str| {
        let found = bytes.get(at..at + part.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(part.as_bytes()))
    };
    let starts = &*STARTS;
    let may_start = |pair: &[u8]| match pair {
        [first, second] => starts.has(first.to_ascii_uppercase(), second.to_ascii_uppercase()),
        _ => false,
    };
    !name.is_ascii()
        || bytes
            .windows(2)
            .enumerate()
            .any(|(at, pair)| may_start(pair) && TELLING.iter().any(|part| is_at(at, part)))
}

/// Returns true for `https_proxy` and similar names.
pub(super) fn is_proxy(name: &str) -> bool {
    let tail = name.len().checked_sub("PROXY".len());
    let tail = tail.and_then(|at| name.as_bytes().get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(b"PROXY"))
}

fn is_secret_by_words(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    if is_pair(&words) || LAST.contains(&last) {
        return true;
    }
    if is_one(ABOUT, last) {
        return false;
    }
    words.iter().enumerate().any(|(at, word)| {
        let word = word.as_str();
        let before = at.checked_sub(1).and_then(|index| words.get(index));
        WITHIN.iter().any(|part| word.contains(part))
            // `BINDPW`, without a separator.
            || (word.len() > "XPW".len() && word.ends_with("PW"))
            // `MYSQL_PWD`; `PWD` and `OLDPWD` are directories.
            || (word == "PWD" && before.is_some_and(|before| before != "OLD"))
            || (is_one(WHOLE, word) && !(word == "PASS" && is_open_pass(words.get(at + 1))))
            || (word.contains("TOKEN") && !word.contains("TOKENI"))
            || word.ends_with("AUTH")
            || ends_with_one(word, "PASS", BEFORE_PASS)
            || (word == "KEY" && is_secret_key(before, words.get(at + 1..).unwrap_or_default()))
            || ends_with_one(word, "KEY", BEFORE_KEY)
            || (word == "KEYTAB" && words.get(at + 1).is_some_and(|next| is_after_key(next)))
    })
}

/// Returns true for a word of a list.
fn is_one(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known == word)
}

/// Returns true for `DATABASE_URL`, `AZURE_STORAGE_CONNECTION_STRING`, `SLACK_WEBHOOK_URL`.
fn is_pair(words: &[String]) -> bool {
    let [.., before, last] = words else {
        return false;
    };
    let mut pairs = PAIRS.split(' ').filter_map(|pair| pair.split_once('_'));
    pairs.any(|pair| pair == (before, last))
}

/// Returns true for the `PASS` of `PASS_THROUGH_ARGS`.
fn is_open_pass(after: Option<&String>) -> bool {
    after.is_some_and(|after| AFTER_PASS.contains(&after.as_str()))
}

/// Returns true for a word that ends with one of `before` and `last`: `ACCESS` and `KEY`.
fn ends_with_one(word: &str, last: &str, before: &str) -> bool {
    let prefix = word.strip_suffix(last);
    prefix.is_some_and(|prefix| before.split(' ').any(|known| prefix.ends_with(known)))
}

/// Returns true for the `KEY` of `TLS_KEY`, `ACCESS_KEY_ID` and `KEY_PEM`, but not for that of `PUBLIC_KEY` or
/// of `key with spaces`.
fn is_secret_key(before: Option<&String>, after: &[String]) -> bool {
    let before = before.map_or("", String::as_str);
    let form = |word: &String| is_after_key(word) || word.bytes().all(|b| b.is_ascii_digit());
    !is_one(OPEN_KEYS, before) && (is_one(BEFORE_KEY, before) || after.iter().all(form))
}

/// Returns true for the `B64` of `KEYTAB_B64`; the value of `KEYTAB` alone is a path.
fn is_after_key(word: &str) -> bool {
    AFTER_KEY.contains(&word)
}

/// Returns true for a name that is a line of key material: such a line of a longer value may contain an equals
/// sign.
pub(super) fn is_key_material(name: &str) -> bool {
    const LEAST: usize = 40;
    name.len() >= LEAST
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
        && name.bytes().any(|b| b.is_ascii_lowercase())
        && name.bytes().any(|b| b.is_ascii_uppercase())
}

/// Returns true for a value that is not secret: empty, a switch, a reference to another variable, or a
/// number of tokens.
pub(super) fn is_open_value(name: &str, value: &str) -> bool {
    const SWITCHES: [&str; 11] = [
        "", "0", "1", "true", "false", "yes", "no", "on", "off", "none", "null",
    ];
    let value = value.trim();
    let number = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let counts =
        |word: &String| word.ends_with("TOKENS") || ["MAX", "MIN", "NUM"].contains(&word.as_str());
    SWITCHES
        .iter()
        .any(|switch| value.eq_ignore_ascii_case(switch))
        || (number && words(name).iter().any(counts))
        || is_reference(value)
        || is_open_by_name(name, value)
}

/// Returns true for the fingerprint of a public key, a file that contains the named thing, and an
/// address without a password.
fn is_open_by_name(name: &str, value: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    if has(&["GPG", "PGP"]) {
        let parts = value.split([' ', ',', ':']).filter(|part| !part.is_empty());
        return parts
            .map(|part| part.trim_start_matches("0x"))
            .all(is_fingerprint);
    }
    if has(&["NETRC", "COOKIE"]) {
        return value.starts_with('/') || value.starts_with("~/");
    }
    let address = is_pair(&words) && !has(&["WEBHOOK"]) && value.contains("://");
    address && !value.contains(['@', '?'])
}

/// Returns true for hexadecimal digits, as many as `gpg` shows of a key.
fn is_fingerprint(text: &str) -> bool {
    [4, 8, 16, 32, 40, 64].contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Returns true for `$NAME` or `${NAME}` with nothing around it.
fn is_reference(value: &str) -> bool {
    let Some(rest) = value.strip_prefix('$') else {
        return false;
    };
    let name = rest
        .strip_prefix('{')
        .and_then(|inner| inner.strip_suffix('}'))
        .unwrap_or(rest);
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Returns the words of a name in upper case. It splits at characters that are neither letters nor
/// digits, and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut small = false;
    for c in name.chars() {
        if (!c.is_alphanumeric() || (small && c.is_uppercase())) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        small = c.is_lowercase();
        if c.is_alphanumeric() {
            word.extend(c.to_uppercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
