//! Flags that every command has.

use std::path::PathBuf;

use clap::{Args, ColorChoice};

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
    /// A mirror: a reference that starts with FROM is read as TO. May be repeated
    #[arg(long = "mirror", global = true, value_name = "FROM=TO", value_parser = mirror)]
    pub mirrors: Vec<(String, String)>,
    /// Known images, to recognise others by: a report of `audit --fingerprint --format ndjson`, an index
    /// of `known build`, or a directory of them; by default /etc/sqsh-prov/known.d. For show, verify,
    /// audit and diff. May be repeated
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

fn mirror(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((from, to)) if !from.is_empty() && !to.is_empty() => {
            Ok((from.to_owned(), to.to_owned()))
        }
        _ => Err("it is FROM=TO, such as harbor.example.org/dockerhub=docker.io".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::mirror;

    #[test]
    fn a_mirror_has_two_sides() {
        assert_eq!(
            mirror("a/b=docker.io"),
            Ok(("a/b".to_owned(), "docker.io".to_owned()))
        );
        for bad in ["", "a", "=b", "a="] {
            assert!(mirror(bad).is_err(), "{bad}");
        }
    }
}
