//! Source repositories by their URLs.

/// Returns the canonical URL of a source repository: `https://github.com/acme/tool`.
///
/// Parses `git@github.com:acme/tool.git`, `ssh://git@host/a/b`, `git+https://…`,
/// `github.com/a/b`, `a/b` (GitHub) and pages below a repository.
pub(crate) fn repository_url(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("git+").unwrap_or(text);
    let text = text.split(['#', '?']).next().unwrap_or_default();
    // A path names no host, and neither does a drive.
    let is_drive = text.as_bytes().get(1) == Some(&b':');
    if text.starts_with(['/', '.', '~']) || is_drive {
        return None;
    }
    let rest = if let Some((scheme, rest)) = text.split_once("://") {
        if !matches!(scheme, "https" | "http" | "ssh" | "git") {
            return None;
        }
        rest.split_once('@')
            .filter(|(user, _)| !user.contains('/'))
            .map_or(rest, |(_, rest)| rest)
            .to_owned()
    } else if let Some((host, path)) = text.split_once(':') {
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        format!("{host}/{path}")
    } else if text
        .split('/')
        .next()
        .is_some_and(|first| first.contains('.'))
    {
        text.to_owned()
    } else {
        format!("github.com/{text}")
    };
    let (host, path) = rest.split_once('/')?;
    let host = host.to_ascii_lowercase();
    let host = host
        .strip_suffix(":443")
        .or_else(|| host.strip_suffix(":22"))
        .unwrap_or(&host);
    // docs.github.com/authentication, "Using SSH over the HTTPS port"; docs.gitlab.com, likewise.
    let host = match host {
        "ssh.github.com" => "github.com",
        "altssh.gitlab.com" => "gitlab.com",
        host => host,
    };
    let path = path.split("/-/").next().unwrap_or_default();
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    // With such parts, a browser goes to another page than the first two parts name.
    if parts.iter().any(|part| matches!(*part, "." | "..")) {
        return None;
    }
    if host == "github.com" {
        parts.truncate(2);
    }
    let plain = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~:".contains(&b))
    };
    if parts.len() < 2 || !plain(host) || !parts.iter().all(|part| plain(part)) {
        return None;
    }
    Some(format!("https://{host}/{}", parts.join("/")))
}

/// Returns the path in a canonical repository URL: `acme/tool`.
pub(crate) fn repository_path(url: &str) -> Option<&str> {
    Some(url.strip_prefix("https://")?.split_once('/')?.1)
}

/// Returns the owner in a canonical repository URL, in lower case.
pub(crate) fn repository_owner(url: &str) -> Option<String> {
    let owner = repository_path(url)?.split('/').next();
    owner.map(str::to_ascii_lowercase)
}

/// Returns the host in a URL with a scheme, in lower case.
pub(crate) fn url_host(url: &str) -> Option<String> {
    url.split('/').nth(2).map(str::to_ascii_lowercase)
}

/// Returns true if the URL names one of these repositories.
pub(crate) fn is_among(repositories: &[String], url: &str) -> bool {
    let mut all = repositories.iter();
    all.any(|repository| same_repository(repository, url))
}

/// Returns true if both URLs name the same repository.
pub(crate) fn same_repository(a: &str, b: &str) -> bool {
    match (repository_url(a), repository_url(b)) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(&b),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_repository_has_one_url() {
        for (text, expected) in [
            (
                "https://github.com/acme/tool",
                Some("https://github.com/acme/tool"),
            ),
            (
                "https://github.com/acme/tool.git",
                Some("https://github.com/acme/tool"),
            ),
            (
                "git@github.com:acme/tool.git",
                Some("https://github.com/acme/tool"),
            ),
            (
                "ssh://git@github.com/acme/tool.git",
                Some("https://github.com/acme/tool"),
            ),
            (
                "https://user:token@GitHub.com/acme/tool/tree/main",
                Some("https://github.com/acme/tool"),
            ),
            (
                "https://github.com/acme/tool.git#main",
                Some("https://github.com/acme/tool"),
            ),
            ("acme/tool", Some("https://github.com/acme/tool")),
            ("gitlab.com/a/b/c", Some("https://gitlab.com/a/b/c")),
            (
                "https://gitlab.com/acme/app/-/commit/12",
                Some("https://gitlab.com/acme/app"),
            ),
            ("https://example.com", None),
            ("file:///src", None),
            ("/srv/git/server.git", None),
            ("../acme/server.git", None),
            ("C:/src/server", None),
            (
                "ssh://git@ssh.github.com:443/acme/tool.git",
                Some("https://github.com/acme/tool"),
            ),
            ("https://github.com/acm\u{0435}/tool", None),
        ] {
            assert_eq!(repository_url(text).as_deref(), expected, "{text}");
        }
        assert_eq!(
            repository_owner("https://github.com/MetaX-MACA/x").as_deref(),
            Some("metax-maca")
        );
    }
}
