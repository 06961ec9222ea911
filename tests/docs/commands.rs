//! The commands of every `console` block, run where the images have the names that readers expect.

use std::fs;
use std::path::Path;

use super::repository;

const IMAGES: [(&str, &str); 6] = [
    ("vllm+vllm-openai+v0.29.0.sqsh", "01-vllm-release.sqsh"),
    ("nightly.sqsh", "03-vllm-nightly.sqsh"),
    ("llm-d.sqsh", "11-derived-llm-d.sqsh"),
    ("patched.sqsh", "13a-derived-patched-file-private.sqsh"),
    ("ngc.sqsh", "22-ngc-pytorch.sqsh"),
    ("webapp.sqsh", "34-buildpacks.sqsh"),
];

/// The job that `docs/build-args.md` tells of, and nothing of one that this may run in.
const JOB: [(&str, &str); 16] = [
    ("BUILDKITE", ""),
    ("GITLAB_CI", ""),
    ("CIRCLECI", ""),
    ("JENKINS_URL", ""),
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_EVENT_NAME", "push"),
    ("GITHUB_EVENT_PATH", ""),
    ("GITHUB_HEAD_REF", ""),
    ("GITHUB_REF", "refs/tags/v1.4.2"),
    ("GITHUB_REPOSITORY", "acme/server"),
    ("GITHUB_RUN_ID", "6292"),
    ("GITHUB_SERVER_URL", "https://github.com"),
    ("GITHUB_SHA", "98dff2a81d747d1dba01a47f939f48c3526d4206"),
    (
        "GITHUB_WORKFLOW_REF",
        "acme/server/.github/workflows/release.yml@refs/tags/v1.4.2",
    ),
    ("GITHUB_WORKFLOW", ""),
    ("IMAGE_REPOSITORY", "ghcr.io/acme/server"),
];

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).unwrap();
        }
    }
}

fn lay_out(directory: &Path) {
    fs::create_dir(directory.join("images")).unwrap();
    for (name, fixture) in IMAGES {
        let fixture = repository("fixtures/classification").join(fixture);
        for file in [directory.join(name), directory.join("images").join(name)] {
            fs::copy(&fixture, &file).unwrap();
        }
    }
    copy_tree(
        &repository("fixtures/oci/ii-layout-multi-node-no-index-annotations"),
        &directory.join("multi-node-layout"),
    );
    for entry in fs::read_dir(repository("fixtures/attestations")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), directory.join(entry.file_name())).unwrap();
    }
    let whole = fs::read(directory.join(IMAGES[0].0)).unwrap();
    fs::write(directory.join("truncated.sqsh"), &whole[..whole.len() / 2]).unwrap();
    let dockerfile = "FROM ubuntu:24.04 AS build\nARG BUILD_COMMIT=unknown\nRUN make\nFROM ubuntu:24.04\n\
                      COPY --from=build /app /app\nLABEL org.opencontainers.image.revision=\"${BUILD_COMMIT}\"\n";
    fs::write(directory.join("Dockerfile"), dockerfile).unwrap();
    let guide = fs::read_to_string(repository("docs/guide/prologue.md")).unwrap();
    let mut shown = guide.split("```yaml\n").skip(1);
    for name in ["recipe.yaml", "srtslurm.yaml"] {
        let text = shown.next().unwrap().split("```").next().unwrap();
        fs::write(directory.join(name), text).unwrap();
    }
    let guide = fs::read_to_string(repository("docs/guide/contracts.md")).unwrap();
    let contract = guide.split("```toml\n").nth(1).unwrap();
    let contract = contract.split("```").next().unwrap();
    fs::write(directory.join("acme.toml"), contract).unwrap();
    let loose = contract.replace("\\d+$'", "\\d+(-\\w+)?$'");
    assert_ne!(loose, contract);
    fs::write(directory.join("loose.toml"), loose).unwrap();
}

/// The pages with commands that are run.
fn pages() -> Vec<(std::path::PathBuf, String)> {
    let guides = fs::read_dir(repository("docs/guide")).unwrap();
    let mut paths: Vec<_> = guides.map(|entry| entry.unwrap().path()).collect();
    paths.extend(["README.md", "docs/lint.md", "docs/build-args.md"].map(repository));
    let read = |path: std::path::PathBuf| (path.clone(), fs::read_to_string(path).unwrap());
    paths.into_iter().map(read).collect()
}

#[test]
fn a_page_says_what_the_marks_and_the_images_in_its_examples_are() {
    let mut named = 0;
    for (path, text) in pages() {
        let blocks: Vec<&str> = text.split("```console\n").skip(1).collect();
        let shown: String = blocks
            .iter()
            .filter_map(|block| block.split("```").next())
            .collect();
        let path = path.display();
        for (name, fixture) in IMAGES.iter().filter(|(name, _)| shown.contains(name)) {
            assert!(text.contains(fixture), "{path}: {name} is {fixture}");
            named += 1;
        }
        if shown.contains("\n? 1\n") {
            assert!(text.contains("`? 1` is the"), "{path}");
        }
        if shown.contains("[..]") {
            assert!(text.contains("`[..]` and `...` stand for"), "{path}");
        }
    }
    assert!(named > 8, "{named}");
}

#[test]
fn the_commands_in_the_documents_do_what_they_show() {
    let directory = tempfile::tempdir().unwrap();
    lay_out(directory.path());
    std::env::set_current_dir(directory.path()).unwrap();
    let cases = trycmd::TestCases::new();
    cases
        .register_bin(
            "sqsh-prov",
            Path::new(env!("CARGO_BIN_EXE_sqsh-prov")).to_owned(),
        )
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .case(repository("README.md"))
        .case(repository("docs/guide/*.md"))
        .case(repository("docs/lint.md"))
        .case(repository("docs/build-args.md"));
    for (name, value) in JOB {
        cases.env(name, value);
    }
    cases.run();
}
