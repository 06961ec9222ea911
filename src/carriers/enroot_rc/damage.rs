//! Finds where the script begins in `/etc/rc`, also in a damaged one.
//!
//! enroot has written the same lines since 1.0 (NVIDIA/enroot `src/docker.sh`, `docker::configure`):
//! a blank line, `mkdir` (not in 1.0 to 2.1), `cd`, and a fixed script with the command in it twice.
//! One line that does not match does not show that another program wrote the file. Several signs
//! together show that the importer wrote it; then the lines around a damaged one are read.

use super::script::{END, MIDDLE, START, are_importers, commands, is_quoted, working_directory};

const PROVENANCE: &[u8] = b"# enroot-provenance: ";
const SOURCE_IF: &str = "if [ -s /etc/rc.local ]; then";
const SOURCE: &str = "    . /etc/rc.local";
const ARGUMENTS_IF: &str = "if [ $# -gt 0 ]; then";

/// The number of signs that shows the importer. Scripts of other programs share fewer lines with it.
const ENOUGH: u32 = 4;

/// The longest command, in bytes, that is searched for a changed bit. The search tries every bit.
const LONGEST_REPAIRED: usize = 1024;

/// The files beside `/etc/rc`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// True if `/etc/rc.local` is the importer's stub.
    pub stub: bool,
    /// True if `/etc/environment` and `/etc/fstab` exist.
    pub environment_and_fstab: bool,
}

/// The places of the file's parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// The first line after the labels.
    pub anchor: usize,
    /// The line after the one that changes into the working directory.
    pub script: usize,
    pub directory: Option<&'a str>,
    pub is_damaged: bool,
    /// True if the script is not the importer's, for any reason.
    pub is_edited: bool,
}

/// Finds the script; `None` in another program's file.
pub(super) fn place<'a>(bytes: &[u8], lines: &[&'a str], beside: Beside) -> Option<Place<'a>> {
    let last = |wanted: &dyn Fn(&str) -> bool| lines.iter().rposition(|line| wanted(line));
    let exact = last(&|line| working_directory(line).is_some());
    let near = last(&is_like_cd);
    let script = [(SOURCE_IF, 2), (SOURCE, 3), (ARGUMENTS_IF, 6)];
    let script = script.iter().find_map(|(wanted, behind)| {
        let at = lines.iter().rposition(|line| line == wanted)?;
        Some(at.saturating_sub(*behind))
    });
    // Up to enroot 4.1.1 a label's value can contain such a line. The real one comes later, after its
    // own `mkdir`.
    let follows = |at: usize| lines.get(at.saturating_add(2)) == Some(&SOURCE_IF);
    let has_other = |at: usize| {
        let behind = lines.get(at.saturating_add(1)..).unwrap_or_default();
        behind.iter().any(|line| is_like_mkdir(line))
    };
    let is_whole = |at: &usize| follows(*at) || !has_other(*at);
    if let Some(at) = exact.filter(is_whole) {
        return Some(whole(bytes, lines, at));
    }
    if evidence(bytes, lines, beside) < ENOUGH {
        return exact.map(|at| whole(bytes, lines, at));
    }
    let at = near.filter(|near| !has_other(*near)).or(script);
    let at = at.unwrap_or(lines.len());
    let above = at.checked_sub(1).and_then(|at| lines.get(at).copied());
    let mkdir = above.filter(|line| is_like_mkdir(line));
    Some(Place {
        anchor: at.saturating_sub(usize::from(mkdir.is_some())),
        script: at.saturating_add(1),
        directory: mkdir.and_then(made_directory).or_else(|| {
            let cd = lines.get(at)?.strip_prefix("cd \"")?;
            cd.split_once('"').map(|(directory, _)| directory)
        }),
        is_damaged: true,
        is_edited: true,
    })
}

/// Returns the place in a file with an intact `cd` line.
fn whole<'a>(bytes: &[u8], lines: &[&'a str], at: usize) -> Place<'a> {
    let directory = lines.get(at).and_then(|line| working_directory(line));
    let mkdir = format!(
        "mkdir -p \"{}\" 2> /dev/null",
        directory.unwrap_or_default()
    );
    let raw = |at: usize| bytes.split(|&byte| byte == b'\n').nth(at);
    let above = at.checked_sub(1).and_then(raw).unwrap_or_default();
    let is_like_mkdir = is_one_bit_off(above, mkdir.as_bytes());
    let before = bytes
        .split(|&byte| byte == b'\n')
        .take(at.saturating_add(1));
    let length = before.fold(0_usize, |sum, line| {
        sum.saturating_add(line.len()).saturating_add(1)
    });
    let script = bytes.get(length.saturating_sub(1)..).unwrap_or_default();
    Place {
        // enroot 1.0 has no mkdir line.
        anchor: at.saturating_sub(usize::from(is_like_mkdir || above == mkdir.as_bytes())),
        script: at.saturating_add(1),
        directory,
        is_damaged: is_like_mkdir || is_damaged_script(script),
        is_edited: !commands(script).is_some_and(are_importers),
    }
}

/// Returns true if the script differs in one bit. In a script that somebody rewrote, more differs.
fn is_damaged_script(script: &[u8]) -> bool {
    if let Some(commands) = commands(script) {
        return !are_importers(commands) && is_damaged_command(commands);
    }
    let [start, middle, end] = [START, MIDDLE, END].map(str::as_bytes);
    let starts = script.get(..start.len());
    let ends = script.get(script.len().saturating_sub(end.len())..);
    let mut middles = script.windows(middle.len());
    starts.is_some_and(|found| is_one_bit_off(found, start))
        || ends.is_some_and(|found| is_one_bit_off(found, end))
        || !middles.any(|found| found == middle)
            && script
                .windows(middle.len())
                .any(|found| is_one_bit_off(found, middle))
}

/// Returns true if one changed bit makes these the importer's own two commands.
///
/// The file has the image's own arguments only once, so a changed letter in one of them does not show.
fn is_damaged_command((with, without): (&[u8], &[u8])) -> bool {
    let copy = without.get(..with.len()).unwrap_or_default();
    if is_one_bit_off(copy, with) {
        return true;
    }
    // The changed bit made or removed one of these.
    let decides = |byte: u8| matches!(byte, b'\'' | b' ' | b'$' | b'\\' | b'\n');
    if copy != with || without.len() > LONGEST_REPAIRED {
        return false;
    }
    let mut tried = without.to_vec();
    (0..without.len()).any(|at| {
        (0..8).any(|bit| {
            let Some(byte) = tried.get_mut(at) else {
                return false;
            };
            let found = *byte;
            *byte ^= 1 << bit;
            if !decides(found) && !decides(*byte) {
                *byte = found;
                return false;
            }
            let is_whole = is_quoted(&tried);
            if let Some(byte) = tried.get_mut(at) {
                *byte = found;
            }
            is_whole
        })
    })
}

/// Returns the value of a line 1 whose fixed part differs in one bit.
pub(super) fn damaged_provenance(bytes: &[u8]) -> Option<&[u8]> {
    let line = bytes.split(|&byte| byte == b'\n').next()?;
    let (start, value) = line.split_at_checked(PROVENANCE.len())?;
    is_one_bit_off(start, PROVENANCE).then_some(value)
}

fn is_one_bit_off(found: &[u8], wanted: &[u8]) -> bool {
    let bits = found
        .iter()
        .zip(wanted)
        .map(|(one, other)| (one ^ other).count_ones());
    found.len() == wanted.len() && bits.sum::<u32>() == 1
}

/// Counts the signs that the importer wrote the file.
fn evidence(bytes: &[u8], lines: &[&str], beside: Beside) -> u32 {
    let any = |wanted: &dyn Fn(&str) -> bool| u32::from(lines.iter().any(|line| wanted(line)));
    let is_line_one = bytes.starts_with(PROVENANCE) || damaged_provenance(bytes).is_some();
    let is_exec = |line: &str| line.starts_with("    exec ") && line.ends_with("\"$@\"");
    let signs: [u32; 9] = [
        any(&is_like_cd),
        any(&is_like_mkdir),
        any(&|line| line == SOURCE_IF),
        any(&|line| line == SOURCE),
        any(&|line| line == ARGUMENTS_IF),
        any(&is_exec),
        u32::from(beside.environment_and_fstab),
        // No other program writes these two.
        3 * u32::from(is_line_one),
        3 * u32::from(beside.stub),
    ];
    // Scripts of other programs name their interpreter.
    let against = 2 * u32::from(bytes.starts_with(b"#!"));
    signs.iter().sum::<u32>().saturating_sub(against)
}

fn is_like_cd(line: &str) -> bool {
    line.starts_with("cd \"")
        || line.ends_with("\" && unset OLDPWD || exit 1") && !line.starts_with("# ")
}

fn is_like_mkdir(line: &str) -> bool {
    !line.starts_with("# ")
        && (line.starts_with("mkdir -p \"") || line.ends_with("\" 2> /dev/null"))
}

fn made_directory(line: &str) -> Option<&str> {
    line.strip_prefix("mkdir -p \"")?
        .strip_suffix("\" 2> /dev/null")
}
