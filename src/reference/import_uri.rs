//! The URI that an importer records.

use super::canonical::Reference;
use super::parts::{ParseError, check};

/// The source of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportUri {
    /// `docker://…`: a registry.
    Registry(Reference),
    /// `dockerd://…` or `podman://…`: the image with that name in a local daemon.
    Daemon {
        /// `dockerd` or `podman`.
        scheme: String,
        /// The name, if it parses as a reference and is no image ID.
        name: Option<Reference>,
    },
}

impl ImportUri {
    /// Parses the URI of enroot's provenance line.
    ///
    /// For an import from a registry, enroot writes `docker://REGISTRY#IMAGE:TAG`, always with a tag and
    /// never with a user. It writes the URI of a daemon as it was typed: letters, digits and `/._:-`
    /// (NVIDIA/enroot `src/docker.sh`, `docker::_prepare_layers` and `docker::daemon::import`).
    ///
    /// enroot accepts every character except `/` and `#` in a registry. For
    /// `docker://evil.example?^@registry-1.docker.io/a/b:c`, curl asks evil.example, but the line
    /// contains the name of Docker Hub. No host has such a name, so such a line is an error.
    ///
    /// # Errors
    /// [`ParseError`] for a line that no importer writes.
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
    /// URI of a daemon. A text without a scheme is a registry reference. An importer may keep it in an
    /// extended attribute.
    ///
    /// # Errors
    /// [`ParseError`] if a registry URI is no reference.
    pub fn typed(text: &str) -> Result<Self, ParseError> {
        match daemon(text) {
            Some((scheme, name)) => Ok(Self::daemon(scheme, name)),
            None => Reference::parse(text).map(Self::Registry),
        }
    }

    fn daemon(scheme: &str, name: &str) -> Self {
        Self::Daemon {
            scheme: scheme.to_owned(),
            name: Reference::parse(name).ok().filter(|_| !is_image_id(name)),
        }
    }
}

/// Splits the URI of a daemon into scheme and name.
fn daemon(text: &str) -> Option<(&str, &str)> {
    let (scheme, name) = text.split_once("://")?;
    matches!(scheme, "dockerd" | "podman").then_some((scheme, name))
}

/// Returns true for the ID of an image in a daemon, as `docker images` prints it: 12 hex digits, or all 64 with or
/// without `sha256:`. An ID names no repository.
fn is_image_id(name: &str) -> bool {
    let id = name.strip_prefix("sha256:").unwrap_or(name);
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    (12..=64).contains(&id.len()) && id.bytes().all(is_hex)
}

/// Returns true for a name or an address, with or without a port.
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

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "972314c564d13ff3c44e139b09de371cdf87004b3efff50920a18dd5b41e0085";

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
            // enroot refuses the digest of a daemon's image too: no `@` is in its pattern.
            format!("dockerd://vllm/vllm-openai@sha256:{HEX}"),
            "dockerd://a b".to_owned(),
            "podman://a#b:c".to_owned(),
            "podman://\u{430}".to_owned(),
            String::new(),
        ] {
            assert!(ImportUri::parse(&text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_image_id_in_a_daemon_is_no_name() {
        let named = |text: &str| match ImportUri::parse(text) {
            Ok(ImportUri::Daemon { name, .. }) => Some(name.map(|name| name.name())),
            _ => None,
        };
        for id in [&HEX[..12], &HEX[..16], HEX, &format!("sha256:{HEX}")] {
            assert_eq!(named(&format!("dockerd://{id}")), Some(None), "{id}");
            assert_eq!(named(&format!("podman://{id}")), Some(None), "{id}");
        }
        for name in [
            "cafe",
            "decade:1",
            &format!("{}:1", &HEX[..12]),
            &format!("acme/{}", &HEX[..12]),
        ] {
            let found = named(&format!("dockerd://{name}"));
            assert!(matches!(found, Some(Some(_))), "{name}");
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
}
