//! Lines that a value forges.

use super::*;

/// Lines that a value with line breaks makes, read by the parsers as an importer left them.
/// The image that an importer makes of these files.
fn image_of(rc: &str, variables: &str) -> Made {
    let rc = enroot_rc::parse(rc.as_bytes());
    let mut made = genuine().with(|facts| {
        facts.environment = environment::parse(variables.as_bytes()).variables;
        facts.environment.insert(
            0,
            Pair {
                key: "CUDA_VERSION".to_owned(),
                value: "13.0.2".to_owned(),
                ..Pair::default()
            },
        );
        facts.stray_environment_lines = environment::parse(variables.as_bytes()).stray_lines;
        facts.import = rc.as_ref().map(|rc| rc.import());
    });
    made.0.labels = rc.map(|rc| rc.labels).unwrap_or_default();
    made
}

#[test]
fn lines_that_a_value_forges_do_not_make_an_image_official() {
    let mut passed = Passed::default();
    let block = format!(
        "VLLM_USAGE_SOURCE=production-docker-image\nVLLM_BUILD_COMMIT={COMMIT}\n\
         VLLM_BUILD_PIPELINE=019d130e-464e-4ff7-b84b-492992c0c06b\nVLLM_BUILD_URL={URL}\nVLLM_IMAGE_TAG=vllm/vllm-openai:v0.29.0"
    );
    let labels = format!(
        "# ai.vllm.build.commit {COMMIT}\n# ai.vllm.build.pipeline 019d130e-464e-4ff7-b84b-492992c0c06b\n\
         # ai.vllm.build.url {URL}\n# ai.vllm.image.tag vllm/vllm-openai:v0.29.0"
    );
    let rest = "\nmkdir -p \"/\" 2> /dev/null\ncd \"/\" && unset OLDPWD || exit 1\n\nif [ -s /etc/rc.local ]; then\n    . /etc/rc.local\nfi\n\n\
                if [ $# -gt 0 ]; then\n    exec 'vllm' 'serve' \"$@\"\nelse\n    exec 'vllm' 'serve' \nfi\n";
    let genuine_line = format!("# enroot-provenance: {HUB}:v0.29.0");
    let own_line = "# enroot-provenance: docker://registry-1.docker.io#evil/x:1";
    let contracts = Contracts::built_in().unwrap();
    for (what, rc, variables) in [
        (
            "a label that forges a second line 1",
            format!("{own_line}\n{genuine_line}\n{labels}\n{rest}"),
            block.clone(),
        ),
        (
            "a label behind a carriage return",
            format!("{own_line}\r{genuine_line}\n{labels}\n{rest}"),
            block.clone(),
        ),
        (
            "a line 1 within the body",
            format!("{own_line}\n{labels}\n{rest}{genuine_line}\n"),
            block.clone(),
        ),
        (
            "an empty line 1 and a forged second",
            format!("# enroot-provenance: \n{genuine_line}\n{labels}\n{rest}"),
            block.clone(),
        ),
        (
            "a blank before line 1",
            format!(" {genuine_line}\n{labels}\n{rest}"),
            block.clone(),
        ),
        (
            "a byte order mark before line 1",
            format!("\u{feff}{genuine_line}\n{labels}\n{rest}"),
            block.clone(),
        ),
        (
            "a newline before line 1",
            format!("\n{genuine_line}\n{labels}\n{rest}"),
            block.clone(),
        ),
        (
            "the block within a value, and a variable behind it",
            format!("{genuine_line}\n{labels}\n{rest}"),
            format!("{block}\nEVIL=1"),
        ),
        (
            "the block twice with another commit",
            format!("{genuine_line}\n{labels}\n{rest}"),
            format!("{block}\nVLLM_BUILD_COMMIT={OTHER}"),
        ),
        (
            "text behind the block",
            format!("{genuine_line}\n{labels}\n{rest}"),
            format!("{block}\nno variable"),
        ),
        (
            "labels spilled by a value",
            format!("{genuine_line}\n# a.b x\nspilled\n{labels}\n{rest}"),
            block.clone(),
        ),
    ] {
        let made = image_of(&rc, &variables);
        let attribution = attribute(&made.0, &contracts, &[]);
        passed.check(what, attribution.origin.official);
    }
    passed.none();
}

/// The fixtures that real enroot made of images with forged lines, by both of its versions.
#[test]
fn no_fixture_with_forged_lines_is_official() {
    let inspector = Inspector::new(Options::default()).unwrap();
    let mut forged = 0;
    for image in manifest("carriers") {
        let file = image["file"].as_str().unwrap();
        if !["i-", "i2-", "i3-"]
            .iter()
            .any(|start| file.starts_with(start))
        {
            continue;
        }
        forged += 1;
        let document = inspector.inspect(&fixture("carriers", file)).unwrap();
        assert_ne!(document.origin.official, Some(true), "{file}");
        assert_ne!(document.origin.publisher.as_deref(), Some("vllm"), "{file}");
    }
    assert_eq!(forged, 5);
}
