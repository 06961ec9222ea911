//! What the program must not be made of: crates that reach a network, and licences
//! that would bind those who ship it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

use std::collections::{BTreeSet, HashMap};
use std::process::Command;

use serde_json::{Value, json};

const NETWORK: [&str; 28] = [
    "actix-web",
    "async-io",
    "async-std",
    "attohttpc",
    "axum",
    "curl",
    "curl-sys",
    "gix-transport",
    "h2",
    "hickory-resolver",
    "hyper",
    "hyper-util",
    "isahc",
    "libssh2-sys",
    "minreq",
    "mio",
    "native-tls",
    "openssl",
    "openssl-sys",
    "quinn",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "surf",
    "tokio",
    "tungstenite",
    "ureq",
];

const LICENCES: [&str; 11] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// What is wrong with the crates that end up in the program.
fn findings(metadata: &Value) -> Vec<String> {
    let packages: HashMap<&str, &Value> = list(&metadata["packages"])
        .map(|package| (package["id"].as_str().unwrap(), package))
        .collect();
    let nodes: HashMap<&str, &Value> = list(&metadata["resolve"]["nodes"])
        .map(|node| (node["id"].as_str().unwrap(), node))
        .collect();

    let mut seen = BTreeSet::new();
    let mut open = vec![metadata["resolve"]["root"].as_str().unwrap()];
    let mut found = Vec::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        let package = packages[id];
        let name = package["name"].as_str().unwrap();
        if NETWORK.contains(&name) {
            found.push(format!("{name} reaches a network"));
        }
        match package["license"].as_str() {
            Some(licence) if allowed(licence) => {}
            licence => found.push(format!(
                "{name} has the licence {}",
                licence.unwrap_or("(none)")
            )),
        }
        for dependency in list(&nodes[id]["deps"]) {
            if list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null()) {
                open.push(dependency["pkg"].as_str().unwrap());
            }
        }
    }
    found.sort();
    found
}

/// True when the expression leaves a choice that is all of allowed licences.
fn allowed(expression: &str) -> bool {
    // `/` is how OR was once written.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words: Vec<String> = Vec::new();
    for word in spaced.split_whitespace() {
        match words.last_mut() {
            Some(last) if word == "WITH" || last.ends_with(" WITH") => {
                last.push(' ');
                last.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    let mut words = words.iter().map(String::as_str).peekable();
    let holds = any(&mut words);
    holds && words.next().is_none()
}

fn any<'w>(words: &mut std::iter::Peekable<impl Iterator<Item = &'w str>>) -> bool {
    let mut holds = all(words);
    while words.next_if_eq(&"OR").is_some() {
        holds |= all(words);
    }
    holds
}

fn all<'w>(words: &mut std::iter::Peekable<impl Iterator<Item = &'w str>>) -> bool {
    let mut holds = one(words);
    while words.next_if_eq(&"AND").is_some() {
        holds &= one(words);
    }
    holds
}

fn one<'w>(words: &mut std::iter::Peekable<impl Iterator<Item = &'w str>>) -> bool {
    match words.next() {
        Some("(") => {
            let holds = any(words);
            words.next() == Some(")") && holds
        }
        Some(licence) => LICENCES.contains(&licence),
        None => false,
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[test]
fn the_program_reaches_no_network_and_binds_nobody() {
    let compiler = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(compiler.stdout).unwrap();
    let host = text
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap()
        .to_owned();
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--locked",
            "--offline",
            "--format-version",
            "1",
            "--filter-platform",
            &host,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(findings(&metadata), Vec::<String>::new());
}

#[test]
fn the_check_finds_what_it_is_for() {
    let package =
        |name: &str, licence: Value| json!({"id": name, "name": name, "license": licence});
    let edge = |name: &str, kind: Value| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
    let metadata = json!({
        "packages": [
            package("tool", json!("MIT")), package("middle", json!("MIT")), package("tokio", json!("MIT")),
            package("copyleft", json!("GPL-3.0-only")), package("nothing", Value::Null), package("curl", json!("MIT")),
        ],
        "resolve": {"root": "tool", "nodes": [
            {"id": "tool", "deps": [edge("middle", Value::Null), edge("curl", json!("dev"))]},
            {"id": "middle", "deps": [edge("tokio", Value::Null), edge("copyleft", Value::Null), edge("nothing", Value::Null)]},
            {"id": "tokio", "deps": []}, {"id": "copyleft", "deps": []}, {"id": "nothing", "deps": []}, {"id": "curl", "deps": []},
        ]},
    });
    assert_eq!(
        findings(&metadata),
        [
            "copyleft has the licence GPL-3.0-only",
            "nothing has the licence (none)",
            "tokio reaches a network"
        ]
    );
}

#[test]
fn expressions_of_licences() {
    for good in [
        "MIT",
        "MIT OR Apache-2.0",
        "MIT/Apache-2.0",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "MIT OR LGPL-2.1-or-later",
        "Apache-2.0 WITH LLVM-exception OR MIT",
    ] {
        assert!(allowed(good), "{good}");
    }
    for bad in [
        "",
        "GPL-2.0",
        "MIT AND LGPL-3.0",
        "AGPL-3.0-only OR GPL-2.0",
        "(MIT",
        "MIT MIT",
        "Apache-2.0 WITH something",
    ] {
        assert!(!allowed(bad), "{bad}");
    }
}

/// The targets of `fuzz/` are a workspace of their own, which nothing here builds.
#[test]
fn the_lock_file_of_the_fuzz_targets_has_every_dependency() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = std::fs::read_to_string(root.join("fuzz/Cargo.lock")).unwrap();
    let lock: toml::Table = toml::from_str(&text).unwrap();
    let locked = lock["package"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"].as_str() == Some("sqsh-prov"))
        .unwrap()["dependencies"]
        .as_array()
        .unwrap();
    // A name, and its version where there are several.
    let locked: BTreeSet<&str> = locked
        .iter()
        .filter_map(|name| name.as_str()?.split(' ').next())
        .collect();
    let missing: Vec<&str> = list(&metadata["packages"][0]["dependencies"])
        .filter(|dependency| dependency["kind"] != "dev")
        .filter_map(|dependency| dependency["name"].as_str())
        .filter(|name| !locked.contains(name))
        .collect();
    assert!(
        missing.is_empty(),
        "fuzz/Cargo.lock lacks {missing:?}; `cargo metadata --manifest-path fuzz/Cargo.toml` adds them"
    );
}

#[test]
fn deny_toml_allows_the_same_licences() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deny.toml"));
    let deny: toml::Table = toml::from_str(&text.unwrap()).unwrap();
    let allowed = deny["licenses"]["allow"].as_array().unwrap();
    let allowed: Vec<&str> = allowed.iter().map(|it| it.as_str().unwrap()).collect();
    assert_eq!(allowed, LICENCES);
}
