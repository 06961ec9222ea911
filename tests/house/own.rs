//! That the checks find what they are for.

use crate::imports::{circles, edges};
use crate::sizes::{Function, functions};
use crate::source::tokens;
use crate::wrong_way;

fn sources(files: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    files.iter().map(owned).collect()
}

/// `a.rs -> b.rs`, for each edge.
fn shown(files: &[(&str, &str)]) -> Vec<String> {
    let plain = |name: &str| name.strip_prefix("src/").unwrap().to_owned();
    let edges = edges(&sources(files));
    let shown = edges
        .iter()
        .map(|edge| format!("{} -> {}", plain(&edge.from), plain(&edge.to)));
    shown.collect()
}

#[test]
fn every_way_to_name_a_file_is_an_edge() {
    for (text, expected) in [
        ("use crate::b::Thing;", true),
        ("use crate::{b::{self, Thing}, c as d};", true),
        ("use super::b;", true),
        ("fn f() { crate::b::thing() }", true),
        ("fn f() -> super::b::Thing { loop {} }", true),
        ("type F = Vec<crate::b::Thing>;", true),
        ("pub(in crate::b) fn f() {}", false),
        ("// use crate::b::Thing;", false),
        ("const A: &str = \"use crate::b::Thing;\";", false),
        ("const A: &str = r#\"\"use crate::b::Thing;\"#;", false),
        ("#[cfg(test)]\nmod tests { use crate::b::Thing; }", false),
        ("use std::b::Thing;", false),
    ] {
        let files = [
            ("src/lib.rs", "mod a; mod b; mod c;"),
            ("src/a.rs", text),
            ("src/b.rs", ""),
            ("src/c.rs", ""),
        ];
        let found = shown(&files).contains(&"a.rs -> b.rs".to_owned());
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn an_edge_goes_to_the_file_that_defines_a_name() {
    let files = [
        (
            "src/lib.rs",
            "pub mod a; mod b;\npub use a::Thing as Other;",
        ),
        (
            "src/a/mod.rs",
            "mod leaf; mod all;\npub use leaf::Thing;\npub use all::*;",
        ),
        ("src/a/leaf.rs", "pub struct Thing;"),
        ("src/a/all.rs", "pub struct Every;"),
        ("src/b.rs", "use crate::Other; use crate::a::Every;"),
        ("src/main.rs", "mod cli;"),
        ("src/cli.rs", "use sqsh_prov::Other;"),
    ];
    assert_eq!(
        shown(&files),
        [
            "a/mod.rs -> a/all.rs",
            "a/mod.rs -> a/leaf.rs",
            "b.rs -> a/all.rs",
            "b.rs -> a/leaf.rs",
            "cli.rs -> a/leaf.rs",
            "lib.rs -> a/leaf.rs",
        ]
    );
}

#[test]
fn circles_are_found_with_parents_and_without() {
    for (a, leaf, other, expected) in [
        ("mod leaf; mod other;", "use super::Own;", "", 0),
        ("mod leaf; mod other;\nuse leaf::Thing;", "", "", 0),
        (
            "mod leaf; mod other;\nuse leaf::Thing;",
            "use super::Own;",
            "",
            2,
        ),
        (
            "mod leaf; mod other;",
            "use super::other::A;",
            "use super::leaf::B;",
            2,
        ),
        (
            "mod leaf; mod other;\nuse leaf::B;",
            "use super::other::A;",
            "use super::Own;",
            3,
        ),
    ] {
        let files = [
            ("src/lib.rs", "mod a;"),
            ("src/a.rs", a),
            ("src/a/leaf.rs", leaf),
            ("src/a/other.rs", other),
        ];
        let found: usize = circles(&edges(&sources(&files))).iter().map(Vec::len).sum();
        assert_eq!(found, expected, "{a} {leaf} {other}");
    }
}

#[test]
fn a_module_uses_those_above_it() {
    let lib = ("src/lib.rs", "mod image; mod report; mod squashfs;");
    for (image, squashfs, wrong) in [
        ("use crate::squashfs::A;", "", 0),
        ("", "use crate::image::A;", 1),
        ("use crate::report::A;", "", 1),
    ] {
        let files = [
            lib,
            ("src/image.rs", image),
            ("src/squashfs.rs", squashfs),
            ("src/report.rs", ""),
        ];
        assert_eq!(
            wrong_way(&edges(&sources(&files))).len(),
            wrong,
            "{image} {squashfs}"
        );
    }
}

#[test]
fn a_function_is_counted_from_its_name_to_its_last_bracket() {
    let text = "type F = fn(u8) -> u8;\ntrait T { fn none(&self) -> [u8; 2]; }\n\nfn one() { '}'; \"}\"; }\n\
                fn three<'a>(\n    a: &'a str, // }\n) {}\nfn outer() {\n    fn inner() {\n    }\n}\n";
    let expected = [("one", 1), ("three", 3), ("outer", 4), ("inner", 2)];
    let expected = expected.map(|(name, lines)| Function {
        name: name.to_owned(),
        lines,
    });
    assert_eq!(functions(&tokens(text)), expected);
}
