//! The contracts that are compiled in.

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$(BuiltIn {
            name: $name,
            text: include_str!(concat!("../../contracts/", $name)),
            // The same as JSON; see build.rs.
            json: include_str!(concat!(env!("OUT_DIR"), "/", $name)),
        }),*]
    };
}

/// A contract that is compiled in.
pub(super) struct BuiltIn {
    /// The name of its file.
    pub name: &'static str,
    /// The file.
    pub text: &'static str,
    /// The same as JSON, without the examples.
    pub json: &'static str,
}

/// In the order of the names of the files.
pub(super) const BUILT_IN: &[BuiltIn] = &built_in![
    "aws-dlc.toml",
    "bitnami.toml",
    "buildpacks.toml",
    "chainguard.toml",
    "ci.toml",
    "debian.toml",
    "devbox.toml",
    "dynamo.toml",
    "generic.toml",
    "intel.toml",
    "jupyter.toml",
    "llama-cpp.toml",
    "llm-d.toml",
    "lmcache.toml",
    "lmdeploy.toml",
    "moorethreads.toml",
    "nemo-rl.toml",
    "ngc.toml",
    "oci.toml",
    "ollama.toml",
    "openshift.toml",
    "pytorch.toml",
    "ray.toml",
    "redhat.toml",
    "rocm.toml",
    "sglang.toml",
    "spark-vllm.toml",
    "swiss-ai.toml",
    "tei.toml",
    "tensorflow.toml",
    "tensorrt-llm.toml",
    "tgi.toml",
    "ubuntu.toml",
    "velox-testing.toml",
    "vllm-ascend.toml",
    "vllm-omni.toml",
    "vllm.toml",
];
