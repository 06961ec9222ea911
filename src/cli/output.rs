//! Standard output and standard error: what they can show, and writing to them.

use std::io::{self, IsTerminal as _, Write as _};

use anstream::AutoStream;
use clap::ColorChoice;
use sqsh_prov::given;
use sqsh_prov::report::{escape, human};

/// True when standard output is to be coloured.
pub(super) fn colour(choice: ColorChoice) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
    }
}

/// Columns of standard output: what COLUMNS says, else the terminal, else a default.
pub(super) fn width() -> usize {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    columns
        .or_else(terminal_width)
        .filter(|&columns| columns > 0)
        .unwrap_or(human::DEFAULT_WIDTH)
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

/// Writes an answer, which has been made safe for where it goes, but for logs of build systems.
pub(super) fn write(text: &str) -> io::Result<()> {
    write_bytes(escape::lines(text).as_bytes())
}

/// The same, of what a tool made of the program's own flags.
pub(super) fn write_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Writes an error. When standard error cannot take it, nobody can be told.
pub(super) fn complain(message: &str) {
    let message = escape::text(message);
    let message = given::without_numbers(&message);
    let _ = writeln!(io::stderr().lock(), "sqsh-prov: {message}");
}
