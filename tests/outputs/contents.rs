//! What stands in the files of a planted image.

use super::planted::*;
use serde_json::{Map, Value, json};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

pub const SITE: &str = "usr/local/lib/python3.12/dist-packages";
pub const COMMIT: &str = "98dff2a81d747d1dba01a47f939f48c3526d4206";

pub fn string(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

pub fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

pub fn put(root: &Path, path: &str, content: &[u8]) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Lines of `before`, the text, `after`.
pub fn lines(parts: &[(&str, &[u8], &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (before, text, after) in parts {
        out.extend(before.as_bytes());
        out.extend(*text);
        out.extend(after.as_bytes());
        out.push(b'\n');
    }
    out
}

/// A root file system without a publisher, with the text wherever it can be.
pub fn everything(root: &Path, pairs: Pairs<'_>, text: Text<'_>) {
    let head = import_lines(pairs, text);
    rc(
        root,
        &text("rc-workdir"),
        &[text("rc-entrypoint")],
        &[text("rc-cmd")],
        head,
    );
    let mut variables: Vec<u8> = Vec::new();
    for (name, value) in pairs {
        variables.extend(format!("{name}={value}\n").bytes());
    }
    variables.extend(lines(&[
        ("A=", &text("env-value"), ""),
        ("", &text("env-key"), "=value"),
        ("CUDA_VERSION=", &text("env-value"), ""),
        ("TORCH_CUDA_ARCH_LIST=", &text("env-value"), ""),
        ("VLLM_X=", &text("env-value"), ""),
        ("DUP=one", b"", ""),
        ("DUP=", &text("env-value"), ""),
    ]));
    put(root, "etc/environment", &variables);
    put(
        root,
        "etc/fstab",
        &lines(&[(
            "tmpfs ",
            &text("fstab"),
            " tmpfs x-create=dir,rw,nosuid,nodev",
        )]),
    );
    put(root, "etc/rc.local", b"edited\n");
    put(
        root,
        "usr/lib/os-release",
        &lines(&[
            ("ID=", &text("os-release"), ""),
            ("VERSION_ID=\"", &text("os-release"), "\""),
            ("PRETTY_NAME=\"", &text("os-release"), "\""),
        ]),
    );
    packages(root, text);
}

/// The lines at the top of `/etc/rc`.
fn import_lines(pairs: Pairs<'_>, text: Text<'_>) -> Vec<u8> {
    let label = text("label-value");
    let mut head = lines(&[
        ("# enroot-provenance: ", &text("rc-provenance"), ""),
        ("# com.example.a ", &label, ""),
        ("# ", &text("label-key"), " value"),
        ("# org.opencontainers.image.title ", &text("oci-label"), ""),
        (
            "# org.opencontainers.image.version ",
            &text("oci-label"),
            "",
        ),
        (
            "# org.opencontainers.image.source https://github.com/acme/x/",
            &text("oci-label"),
            "",
        ),
        ("# org.opencontainers.image.url ", &text("oci-label"), ""),
        (
            "# org.opencontainers.image.created ",
            &text("oci-label"),
            "",
        ),
        (
            "# org.opencontainers.image.revision ",
            COMMIT.as_bytes(),
            "",
        ),
        ("# vcs-ref ", &text("oci-label"), ""),
        ("# maintainer ", &text("label-value"), ""),
    ]);
    for (name, value) in pairs {
        head.extend(format!("# {name} {value}\n").bytes());
    }
    head
}

/// Installed packages, and documents of publishers.
fn packages(root: &Path, text: Text<'_>) {
    let directory =
        String::from_utf8_lossy(file_name(&text("package"), "").as_bytes()).into_owned();
    put(
        root,
        &format!("{SITE}/{directory}-1.0.dist-info/METADATA"),
        b"Metadata-Version: 2.1\n",
    );
    put(
        root,
        &format!("{SITE}/evil-1.0.dist-info/METADATA"),
        &lines(&[
            ("Metadata-Version: 2.1", b"", ""),
            ("Name: ", &text("package"), ""),
            ("Version: ", &text("package"), ""),
        ]),
    );
    let url = |start: &str| format!("{start}{}", string(&text("direct-url")));
    let direct = json!({"url": url("https://github.com/a/b/"), "vcs_info": {"vcs": "git", "commit_id": COMMIT, "requested_revision": url("")}});
    put(
        root,
        &format!("{SITE}/sglang-1.0.dist-info/direct_url.json"),
        &bytes(&direct),
    );
    put(
        root,
        "opt/velox-testing/provenance.json",
        &bytes(
            &json!({"workflow_run_url": string(&text("document")), "image_role": string(&text("document")), string(&text("document")): "x"}),
        ),
    );
    put(
        root,
        "workspace/build-metadata.yaml",
        &lines(&[
            ("vllm_ref: ", &text("document"), ""),
            ("\t- ", &text("document"), ""),
        ]),
    );
    put(
        root,
        &format!("{SITE}/torch/version.py"),
        &lines(&[("git_version = '", &text("document"), "'")]),
    );
}

/// An image with vLLM's stamp, each value of it with the text at its end.
pub fn stamped(root: &Path, text: Text<'_>) {
    let stamp = text("stamp");
    rc(
        root,
        b"/vllm-workspace",
        &[b"vllm".to_vec(), b"serve".to_vec()],
        &[],
        lines(&[
            (
                "# enroot-provenance: docker://registry-1.docker.io#vllm/vllm-openai:v0.29.0",
                b"",
                "",
            ),
            ("# ai.vllm.build.commit ", COMMIT.as_bytes(), ""),
            ("# ai.vllm.build.pipeline ", &stamp, ""),
            (
                "# ai.vllm.build.url https://buildkite.com/vllm/release-v2/builds/6292/",
                &stamp,
                "",
            ),
            ("# ai.vllm.image.tag vllm/vllm-openai:v0.29.0-", &stamp, ""),
            (
                "# org.opencontainers.image.source https://github.com/vllm-project/vllm",
                b"",
                "",
            ),
        ]),
    );
    put(
        root,
        "etc/environment",
        &lines(&[
            ("TORCH_CUDA_ARCH_LIST=9.0 ", &stamp, ""),
            ("VLLM_USAGE_SOURCE=production-docker-image", b"", ""),
            ("VLLM_BUILD_COMMIT=", COMMIT.as_bytes(), ""),
            ("VLLM_BUILD_PIPELINE=", &stamp, ""),
            (
                "VLLM_BUILD_URL=https://buildkite.com/vllm/release-v2/builds/6292/",
                &stamp,
                "",
            ),
            ("VLLM_IMAGE_TAG=vllm/vllm-openai:v0.29.0-", &stamp, ""),
        ]),
    );
    put(root, "usr/lib/os-release", b"ID=ubuntu\nVERSION_ID=24.04\n");
    let name = [b"ai_dynamo-1.0+", text("package").as_slice()].concat();
    let name = file_name(&name, ".dist-info");
    fs::create_dir_all(root.join(SITE).join(name)).unwrap();
    put(
        root,
        &format!("{SITE}/vllm-0.29.0.dist-info/METADATA"),
        &lines(&[
            ("Metadata-Version: 2.1", b"", ""),
            ("Name: vllm", b"", ""),
            ("Version: 0.29.0", &text("package"), ""),
        ]),
    );
}

/// `/etc/rc` in enroot's form, with these first lines. A working directory of two lines would
/// make it a file that enroot has not written.
pub fn rc(root: &Path, workdir: &[u8], entrypoint: &[Vec<u8>], cmd: &[Vec<u8>], mut head: Vec<u8>) {
    let workdir = if workdir.contains(&b'\n') {
        b"/w"
    } else {
        workdir
    };
    let words = |words: &[Vec<u8>]| {
        words
            .iter()
            .map(|word| shell_word(word))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let (several, alone) = (format!("    exec {} ", words(entrypoint)), words(cmd));
    head.extend(lines(&[
        ("", b"", ""),
        ("mkdir -p \"", workdir, "\" 2> /dev/null"),
        ("cd \"", workdir, "\" && unset OLDPWD || exit 1"),
        ("", b"", ""),
        ("if [ -s /etc/rc.local ]; then", b"", ""),
        ("    . /etc/rc.local", b"", ""),
        ("fi", b"", ""),
        ("", b"", ""),
        ("if [ $# -gt 0 ]; then", b"", ""),
        (&several, b"\"$@\"", ""),
        ("else", b"", ""),
        (&several, alone.as_bytes(), ""),
        ("fi", b"", ""),
    ]));
    put(root, "etc/rc", &head);
}

/// A word as bash's `@Q` writes it, and so enroot.
pub fn shell_word(text: &[u8]) -> String {
    let plain = text.iter().all(|byte| matches!(byte, 0x20..0x7f));
    let text = string(text);
    if plain {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut out = String::from("$'");
    for byte in text.bytes() {
        match byte {
            0x20..0x7f if byte != b'\'' && byte != b'\\' => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out + "'"
}

/// A configuration as it lies in a registry.
pub fn config(env: &str, label: &str, pairs: Pairs<'_>, text: Text<'_>) -> Value {
    let [value, labelled] = [env, label].map(|carrier| string(&text(carrier)));
    let history = string(&text("config-history"));
    json!({
        "architecture": "amd64", "os": "linux", "created": "2026-09-01T00:00:00Z",
        "author": string(&text("config-history")),
        "config": {
            "Env": variables(&value, pairs),
            "Labels": labels(&labelled, pairs),
            "Entrypoint": [string(&text("config-cmd"))],
            "Cmd": [string(&text("config-cmd"))],
            "WorkingDir": string(&text("config-cmd")),
            "Volumes": {string(&text("config-cmd")): {}},
        },
        "history": [
            {"created_by": history, "comment": history, "author": string(&text("config-history")), "created": "2026-09-01T00:00:00Z"},
        ],
        "rootfs": {"type": "layers", "diff_ids": []},
    })
}

pub fn variables(text: &str, pairs: Pairs<'_>) -> Value {
    let own = [
        format!("A={text}"),
        format!("{text}=x"),
        format!("VLLM_X={text}"),
    ];
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    own.into_iter().chain(pairs).collect()
}

pub fn labels(text: &str, pairs: Pairs<'_>) -> Value {
    let mut map = Map::new();
    for (name, value) in pairs {
        map.insert((*name).to_owned(), json!(value));
    }
    for key in [
        "com.example.a",
        "org.opencontainers.image.title",
        "org.opencontainers.image.version",
        "org.opencontainers.image.source",
    ] {
        map.insert(key.to_owned(), json!(text));
    }
    map.insert(text.to_owned(), json!("x"));
    Value::Object(map)
}

pub fn docker_inspect(pairs: Pairs<'_>, text: Text<'_>) -> Value {
    let (env, label, tag) = (
        string(&text("daemon-env")),
        string(&text("daemon-label")),
        string(&text("daemon-tag")),
    );
    json!([{
        "Id": "sha256:46da022ce07aae43e4ffae844aeab467a223437e071abadf566555699fbf16c3",
        "RepoTags": [format!("acme/x:{tag}"), tag], "RepoDigests": [tag],
        "Created": "2026-09-01T00:00:00Z", "Author": label, "Comment": label, "Architecture": "amd64",
        "Config": {"Env": variables(&env, pairs), "Labels": labels(&label, pairs), "Cmd": [env]},
    }])
}
