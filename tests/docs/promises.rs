//! The tests that SECURITY.md names exist.

use std::fs;
use std::path::Path;

#[test]
fn every_test_that_a_promise_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let (_, table) = text
        .split_once("Promises, and the test that holds each:")
        .unwrap();
    let rows = table
        .lines()
        .skip(4)
        .take_while(|line| line.starts_with('|'));
    let mut source = String::new();
    let mut promises = 0;
    for row in rows {
        let test = row.trim_end_matches('|').rsplit_once(" | ").unwrap().1;
        for name in test.split('`').skip(1).step_by(2) {
            if name.contains('/') {
                source = fs::read_to_string(root.join(name)).unwrap();
            } else if !name.contains('.') {
                assert!(source.contains(&format!("fn {name}()")), "{name}");
            }
        }
        promises += 1;
    }
    assert!(promises > 12, "{promises}");
}
