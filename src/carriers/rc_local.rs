//! Compares `/etc/rc.local` with the importer's stub: two comments, which people may edit.

const STUB: [&[u8]; 2] = [
    b"# This file is sourced by /etc/rc when the container starts.",
    b"# It can be used to manipulate the entrypoint or the command of the container.",
];

/// Returns true if the file has a line that is neither empty nor one of the importer's two comments.
#[must_use]
pub fn is_edited(bytes: &[u8]) -> bool {
    lines(bytes).any(|line| !STUB.contains(&line))
}

/// Returns true if the file has the importer's two comments, and nothing else.
#[must_use]
pub fn is_stub(bytes: &[u8]) -> bool {
    lines(bytes).eq(STUB)
}

/// Returns the lines that are not empty.
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
