//! Facts of made-up images, for tests of attribution without any file.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, reason = "the built-in contracts are sound")]

use sqsh_prov::attribution::{Attribution, attribute};
use sqsh_prov::carriers::{DirectUrl, Facts, Import, LaterThanImport, PackageFact, Pair};
use sqsh_prov::contracts::Contracts;
use sqsh_prov::image::Later;
use sqsh_prov::provenance::Source;

/// The commit of the made-up vLLM release.
pub const COMMIT: &str = "98dff2a81d747d1dba01a47f939f48c3526d4206";
/// Another commit.
pub const OTHER: &str = "076d1cbffaab65e4da17d0d2c490fb6cc644849d";
const PIPELINE: &str = "019d130e-464e-4ff7-b84b-492992c0c06b";
const SITE: &str = "/usr/local/lib/python3.12/dist-packages";

/// A made-up image; each method changes one thing.
#[derive(Clone)]
pub struct Made(pub Facts);

impl Made {
    /// An image as enroot 4.2 leaves it, imported from `uri`, with nothing else.
    pub fn new(uri: &str) -> Self {
        let mut facts = Facts {
            environment_ordered: true,
            packages_known: true,
            entrypoint: Some(Vec::new()),
            cmd: Some(Vec::new()),
            rc_local_edited: Some(false),
            import: Some(Import {
                label_keys_sorted: true,
                label_before_line: true,
                ..Import::default()
            }),
            later: LaterThanImport::Read(Later::default()),
            ..Facts::default()
        };
        facts.mtimes.insert("/etc/rc".to_owned(), 2_000_000_000);
        Self(facts).imported(uri).env("PATH", "/usr/bin")
    }

    /// The untouched vLLM release v0.29.0.
    pub fn vllm(uri: &str) -> Self {
        Self::vllm_stamped(uri, "vllm/vllm-openai:v0.29.0", COMMIT, "0.29.0")
    }

    /// A vLLM serving image with a stamp.
    pub fn vllm_stamped(uri: &str, tag: &str, commit: &str, version: &str) -> Self {
        let url = "https://buildkite.com/vllm/release-v2/builds/6292";
        Self::new(uri)
            .env("CUDA_VERSION", "13.0.2")
            .env("VLLM_USAGE_SOURCE", "production-docker-image")
            .env("VLLM_BUILD_COMMIT", commit)
            .env("VLLM_BUILD_PIPELINE", PIPELINE)
            .env("VLLM_BUILD_URL", url)
            .env("VLLM_IMAGE_TAG", tag)
            .vllm_labels(tag, commit, PIPELINE, url)
            .entrypoint(&["vllm", "serve"])
            .package("vllm", version)
    }

    /// The labels of a vLLM image.
    pub fn vllm_labels(self, tag: &str, commit: &str, pipeline: &str, url: &str) -> Self {
        self.label("ai.vllm.build.commit", commit)
            .label("ai.vllm.build.pipeline", pipeline)
            .label("ai.vllm.build.url", url)
            .label("ai.vllm.image.tag", tag)
            .label("org.opencontainers.image.revision", commit)
            .label(
                "org.opencontainers.image.source",
                "https://github.com/vllm-project/vllm",
            )
            .label("org.opencontainers.image.url", url)
            .label("org.opencontainers.image.version", tag)
    }

    /// A SGLang image with a stamp.
    pub fn sglang(uri: &str, tag: &str, version: &str) -> Self {
        let url = "https://github.com/sgl-project/sglang/actions/runs/28210048245";
        Self::new(uri)
            .env("NVIDIA_PRODUCT_NAME", "CUDA")
            .env("SGLANG_BUILD_COMMIT", COMMIT)
            .env("SGLANG_BUILD_URL", url)
            .env("SGLANG_IMAGE_TAG", tag)
            .label("ai.sglang.build.commit", COMMIT)
            .label("ai.sglang.build.url", url)
            .label("ai.sglang.image.tag", tag)
            .label("org.opencontainers.image.revision", COMMIT)
            .label(
                "org.opencontainers.image.source",
                "https://github.com/sgl-project/sglang",
            )
            .entrypoint(&["/opt/nvidia/nvidia_entrypoint.sh"])
            .package("sglang", version)
    }

    /// The labels that docker/metadata-action writes.
    pub fn metadata_action(uri: &str, version: &str) -> Self {
        Self::new(uri)
            .label("org.opencontainers.image.revision", COMMIT)
            .label(
                "org.opencontainers.image.source",
                "https://github.com/acme/server",
            )
            .label("org.opencontainers.image.version", version)
            .label("org.opencontainers.image.title", "server")
    }

    /// Another import.
    pub fn imported(mut self, uri: &str) -> Self {
        let source = Source {
            carrier: "rc".to_owned(),
            path: Some("/etc/rc".to_owned()),
            line: Some(1),
            key: Some("enroot-provenance".to_owned()),
        };
        let import = self.0.import.get_or_insert_default();
        import.uri = (!uri.is_empty()).then(|| pair("enroot-provenance", uri, source));
        self
    }

    /// A variable more, at the end.
    pub fn env(mut self, key: &str, value: &str) -> Self {
        let line = u32::try_from(self.0.environment.len() + 1).ok();
        self.0.environment.push(pair(
            key,
            value,
            at("environment", "/etc/environment", line, key),
        ));
        self
    }

    /// The same variable with another value, in place.
    pub fn set_env(mut self, key: &str, value: &str) -> Self {
        for pair in self.0.environment.iter_mut().filter(|pair| pair.key == key) {
            value.clone_into(&mut pair.value);
        }
        self
    }

    /// Without a variable.
    pub fn without_env(mut self, prefix: &str) -> Self {
        self.0
            .environment
            .retain(|pair| !pair.key.starts_with(prefix));
        self
    }

    /// A label more.
    pub fn label(mut self, key: &str, value: &str) -> Self {
        let line = u32::try_from(self.0.labels.len() + 2).ok();
        self.0
            .labels
            .push(pair(key, value, at("label", "/etc/rc", line, key)));
        self
    }

    /// The same label with another value.
    pub fn set_label(mut self, key: &str, value: &str) -> Self {
        for pair in self.0.labels.iter_mut().filter(|pair| pair.key == key) {
            value.clone_into(&mut pair.value);
        }
        self
    }

    /// Another entrypoint.
    pub fn entrypoint(mut self, words: &[&str]) -> Self {
        self.0.entrypoint = Some(words.iter().map(|&word| word.to_owned()).collect());
        let program = words.first().filter(|word| word.starts_with('/'));
        self.0.present.extend(program.map(|&word| word.to_owned()));
        self
    }

    /// A file that a contract asks for.
    pub fn file(mut self, path: &str) -> Self {
        self.0.present.insert(path.to_owned());
        self
    }

    /// A package more.
    pub fn package(self, name: &str, version: &str) -> Self {
        self.package_with(name, version, None)
    }

    /// A package more that says where it was installed from.
    pub fn package_from(
        self,
        name: &str,
        version: &str,
        url: &str,
        commit: &str,
        rev: Option<&str>,
    ) -> Self {
        self.package_with(
            name,
            version,
            Some(DirectUrl {
                url: url.to_owned(),
                commit: Some(commit.to_owned()),
                requested_revision: rev.map(str::to_owned),
                editable: false,
            }),
        )
    }

    fn package_with(mut self, name: &str, version: &str, direct_url: Option<DirectUrl>) -> Self {
        self.0.packages.push(PackageFact {
            name: name.to_owned(),
            version: version.to_owned(),
            path: format!("{SITE}/{name}-{version}.dist-info"),
            mtime: Some(1_900_000_000),
            direct_url,
            version_file: Some(pair(
                "__version__",
                version,
                at("python", "_version.py", Some(8), "__version__"),
            )),
            metadata_version: Some(version.to_owned()),
            metadata_name: Some(name.to_owned()),
            has_record: true,
            ..PackageFact::default()
        });
        self
    }

    /// `__commit_id__` of the last package.
    pub fn commit_id(mut self, commit: &str) -> Self {
        if let Some(package) = self.0.packages.last_mut() {
            let source = at("python", "_version.py", Some(9), "__commit_id__");
            package.commit_id = Some(pair("__commit_id__", commit, source));
        }
        self
    }

    /// os-release.
    pub fn os(mut self, id: &str, version: &str) -> Self {
        self.0.os_release.insert("ID".to_owned(), id.to_owned());
        self.0
            .os_release
            .insert("VERSION_ID".to_owned(), version.to_owned());
        self
    }

    /// Any other change.
    pub fn with(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(&mut self.0);
        self
    }

    /// What attribution says.
    pub fn attribute(&self) -> Attribution {
        attribute(&self.0, &Contracts::built_in().unwrap(), &[])
    }
}

fn pair(key: &str, value: &str, source: Source) -> Pair {
    Pair {
        key: key.to_owned(),
        value: value.to_owned(),
        source,
    }
}

fn at(carrier: &str, path: &str, line: Option<u32>, key: &str) -> Source {
    Source {
        carrier: carrier.to_owned(),
        path: Some(path.to_owned()),
        line,
        key: Some(key.to_owned()),
    }
}
