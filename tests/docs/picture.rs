//! The picture in the README is what the program writes to a terminal.

use std::fs;
use std::process::Command;

use super::{is_current, repository};

const NAME: &str = "vllm+vllm-openai+v0.29.0.sqsh";

#[test]
fn the_picture_is_current() {
    let directory = tempfile::tempdir().unwrap();
    let fixture = repository("fixtures/classification/01-vllm-release.sqsh");
    fs::copy(fixture, directory.path().join(NAME)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sqsh-prov"))
        .args(["show", "--color", "always", NAME])
        .current_dir(directory.path())
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    assert!(output.status.success());
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("\u{1b}["), "it is coloured");
    let session = format!("$ sqsh-prov show {NAME}\n{shown}");
    let svg = anstyle_svg::Term::new().render_svg(&session);
    is_current("docs/show.svg", &svg);
}
