//! Removes secrets from URLs, and decodes escapes.

/// Returns the byte of two hex digits.
pub(super) fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// Removes the user, except `git` for SSH, and the values of a query. It accepts `https://…`, `ssh://…` and
/// `git@host:path`. Other text stays as it is.
#[must_use]
pub fn without_credentials(url: &str) -> String {
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let parts = url.split_once("://");
    let Some((scheme, rest)) = parts.filter(|(scheme, _)| scheme.bytes().all(is_scheme)) else {
        return short_form(url);
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let is_ssh = scheme.ends_with("ssh");
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let (user, host, tail) = match hidden_user(host, tail) {
        Some((hidden, host, tail)) => (user.or(Some(hidden)), host, tail),
        None => (user, host, tail),
    };
    let is_git = user.is_some_and(|user| user == "git" || user.starts_with("git:"));
    let kept = if is_ssh && is_git { "git@" } else { "" };
    format!("{scheme}://{kept}{host}{}", without_values(tail))
}

/// Finds a user whose password contains `/`, `?` or `#`, which seems to end the authority. Returns the user,
/// the host and the rest.
fn hidden_user<'a>(authority: &'a str, tail: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
    let (user, port) = authority.split_once(':')?;
    let is_user = !authority.starts_with('[') && !port.bytes().all(|byte| byte.is_ascii_digit());
    let (_, rest) = tail.rsplit_once('@').filter(|_| is_user)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, tail) = rest.split_at_checked(end)?;
    Some((user, host, tail))
}

/// Removes the user from `user@host:path`, the form of git and ssh. The host follows the last `@` before the
/// path.
fn short_form(url: &str) -> String {
    let authority = url.split('/').next().unwrap_or(url);
    let Some((user, _)) = authority.rsplit_once('@') else {
        return url.to_owned();
    };
    let rest = url.get(user.len().saturating_add(1)..).unwrap_or_default();
    // A whole URL follows the user.
    if rest.contains("://") {
        return without_credentials(rest);
    }
    if user == "git" || !rest.contains(':') {
        return url.to_owned();
    }
    match user.starts_with("git:") {
        true => format!("git@{rest}"),
        false => rest.to_owned(),
    }
}

/// Removes the values of the query and of the fragment from a path.
fn without_values(tail: &str) -> String {
    let (before, fragment) = tail.split_once('#').unwrap_or((tail, ""));
    let (path, query) = before.split_once('?').unwrap_or((before, ""));
    let mut plain = path.to_owned();
    for (mark, part) in [('?', query), ('#', fragment)] {
        let names: Vec<String> = part.split('&').filter_map(without_value).collect();
        if !names.is_empty() {
            plain.push(mark);
            plain.push_str(&names.join("&"));
        }
    }
    plain
}

fn without_value(part: &str) -> Option<String> {
    /// Names that pip writes into fragments.
    const HARMLESS: [&str; 5] = ["egg", "subdirectory", "sha1", "sha256", "sha512"];
    let (name, _) = part.split_once('=')?;
    Some(match HARMLESS.contains(&name) {
        true => part.to_owned(),
        false => format!("{name}="),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(5_000))]

        #[test]
        fn nothing_is_left_to_remove(url in "(a|git|ssh|1|@|@|:|:|/|//|://|\\?|#|=|\\[){0,14}") {
            let plain = without_credentials(&url);
            proptest::prop_assert_eq!(without_credentials(&plain), plain);
        }
    }

    #[test]
    fn a_second_user_is_no_host() {
        for url in [
            "a@b:SECRET@host:path",
            "git@b:SECRET@host:path",
            "@@SECRET@host:path",
        ] {
            assert_eq!(without_credentials(url), "host:path", "{url}");
        }
        assert_eq!(
            without_credentials("git@host:org/name@v1"),
            "git@host:org/name@v1"
        );
    }

    #[test]
    fn a_url_behind_a_user_keeps_no_secret() {
        for url in [
            "x@https://a:SECRET@host/p?e=SECRET",
            "git@https://a:SECRET@host/p?e=SECRET",
            "SECRET@https://SECRET@host/p?e=SECRET",
        ] {
            assert_eq!(without_credentials(url), "https://host/p?e=", "{url}");
        }
    }

    #[test]
    fn secrets_are_removed_and_nothing_else() {
        for (url, expected) in [
            ("https://github.com/a/b.git", "https://github.com/a/b.git"),
            (
                "https://user:token@github.com/a/b.git",
                "https://github.com/a/b.git",
            ),
            ("https://ghp_x@github.com/a/b", "https://github.com/a/b"),
            (
                "https://oauth2:a@b@gitlab.com:8443/a",
                "https://gitlab.com:8443/a",
            ),
            ("https://user:pa/ss@host/a", "https://host/a"),
            ("https://a@user:pa/ss@host/a", "https://host/a"),
            ("https://host:8443/@scope/a", "https://host:8443/@scope/a"),
            ("https://host/@scope/a@1", "https://host/@scope/a@1"),
            (
                "ssh://git@github.com/a/b.git",
                "ssh://git@github.com/a/b.git",
            ),
            (
                "git+ssh://git:pw@github.com/a",
                "git+ssh://git@github.com/a",
            ),
            ("ssh://alice:pw@host/a", "ssh://host/a"),
            ("git@github.com:a/b.git", "git@github.com:a/b.git"),
            ("alice@host:a/b.git", "host:a/b.git"),
            (
                "https://s3/x.whl?X-Amz-Signature=abc&v=1",
                "https://s3/x.whl?X-Amz-Signature=&v=",
            ),
            ("https://s3/x.whl?secret", "https://s3/x.whl"),
            (
                "https://h/a#subdirectory=python&access_token=x",
                "https://h/a#subdirectory=python&access_token=",
            ),
            ("file:///src/acme", "file:///src/acme"),
            ("../other.git", "../other.git"),
            ("/srv/a@b:c", "/srv/a@b:c"),
            ("", ""),
        ] {
            assert_eq!(without_credentials(url), expected, "{url}");
        }
    }
}
