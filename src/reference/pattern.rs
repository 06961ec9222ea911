//! Patterns for hosts and repositories, in the canonical form of the names that they match. `*` matches any
//! characters except `/`.

use super::parts::{DOCKER_HUB, canonical_registry, split_registry};

/// Returns a pattern for hosts in canonical form.
///
/// # Errors
/// If it can match no host; says why.
pub(crate) fn host_pattern(text: &str) -> Result<String, &'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-:_[]*".contains(c);
    if text.contains('/') {
        return Err(
            "is not a host, such as docker.io; a path belongs in [repositories], and https:// is left out",
        );
    }
    if text.is_empty() || !text.chars().all(allowed) {
        return Err("is not a host, such as docker.io");
    }
    Ok(match text.contains('*') {
        true => text.to_ascii_lowercase(),
        false => canonical_registry(text),
    })
}

/// Returns a pattern for repositories in canonical form: `docker.io/vllm/vllm-openai` for `vllm/vllm-openai`.
///
/// # Errors
/// If it can match no repository; says why.
pub(crate) fn repository_pattern(text: &str) -> Result<String, &'static str> {
    let (host, path) = match text.split_once('/') {
        // The first part may be a pattern for hosts.
        Some((host, path)) if host.contains('*') => (host.to_owned(), path),
        _ => split_registry(text),
    };
    let last = path.rsplit('/').next().unwrap_or_default();
    if text.contains("://") {
        return Err("is an address: leave out the part up to ://");
    }
    if path.contains('@') || last.contains(':') {
        return Err("has a tag or a digest, which is not part of a repository: leave it out");
    }
    if path.ends_with('/') {
        return Err("ends with a slash: leave it out, or write * behind it");
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-*".contains(c);
    let is_part = |part: &str| !part.is_empty() && part.chars().all(allowed);
    if !path.split('/').all(is_part) {
        return Err("is not a repository, such as docker.io/vllm/vllm-openai");
    }
    let host = host_pattern(&host)?;
    let path = path.to_ascii_lowercase();
    match path.contains('/') || host != DOCKER_HUB {
        true => Ok(format!("{host}/{path}")),
        false if path.contains('*') => Err(
            "matches no repository of Docker Hub, which all have two parts: write docker.io/*/*",
        ),
        false => Ok(format!("{host}/library/{path}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{host_pattern, repository_pattern};

    #[test]
    fn a_pattern_is_spelled_as_the_names_that_it_matches() {
        for (text, expected) in [
            ("docker.io/vllm/vllm-openai", "docker.io/vllm/vllm-openai"),
            ("vllm/vllm-openai", "docker.io/vllm/vllm-openai"),
            ("vllm/*", "docker.io/vllm/*"),
            ("Index.Docker.io/vllm/X", "docker.io/vllm/x"),
            ("ubuntu", "docker.io/library/ubuntu"),
            ("docker.io/ubuntu", "docker.io/library/ubuntu"),
            ("docker.io/*/*", "docker.io/*/*"),
            ("*/*/*", "*/*/*"),
            ("*.example.org/x", "*.example.org/x"),
            ("ghcr.io/*", "ghcr.io/*"),
            ("h.example.org:5000/a/b", "h.example.org:5000/a/b"),
        ] {
            assert_eq!(repository_pattern(text).as_deref(), Ok(expected), "{text}");
        }
        for (text, expected) in [
            ("Docker.io", "docker.io"),
            ("registry-1.docker.io", "docker.io"),
            ("index.docker.io", "docker.io"),
            ("*.docker.io", "*.docker.io"),
            ("*", "*"),
            ("harbor", "harbor:443"),
            ("h.example.org:5000", "h.example.org:5000"),
        ] {
            assert_eq!(host_pattern(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_refused() {
        for text in [
            "",
            "*",
            "docker.io/*",
            "docker.io/vllm/",
            "vllm//x",
            "vllm/vllm-openai:v1",
            "vllm/x@sha256:0",
            "vllm/ x",
            "https://docker.io/vllm/x",
            "docker.io#vllm/x",
            "vllm/vllm-*:v1",
            "/vllm/x",
        ] {
            assert!(repository_pattern(text).is_err(), "{text}");
        }
        for text in ["", "docker.io/x", "docker.io ", "https://docker.io"] {
            assert!(host_pattern(text).is_err(), "{text}");
        }
    }
}
