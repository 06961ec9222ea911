//! Forgeries in images that are packed.

use super::*;

fn image(line: &str, tail: &str, entrypoint: &str) -> Vec<(&'static str, String)> {
    let pipeline = "019d130e-464e-4ff7-b84b-492992c0c06b";
    let rc = format!(
        "{line}# ai.vllm.build.commit {COMMIT}\n# ai.vllm.build.pipeline {pipeline}\n# ai.vllm.build.url {URL}\n\
         # ai.vllm.image.tag vllm/vllm-openai:v0.29.0\n# org.opencontainers.image.revision {COMMIT}\n\
         # org.opencontainers.image.source https://github.com/vllm-project/vllm\n\nmkdir -p \"/vllm-workspace\" 2> /dev/null\n\
         cd \"/vllm-workspace\" && unset OLDPWD || exit 1\n\nif [ -s /etc/rc.local ]; then\n    . /etc/rc.local\nfi\n\n\
         if [ $# -gt 0 ]; then\n    exec {entrypoint} \"$@\"\nelse\n    exec {entrypoint} \nfi\n"
    );
    let environment = format!(
        "PATH=/usr/bin\nCUDA_VERSION=13.0.2\nVLLM_USAGE_SOURCE=production-docker-image\nVLLM_BUILD_COMMIT={COMMIT}\n\
         VLLM_BUILD_PIPELINE={pipeline}\nVLLM_BUILD_URL={URL}\nVLLM_IMAGE_TAG=vllm/vllm-openai:v0.29.0\n{tail}"
    );
    vec![
        ("etc/rc", rc),
        ("etc/environment", environment),
        ("etc/os-release", "ID=ubuntu\nVERSION_ID=24.04\n".to_owned()),
        (
            "usr/local/lib/python3.12/dist-packages/vllm-0.29.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: vllm\nVersion: 0.29.0\n".to_owned(),
        ),
        (
            "usr/local/lib/python3.12/dist-packages/vllm-0.29.0.dist-info/RECORD",
            "vllm/_version.py,,\n".to_owned(),
        ),
        (
            "usr/local/lib/python3.12/dist-packages/vllm/_version.py",
            "__version__ = version = '0.29.0'\n".to_owned(),
        ),
    ]
}

fn shown(files: &[(&str, String)]) -> Option<Value> {
    let directory = tempfile::tempdir().unwrap();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let image = pack_root(directory.path(), &files)?;
    let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .args(["show", "--format", "json"])
        .arg(image)
        .output()
        .unwrap();
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn packed_forgeries_are_not_official() {
    let line = format!("# enroot-provenance: {HUB}:v0.29.0\n");
    for (what, files) in [
        (
            "another repository",
            image(
                "# enroot-provenance: docker://registry-1.docker.io#evil/vllm-openai:v0.29.0\n",
                "",
                "'vllm' 'serve'",
            ),
        ),
        ("no line", image("", "", "'vllm' 'serve'")),
        (
            "a look-alike",
            image(
                "# enroot-provenance: docker://registry-1.docker.io#vllm/vllm-οpenai:v0.29.0\n",
                "",
                "'vllm' 'serve'",
            ),
        ),
        (
            "a variable behind the block",
            image(&line, "EVIL=1\n", "'vllm' 'serve'"),
        ),
        ("another entrypoint", image(&line, "", "'/evil'")),
        (
            "a second line",
            image(
                &format!("# enroot-provenance: docker://registry-1.docker.io#evil/x:1\n{line}"),
                "",
                "'vllm' 'serve'",
            ),
        ),
    ] {
        let Some(document) = shown(&files) else {
            return;
        };
        assert_ne!(document["origin"]["official"], true, "{what}");
    }
}

/// The one exception. Before 4.2 enroot writes no line of its own, and up to 4.1.1 a label's value may
/// hold newlines: one label with the key `enroot-provenance:` then makes line 1 and a whole contract
/// behind it. Nothing in the file tells such an image from the real one.
#[test]
fn a_complete_copy_behind_a_forged_first_line_is_the_known_exception() {
    let forged = format!("# enroot-provenance: {HUB}:v0.29.0\n");
    let Some(document) = shown(&image(&forged, "", "'vllm' 'serve'")) else {
        return;
    };
    assert_eq!(document["origin"]["official"], true);
}
