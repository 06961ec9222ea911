//! The house: modules and files import one way, and none is too long.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where it fails"
)]

mod imports;
mod own;
mod sizes;
mod source;

use imports::{Edge, circles, edges};

/// The top-level modules. Each uses those of the rows above its own, and no other.
const ROWS: [&[&str]; 16] = [
    &[
        "finding",
        "limits",
        "noatime",
        "provenance",
        "reference",
        "suggestions",
    ],
    &["wording"],
    &["settings"],
    &["given", "partial", "squashfs", "words"],
    &["image"],
    &["carriers", "redact"],
    &["contracts", "integrity", "recognise"],
    &["attribution"],
    &["attestation"],
    &["emit", "lint", "verify"],
    &["inspect", "policy"],
    &["lib"],
    &["audit"],
    &["report"],
    &["cli"],
    &["main"],
];

/// Lines.
const LONGEST_FILE: usize = 400;
/// Lines from `fn` to the last bracket. A table in it can be a constant.
const LONGEST_FUNCTION: usize = 80;

/// The top-level module of a file.
fn module(file: &str) -> &str {
    let inside = file.strip_prefix("src/").unwrap();
    let first = inside.split('/').next().unwrap();
    first.strip_suffix(".rs").unwrap_or(first)
}

fn row(module: &str) -> usize {
    let row = ROWS.iter().position(|row| row.contains(&module));
    row.unwrap_or_else(|| panic!("{module} has no row in tests/house/main.rs"))
}

/// Edges between modules that do not go up.
fn wrong_way(edges: &[Edge]) -> Vec<String> {
    let between = edges
        .iter()
        .map(|edge| (edge, module(&edge.from), module(&edge.to)));
    between
        .filter(|(_, from, to)| from != to && row(from) <= row(to))
        .map(|(edge, _, to)| format!("{}:{} uses {to}", edge.from, edge.line))
        .collect()
}

#[test]
fn modules_are_used_one_way() {
    let wrong = wrong_way(&edges(&source::files("src")));
    assert!(wrong.is_empty(), "against the rows:\n{}", wrong.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let edges = edges(&source::files("src"));
    let shown = |edge: &Edge| format!("  {}:{} uses {}", edge.from, edge.line, edge.to);
    let found: Vec<String> = circles(&edges)
        .into_iter()
        .map(|circle| circle.iter().map(shown).collect::<Vec<_>>().join("\n"))
        .collect();
    assert!(
        found.is_empty(),
        "move what both need into a file that neither is in:\n{}",
        found.join("\n\n")
    );
}

#[test]
fn files_and_functions_are_short() {
    let mut long = Vec::new();
    let files = ["src", "tests"].into_iter().flat_map(source::files);
    for (file, text) in files {
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            long.push(format!("{file} has {lines} lines"));
        }
        for function in sizes::functions(&source::tokens(&text)) {
            if function.lines > LONGEST_FUNCTION {
                long.push(format!(
                    "{file}: {} has {} lines",
                    function.name, function.lines
                ));
            }
        }
    }
    assert!(long.is_empty(), "too long:\n{}", long.join("\n"));
}

/// The rows of the picture in CONTRIBUTING.md, lowest first: of each line the words before two spaces.
fn picture() -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/CONTRIBUTING.md"));
    let text = text.unwrap();
    let (_, behind) = text
        .split_once("```\nmain ")
        .expect("the picture begins with main");
    let (picture, _) = behind.split_once("\n```").unwrap();
    let lines = format!("main {picture}");
    let words = |line: &str| {
        let (modules, _) = line.split_once("  ").unwrap();
        modules.split(' ').map(str::to_owned).collect()
    };
    lines.lines().rev().map(words).collect()
}

#[test]
fn the_picture_of_the_house_has_each_module_in_its_row() {
    assert_eq!(picture(), ROWS, "mend the picture in CONTRIBUTING.md");
}

#[test]
fn files_that_the_walk_through_the_house_names_are_there() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let text = std::fs::read_to_string(format!("{root}CONTRIBUTING.md")).unwrap();
    let named = text.split('`').skip(1).step_by(2);
    let paths = named.filter(|name| {
        let is_path = name.starts_with("src/") || name.starts_with("contracts/");
        is_path && !name.contains([' ', '(', '*'])
    });
    let missing: Vec<_> = paths
        .filter(|path| !std::path::Path::new(&format!("{root}{path}")).exists())
        .collect();
    assert_eq!(missing, [""; 0]);
}
