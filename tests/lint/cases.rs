//! What a case is made of.

use crate::make::{Input, Layout, SHA, config, stamped, text};
use serde_json::{Value, json};

pub struct Case {
    pub code: &'static str,
    pub breaks: Input,
    pub keeps: Input,
    pub expect: Option<Value>,
}

pub fn case(code: &'static str, breaks: Input, keeps: Input) -> Case {
    Case {
        code,
        breaks,
        keeps,
        expect: None,
    }
}

/// Two configurations, each as an input of its own.
pub fn configs(code: &'static str, breaks: &Value, keeps: &Value) -> Case {
    case(code, text(breaks.to_string()), text(keeps.to_string()))
}

pub const REVISION: &str = "org.opencontainers.image.revision";

pub const STAMPED_DOCKERFILE: &str = "FROM a\nARG GIT_COMMIT\nENV GIT_COMMIT=\"$GIT_COMMIT\"\nLABEL org.opencontainers.image.revision=$GIT_COMMIT\n";

pub const RELEASE: &str = "vllm/vllm-openai:v0.29.0";

pub const STAGING: &str = "public.ecr.aws/q9t5s3a7/vllm-release-repo";

pub fn annotated(key: &str, value: &str) -> Value {
    let mut map = serde_json::Map::new();
    map.insert(key.to_owned(), json!(value));
    Value::Object(map)
}

pub fn attested(config: Value) -> Input {
    let statement = json!({"_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": "https://slsa.dev/provenance/v0.2", "subject": [],
        "predicate": {"buildType": "https://mobyproject.org/buildkit@v1",
            "invocation": {"configSource": {"uri": "https://github.com/acme/server.git#main", "digest": {"sha1": SHA}}}}});
    Input::Layout(Layout {
        images: vec![("linux/amd64", json!({}), config)],
        attestation: Some(statement),
        ..Layout::default()
    })
}

pub fn bake(dockerfile: &str) -> Input {
    text(format!(
        "target \"app\" {{\n  args = {{\n    GIT_COMMIT = COMMIT\n  }}\n  dockerfile-inline = {}\n}}\n",
        Value::from(dockerfile)
    ))
}

pub fn with_history(step: &str) -> Value {
    let mut config = stamped(&[], &[]);
    config["history"] = json!([{"created_by": step}]);
    config
}

pub fn image_index(annotations: Value) -> Input {
    let entry = |architecture: &str| {
        json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 1,
            "digest": "sha256:da2c00fef4311d4231d285372e7fd31f3aaa94b7067e04acdeaedc0626ba936a",
            "platform": {"os": "linux", "architecture": architecture}})
    };
    text(json!({"schemaVersion": 2, "manifests": [entry("amd64"), entry("arm64")], "annotations": annotations}).to_string())
}

pub fn ci(command: &str) -> Input {
    text(format!("jobs:\n  a:\n    steps:\n      - run: {command}\n"))
}

pub const ASKS_GIT: &str = r#"
target "a" {
  context           = "https://github.com/acme/server.git#9a43e5c93336380b9d912d7665ddbae4ba21db3a"
  args              = { KEEP = "1" }
  dockerfile-inline = "FROM a\nLABEL vcs-ref=9a43e5c\nRUN git rev-parse HEAD > /commit\n"
}
"#;

/// A configuration with SGLang's stamp.
pub fn sglang(reference: &str) -> Value {
    config(
        &[
            &format!("SGLANG_BUILD_COMMIT={SHA}"),
            &format!("SGLANG_IMAGE_TAG={reference}"),
        ],
        &[
            ("ai.sglang.build.commit", SHA),
            ("ai.sglang.image.tag", reference),
        ],
    )
}

/// A target that builds a stage of a Dockerfile with the stage `a`.
pub fn stage(name: &str) -> Input {
    text(format!(
        "target \"app\" {{\n  target = \"{name}\"\n  dockerfile-inline = \"FROM x AS a\\nLABEL vcs-ref={SHA}\\n\"\n}}\n"
    ))
}
