//! A reference to an image in its one canonical form.

use std::fmt;

use super::parts::{
    DOCKER_HUB, ParseError, after_user, canonical_registry, check, split_digest, split_registry,
};

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
    /// True if the repository was spelled with upper-case letters, which no registry accepts.
    pub irregular: bool,
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
            Some((registry, image)) => (Some(registry), image),
            None => (None, text),
        };
        let (image, digest) = split_digest(image);
        let (registry, image) = match registry {
            Some(registry) => (after_user(registry).to_owned(), image),
            None => split_registry(after_user(image)),
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
        // A program could take a component that begins with `-` for an option.
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

    /// Returns registry and repository: `docker.io/vllm/vllm-openai`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// Returns the reference with tag and digest, if both are known: `docker.io/library/debian:12@sha256:<64hex>`.
    #[must_use]
    pub fn pinned(&self) -> String {
        match (&self.tag, &self.digest) {
            (Some(tag), Some(digest)) => format!("{}:{tag}@{digest}", self.name()),
            _ => self.to_string(),
        }
    }

    /// Returns the owner in the repository: `vllm` for `vllm/vllm-openai`.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.repository.split('/').next().unwrap_or_default()
    }

    /// Returns true if both name the same repository in the same registry.
    #[must_use]
    pub fn same_repository(&self, other: &Self) -> bool {
        self.registry == other.registry && self.repository == other.repository
    }

    /// Returns the reference as `enroot import` takes it: `docker://nvcr.io#nvidia/pytorch:26.03-py3`.
    #[must_use]
    pub fn enroot_uri(&self) -> String {
        let (registry, repository, end) = (&self.registry, &self.repository, self.end());
        if registry == DOCKER_HUB {
            let name = repository.strip_prefix("library/").unwrap_or(repository);
            return format!("docker://{name}{end}");
        }
        format!("docker://{registry}#{repository}{end}")
    }

    /// Returns the digest, else the tag, with its separator. A digest is exact, so it replaces the tag.
    fn end(&self) -> String {
        match (&self.tag, &self.digest) {
            (_, Some(digest)) => format!("@{digest}"),
            (Some(tag), None) => format!(":{tag}"),
            (None, None) => String::new(),
        }
    }

    /// Returns the reference with the registry and path that `mirrors` maps it to.
    ///
    /// Each mirror is `(from, to)`: a whole `registry/repository`, or a prefix of it that ends before a
    /// `/`, such as `("harbor.acme.example/dockerhub", "docker.io")`. The first that matches counts.
    #[must_use]
    pub fn unmirrored(&self, mirrors: &[(String, String)]) -> Option<Self> {
        let name = self.name();
        mirrors.iter().find_map(|(from, to)| {
            let rest = name.strip_prefix(from.trim_end_matches('/'))?;
            let to = to.trim_end_matches('/');
            // A registry alone is no image.
            let fits = rest.starts_with('/') || rest.is_empty() && to.contains('/');
            if !fits {
                return None;
            }
            let mut mapped = Self::parse(&format!("{to}{rest}")).ok()?;
            mapped.tag.clone_from(&self.tag);
            mapped.digest.clone_from(&self.digest);
            mapped.irregular = self.irregular;
            Some(mapped)
        })
    }

    /// Returns true if this could be a copy of `other` under another registry or prefix:
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
    /// Writes `docker.io/vllm/vllm-openai:v0.29.0`, or the digest in place of the tag.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}{}", self.registry, self.repository, self.end())
    }
}
