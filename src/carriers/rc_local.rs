//! `/etc/rc.local`: the importer leaves a stub of comments there for people to edit.

const STUB: [&[u8]; 2] = [
    b"# This file is sourced by /etc/rc when the container starts.",
    b"# It can be used to manipulate the entrypoint or the command of the container.",
];

/// Returns true if the file does anything: a line that is neither empty nor a comment,
/// or comments other than the importer's two.
#[must_use]
pub fn is_edited(bytes: &[u8]) -> bool {
    lines(bytes).any(|line| !STUB.contains(&line))
}

/// Returns true if the file has what the importer writes, and nothing else.
#[must_use]
pub fn is_stub(bytes: &[u8]) -> bool {
    lines(bytes).eq(STUB)
}

/// The lines that are not empty.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stub_is_not_an_edit() {
        let stub = "# This file is sourced by /etc/rc when the container starts.\n\
            # It can be used to manipulate the entrypoint or the command of the container.\n";
        assert!(!is_edited(stub.as_bytes()));
        assert!(is_stub(stub.as_bytes()) && !is_stub(b"") && !is_stub(b"# other\n"));
        assert!(!is_stub(format!("{stub}export A=b\n").as_bytes()));
        assert!(!is_edited(b""));
        assert!(!is_edited(format!("{stub}\n  \n").as_bytes()));
        assert!(is_edited(format!("{stub}export A=b\n").as_bytes()));
        assert!(is_edited(b"# other\n"));
        assert!(is_edited(b"\xff"));
    }
}
