//! Applies what a finding says.

use sqsh_prov::lint::Finding;

/// The text with the finding's changes of lines.
pub fn apply(text: &str, finding: &Finding) -> String {
    assert!(!finding.edits.is_empty(), "{} has no lines", finding.code);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for edit in finding.edits.iter().rev() {
        let at = (edit.line as usize - 1).min(lines.len());
        lines.splice(at..at + edit.remove as usize, edit.insert.iter().cloned());
    }
    lines.join("\n") + "\n"
}
