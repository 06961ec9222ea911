//! The tests that SECURITY.md names exist.

use std::fs;
use std::path::Path;

/// The rows of the table behind a line: the last cell of each.
fn tests_behind<'t>(text: &'t str, line: &str) -> Vec<&'t str> {
    let (_, table) = text.split_once(line).unwrap();
    let rows = table.lines().skip_while(|line| !line.starts_with("|--"));
    let rows = rows.skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_end_matches('|').rsplit_once(" | ").unwrap().1)
        .collect()
}

#[test]
fn every_test_that_a_promise_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let mut source = String::new();
    let promises = tests_behind(&text, "Promises, and the test of each:");
    assert!(promises.len() > 30, "{}", promises.len());
    for row in promises {
        let mut named = 0;
        for name in row.split('`').skip(1).step_by(2) {
            if name.contains('/') {
                source = fs::read_to_string(root.join(name)).unwrap();
            } else if !name.contains('.') {
                assert!(source.contains(&format!("fn {name}()")), "{name}");
            }
            named += 1;
        }
        assert!(named > 0 || row.starts_with("the same test"), "{row}");
    }
}

#[test]
fn every_command_that_tests_a_promise_runs_something() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let commands = tests_behind(&text, "`scripts/test` runs all of these tests");
    assert!(commands.len() > 7, "{}", commands.len());
    for row in commands {
        let command = row.trim().trim_matches('`');
        let words: Vec<&str> = command.split(' ').collect();
        match words[0] {
            "cargo" => {
                let tests = words.windows(2).filter(|pair| pair[0] == "--test");
                let there = |name: &str| {
                    let file = root.join(format!("tests/{name}.rs"));
                    file.exists() || root.join(format!("tests/{name}/main.rs")).exists()
                };
                tests.for_each(|pair| assert!(there(pair[1]), "{command}"));
            }
            script => assert!(root.join(script).exists(), "{command}"),
        }
    }
}
