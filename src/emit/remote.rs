//! Which remotes are stamped as the source repository.

use std::net::Ipv4Addr;

/// The remark about a remote that is not stamped.
pub(super) const LEFT_OUT: &str =
    "the source repository is left out: its remote is a path, or has no host that others can reach";

/// Returns true for a repository on a host that others can reach: `https://HOST/…`, `ssh://HOST/…`, `HOST:path`. A
/// path, `file://…` and a name in the configuration of ssh, such as `github.com-work`, are none.
pub(super) fn is_on_host(remote: &str) -> bool {
    let Some((scheme, rest)) = remote.split_once("://") else {
        let host = remote.split_once(':').map(|(host, _)| without_user(host));
        return host.is_some_and(is_public);
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = without_user(authority);
    match scheme.strip_prefix("git+").unwrap_or(scheme) {
        "http" | "https" | "git" => !host.is_empty(),
        "ssh" => host.starts_with('[') || is_public(host.split(':').next().unwrap_or_default()),
        _ => false,
    }
}

/// Returns true for `OWNER/NAME`, as GITHUB_REPOSITORY has it.
pub(super) fn is_short(text: &str) -> bool {
    let parts = text.split_once('/');
    parts.is_some_and(|(owner, name)| {
        !owner.is_empty()
            && !owner.starts_with(['.', '~'])
            && !name.is_empty()
            && !text.contains([':', '\\'])
            && !name.contains('/')
    })
}

fn without_user(authority: &str) -> &str {
    let host = authority.rsplit_once('@');
    host.map_or(authority, |(_, host)| host)
}

/// Returns true for an address, and for a name with a domain. The last part of a domain has letters only, or is
/// `xn--…` (RFC 5890).
fn is_public(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let is_domain = host.rsplit_once('.').is_some_and(|(front, last)| {
        let is_last = last.bytes().all(|b| b.is_ascii_alphabetic()) || last.starts_with("xn--");
        is_last && is_label(last) && front.split('.').all(is_label)
    });
    is_domain || host.parse::<Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_without_a_host_is_none() {
        for good in [
            "https://github.com/acme/server.git",
            "https://gitlab/acme/server",
            "ssh://git@ssh.github.com:443/acme/server.git",
            "git@github.com:acme/server.git",
            "git.acme.example:server",
            "git+ssh://git@10.0.0.7:2222/acme/server",
        ] {
            assert!(is_on_host(good), "{good}");
        }
        for bad in [
            "/srv/git/server.git",
            "/vllm-project/vllm.git",
            "../server.git",
            "./server:x",
            "server.git",
            "acme/server",
            r"C:\src\server",
            "C:/src/server",
            "file:///home/me/server",
            "git@github.com-work:acme/server",
            "work:acme/server",
            "ssh://git@work/acme/server",
            "https:///acme/server",
            "",
        ] {
            assert!(!is_on_host(bad), "{bad}");
            assert!(!is_short(bad) || bad == "acme/server", "{bad}");
        }
    }
}
