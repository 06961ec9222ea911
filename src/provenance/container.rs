//! How a container of the image runs, and by which steps the image was built.

use serde::{Deserialize, Serialize};

/// What runs when a container starts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Runtime {
    /// The entrypoint's words.
    pub entrypoint: Vec<String>,
    /// The default arguments.
    pub cmd: Vec<String>,
    /// The directory it starts in.
    pub workdir: Option<String>,
    /// Declared volumes.
    pub volumes: Vec<String>,
    /// As whom it runs: `1000:1000`, `nobody`. Imports by enroot do not keep it.
    #[serde(default)]
    pub user: Option<String>,
    /// Ports that it declares to listen on: `8000/tcp`.
    #[serde(default)]
    pub ports: Vec<String>,
    /// What ends it, where that is not `SIGTERM`.
    #[serde(default)]
    pub stop_signal: Option<String>,
    /// How a daemon asks whether it is well.
    #[serde(default)]
    pub healthcheck: Option<Healthcheck>,
}

/// How a daemon asks whether a container is well. Times are as Docker spells them: `30s`, `1m30s`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Healthcheck {
    /// `CMD` and words, `CMD-SHELL` and a line for the shell, or `NONE`.
    pub test: Vec<String>,
    /// Between two checks.
    pub interval: Option<String>,
    /// For one check.
    pub timeout: Option<String>,
    /// Before the first check that counts.
    pub start_period: Option<String>,
    /// Between two checks before that.
    pub start_interval: Option<String>,
    /// Checks that fail one after the other until it counts as ill.
    pub retries: Option<u32>,
}

/// One step of the build, as the image's configuration lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BuildStep {
    /// When, as written there.
    pub created: Option<String>,
    /// The instruction.
    pub created_by: Option<String>,
    /// What the builder notes: `buildkit.dockerfile.v0`.
    pub comment: Option<String>,
    /// True where the step made no layer.
    pub empty_layer: bool,
}

/// The digests of an image, `sha256:<64hex>`, where the form has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Digests {
    /// Of the index that names an image for each platform: what a tag stands for in a registry.
    pub index: Option<String>,
    /// Of the manifest of this image.
    pub manifest: Option<String>,
    /// Of the configuration: what Docker calls the image's id.
    pub config: Option<String>,
}

/// Which of the images in a file a document is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Part {
    /// `linux/arm64`, where the file says it.
    pub platform: Option<String>,
    /// The target of a bake file, where the file is about several.
    pub target: Option<String>,
    /// Where several images of the file were answered at once: what this one has another value of than
    /// another one, `labels.KEY`.
    pub differs: Vec<String>,
}
