//! Image references: parse every spelling, one canonical form, compare.
//!
//! Docker spells `registry/repository:tag@digest`, with `docker.io/library/` left
//! out; enroot spells `docker://[USER@]REGISTRY#IMAGE:TAG`, and writes a digest
//! import as `docker://REGISTRY#IMAGE:sha256:<64hex>` (NVIDIA/enroot
//! `src/docker.sh`, `docker::_parse_uri`). The canonical form is Docker's with
//! everything written out: `docker.io/library/ubuntu:24.04`.

use std::fmt;

/// Registry host that the canonical form uses for Docker Hub.
pub const DOCKER_HUB: &str = "docker.io";

const DOCKER_HUB_ALIASES: [&str; 4] = [
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "registry.hub.docker.com",
];

/// A reference to an image in a registry, in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Host and port, lower case: `docker.io`, `gitlab-master.nvidia.com:5005`.
    pub registry: String,
    /// Path below the registry, lower case: `library/ubuntu`.
    pub repository: String,
    /// `v0.29.0`; `None` only where there is a digest.
    pub tag: Option<String>,
    /// `sha256:<64hex>`.
    pub digest: Option<String>,
    /// True when the repository was spelled with upper case, which no registry accepts.
    pub irregular: bool,
}

/// Where an importer took an image from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportUri {
    /// `docker://…`: a registry.
    Registry(Reference),
    /// `dockerd://…` or `podman://…`: whatever a local daemon holds under that name.
    Daemon {
        /// `dockerd` or `podman`.
        scheme: String,
        /// The name, where it parses as a reference.
        name: Option<Reference>,
    },
}

/// Why a text is not an image reference.
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
        "'{text}' is nothing that an importer writes: enroot writes docker://REGISTRY#IMAGE:TAG, dockerd://NAME or podman://NAME"
    )]
    Form {
        /// The whole text.
        text: String,
    },
}

impl Reference {
    /// Parses any spelling: `vllm/vllm-openai:v0.29.0`, `nvcr.io#nvidia/pytorch:26.03-py3`,
    /// `docker://USER@REG#IMG:sha256:<hex>`, `name:tag@sha256:<hex>`.
    ///
    /// A missing tag is `latest`, unless there is a digest.
    ///
    /// # Errors
    /// [`ParseError`] names the part that no registry would accept.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let whole = text;
        let text = text.strip_prefix("docker://").unwrap_or(text);
        if text.is_empty() {
            return Err(ParseError::Empty);
        }
        let (registry, image) = match text.split_once('#') {
            Some((registry, image)) => (Some(after_user(registry)), image),
            None => (None, text),
        };
        let (image, digest) = split_digest(image);
        let image = if registry.is_none() {
            after_user(image)
        } else {
            image
        };
        let (registry, image) = match registry {
            Some(registry) => (registry.to_owned(), image),
            None => split_registry(image),
        };
        let (repository, tag) = match image.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
            _ => (image, None),
        };
        let registry = canonical_registry(&registry);
        let irregular = repository.bytes().any(|b| b.is_ascii_uppercase());
        let mut repository = repository.to_ascii_lowercase();
        check(whole, "registry", &registry, 255, |b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || b".-:_[]".contains(&b)
        })?;
        if registry == DOCKER_HUB && !repository.contains('/') && !repository.is_empty() {
            repository = format!("library/{repository}");
        }
        check(whole, "repository", &repository, 255, |b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-/".contains(&b)
        })?;
        let misplaced = |part| ParseError::Character {
            text: whole.to_owned(),
            part,
        };
        // A component with `-` in front would be an option to whom it is given.
        let ends = |part: &str| {
            let alphanumeric = |c: char| c.is_ascii_alphanumeric();
            part.starts_with(alphanumeric) && part.ends_with(alphanumeric)
        };
        if !repository.split('/').all(ends) {
            return Err(misplaced("repository"));
        }
        if registry.starts_with(['-', '.']) {
            return Err(misplaced("registry"));
        }
        if let Some(tag) = tag {
            check(whole, "tag", tag, 128, |b| {
                b.is_ascii_alphanumeric() || b"_.-".contains(&b)
            })?;
            if tag.starts_with(['-', '.']) {
                return Err(misplaced("tag"));
            }
        }
        let digest = digest.map(str::to_ascii_lowercase);
        let tag = match (tag, &digest) {
            (None, None) => Some("latest".to_owned()),
            (tag, _) => tag.map(str::to_owned),
        };
        Ok(Self {
            registry,
            repository,
            tag,
            digest,
            irregular,
        })
    }

    /// `docker.io/vllm/vllm-openai`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// With tag and digest, where both are known: `docker.io/library/debian:12@sha256:<64hex>`.
    #[must_use]
    pub fn pinned(&self) -> String {
        match (&self.tag, &self.digest) {
            (Some(tag), Some(digest)) => format!("{}:{tag}@{digest}", self.name()),
            _ => self.to_string(),
        }
    }

    /// The part of the repository that names its owner: `vllm` of `vllm/vllm-openai`.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.repository.split('/').next().unwrap_or_default()
    }

    /// True when both name the same repository in the same registry.
    #[must_use]
    pub fn same_repository(&self, other: &Self) -> bool {
        self.registry == other.registry && self.repository == other.repository
    }

    /// The reference as `enroot import` takes it: `docker://nvcr.io#nvidia/pytorch:26.03-py3`.
    #[must_use]
    pub fn enroot_uri(&self) -> String {
        let mut uri = String::from("docker://");
        if self.registry == DOCKER_HUB {
            uri.push_str(
                self.repository
                    .strip_prefix("library/")
                    .unwrap_or(&self.repository),
            );
        } else {
            uri.push_str(&self.registry);
            uri.push('#');
            uri.push_str(&self.repository);
        }
        match (&self.tag, &self.digest) {
            (_, Some(digest)) => {
                uri.push('@');
                uri.push_str(digest);
            }
            (Some(tag), None) => {
                uri.push(':');
                uri.push_str(tag);
            }
            (None, None) => {}
        }
        uri
    }

    /// The reference with another registry and path, where `mirrors` says so.
    ///
    /// Each mirror is `(from, to)`, prefixes of `registry/repository` that end at a
    /// `/`: `("harbor.acme.example/dockerhub", "docker.io")`. The first that fits counts.
    #[must_use]
    pub fn unmirrored(&self, mirrors: &[(String, String)]) -> Option<Self> {
        let name = self.name();
        mirrors.iter().find_map(|(from, to)| {
            let rest = name
                .strip_prefix(from.trim_end_matches('/'))?
                .strip_prefix('/')?;
            let mut mapped = Self::parse(&format!("{}/{rest}", to.trim_end_matches('/'))).ok()?;
            mapped.tag.clone_from(&self.tag);
            mapped.digest.clone_from(&self.digest);
            mapped.irregular = self.irregular;
            Some(mapped)
        })
    }

    /// True when this could be a copy of `other` under another registry or prefix:
    /// `harbor.acme.example/dockerhub/vllm/vllm-openai` of `docker.io/vllm/vllm-openai`.
    #[must_use]
    pub fn may_mirror(&self, other: &Self) -> bool {
        !self.same_repository(other)
            && (self.repository == other.repository
                || self
                    .repository
                    .strip_suffix(other.repository.as_str())
                    .is_some_and(|prefix| prefix.ends_with('/')))
    }
}

impl fmt::Display for Reference {
    /// `docker.io/vllm/vllm-openai:v0.29.0`; a digest is exact and stands without the tag.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        match (&self.tag, &self.digest) {
            (_, Some(digest)) => write!(f, "@{digest}"),
            (Some(tag), None) => write!(f, ":{tag}"),
            (None, None) => Ok(()),
        }
    }
}

impl ImportUri {
    /// Parses what stands in enroot's provenance line, and nothing else.
    ///
    /// From a registry enroot writes `docker://REGISTRY#IMAGE:TAG`, the tag always and a user
    /// never; a daemon's URI it writes as it was typed, which is letters, digits and `/._:-`
    /// (NVIDIA/enroot `src/docker.sh`, `docker::_prepare_layers` and `docker::daemon::import`).
    /// Its expression for the registry lets every character through but `/` and `#`: of
    /// `docker://evil.example?^@registry-1.docker.io/a/b:c` curl asks evil.example, and the line
    /// has the name of Docker Hub in it. No host has such a name, so the line is refused.
    ///
    /// # Errors
    /// [`ParseError`] where no importer writes such a line.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        if let Some((scheme, name)) = daemon(text) {
            check(text, "name", name, 4096, |b| {
                b.is_ascii_alphanumeric() || b"/._:-".contains(&b)
            })?;
            return Ok(Self::daemon(scheme, name));
        }
        let form = || ParseError::Form {
            text: text.to_owned(),
        };
        let rest = text.strip_prefix("docker://").ok_or_else(form)?;
        let (registry, image) = rest.split_once('#').ok_or_else(form)?;
        if !is_host(registry) {
            return Err(ParseError::Character {
                text: text.to_owned(),
                part: "registry",
            });
        }
        let (repository, _) = image.split_once(':').ok_or_else(form)?;
        check(text, "repository", repository, 255, |b| {
            b.is_ascii_alphanumeric() || b"/._-".contains(&b)
        })?;
        check(text, "tag", image, 1024, |b| {
            b.is_ascii_alphanumeric() || b"/._:-".contains(&b)
        })?;
        let reference = Reference::parse(text)?;
        // A digest takes the tag's place in the line.
        if reference.tag.is_some() == reference.digest.is_some() {
            return Err(form());
        }
        Ok(Self::Registry(reference))
    }

    /// Parses what a person gives to `enroot import`: `docker://[USER@]…` in any spelling, or the
    /// URI of a daemon. An importer may keep it in an extended attribute.
    ///
    /// # Errors
    /// [`ParseError`] where a registry URI is no reference. A text without a scheme
    /// is taken for a registry reference.
    pub fn typed(text: &str) -> Result<Self, ParseError> {
        match daemon(text) {
            Some((scheme, name)) => Ok(Self::daemon(scheme, name)),
            None => Reference::parse(text).map(Self::Registry),
        }
    }

    fn daemon(scheme: &str, name: &str) -> Self {
        Self::Daemon {
            scheme: scheme.to_owned(),
            name: Reference::parse(name).ok(),
        }
    }
}

/// The scheme of a daemon and what follows it.
fn daemon(text: &str) -> Option<(&str, &str)> {
    let (scheme, name) = text.split_once("://")?;
    matches!(scheme, "dockerd" | "podman").then_some((scheme, name))
}

/// A name or an address, and perhaps a port.
fn is_host(text: &str) -> bool {
    let address = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (is_name, port) = match address {
        Some((address, port)) => (
            address
                .bytes()
                .all(|b| b.is_ascii_hexdigit() || b":.".contains(&b)),
            port.strip_prefix(':').or(port.is_empty().then_some("443")),
        ),
        None => {
            let (name, port) = text.split_once(':').unwrap_or((text, "443"));
            let is_name = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
            (!name.is_empty() && name.bytes().all(is_name), Some(port))
        }
    };
    let is_port =
        |port: &str| (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
    is_name && port.is_some_and(is_port)
}

/// Drops `USER@` and `USER:PASSWORD@`, as far as enroot takes it for a user.
fn after_user(text: &str) -> &str {
    let is_user = |b: u8| b.is_ascii_alphanumeric() || b"_.!~*'()%;:&=+$,-".contains(&b);
    match text.rsplit_once('@') {
        Some((user, rest)) if user.bytes().all(is_user) => rest,
        // Left in, it is refused.
        _ => text,
    }
}

/// Splits `@sha256:<hex>` or enroot's `:sha256:<hex>` off the end.
fn split_digest(text: &str) -> (&str, Option<&str>) {
    let Some((rest, hex)) = text.rsplit_once(':') else {
        return (text, None);
    };
    let Some(rest) = rest.strip_suffix("sha256") else {
        return (text, None);
    };
    if hex.len() != 64 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return (text, None);
    }
    let name = rest.strip_suffix('@').or_else(|| rest.strip_suffix(':'));
    match name {
        Some(name) => (name, text.get(rest.len()..)),
        None => (text, None),
    }
}

/// Docker's rule: the first component is a registry when it has a dot or a port, or is `localhost`.
fn split_registry(image: &str) -> (String, &str) {
    match image.split_once('/') {
        Some((first, rest))
            if first.contains('.') || first.contains(':') || first == "localhost" =>
        {
            (first.to_owned(), rest)
        }
        _ => (DOCKER_HUB.to_owned(), image),
    }
}

fn canonical_registry(registry: &str) -> String {
    let registry = registry.to_ascii_lowercase();
    let host = registry.strip_suffix(":443").unwrap_or(&registry);
    let is_host = registry.contains(['.', ':']) || matches!(&*registry, "" | "localhost");
    if DOCKER_HUB_ALIASES.contains(&host) {
        DOCKER_HUB.to_owned()
    } else if is_host {
        registry
    } else {
        // enroot's `#` takes any word for a host; written in front of a repository it would
        // be an owner on Docker Hub.
        format!("{registry}:443")
    }
}

fn check(
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

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "972314c564d13ff3c44e139b09de371cdf87004b3efff50920a18dd5b41e0085";

    #[test]
    fn a_registry_of_one_word_is_never_an_owner_on_docker_hub() {
        let host = Reference::parse("docker://vllm#vllm-openai:v0.29.0").unwrap();
        assert_eq!(host.to_string(), "vllm:443/vllm-openai:v0.29.0");
        assert_eq!(
            Reference::parse(&host.to_string()).unwrap().to_string(),
            host.to_string()
        );
        let hub = Reference::parse("vllm/vllm-openai:v0.29.0").unwrap();
        assert!(!host.same_repository(&hub));
        assert!(Reference::parse("docker://#a:b").is_err());
    }

    #[test]
    fn the_part_that_docker_leaves_out_counts_to_the_longest_repository() {
        let longest = Reference::parse(&"a".repeat(255 - "library/".len())).unwrap();
        assert_eq!(Reference::parse(&longest.to_string()).unwrap(), longest);
        assert!(Reference::parse(&"a".repeat(256 - "library/".len())).is_err());
    }

    #[test]
    fn every_spelling_has_one_canonical_form() {
        let by_digest = format!("docker.io/vllm/vllm-openai@sha256:{HEX}");
        for (text, canonical) in [
            ("ubuntu", "docker.io/library/ubuntu:latest"),
            ("ubuntu:24.04", "docker.io/library/ubuntu:24.04"),
            ("docker.io/ubuntu:24.04", "docker.io/library/ubuntu:24.04"),
            (
                "index.docker.io/library/ubuntu:24.04",
                "docker.io/library/ubuntu:24.04",
            ),
            (
                "docker://registry-1.docker.io#library/ubuntu:24.04",
                "docker.io/library/ubuntu:24.04",
            ),
            (
                "vllm/vllm-openai:v0.29.0",
                "docker.io/vllm/vllm-openai:v0.29.0",
            ),
            (
                "docker://vllm/vllm-openai:v0.29.0",
                "docker.io/vllm/vllm-openai:v0.29.0",
            ),
            (
                "docker://me@vllm/vllm-openai:v0.29.0",
                "docker.io/vllm/vllm-openai:v0.29.0",
            ),
            (
                "docker://$oauthtoken@nvcr.io#nvidia/pytorch:25.06-py3",
                "nvcr.io/nvidia/pytorch:25.06-py3",
            ),
            (
                "nvcr.io#nvidia/ai-dynamo/tensorrtllm-runtime:0.8.1.post1",
                "nvcr.io/nvidia/ai-dynamo/tensorrtllm-runtime:0.8.1.post1",
            ),
            ("NVCR.IO/nvidia/pytorch", "nvcr.io/nvidia/pytorch:latest"),
            (
                "gitlab-master.nvidia.com:5005/dl/ai-dynamo/dynamo:56f877977-trtllm-arm64",
                "gitlab-master.nvidia.com:5005/dl/ai-dynamo/dynamo:56f877977-trtllm-arm64",
            ),
            (
                "localhost/acme/vllm-custom:1",
                "localhost/acme/vllm-custom:1",
            ),
            ("localhost:5000/a", "localhost:5000/a:latest"),
        ] {
            assert_eq!(
                Reference::parse(text).unwrap().to_string(),
                canonical,
                "{text}"
            );
        }
        for text in [
            format!("docker://registry-1.docker.io#vllm/vllm-openai:sha256:{HEX}"),
            format!("vllm/vllm-openai@sha256:{HEX}"),
            format!("vllm/vllm-openai:v0.23.0@sha256:{HEX}"),
            format!("docker://me@vllm/vllm-openai@sha256:{HEX}"),
        ] {
            assert_eq!(
                Reference::parse(&text).unwrap().to_string(),
                by_digest,
                "{text}"
            );
        }
    }

    #[test]
    fn a_tag_beside_a_digest_is_kept() {
        let reference = Reference::parse(&format!("vllm/vllm-openai:v1@sha256:{HEX}")).unwrap();
        assert_eq!(reference.tag.as_deref(), Some("v1"));
        assert_eq!(reference.digest, Some(format!("sha256:{HEX}")));
    }

    #[test]
    fn what_no_registry_accepts_is_refused() {
        for text in [
            "",
            "docker://",
            "vllm/vllm\u{043e}penai:v1",
            "a b:c",
            "a:",
            "a//b",
            "/a",
            "a:b c",
            "x/\u{202e}y",
            "nvcr.io#",
            "--push:1",
            "a/-b:1",
            "a/b-:1",
            "a/.b:1",
            "-x.example/a:1",
            "a:-b",
            "a:.b",
        ] {
            assert!(Reference::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_upper_case_repository_is_marked() {
        assert!(Reference::parse("VLLM/vllm-openai:v1").unwrap().irregular);
        assert!(
            !Reference::parse("Docker.io/vllm/vllm-openai:V1")
                .unwrap()
                .irregular
        );
    }

    #[test]
    fn enroot_takes_what_is_suggested() {
        for (text, uri) in [
            ("ubuntu:24.04", "docker://ubuntu:24.04".to_owned()),
            (
                "nvcr.io/nvidia/pytorch:26.03-py3",
                "docker://nvcr.io#nvidia/pytorch:26.03-py3".to_owned(),
            ),
            (
                &format!("vllm/vllm-openai@sha256:{HEX}"),
                format!("docker://vllm/vllm-openai@sha256:{HEX}"),
            ),
        ] {
            assert_eq!(Reference::parse(text).unwrap().enroot_uri(), uri);
        }
    }

    #[test]
    fn a_daemon_name_is_not_a_registry_reference() {
        assert!(matches!(
            ImportUri::parse("dockerd://nvcr.io/nvidia/pytorch:25.06-py3").unwrap(),
            ImportUri::Daemon { scheme, name: Some(_) } if scheme == "dockerd"
        ));
        assert!(matches!(
            ImportUri::parse("docker://nvcr.io#nvidia/pytorch:25.06-py3").unwrap(),
            ImportUri::Registry(_)
        ));
    }

    #[test]
    fn a_line_that_no_importer_writes_is_refused() {
        let genuine = [
            "docker://registry-1.docker.io#vllm/vllm-openai:v0.29.0".to_owned(),
            "docker://nvcr.io#nvidia/pytorch:25.06-py3".to_owned(),
            "docker://gitlab-master.nvidia.com:5005#dl/ai-dynamo/dynamo:56f877977-trtllm"
                .to_owned(),
            "docker://localhost:5000#a:latest".to_owned(),
            "docker://[::1]:5000#a/b:1".to_owned(),
            "docker://[fe80::1]#a/b:1".to_owned(),
            "docker://10.0.0.1#a_b/c.d:1".to_owned(),
            "docker://vllm#vllm-openai:v0.29.0".to_owned(),
            format!("docker://registry-1.docker.io#vllm/vllm-openai:sha256:{HEX}"),
            "dockerd://nvcr.io/nvidia/pytorch:25.06-py3".to_owned(),
            "podman://localhost/acme:1".to_owned(),
        ];
        for text in genuine {
            assert!(ImportUri::parse(&text).is_ok(), "{text}");
            assert!(ImportUri::typed(&text).is_ok(), "{text}");
        }
        let hub = "registry-1.docker.io#vllm/vllm-openai";
        for text in [
            // Asked of another host than the one that is read at the end of it.
            "docker://evil.example.com?^@registry-1.docker.io#vllm/vllm-openai:v0.29.0".to_owned(),
            "docker://evil.example.com?x#vllm/vllm-openai:v0.29.0".to_owned(),
            format!("docker://evil.example.com/x?@{hub}:v0.29.0"),
            format!("docker://evil.example.com#@{hub}:v0.29.0"),
            format!("docker://evil.example.com%2f@{hub}:v0.29.0"),
            format!("docker://user@{hub}:v0.29.0"),
            format!("docker://user:secret@{hub}:v0.29.0"),
            format!("docker://evil.example.com\\@{hub}:v0.29.0"),
            // No host.
            "docker://#vllm/vllm-openai:v0.29.0".to_owned(),
            "docker://registry-1.docker.io:#vllm/vllm-openai:v0.29.0".to_owned(),
            "docker://registry-1.docker.io:x#vllm/vllm-openai:v0.29.0".to_owned(),
            "docker://registry-1.docker.io:443:443#vllm/vllm-openai:v0.29.0".to_owned(),
            "docker://[::1#a/b:1".to_owned(),
            "docker://[::1]x#a/b:1".to_owned(),
            "docker:// registry-1.docker.io#vllm/vllm-openai:v0.29.0".to_owned(),
            "docker://registry-1.docker.io #vllm/vllm-openai:v0.29.0".to_owned(),
            "docker://registry-1.docker.io/vllm#vllm-openai:v0.29.0".to_owned(),
            "docker://registry-1.d%6fcker.io#vllm/vllm-openai:v0.29.0".to_owned(),
            "docker://registry-1.d\u{43e}cker.io#vllm/vllm-openai:v0.29.0".to_owned(),
            "docker://registry-1\u{3002}docker.io#vllm/vllm-openai:v0.29.0".to_owned(),
            "docker://registry-1.docker.io\t#vllm/vllm-openai:v0.29.0".to_owned(),
            // No image.
            format!("docker://{hub}#x:v0.29.0"),
            format!("docker://{hub}:v0.29.0#x"),
            format!("docker://{hub}:v0.29.0?x"),
            format!("docker://{hub}:v0.29.0 "),
            format!("docker://{hub}:v0.29.0\r"),
            format!("docker://{hub}:v0.29.0\u{7}"),
            format!("docker://{hub}:v0.29.0@x"),
            format!("docker://{hub}:a:v0.29.0"),
            format!("docker://{hub}:v0.29.0@sha256:{HEX}"),
            format!("docker://{hub}:v0.29.0:sha256:{HEX}"),
            format!("docker://{hub}@sha256:{HEX}"),
            format!("docker://{hub}:sha256:abc"),
            format!("docker://{hub}:"),
            format!("docker://{hub}"),
            "docker://registry-1.docker.io#vllm/vllm\u{43e}penai:v0.29.0".to_owned(),
            "docker://registry-1.docker.io#vllm//vllm-openai:v0.29.0".to_owned(),
            "docker://registry-1.docker.io#../vllm-openai:v0.29.0".to_owned(),
            // The form of a person, who types no line.
            "docker://vllm/vllm-openai:v0.29.0".to_owned(),
            "vllm/vllm-openai:v0.29.0".to_owned(),
            "DOCKER://registry-1.docker.io#vllm/vllm-openai:v0.29.0".to_owned(),
            "https://registry-1.docker.io#vllm/vllm-openai:v0.29.0".to_owned(),
            "dockerd://".to_owned(),
            "dockerd://a@sha256:b".to_owned(),
            "dockerd://a b".to_owned(),
            "podman://a#b:c".to_owned(),
            "podman://\u{430}".to_owned(),
            String::new(),
        ] {
            assert!(ImportUri::parse(&text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_user_is_dropped_only_where_enroot_takes_it_for_one() {
        let typed = |text: &str| match ImportUri::typed(text) {
            Ok(ImportUri::Registry(reference)) => Some(reference.name()),
            _ => None,
        };
        assert_eq!(
            typed("docker://$oauthtoken@nvcr.io#nvidia/pytorch:1").as_deref(),
            Some("nvcr.io/nvidia/pytorch")
        );
        assert_eq!(
            typed("docker://vllm/vllm-openai").as_deref(),
            Some("docker.io/vllm/vllm-openai")
        );
        for text in [
            "docker://evil.example.com?^@registry-1.docker.io#vllm/vllm-openai:v1",
            "docker://evil.example.com?^@registry-1.docker.io/vllm/vllm-openai:v1",
            "evil.example.com/x@docker.io/vllm/vllm-openai:v1",
        ] {
            assert_eq!(typed(text), None, "{text}");
            assert!(Reference::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn mirrors_map_whole_components() {
        let mirrors = vec![(
            "harbor.acme.example/dockerhub".to_owned(),
            "docker.io".to_owned(),
        )];
        let mirrored =
            Reference::parse("harbor.acme.example/dockerhub/vllm/vllm-openai:v1").unwrap();
        assert_eq!(
            mirrored.unmirrored(&mirrors).unwrap().to_string(),
            "docker.io/vllm/vllm-openai:v1"
        );
        let other = Reference::parse("harbor.acme.example/dockerhub2/vllm/vllm-openai:v1").unwrap();
        assert_eq!(other.unmirrored(&mirrors), None);
    }

    #[test]
    fn a_mirror_keeps_the_repository_path() {
        let official = Reference::parse("vllm/vllm-openai:v1").unwrap();
        for (text, expected) in [
            ("harbor.acme.example/dockerhub/vllm/vllm-openai:v1", true),
            ("harbor.acme.example/vllm/vllm-openai:v1", true),
            ("acme/vllm-openai:v1", false),
            ("harbor.acme.example/xvllm/vllm-openai:v1", false),
            ("vllm/vllm-openai:v2", false),
        ] {
            assert_eq!(
                Reference::parse(text).unwrap().may_mirror(&official),
                expected,
                "{text}"
            );
        }
    }
}
