//! Flags that every command has.

use std::path::{Path, PathBuf};

use clap::{Args, ColorChoice};
use sqsh_prov::reference::Reference;
use sqsh_prov::{Inspector, Options};

use super::output;
use super::progress::Bar;

/// Flags that every command has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct Global {
    /// When to use colour; `auto` uses it on a terminal, and obeys NO_COLOR and CLICOLOR_FORCE
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// A directory with your own contracts, in addition to the built-in ones
    #[arg(long, global = true, value_name = "DIR")]
    pub contracts: Option<PathBuf>,
    /// A mirror: FROM, a registry with or without a path, holds copies of TO, so that a reference that is
    /// FROM or starts with it is read as TO. May be repeated
    #[arg(long = "mirror", global = true, value_name = "FROM=TO", value_parser = mirror)]
    pub mirrors: Vec<(String, String)>,
    /// Known images. The answer says which of them an image equals or contains. A report of
    /// `audit --fingerprint --format ndjson`, an index of `known build`, or a directory of them; by
    /// default /etc/sqsh-prov/known.d. For show, verify, audit and diff. May be repeated
    #[arg(long, global = true, value_name = "FILE|DIR")]
    pub known: Vec<PathBuf>,
    /// Statements about images: a file, or a directory to search. May be repeated
    #[arg(long, global = true, value_name = "DIR|FILE")]
    pub attestations: Vec<PathBuf>,
    /// Trust data: who may sign which statements about images. May be repeated
    #[arg(long, global = true, value_name = "FILE")]
    pub trust: Vec<PathBuf>,
    /// Say on standard error which image is read, which files the program may still open, and whether
    /// the system lacks Landlock
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Print no errors; the exit code says what happened
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

impl Global {
    /// Prints a message on standard error, unless --quiet is given.
    pub(super) fn complain(&self, message: &str) {
        if !self.quiet {
            output::complain(message);
        }
    }

    /// Says with --verbose which image is read.
    pub(super) fn reading(&self, image: &Path) {
        if self.verbose {
            output::complain(&format!("reading {}", image.display()));
        }
    }

    /// Returns the options that these flags set.
    pub(super) fn options(&self) -> Options {
        Options {
            mirrors: self.mirrors.clone(),
            contracts_dir: self.contracts.clone(),
            ..Options::default()
        }
    }

    /// Adds a progress bar to an inspector, unless --quiet is given.
    pub(super) fn with_bar(&self, inspector: Inspector) -> Inspector {
        match self.quiet {
            true => inspector,
            false => inspector.with_progress(Box::new(Bar::default())),
        }
    }
}

/// Returns both sides of a mirror as canonical references spell them: a rule in another spelling would match no
/// reference.
fn mirror(text: &str) -> Result<(String, String), String> {
    let sides = text.split_once('=');
    let Some((from, to)) = sides.filter(|(from, to)| !from.is_empty() && !to.is_empty()) else {
        return Err("it is FROM=TO, such as harbor.example.org/dockerhub=docker.io".to_owned());
    };
    Ok((side(from)?, side(to)?))
}

fn side(text: &str) -> Result<String, String> {
    let wrong = |why: &str| Err(format!("'{text}': {why}"));
    if text.contains("://") {
        return wrong(
            "leave out what ends in ://; it is a host and a path: harbor.example.org/dockerhub",
        );
    }
    if text.contains('#') {
        return wrong("write / in place of #");
    }
    if text.contains(char::is_whitespace) {
        return wrong("leave out the spaces");
    }
    let text = text.trim_end_matches('/');
    let (registry, path) = text.split_once('/').unwrap_or((text, ""));
    if path.contains([':', '@']) {
        return wrong("leave out the tag and the digest; all of a repository is mirrored");
    }
    // A reference has the canonical spelling of its registry.
    let path_or_any = if path.is_empty() { "any" } else { path };
    match Reference::parse(&format!("{registry}#{path_or_any}")) {
        Ok(reference) if path.is_empty() => Ok(reference.registry),
        Ok(reference) if path.contains('/') => Ok(reference.name()),
        // A reference puts library/ before a single word on Docker Hub. Here the word can be an owner.
        Ok(reference) => Ok(format!(
            "{}/{}",
            reference.registry,
            path.to_ascii_lowercase()
        )),
        Err(error) => wrong(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::mirror;

    #[test]
    fn a_mirror_has_two_sides() {
        assert_eq!(
            mirror("a.example/b=docker.io"),
            Ok(("a.example/b".to_owned(), "docker.io".to_owned()))
        );
        assert_eq!(
            mirror("HARBOR.acme.example/DockerHub/=registry-1.docker.io"),
            Ok((
                "harbor.acme.example/dockerhub".to_owned(),
                "docker.io".to_owned()
            ))
        );
        let impossible = [
            "https://a.example=docker.io",
            "docker://a.example=docker.io",
            "a.example=https://docker.io",
            "a.example#path=docker.io",
            "a.example = docker.io",
            "a.example/b:v1=docker.io/b",
        ];
        for bad in ["", "a", "=b", "a="].into_iter().chain(impossible) {
            assert!(mirror(bad).is_err(), "{bad}");
        }
    }
}
