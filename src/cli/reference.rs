//! The reference of the command line, made from the flags' definitions; `scripts/docs` writes it.

use std::fmt::Write as _;
use std::fs;

use super::commands::NAMES;
use super::{man, program};

const HEAD: &str = "# Command line

`scripts/docs` makes this page from `sqsh-prov COMMAND --help`. The manual pages and the completions
come from the same definitions: `sqsh-prov man`, `sqsh-prov completions`.
";

#[test]
fn the_reference_of_the_command_line_is_current() {
    let mut text = HEAD.to_owned();
    let mut pages = man::pages(program(NAMES));
    // The program first; its own flags are those of every command, and are not repeated.
    pages.sort_by_key(|page| {
        page.get_display_name()
            .map(|name| name.matches('-').count() > 1)
    });
    for (at, page) in pages.into_iter().enumerate() {
        let name = page.get_bin_name().unwrap_or(page.get_name()).to_owned();
        let page = page.term_width(98).mut_args(|arg| {
            let repeated = at > 0 && (arg.is_global_set() || arg.get_id() == "help");
            let hidden = repeated || arg.is_hide_set();
            arg.hide(hidden)
        });
        let help = page.clone().render_long_help().to_string();
        let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
        writeln!(
            text,
            "\n## {name}\n\n```\n{}\n```",
            lines.join("\n").trim_end()
        )
        .unwrap();
    }
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/docs/reference/command-line.md"
    );
    if std::env::var_os("SQSH_PROV_UPDATE_DOCS").is_some() {
        fs::write(path, &text).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == text,
        "docs/reference/command-line.md is not current; make it again: scripts/docs"
    );
}
