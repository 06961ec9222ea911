//! What a gate lets through: worse evidence never passes where better evidence fails.

use super::*;

const GOOD: &str = "fixtures/classification/01-vllm-release.sqsh";
/// From the same publisher, with ever worse evidence of where it was pulled from.
const LADDER: [&str; 4] = [
    GOOD,
    "fixtures/classification/13d-control-pristine-mirror.sqsh",
    "fixtures/hostile/line-unreadable.sqsh",
    "fixtures/classification/45a-no-provenance-vllm-release.sqsh",
];

/// The exit code of `verify` with these arguments.
fn code(arguments: &[&str]) -> i32 {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("verify")
        .args(arguments)
        .output()
        .unwrap();
    output.status.code().unwrap()
}

#[test]
fn worse_evidence_never_passes_where_better_evidence_fails() {
    for gate in [
        &["--official"][..],
        &["--image", "vllm/vllm-openai:v0.29.0"],
        &["--policy", "official-only"],
        &["--policy", "publishable"],
        &["--strict", "--image", "vllm/vllm-openai:v0.29.0"],
    ] {
        let codes = LADDER.map(|image| code(&[gate, &[image]].concat()));
        assert_eq!(codes[0], 0, "{gate:?}");
        assert!(
            codes[1..].iter().all(|code| *code != 0),
            "{gate:?} {codes:?}"
        );
        assert_eq!(codes[2], 1, "{gate:?}: a line that cannot be read");
    }
    let changed = "fixtures/classification/41-container-save.sqsh";
    let repacked = "fixtures/carriers/t-tar2sqfs-lz4.sqsh";
    for gate in [["--publisher", "vllm"], ["--kind", "release"]] {
        let codes = LADDER.map(|image| code(&[&gate[..], &[image]].concat()));
        assert_eq!(codes, [0, 2, 1, 2], "{gate:?}");
        assert_eq!(code(&[gate[0], gate[1], changed]), 2, "{gate:?}");
        assert_eq!(code(&[gate[0], gate[1], repacked]), 2, "{gate:?}");
        let strict = |image| code(&[&gate[..], &["--strict", image]].concat());
        assert_eq!(LADDER.map(strict), [0, 1, 1, 1], "{gate:?}");
        let mirror = ["--mirror", "harbor.acme.example/dockerhub=docker.io"];
        assert_eq!(code(&[&mirror[..], &gate, &[LADDER[1]]].concat()), 0);
    }
}

#[test]
fn a_host_that_nobody_named_is_not_the_publishers() {
    let image = ["--image", "vllm/vllm-openai:v0.29.0", LADDER[1]];
    let answer = run(&image, 2);
    assert_eq!(answer["checks"][1]["code"], "unmapped-mirror");
    let mirror = ["--mirror", "harbor.acme.example/dockerhub=docker.io"];
    for gate in [&image[..], &["--policy", "publishable", LADDER[1]]] {
        run(&[&mirror, gate].concat(), 0);
    }
}

#[test]
fn strict_makes_a_mismatch_of_what_could_not_be_told_and_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str, bytes: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let whole = std::fs::read(fixture("classification", "01-vllm-release.sqsh")).unwrap();
    let mut damaged = whole.clone();
    damaged[12] = 7; // a block size that is no power of two
    let damaged = at("damaged", &damaged);
    let text = at("text", &[b'x'; 200]);
    let fifo = directory.path().join("fifo");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    let policy = at("policy", b"schema = 1\nname = \"closed\"\nstrict = true\n");
    for (image, code) in [
        (damaged.as_str(), "damaged"),
        (&text, "not-an-image"),
        (fifo.to_str().unwrap(), "no-regular-file"),
        ("/no/such.sqsh", "no-such-file"),
    ] {
        assert_eq!(run(&[image], 2)["checks"][0]["code"], code, "{image}");
        for closed in [&["--strict"][..], &["--policy", &policy]] {
            let answer = run(&[closed, &[image]].concat(), 1);
            assert_eq!(answer["checks"][0]["code"], code, "{image}");
            assert_eq!(answer["checks"][0]["status"], "mismatch", "{image}");
            assert_eq!(answer["verdict"], "mismatch", "{image}");
        }
    }
    let late = ["--timeout", "0.000001s", GOOD];
    assert_eq!(run(&late, 2)["checks"][0]["code"], "timed-out");
    run(&[&["--strict"][..], &late].concat(), 1);
    run(&["--strict", GOOD], 0);
}

#[test]
fn what_is_no_image_is_named_and_not_called_truncated() {
    let directory = tempfile::tempdir().unwrap();
    for (offset, magic, named) in [
        (1080, &b"\x53\xef"[..], "ext4"),
        (32_769, b"CD001", "ISO 9660"),
        (510, b"\x55\xaa", "MBR or GPT"),
        (512, b"EFI PART", "MBR or GPT"),
        (65_600, b"_BHRfS_M", "btrfs"),
        (0, b"XFSB", "XFS"),
        (0, b"LUKS\xba\xbe", "LUKS"),
        (82, b"FAT32   ", "FAT"),
        (4086, b"SWAPSPACE2", "swap"),
        (0, b"QFI\xfb", "qcow2"),
        (0, b"KDMV", "VMDK"),
        (0, b"", "zeros"),
    ] {
        let mut bytes = vec![0; 72 * 1024];
        bytes[offset..offset + magic.len()].copy_from_slice(magic);
        let path = directory.path().join("file");
        std::fs::write(&path, bytes).unwrap();
        let answer = run(&[path.to_str().unwrap()], 2);
        let check = &answer["checks"][0];
        assert_eq!(check["code"], "not-an-image");
        assert!(
            check["message"].as_str().unwrap().contains(named),
            "{check}"
        );
    }
}

#[test]
fn an_image_of_another_platform_is_a_mismatch() {
    let answer = run(&["--platform", "linux/arm64", GOOD], 1);
    assert_eq!(answer["checks"][1]["code"], "platform-differs");
    for platform in ["linux/amd64", "linux/x86_64"] {
        run(&["--platform", platform, GOOD], 0);
    }
}

#[test]
fn a_tag_in_an_attribute_of_the_file_satisfies_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("image.sqsh");
    let file = path.to_str().unwrap();
    for (name, wanted) in [
        (
            "classification/40-vllm-by-digest.sqsh",
            "vllm/vllm-openai:v9.9.9",
        ),
        (
            "classification/45a-no-provenance-vllm-release.sqsh",
            "vllm/vllm-openai:v9.9.9",
        ),
        (
            "classification/26a-ubuntu-24.04.sqsh",
            "docker.io/library/ubuntu:99.04",
        ),
    ] {
        let Some((corpus, name)) = name.split_once('/') else {
            continue;
        };
        let images = manifest(corpus);
        let start = name.split('-').next().unwrap();
        let found = images.iter().filter_map(|image| image["file"].as_str());
        let found = found
            .into_iter()
            .find(|file| file.starts_with(&format!("{start}-")));
        std::fs::copy(fixture(corpus, found.unwrap()), &path).unwrap();
        let uri = format!("docker://{wanted}");
        let flags = rustix::fs::XattrFlags::empty();
        if rustix::fs::setxattr(&path, "user.image_uri", uri.as_bytes(), flags).is_err() {
            continue;
        }
        assert_ne!(code(&["--image", wanted, file]), 0, "{name}");
    }
}

#[test]
fn a_slip_of_the_pen_in_a_recipe_is_64_and_an_empty_recipe_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("recipe.yaml");
    let file = path.to_str().unwrap();
    for text in [
        "identiy: {container: {image: 'vllm/vllm-openai:v9'}}\n",
        "identity: {container: {imgae: 'vllm/vllm-openai:v9'}}\n",
        "identity:\n",
        "identity: {}\n",
    ] {
        std::fs::write(&path, text).unwrap();
        assert_eq!(code(&["--recipe", file, GOOD]), 64, "{text}");
    }
    for (flag, text) in [
        ("--recipe", "name: nothing\n"),
        ("--lockfile", "identity:\nlock: {version: 2}\n"),
    ] {
        std::fs::write(&path, text).unwrap();
        let answer = run(&[flag, file, GOOD], 0);
        assert_eq!(answer["checks"][1]["code"], "recipe-expects-nothing");
    }
}

#[test]
fn a_refusal_says_why_and_what_to_import_with_the_path_as_given() {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["verify", "--official", "--format", "line"])
        .arg("./fixtures/classification/41-container-save.sqsh")
        .output()
        .unwrap();
    let line = String::from_utf8(output.stdout).unwrap();
    for part in [
        "./fixtures/classification/41-container-save.sqsh: mismatch",
        "import docker.io/vllm/vllm-openai:v0.29.0",
        "why: ",
        "28 files are later than the importer's last file",
        "/root/.bash_history",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(line.len() <= 513, "{line}");
}

/// What speaks for an official release is no reason why another commit was expected.
#[test]
fn a_line_has_no_why_where_there_is_none() {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["verify", "--commit", "1111111", "--format", "line", GOOD])
        .output()
        .unwrap();
    let line = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(!line.contains("why: "), "{line}");
}

#[test]
fn a_reader_that_closes_the_pipe_changes_nothing_about_the_code() {
    let other = "fixtures/classification/11-derived-llm-d.sqsh";
    let whole = std::fs::read(GOOD).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let cut = directory.path().join("cut.sqsh");
    std::fs::write(&cut, &whole[..whole.len() - 4096]).unwrap();
    let cut = cut.to_str().unwrap();
    for arguments in [
        &["verify", "--official", other][..],
        &["verify", "--format", "json", "--official", other],
        &["verify", "--strict", "/no/such.sqsh"],
        &["verify", GOOD],
        &["show", "/no/such.sqsh", GOOD],
        &["diff", GOOD, other],
        &["audit", "--format", "ndjson", cut],
        &["audit", "--format", "csv", cut],
    ] {
        let command = || {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sqsh-prov"));
            command.current_dir(env!("CARGO_MANIFEST_DIR"));
            command.args(arguments).stderr(std::process::Stdio::null());
            command
        };
        let read = command().output().unwrap().status.code();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let gone = command().stdout(writer).status().unwrap().code();
        assert_eq!(gone, read, "{arguments:?}");
    }
}

#[test]
fn a_full_disk_hides_no_mismatch() {
    let other = "fixtures/classification/11-derived-llm-d.sqsh";
    for (image, code) in [(other, 1), (GOOD, 2)] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["verify", "-q", "--official", image])
            .stdout(full.unwrap())
            .status();
        assert_eq!(status.unwrap().code(), Some(code), "{image}");
    }
}

/// What a gate that lets nothing through says where the program does not know.
#[test]
fn strict_refuses_what_a_policy_only_warns_of_because_it_is_not_known() {
    for image in [
        "fixtures/today/b04-vllm-ascend-bare.sqsh",
        "fixtures/classification/15-metax-fork.sqsh",
        "fixtures/today/c19-fork-hardcoded-source.sqsh",
        "fixtures/classification/26a-ubuntu-24.04.sqsh",
    ] {
        let policy = ["--policy", "publishable"];
        let open = run(&[&policy[..], &[image]].concat(), 0);
        let code = |answer: &Value| {
            let mut all = answer["findings"].as_array().unwrap().clone();
            all.retain(|it| it["code"] == "policy-not-official-unknown");
            all[0]["severity"].as_str().unwrap().to_owned()
        };
        assert_eq!(code(&open), "warning", "{image}");
        let closed = run(&[&["--strict"][..], &policy, &[image]].concat(), 1);
        assert_eq!(code(&closed), "error", "{image}");
    }
    // What the policy ignores, the site accepts.
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("p.toml");
    let image = "fixtures/classification/26a-ubuntu-24.04.sqsh";
    for (unknown, code) in [("ignore", 0), ("info", 1), ("warning", 1)] {
        let text = format!(
            "schema = 1\nname = \"p\"\nstrict = true\n[official]\nunknown = \"{unknown}\"\n"
        );
        std::fs::write(&path, text).unwrap();
        run(&["--policy", path.to_str().unwrap(), image], code);
    }
}

/// The line of a log about an image, and its exit code.
fn said(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["verify", "--format", "line"])
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn an_import_is_advised_only_where_it_would_be_let_through() {
    let directory = tempfile::tempdir().unwrap();
    let policy = directory.path().join("p.toml");
    let text = "schema = 1\nname = \"p\"\n[registries]\nallow = [\"nvcr.io\"]\n";
    std::fs::write(&policy, text).unwrap();
    for arguments in [
        &["--framework", "vllm=0.28.0"][..],
        &["--commit", "0000000"],
        &["--kind", "nightly"],
        &["--publisher", "sglang"],
        &["--attested"],
        &["--policy", policy.to_str().unwrap()],
    ] {
        let said = said(&[arguments, &[GOOD]].concat());
        assert!(said.contains("mismatch"), "{said}");
        assert!(!said.contains("in its place"), "{said}");
        assert!(!said.contains("why: ;"), "{said}");
    }
    let changed = "fixtures/classification/41-container-save.sqsh";
    for (arguments, reference) in [
        (["--image", "vllm/vllm-openai:v0.28.0", GOOD], "v0.28.0"),
        (["--policy", "publishable", LADDER[1]], "v0.29.0"),
        (["--policy", "official-only", changed], "v0.29.0"),
    ] {
        let said = said(&arguments);
        let advice = said.split("; ").find(|it| it.contains("in its place"));
        assert!(advice.is_some_and(|it| it.contains(reference)), "{said}");
    }
}

#[test]
fn a_policy_s_answer_ends_the_page_and_has_its_name() {
    let page = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"));
        let command = command.current_dir(env!("CARGO_MANIFEST_DIR"));
        let output = command.arg("verify").args(arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.trim_end().lines().last().unwrap().to_owned()
    };
    for (image, end) in [
        (
            GOOD,
            "policy publishable: everything that it asks for holds",
        ),
        (
            "fixtures/classification/26a-ubuntu-24.04.sqsh",
            "policy publishable: it holds, with 3 warnings",
        ),
    ] {
        let last = page(&["--policy", "publishable", image]);
        assert!(last.starts_with("  OK") && last.ends_with(end), "{last}");
    }
    let last = page(&["--policy", "publishable", LADDER[2]]);
    assert!(
        last.contains("policy publishable: it does not hold: "),
        "{last}"
    );
}
