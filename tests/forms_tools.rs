//! Images as the tools that people use write them: skopeo, umoci and Charliecloud.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

mod forms_support;
mod support;

use std::path::Path;

use forms_support::{available, run};
use serde_json::{Value, json};
use sqsh_prov::{Inspector, Options};
use support::fixture;

const COMMIT: &str = "9a43e5c93336380b9d912d7665ddbae4ba21db3a";

fn inspect(path: &Path) -> Value {
    let inspector = Inspector::new(Options::default()).unwrap();
    serde_json::to_value(inspector.inspect(path).unwrap()).unwrap()
}

#[test]
fn what_skopeo_copies_says_the_same() {
    if !available(&["skopeo"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let source = format!("oci:{}", fixture("oci", "v-layout-slsa-v0.2").display());
    for (transport, name, format) in [
        ("oci", "layout", "oci-layout"),
        ("oci-archive", "a.tar", "oci-archive"),
        ("docker-archive", "d.tar", "docker-archive"),
    ] {
        let path = directory.path().join(name);
        let target = format!("{transport}:{}:ghcr.io/acme/server:1.4.2", path.display());
        run(
            "skopeo",
            &[
                &"--insecure-policy",
                &"--override-os=linux",
                &"--override-arch=amd64",
                &"copy",
                &"--quiet",
                &source,
                &target,
            ],
        );
        let document = inspect(&path);
        let origin = &document["origin"];
        assert_eq!(document["file"]["format"], format);
        assert_eq!(document["file"]["whole"], true, "{name}");
        assert_eq!(origin["commit"]["id"], COMMIT, "{name}");
        assert_eq!(origin["version"], "1.4.2", "{name}");
        assert_eq!(
            origin["imported"]["tag"], "1.4.2",
            "the name that it was copied to: {name}"
        );
        assert_ne!(origin["official"], true, "{name}");
    }
}

/// skopeo's own directory has all that its source has, and what it prints of an image what that says.
#[test]
fn what_skopeo_keeps_in_a_directory_and_prints_says_the_same() {
    if !available(&["skopeo"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("dir");
    let source = format!("oci:{}", fixture("oci", "i-layout-two-platform").display());
    let target = format!("dir:{}", path.display());
    let platform = ["--override-os=linux", "--override-arch=amd64"];
    run(
        "skopeo",
        &[
            &"--insecure-policy",
            &"copy",
            &"--quiet",
            &"--all",
            &source,
            &target,
        ],
    );
    let inspector = Inspector::new(Options::default()).unwrap();
    let of = |path: &Path| -> Vec<Value> {
        let all = inspector.inspect_each(path, true).unwrap().into_iter();
        all.map(|(document, _)| serde_json::to_value(document).unwrap())
            .collect()
    };
    let (layout, copied) = (of(&fixture("oci", "i-layout-two-platform")), of(&path));
    assert_eq!((layout.len(), copied.len()), (2, 2));
    for (layout, copied) in layout.iter().zip(&copied) {
        assert_eq!(copied["file"]["format"], "skopeo-dir");
        assert_eq!(copied["file"]["whole"], true);
        for field in [
            "part",
            "digests",
            "labels",
            "environment",
            "runtime",
            "history",
        ] {
            assert_eq!(copied[field], layout[field], "{field}");
        }
        assert_eq!(copied["origin"]["commit"], layout["origin"]["commit"]);
    }
    // Its layers are read by the same digests.
    let digest = |path: &Path| inspector.content(path).unwrap();
    assert_eq!(
        digest(&path),
        digest(&fixture("oci", "i-layout-two-platform"))
    );
    let printed = run("skopeo", &[&platform[0], &platform[1], &"inspect", &source]);
    let file = directory.path().join("printed.json");
    std::fs::write(&file, printed).unwrap();
    let printed = inspect(&file);
    assert_eq!(printed["file"]["format"], "inspect");
    for field in ["labels", "environment"] {
        assert_eq!(printed[field], layout[0][field], "{field}");
    }
    assert_eq!(printed["origin"]["commit"], layout[0]["origin"]["commit"]);
    assert_ne!(printed["origin"]["official"], true);
    assert_eq!(
        printed["digests"]["manifest"],
        Value::Null,
        "it may be an index"
    );
    let printed = run(
        "skopeo",
        &[&platform[0], &platform[1], &"inspect", &"--config", &source],
    );
    std::fs::write(&file, printed).unwrap();
    let printed = inspect(&file);
    assert_eq!(printed["history"], layout[0]["history"]);
    assert_eq!(printed["file"]["format"], "image-config");
}

/// What podman prints of an image in its own store; its digests are named by their level.
#[test]
fn what_podman_prints_is_read_with_digests() {
    if !available(&["podman", "skopeo"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store");
    let options = format!("--root={}", store.display());
    let run_root = format!("--runroot={}", directory.path().join("run").display());
    let source = format!("oci:{}", fixture("oci", "v-layout-slsa-v0.2").display());
    let podman = |arguments: &[&str]| {
        std::process::Command::new("podman")
            .args([&options, &run_root, "--storage-driver=vfs"])
            .args(arguments)
            .output()
            .unwrap()
    };
    let pulled = podman(&["pull", "--quiet", "--arch=amd64", &source]);
    if !pulled.status.success() {
        // Its store needs more than some sandboxes allow.
        return;
    }
    let id = String::from_utf8(pulled.stdout).unwrap();
    let printed = podman(&["inspect", id.trim()]).stdout;
    let file = directory.path().join("printed.json");
    std::fs::write(&file, printed).unwrap();
    let (printed, layout) = (
        inspect(&file),
        inspect(&fixture("oci", "v-layout-slsa-v0.2")),
    );
    for field in ["labels", "environment"] {
        assert_eq!(printed[field], layout[field], "{field}");
    }
    assert_eq!(printed["digests"]["config"], layout["digests"]["config"]);
    assert_eq!(printed["origin"]["commit"]["id"], COMMIT);
    assert_ne!(printed["origin"]["official"], true);
}

#[test]
fn what_umoci_writes_is_read() {
    if !available(&["umoci"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let layout = directory.path().join("layout");
    let image = format!("{}:1.0", layout.display());
    run("umoci", &[&"init", &"--layout", &layout]);
    run("umoci", &[&"new", &"--image", &image]);
    let revision = format!("org.opencontainers.image.revision={COMMIT}");
    run(
        "umoci",
        &[
            &"config",
            &"--image",
            &image,
            &"--config.label",
            &revision,
            &"--config.label",
            &"org.opencontainers.image.source=https://github.com/acme/server",
            &"--config.env",
            &"A=1",
            &"--config.entrypoint",
            &"/app/server",
            &"--manifest.annotation",
            &"org.opencontainers.image.version=1.0.0",
        ],
    );
    let document = inspect(&layout);
    assert_eq!(document["origin"]["commit"]["id"], COMMIT);
    assert_eq!(document["origin"]["publisher"], "acme");
    // Only the manifest says it, not the configuration.
    assert_eq!(document["origin"]["version"], "1.0.0");
    assert_eq!(document["runtime"]["entrypoint"], json!(["/app/server"]));
    assert_eq!(document["environment"]["A"], "1");
}

/// What Charliecloud builds: its own record holds the environment, and labels are not kept.
#[test]
fn what_charliecloud_builds_and_packs_is_read_from_its_record() {
    if !available(&["ch-image", "ch-convert", "mksquashfs"]) {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("root");
    for path in ["bin", "dev", "etc", "usr"] {
        std::fs::create_dir_all(root.join(path)).unwrap();
    }
    std::fs::write(
        root.join("etc/os-release"),
        "ID=debian\nVERSION_ID=\"12\"\n",
    )
    .unwrap();
    let context = directory.path().join("context");
    std::fs::create_dir(&context).unwrap();
    let file = format!("FROM base:1\nENV GITHUB_SHA={COMMIT}\nENV GITHUB_REPOSITORY=acme/server\n");
    std::fs::write(context.join("Dockerfile"), file).unwrap();

    // Debian's package needs Debian's Python, whatever other stands first in the path.
    let tool = |program: &str, arguments: &[&std::ffi::OsStr]| {
        let output = std::process::Command::new(program)
            .args(arguments)
            .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
            .env("USER", "tester")
            .env("CH_IMAGE_STORAGE", directory.path().join("storage"))
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{program}: {error}");
    };
    let packed = directory.path().join("server.sqfs");
    tool(
        "ch-image",
        &["import".as_ref(), root.as_ref(), "base:1".as_ref()],
    );
    tool(
        "ch-image",
        &[
            "build".as_ref(),
            "-t".as_ref(),
            "server:1".as_ref(),
            context.as_ref(),
        ],
    );
    tool(
        "ch-convert",
        &[
            "-i".as_ref(),
            "ch-image".as_ref(),
            "-o".as_ref(),
            "squash".as_ref(),
            "server:1".as_ref(),
            packed.as_ref(),
        ],
    );
    let document = inspect(&packed);
    assert_eq!(document["environment"]["GITHUB_SHA"], COMMIT);
    let origin = &document["origin"];
    assert_eq!(origin["commit"]["id"], COMMIT);
    assert_eq!(origin["publisher"], "acme");
    assert_ne!(origin["official"], true);
}
