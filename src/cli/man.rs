//! `sqsh-prov man`: the manual pages, made from the flags' definitions.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Command};
use clap_mangen::Man as Page;

use super::exit::{Exit, usage};
use super::output;

/// Print a manual page, or write all of them into a directory
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sqsh-prov man | man -l -
  sqsh-prov man verify | man -l -
  sqsh-prov man --all ~/.local/share/man/man1

The packages install them: man sqsh-prov, man sqsh-prov-verify.")]
pub(super) struct Man {
    /// The command; `contracts check` is two words
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write sqsh-prov.1, sqsh-prov-show.1 and so on into this directory; creates it if needed
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    all: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(&self, program: Command) -> anyhow::Result<Exit> {
        let pages = pages(program);
        if let Some(directory) = &self.all {
            write_all(&pages, directory).with_context(|| directory.display().to_string())?;
            return Ok(Exit::Success);
        }
        let words = ["sqsh-prov"].into_iter();
        let words = words.chain(self.command.iter().map(String::as_str));
        let name = words.collect::<Vec<_>>().join("-");
        let page = pages.iter().find(|page| page_name(page) == name);
        let page = page.ok_or_else(|| {
            let command = self.command.join(" ");
            usage(format!(
                "there is no command '{command}'; sqsh-prov help lists all"
            ))
        })?;
        output::write_bytes(&rendered(page)?)?;
        Ok(Exit::Success)
    }
}

/// Returns the program, every command and every subcommand, sorted by the names of their pages.
pub(super) fn pages(program: Command) -> Vec<Command> {
    let mut root = program.disable_help_subcommand(true);
    root.build();
    let mut pages = Vec::new();
    let mut open = vec![root];
    while let Some(command) = open.pop() {
        let inner = command.get_subcommands();
        open.extend(inner.filter(|sub| !sub.is_hide_set()).cloned());
        pages.push(command);
    }
    pages.sort_unstable_by_key(page_name);
    pages
}

fn page_name(page: &Command) -> String {
    let name = page.get_display_name();
    name.unwrap_or(page.get_name()).to_owned()
}

fn rendered(page: &Command) -> std::io::Result<Vec<u8>> {
    let man = Page::new(page.clone())
        .title(page_name(page).to_uppercase())
        .source(concat!("sqsh-prov ", env!("CARGO_PKG_VERSION")))
        .manual("sqsh-prov manual");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if page.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut notes = Vec::new();
    man.render_extra_section(&mut notes)?;
    // Takes the text behind the heading, without the definitions that each section repeats. The examples have
    // columns; justified lines would tear them apart (groff_man(7), .na).
    let notes = String::from_utf8_lossy(&notes);
    if let Some((_, notes)) = notes.split_once(".SH EXTRA\n") {
        text.extend_from_slice(b".SH NOTES\n.na\n.nh\n");
        text.extend_from_slice(notes.as_bytes());
    }
    Ok(text)
}

fn write_all(pages: &[Command], directory: &Path) -> std::io::Result<()> {
    fs::create_dir_all(directory)?;
    pages.iter().try_for_each(|page| {
        let file = directory.join(format!("{}.1", page_name(page)));
        super::replace::write(&file, &rendered(page)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::commands::NAMES;
    use crate::cli::program;

    #[test]
    fn a_page_has_all_that_help_has() {
        for page in pages(program(NAMES)) {
            let text = String::from_utf8(rendered(&page).unwrap()).unwrap();
            let words = |text: &str| -> Vec<String> {
                // roff escapes hyphens, points and quotation marks.
                let letters = text.split(|c: char| !c.is_ascii_alphanumeric());
                letters
                    .filter(|word| word.len() > 4)
                    .map(str::to_owned)
                    .collect()
            };
            let written = words(&text);
            let notes = page.get_after_help().map(ToString::to_string);
            for word in words(&notes.unwrap_or_default()) {
                assert!(written.contains(&word), "{}: {word}", page_name(&page));
            }
        }
    }
}
