mod memory;

use std::collections::BTreeSet;

use memory::{BUILT, Memory};

use super::*;
use crate::image::Error;

const RELEASE_RC: &[u8] = include_bytes!("../testdata/a-vllm-release.rc");
const NASTY_RC: &[u8] = include_bytes!("../testdata/i-nasty.rc");
const NASTY_ENVIRONMENT: &[u8] = include_bytes!("../testdata/i-nasty.environment");
const HOUR: i64 = 3600;
const ID: &str = "390e6c2eedf958ef407e2861f70e21b7a68c446c";
const ELF: &[u8] = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\xb7\0 and more";

fn wanted(packages: &[&str]) -> Wanted {
    let packages = packages.iter().map(|&name| name.to_owned()).collect();
    Wanted {
        packages,
        ..Wanted::default()
    }
}

fn facts(image: &Memory, wanted: &Wanted) -> Facts {
    let facts = collect(image, wanted, &Limits::default());
    let calls = image.calls();
    let listings: Vec<_> = calls
        .iter()
        .filter(|call| call.starts_with("list "))
        .collect();
    let unique: BTreeSet<_> = listings.iter().collect();
    assert_eq!(
        unique.len(),
        listings.len(),
        "a directory was listed twice: {calls:#?}"
    );
    facts
}

/// What every import has.
fn imported() -> Memory {
    Memory::new()
        .file("/etc/rc", RELEASE_RC)
        .file(
            "/etc/environment",
            "PATH=/usr/local/bin:/usr/bin:/bin\nVLLM_BUILD_COMMIT=abc\n",
        )
        .file(
            "/etc/fstab",
            "${ENROOT_ROOTFS}/data /data none x-create=dir,bind,rw,nosuid,nodev\n",
        )
        .file(
            "/etc/rc.local",
            "# This file is sourced by /etc/rc when the container starts.\n",
        )
        .link("/etc/os-release", "../usr/lib/os-release")
        .file("/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
        .file("/usr/lib/os-release", "ID=ubuntu\nVERSION_ID=\"24.04\"\n")
        .link("/bin", "usr/bin")
        .link("/usr/bin/sh", "dash")
        .file("/usr/bin/dash", ELF)
        .directory("/vllm-workspace")
        .at("/etc/rc", BUILT + 100 * HOUR)
}

const PACKAGES: &str = "/usr/local/lib/python3.12/dist-packages";

fn release() -> Memory {
    imported()
        .file(
            &format!("{PACKAGES}/vllm-0.29.0.dist-info/METADATA"),
            "Name: vllm\nVersion: 0.29.0\n",
        )
        .file(
            &format!("{PACKAGES}/vllm/_version.py"),
            "__version__ = version = '0.29.0'\n\n__commit_id__ = commit_id = 'g98dff2a81'\n",
        )
        .file(
            &format!("{PACKAGES}/torch-2.13.0+cu130.dist-info/METADATA"),
            "Name: torch\n",
        )
        .file(
            &format!("{PACKAGES}/torch/version.py"),
            "git_version = 'abc'\ncuda: Optional[str] = '13.0'\n",
        )
        .file(
            &format!("{PACKAGES}/flashinfer_python-0.6.18.dist-info/METADATA"),
            "Name: flashinfer-python\n\n",
        )
}

#[test]
fn an_import_is_read_in_few_calls() {
    let image = release();
    let facts = facts(&image, &wanted(&["vllm", "torch", "flashinfer-python"]));
    assert_eq!(
        facts.import.as_ref().unwrap().uri.as_ref().unwrap().value,
        "docker://registry-1.docker.io#vllm/vllm-openai:v0.23.0"
    );
    assert_eq!(
        (
            facts.labels.len(),
            facts.environment.len(),
            facts.environment_ordered
        ),
        (10, 2, true)
    );
    assert_eq!(
        (facts.workdir.as_deref(), facts.volumes.as_slice()),
        (Some("/vllm-workspace"), &["/data".to_owned()][..])
    );
    assert_eq!(facts.rc_local_edited, Some(false));
    assert_eq!(
        facts.os_release.get("VERSION_ID").map(String::as_str),
        Some("24.04")
    );
    let (machine, source) = facts.machine.unwrap();
    assert_eq!(
        (machine.as_str(), source.path.as_deref()),
        ("aarch64", Some("/bin/sh"))
    );
    let packages: Vec<_> = facts
        .packages
        .iter()
        .map(|it| (it.name.as_str(), it.version.as_str()))
        .collect();
    assert_eq!(
        packages,
        [
            ("flashinfer-python", "0.6.18"),
            ("torch", "2.13.0+cu130"),
            ("vllm", "0.29.0")
        ]
    );
    let vllm = facts.packages.last().unwrap();
    let commit = vllm.commit_id.as_ref().unwrap();
    assert_eq!(
        (commit.value.as_str(), commit.source.line, vllm.mtime),
        ("g98dff2a81", Some(3), Some(BUILT))
    );
    assert_eq!(facts.torch.len(), 2);
    assert_eq!(facts.mtimes.get("/etc/rc"), Some(&(BUILT + 100 * HOUR)));
    assert_eq!(facts.mtimes.get(PACKAGES), Some(&BUILT));
    assert_eq!(facts.losses, []);
    let calls = image.calls();
    assert!(calls.len() <= 36, "{} calls: {calls:#?}", calls.len());
    // The root has no /opt, /root, /srv …, so that nothing below them is asked for.
    assert!(
        !calls.iter().any(|call| call.contains(" /opt")
            || call.contains(" /root")
            || call.contains(" /srv"))
    );
}

#[test]
fn a_hostile_environment_is_read_line_by_line() {
    let image = imported()
        .file("/etc/rc", NASTY_RC)
        .file("/etc/environment", NASTY_ENVIRONMENT);
    let facts = facts(&image, &Wanted::default());
    assert_eq!(facts.stray_environment_lines, [3, 6, 28]);
    assert!(facts.environment.iter().all(|pair| pair.key != "AAAA"));
    assert_eq!(
        facts.entrypoint,
        Some(vec!["/bin/sh".to_owned(), "-c".to_owned()])
    );
}

#[test]
fn another_tools_files_are_not_the_importers() {
    let decoy = "#!/bin/sh\n# org.example.base label\nexit 0\n";
    let other = imported()
        .file("/etc/rc", decoy)
        .file("/ch/metadata.json", "{}");
    let charliecloud = facts(&other, &Wanted::default());
    assert_eq!(
        (
            charliecloud.import,
            charliecloud.environment,
            charliecloud.labels
        ),
        (None, vec![], vec![])
    );
    assert_eq!(
        (charliecloud.entrypoint, charliecloud.volumes),
        (None, Vec::<String>::new())
    );
    assert!(charliecloud.present.contains("/ch"));
    let without_rc = Memory::new().file("/etc/environment", "A=b\n");
    let plain = facts(&without_rc, &Wanted::default());
    assert_eq!(
        (
            plain.environment.len(),
            plain.environment_ordered,
            plain.losses
        ),
        (1, false, vec![])
    );
    let singularity = Memory::new()
        .file("/etc/environment", "A=b\n")
        .directory("/.singularity.d");
    assert_eq!(facts(&singularity, &Wanted::default()).environment, []);
}

#[test]
fn what_cannot_be_read_is_lost_and_the_rest_is_read() {
    let damaged = Error::Damaged {
        path: "/etc/passwd".to_owned(),
        reason: "block at 96".to_owned(),
    };
    for (image, code, partial) in [
        (
            imported().link("/etc/environment", "environment"),
            "link-loop",
            true,
        ),
        (
            imported().directory("/etc/environment"),
            "not-a-regular-file",
            true,
        ),
        (
            imported().link("/etc/environment", "/proc/self/environ"),
            "unreadable-file",
            true,
        ),
        (
            imported().file("/etc/environment", vec![b'a'; 2_000_000]),
            "over-limit",
            true,
        ),
        (imported().fifo("/etc/rc"), "not-a-regular-file", true),
        (imported().fifo("/etc/fstab"), "not-a-regular-file", false),
        (imported().failing("/etc/passwd", damaged), "damaged", true),
        (
            imported().directory("/usr/share/buildinfo/labels.json"),
            "not-a-regular-file",
            false,
        ),
        (
            imported().file("/usr/share/buildinfo/labels.json", "[1"),
            "malformed-document",
            false,
        ),
    ] {
        let facts = facts(&image, &Wanted::default());
        let losses: Vec<_> = facts
            .losses
            .iter()
            .map(|loss| (loss.code, loss.partial))
            .collect();
        assert!(
            losses.contains(&(code, partial)),
            "{code}: {:?}",
            facts.losses
        );
        assert_eq!(facts.os_release.len(), 2);
    }
}

#[test]
fn after_the_time_is_over_nothing_more_is_asked_for() {
    let error = Error::TimedOut {
        path: "/etc/environment".to_owned(),
    };
    let image = release().failing("/etc/environment", error);
    let facts = facts(&image, &wanted(&["vllm"]));
    assert_eq!(
        facts
            .losses
            .iter()
            .map(|loss| loss.code)
            .collect::<Vec<_>>(),
        ["timed-out"]
    );
    assert_eq!(
        image.calls(),
        ["list /", "list /etc", "read /etc/environment"]
    );
}

#[test]
fn packages_are_found_in_every_usual_tree() {
    let mut image = imported();
    let trees = [
        "/usr/lib/python3/dist-packages",
        "/usr/lib/python3.9/site-packages",
        "/usr/lib64/python3.9/site-packages",
        "/usr/local/lib/python3.10/site-packages",
        "/usr/local/lib64/python3.10/site-packages",
        "/opt/conda/lib/python3.11/site-packages",
        "/opt/dynamo/venv/lib/python3.12/site-packages",
        "/venv/lib/python3.12/site-packages",
        "/.venv/lib/python3.12/site-packages",
        "/app/.venv/lib/python3.12/site-packages",
        "/workspace/.venv/lib/python3.12/site-packages",
        "/root/.local/lib/python3.12/site-packages",
        "/home/a/env/lib/python3.12/site-packages",
        "/home/b/env/lib/python3.12/site-packages",
        "/extra",
        "/layers/paketo-buildpacks_pip-install/packages/lib/python3.12/site-packages",
    ];
    for (at, tree) in trees.iter().enumerate() {
        image = image.file(&format!("{tree}/acme-1.{at}.dist-info/METADATA"), "");
    }
    let environment = "PATH=/home/a/env/bin:/usr/bin:/bin:$HOME/bin\nVIRTUAL_ENV=/home/b/env/\nPYTHONPATH=/extra:relative\n";
    let image = image
        .file("/etc/environment", environment)
        .link("/usr/lib/python3.8", "python3.9")
        .link("/opt/linked", "conda");
    let facts = facts(&image, &Wanted::default());
    let found: BTreeSet<_> = facts
        .packages
        .iter()
        .filter_map(|it| it.path.rsplit_once('/'))
        .map(|(tree, _)| tree)
        .collect();
    assert_eq!(found, trees.into_iter().collect());
    assert_eq!(facts.packages.len(), trees.len());
}

#[test]
fn names_of_metadata_that_say_no_version_are_read_only_where_wanted() {
    let tree = "/usr/lib/python3/dist-packages";
    let image = imported()
        .file(&format!("{tree}/legacy-0.9.egg-info"), "Name: legacy\n")
        .file(&format!("{tree}/six-1.16.0.egg-info/PKG-INFO"), "")
        .file(
            &format!("{tree}/Acme.Plugin_X-1!2.0.post1+local.7.dist-info/METADATA"),
            "Name: Acme-Plugin.X\n",
        )
        .file(
            &format!("{tree}/my_tool.egg-info/PKG-INFO"),
            "Name: my-tool\nVersion: 3\n",
        )
        .file(
            &format!("{tree}/other.egg-info/PKG-INFO"),
            "Name: other\nVersion: 3\n",
        )
        .file(&format!("{tree}/noversion.dist-info"), "");
    let facts = facts(&image, &wanted(&["my-tool", "acme-plugin-x"]));
    let found: Vec<_> = facts
        .packages
        .iter()
        .map(|it| (it.name.as_str(), it.version.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("Acme-Plugin.X", "1!2.0.post1+local.7"),
            ("legacy", "0.9"),
            ("my-tool", "3"),
            ("six", "1.16.0")
        ]
    );
}

#[test]
fn times_of_packages_are_asked_for_only_where_something_was_added() {
    let added = format!("{PACKAGES}/acme_hotfix-0.3.dist-info");
    let image = |mtime| {
        release()
            .directory(&added)
            .at(&added, mtime)
            .at(PACKAGES, mtime)
    };
    let time = |image: &Memory| {
        let facts = facts(image, &wanted(&["vllm"]));
        facts
            .packages
            .iter()
            .find(|it| it.name == "acme_hotfix")
            .unwrap()
            .mtime
    };
    assert_eq!(time(&image(BUILT + HOUR)), None);
    assert_eq!(time(&image(BUILT + 7 * HOUR)), Some(BUILT + 7 * HOUR));
    let after_import = image(BUILT + 2 * HOUR).at("/etc/rc", BUILT + HOUR);
    assert_eq!(time(&after_import), Some(BUILT + 2 * HOUR));
}

#[test]
fn checkouts_are_followed_to_their_commit() {
    let direct_url =
        r#"{"url": "file:///sgl-workspace/sglang/python", "dir_info": {"editable": true}}"#;
    let config = "[remote \"origin\"]\n\turl = https://x:t@github.com/sgl-project/sglang.git\n";
    let image = imported()
        .file(
            &format!("{PACKAGES}/sglang-0.0.0.dev1+g390e6c2ee.dist-info/direct_url.json"),
            direct_url,
        )
        .file("/sgl-workspace/.git/HEAD", "ref: refs/heads/main\n")
        .file("/sgl-workspace/.git/modules/sglang/HEAD", ID)
        .file("/sgl-workspace/.git/modules/sglang/config", config)
        .file(
            "/sgl-workspace/sglang/.git",
            "gitdir: ../.git/modules/sglang\n",
        )
        .directory("/sgl-workspace/sglang/python")
        .file("/.git/HEAD", "ref: refs/heads/dev\n")
        .file(
            "/.git/packed-refs",
            format!("# pack-refs with: peeled\n{ID} refs/heads/dev\n"),
        )
        .directory("/.git/refs")
        .file("/opt/tool/.git/HEAD", "ref: refs/heads/main\n")
        .file("/opt/tool/.git/refs/heads/main", format!("{ID}\n"))
        .file("/srv/app/.git/worktrees/x/HEAD", "ref: refs/heads/x\n")
        .file("/srv/app/.git/worktrees/x/commondir", "../..\n")
        .file("/srv/app/.git/refs/heads/x", ID)
        .file("/srv/app/.git/config", config)
        .file("/srv/tree/.git", "gitdir: /srv/app/.git/worktrees/x\n")
        .file("/src/gone/.git", "gitdir: ../../../../gone\n")
        .link("/repos/a/.git", "/opt/tool/.git")
        .file("/vllm-workspace/.git/HEAD", "ref: refs/../../etc/passwd\n");
    let mut wanted = wanted(&["sglang"]);
    wanted.source_directories.insert("/repos/*".to_owned());
    let facts = facts(&image, &wanted);
    let found: Vec<_> = facts
        .checkouts
        .iter()
        .map(|it| {
            (
                it.path.as_str(),
                it.commit.as_ref().map(|pair| pair.value.as_str()),
                it.reference.as_deref(),
                it.remote.is_some(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("/", Some(ID), Some("refs/heads/dev"), false),
            ("/opt/tool", Some(ID), Some("refs/heads/main"), false),
            ("/repos/a", Some(ID), Some("refs/heads/main"), false),
            ("/sgl-workspace", None, Some("refs/heads/main"), false),
            ("/sgl-workspace/sglang", Some(ID), None, true),
            ("/src/gone", None, None, false),
            ("/srv/app", None, None, false),
            ("/srv/tree", Some(ID), Some("refs/heads/x"), true),
            ("/vllm-workspace", None, None, false),
        ]
    );
    let sglang = facts
        .checkouts
        .iter()
        .find(|it| it.path == "/sgl-workspace/sglang")
        .unwrap();
    assert_eq!(
        sglang.remote.as_ref().unwrap().value,
        "https://github.com/sgl-project/sglang.git"
    );
    let root = facts.checkouts.first().unwrap().commit.as_ref().unwrap();
    assert_eq!(
        (root.source.path.as_deref(), root.source.line),
        (Some("/.git/packed-refs"), Some(2))
    );
    assert_eq!(facts.losses, []);
}

#[test]
fn what_contracts_ask_for_is_looked_up_through_listings() {
    let image = imported()
        .file(
            "/opt/velox-testing/provenance.json",
            "{\n  \"velox_sha\": \"8cf9\"\n}",
        )
        .file(
            "/workspace/build-metadata.yaml",
            "vllm_commit: 9010\nbuild_args:\n  vllm_ref: main\n",
        )
        .file("/root/buildinfo/labels.json", "{\"vcs-ref\": \"1b61\"}")
        .file("/opt/nvidia/nvidia_entrypoint.sh", "")
        .file("/stargz.index.json", "");
    let mut wanted = Wanted::default();
    for path in [
        "/opt/nvidia/nvidia_entrypoint.sh",
        "/opt/dynamo/.launch_screen",
        "/etc/shinit_v2",
        "/home/ray/pip-freeze.txt",
    ] {
        wanted.markers.insert(path.to_owned());
    }
    wanted.documents.insert(
        "/opt/velox-testing/provenance.json".to_owned(),
        DocumentFormat::Json,
    );
    wanted.documents.insert(
        "/workspace/build-metadata.yaml".to_owned(),
        DocumentFormat::Yaml,
    );
    wanted
        .documents
        .insert("/opt/absent.json".to_owned(), DocumentFormat::Json);
    let facts = facts(&image, &wanted);
    let present: Vec<_> = facts.present.iter().map(String::as_str).collect();
    assert_eq!(
        present,
        [
            "/opt/nvidia/nvidia_entrypoint.sh",
            "/opt/velox-testing/provenance.json",
            "/stargz.index.json",
            "/workspace/build-metadata.yaml"
        ]
    );
    let velox = facts
        .documents
        .get("/opt/velox-testing/provenance.json")
        .unwrap();
    assert_eq!(
        (velox[0].value.as_str(), velox[0].source.line),
        ("8cf9", Some(2))
    );
    assert_eq!(
        facts
            .documents
            .get("/workspace/build-metadata.yaml")
            .unwrap()[1]
            .key,
        "build_args.vllm_ref"
    );
    assert_eq!(facts.base_labels.unwrap()[0].key, "vcs-ref");
    let calls = image.calls();
    assert!(
        !calls.iter().any(|call| call.contains("dynamo")
            || call.contains("ray")
            || call.contains("absent")
            || call.contains("shinit")),
        "{calls:#?}"
    );
}
