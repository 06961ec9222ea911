//! Whether the name of a variable, label or flag says that its value is a secret.

use std::sync::LazyLock;

use super::starts::Starts;

/// A word with one of these in it is about a secret.
const WITHIN: [&str; 5] = ["SECRET", "PASSW", "PASSPHRASE", "CREDENTIAL", "APIKEY"];

/// Words that are secrets as they are.
const WHOLE: [&str; 11] = [
    "PASS",
    "PW",
    "PWDS",
    "TOK",
    "CREDS",
    "AUTHORIZATION",
    "AUTHENTICATION",
    "OAUTH2",
    "AUTHKEY",
    "PAT",
    "BEARER",
];

/// What stands before `PASS` in a word of its own: `SSHPASS`. `ASKPASS` is a program.
const BEFORE_PASS: [&str; 12] = [
    "ADMIN", "DB", "FTP", "KEY", "MAIL", "PG", "REDIS", "ROOT", "SMTP", "SQL", "SSH", "USER",
];

/// What stands before `KEY` in a word of its own: `ACCESSKEY`.
const BEFORE_KEY: [&str; 16] = [
    "ACCESS",
    "ACCOUNT",
    "API",
    "AUTH",
    "CONSUMER",
    "DEPLOY",
    "ENCRYPTION",
    "HOST",
    "LICENSE",
    "MASTER",
    "PRIV",
    "PRIVATE",
    "SECRET",
    "SIGNING",
    "SSH",
    "TLS",
];

/// Words that make the `KEY` after them no secret.
const OPEN_KEYS: [&str; 9] = [
    "PUBLIC",
    "DEPENDENCY",
    "CACHE",
    "RUNTIME",
    "SORT",
    "PRIMARY",
    "FOREIGN",
    "PARTITION",
    "INDEX",
];

/// What may follow `KEY` and leaves it one.
const AFTER_KEY: [&str; 6] = ["B64", "BASE64", "DATA", "ID", "PEM", "VALUE"];

/// Last words that make a name one *about* a secret, not one of a secret.
const ABOUT: [&str; 32] = [
    "ALGORITHM",
    "BACKEND",
    "COUNT",
    "DESCRIPTION",
    "DIR",
    "DISABLED",
    "ENABLED",
    "ENDPOINT",
    "EXPIRY",
    "FILE",
    "FORMAT",
    "HOST",
    "LENGTH",
    "LIMIT",
    "METHOD",
    "MODE",
    "NAME",
    "PARALLELISM",
    "PATH",
    "PROVIDER",
    "REALM",
    "REQUIRED",
    "SERVER",
    "SIZE",
    "SOCK",
    "TIMEOUT",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "USER",
    "VERSION",
];

/// True when the name says that the value is a secret: `HF_TOKEN`, `apiKey`,
/// `--db-password`, `com.example.auth`. False for what only looks like it:
/// `TOKENIZERS_PARALLELISM`, `KEYBOARD`, `org.opencontainers.image.authors`.
pub(super) fn is_secret(name: &str) -> bool {
    has_telling_part(name) && is_secret_by_words(name)
}

/// One of these is in every name of a secret, so that most names need not be split.
const TELLING: [&str; 10] = [
    "AUTH",
    "BEARER",
    "CREDENTIAL",
    "CREDS",
    "KEY",
    "PASS",
    "PAT",
    "PW",
    "SECRET",
    "TOK",
];

static STARTS: LazyLock<Starts> = LazyLock::new(|| Starts::of(TELLING));

/// A character beyond ASCII may become one of their letters as a capital.
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

/// True for `https_proxy` and the like.
pub(super) fn is_proxy(name: &str) -> bool {
    let tail = name.len().checked_sub("PROXY".len());
    let tail = tail.and_then(|at| name.as_bytes().get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(b"PROXY"))
}

fn is_secret_by_words(name: &str) -> bool {
    let words = words(name);
    if words
        .last()
        .is_some_and(|last| ABOUT.contains(&last.as_str()))
    {
        return false;
    }
    words.iter().enumerate().any(|(at, word)| {
        let word = word.as_str();
        let before = at.checked_sub(1).and_then(|index| words.get(index));
        WITHIN.iter().any(|part| word.contains(part))
            // `MYSQL_PWD`; `PWD` and `OLDPWD` are directories.
            || (word == "PWD" && before.is_some_and(|before| before != "OLD"))
            || WHOLE.contains(&word)
            || (word.contains("TOKEN") && !word.contains("TOKENI"))
            || word.ends_with("AUTH")
            || ends_with_one(word, "PASS", &BEFORE_PASS)
            || (word == "KEY" && is_secret_key(before, words.get(at + 1..).unwrap_or_default()))
            || ends_with_one(word, "KEY", &BEFORE_KEY)
    })
}

/// True for a word that ends with one of these and the last part: `ACCESS` and `KEY`.
fn ends_with_one(word: &str, last: &str, before: &[&str]) -> bool {
    let prefix = word.strip_suffix(last);
    prefix.is_some_and(|prefix| before.iter().any(|known| prefix.ends_with(known)))
}

/// True for the `KEY` of `TLS_KEY`, `ACCESS_KEY_ID`, `KEY_PEM`; not for that of
/// `PUBLIC_KEY` or of `key with spaces`.
fn is_secret_key(before: Option<&String>, after: &[String]) -> bool {
    let before = before.map_or("", String::as_str);
    let form = |word: &String| {
        AFTER_KEY.contains(&word.as_str()) || word.bytes().all(|b| b.is_ascii_digit())
    };
    !OPEN_KEYS.contains(&before) && (BEFORE_KEY.contains(&before) || after.iter().all(form))
}

/// True for a name that is a line of key material: the rest of a value with line
/// breaks, of which a line happens to have an equals sign.
pub(super) fn is_key_material(name: &str) -> bool {
    const LEAST: usize = 40;
    name.len() >= LEAST
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
        && name.bytes().any(|b| b.is_ascii_lowercase())
        && name.bytes().any(|b| b.is_ascii_uppercase())
}

/// True when the value is none that anybody keeps: empty, a switch, a reference to
/// another variable, or a number of tokens.
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
}

/// `$NAME` or `${NAME}`, with nothing around it.
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

/// The words of a name in upper case: split at what is no letter or digit, and
/// where a capital follows a small letter.
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
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for name in [
            "HF_TOKEN",
            "HFTOKEN",
            "hfToken",
            "GITHUB_TOKEN",
            "NGC_API_KEY",
            "apiKey",
            "apikey",
            "KEY",
            "TLS_KEY",
            "PRIVATE_KEY",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
            "KEY_1",
            "SIGNING_KEY_PEM",
            "SSHKEY",
            "MYSQL_PASSWORD",
            "MYSQL_PWD",
            "DB_PASS",
            "PASSPHRASE",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "REGISTRY_AUTH",
            "DOCKER_AUTH_CONFIG",
            "--api-key",
            "com.example.auth",
            "com.example.client-secret",
            "OAUTH",
            "AUTHORIZATION",
            "PASSWD",
            "npm_config__authToken",
            "PW",
            "DB_PW",
            "db.pw",
            "--root-pw",
            "SSHPASS",
            "PGPASS",
            "HF_TOK",
            "hfTok",
            "PRIVKEY",
            "SSL_PRIV_KEY",
            "CONSUMERKEY",
            "CONSUMER_KEY",
        ] {
            assert!(is_secret(name), "{name}");
        }
    }

    #[test]
    fn names_that_only_look_like_it() {
        for name in [
            "TOKENIZERS_PARALLELISM",
            "--tokenizer",
            "org.opencontainers.image.authors",
            "authors",
            "AUTHOR",
            "maintainer",
            "KEYBOARD",
            "KEYRING",
            "KEYS",
            "MONKEY_PATCH",
            "NVIDIA_REQUIRE_CUDA",
            "NV_CUDA_LIB_VERSION",
            "PYTHONHASHSEED",
            "PWD",
            "OLDPWD",
            "PUBLIC_KEY",
            "key with spaces",
            "key\n# org.opencontainers.image.source",
            "vllm.rocm.dependency_key",
            "SSH_AUTH_SOCK",
            "PASSTHROUGH",
            "COMPASS",
            "AUTH_TYPE",
            "TOKEN_LIMIT",
            "XAUTHORITY",
            "PATH",
            "PW_BROWSERS_PATH",
            "SSH_ASKPASS",
            "BYPASS",
            "KEEPASS",
            "STOKES",
            "TOKYO",
            "TOKIO_WORKER_THREADS",
            "HPWL",
            "UPWARD",
            "VLLM_BUILD_COMMIT",
            "org.opencontainers.image.revision",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_name_of_a_secret_has_a_telling_part(
            name in "((pass|Key|TOKEN|api|Auth|oauth2|pat|secret|creds|bearer|PWD|PWDS|pw|tok|SSH|priv|ſ|[a-z]|[A-Z]|[_.-])){0,6}",
        ) {
            proptest::prop_assert_eq!(is_secret(&name), is_secret_by_words(&name));
        }
    }

    #[test]
    fn every_secret_word_has_a_telling_part() {
        for word in WITHIN
            .iter()
            .chain(&WHOLE)
            .chain(&["TOKEN", "AUTH", "KEY", "PWD"])
        {
            assert!(has_telling_part(word), "{word}");
            assert!(TELLING.iter().any(|part| word.contains(part)), "{word}");
        }
        for part in TELLING {
            assert!(has_telling_part(part), "{part}");
        }
    }

    #[test]
    fn values_that_nobody_keeps() {
        for (name, value) in [
            ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"),
            ("AUTH", "false"),
            ("TOKEN", ""),
            ("MAX_BATCHED_TOKENS", "8192"),
            ("MAX_TOK", "512"),
            ("HF_TOKEN", "${HF_TOKEN}"),
        ] {
            assert!(is_open_value(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("PASSWORD", "123456"),
            ("TOKEN", "8192"),
            ("HF_TOK", "8192"),
            ("PASSWORD", "$ecret!"),
            ("PASSWORD", "${A}x}"),
        ] {
            assert!(!is_open_value(name, value), "{name}={value}");
        }
    }
}
