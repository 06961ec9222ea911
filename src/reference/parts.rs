//! The parts of an image reference, and what is allowed in each.

/// Registry host that the canonical form uses for Docker Hub.
pub(super) const DOCKER_HUB: &str = "docker.io";

const DOCKER_HUB_ALIASES: [&str; 4] = [
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "registry.hub.docker.com",
];

/// The reason why a text is not an image reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// There is nothing.
    #[error("the image reference is empty")]
    Empty,
    /// A part has a character that a registry would refuse.
    #[error(
        "'{text}' is not an image reference: the {part} has a character that is not allowed there"
    )]
    Character {
        /// The whole text.
        text: String,
        /// `registry`, `repository`, `tag` or `digest`.
        part: &'static str,
    },
    /// A part is missing or too long.
    #[error("'{text}' is not an image reference: the {part} is empty or too long")]
    Length {
        /// The whole text.
        text: String,
        /// `registry`, `repository`, `tag` or `digest`.
        part: &'static str,
    },
    /// It does not have the form that an importer gives its line.
    #[error(
        "no importer writes '{text}': enroot writes docker://REGISTRY#IMAGE:TAG, dockerd://NAME or podman://NAME"
    )]
    Form {
        /// The whole text.
        text: String,
    },
}

/// Removes `USER@` and `USER:PASSWORD@`, if enroot would take it for a user.
pub(super) fn after_user(text: &str) -> &str {
    let is_user = |b: u8| b.is_ascii_alphanumeric() || b"_.!~*'()%;:&=+$,-".contains(&b);
    match text.rsplit_once('@') {
        Some((user, rest)) if user.bytes().all(is_user) => rest,
        // A reference with another `@` is refused later.
        _ => text,
    }
}

/// Returns true for a digest: `sha256:<64hex>`.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Splits `@sha256:<hex>` or enroot's `:sha256:<hex>` off the end.
pub(super) fn split_digest(text: &str) -> (&str, Option<&str>) {
    let at = text.len().checked_sub("sha256:".len() + 64);
    let parts = at.and_then(|at| text.split_at_checked(at));
    let Some((name, digest)) = parts.filter(|(_, digest)| is_digest(digest)) else {
        return (text, None);
    };
    match name.strip_suffix(['@', ':']) {
        Some(name) => (name, Some(digest)),
        None => (text, None),
    }
}

/// Splits off the registry by Docker's rule: the first component is a registry if it has a dot or a port, or is
/// `localhost`.
pub(super) fn split_registry(image: &str) -> (String, &str) {
    match image.split_once('/') {
        Some((first, rest))
            if first.contains('.') || first.contains(':') || first == "localhost" =>
        {
            (first.to_owned(), rest)
        }
        _ => (DOCKER_HUB.to_owned(), image),
    }
}

/// Returns the canonical spelling of a registry.
pub(super) fn canonical_registry(registry: &str) -> String {
    let registry = registry.to_ascii_lowercase();
    let host = registry.strip_suffix(":443").unwrap_or(&registry);
    let is_host = registry.contains(['.', ':']) || matches!(&*registry, "" | "localhost");
    if DOCKER_HUB_ALIASES.contains(&host) {
        DOCKER_HUB.to_owned()
    } else if is_host {
        registry
    } else {
        // enroot takes any word before `#` for a host. Without a port, Docker would take it for an owner on
        // Docker Hub.
        format!("{registry}:443")
    }
}

/// Checks the length and the characters of a part.
pub(super) fn check(
    text: &str,
    part: &'static str,
    value: &str,
    longest: usize,
    allowed: impl Fn(u8) -> bool,
) -> Result<(), ParseError> {
    if value.is_empty() || value.len() > longest {
        return Err(ParseError::Length {
            text: text.to_owned(),
            part,
        });
    }
    if !value.bytes().all(allowed) {
        return Err(ParseError::Character {
            text: text.to_owned(),
            part,
        });
    }
    Ok(())
}
