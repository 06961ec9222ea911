//! Standard output and standard error: what they can show, and writing to them.

use std::io::{self, IsTerminal as _, Write as _};

use anstream::AutoStream;
use clap::ColorChoice;
use sqsh_prov::given;
use sqsh_prov::report::{escape, human};

/// Returns true if standard output is to be coloured.
pub(super) fn colour(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
    }
}

/// Returns a page for a person. A terminal without UTF-8 gets ASCII.
pub(super) fn page(text: String) -> String {
    if has_utf8(|name| std::env::var(name).ok()) {
        text
    } else {
        escape::plain(&text)
    }
}

/// Returns true if the locale (POSIX, "Environment Variables", 8.2) has UTF-8. Without any variable, as in a
/// container, it counts as UTF-8.
fn has_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let mut values = names.into_iter().filter_map(variable);
    let Some(locale) = values.find(|value| !value.is_empty()) else {
        return true;
    };
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// Returns the columns of standard output: COLUMNS, else the terminal's. `None` for a file or a pipe, where
/// lines stay whole.
pub(super) fn narrow() -> Option<usize> {
    let columns = std::env::var("COLUMNS").ok();
    let columns = columns.and_then(|text| text.parse().ok());
    columns
        .or_else(terminal_width)
        .filter(|&columns| columns > 0)
}

/// The same, or a default for a file or a pipe.
pub(super) fn width() -> usize {
    narrow().unwrap_or(human::DEFAULT_WIDTH)
}

fn terminal_width() -> Option<usize> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    rustix::termios::tcgetwinsize(stdout)
        .ok()
        .map(|size| usize::from(size.ws_col))
}

/// Writes an answer. Its text is already safe for its target; only commands for build systems are
/// escaped here.
pub(super) fn write(text: &str) -> io::Result<()> {
    write_bytes(escape::lines(text).as_bytes())
}

/// Writes an answer that a tool made from the program's own flags. It needs no escaping.
pub(super) fn write_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = Stdout(io::stdout().lock());
    out.write_all(bytes)?;
    out.flush()
}

/// Standard output. If its reader closes the pipe, that is no error, and the exit code stays the same.
pub(super) struct Stdout(pub(super) io::StdoutLock<'static>);

impl io::Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_gone(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        unless_gone(self.0.flush(), ())
    }
}

/// Returns the result, or `gone` if the reader has closed the pipe.
fn unless_gone<T>(result: io::Result<T>, gone: T) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(gone),
        other => other,
    }
}

/// Writes an error to standard error. A failure to write is ignored.
pub(super) fn complain(message: &str) {
    let message = escape::text(message);
    let message = given::without_numbers(&message);
    let _ = writeln!(io::stderr().lock(), "sqsh-prov: {message}");
}

pub(super) fn excerpt(excerpt: Option<String>) {
    if let Some(text) = excerpt {
        let shown: Vec<_> = text.split('\n').map(escape::text).collect();
        let shown = shown.join("\n");
        let _ = writeln!(io::stderr().lock(), "{}", escape::lines(&shown));
    }
}

#[cfg(test)]
mod tests {
    use super::has_utf8;

    #[test]
    fn the_first_variable_that_is_set_names_the_locale() {
        let with = |set: &[(&str, &str)]| {
            has_utf8(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(with(&[]));
        assert!(with(&[("LANG", "C.UTF-8")]));
        assert!(with(&[
            ("LC_ALL", ""),
            ("LC_CTYPE", "en_US.utf8"),
            ("LANG", "C")
        ]));
        assert!(!with(&[("LANG", "C")]));
        assert!(!with(&[("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")]));
        assert!(!with(&[("LANG", "de_DE.ISO-8859-1")]));
    }
}
