//! Lines of the script that the importer writes behind the labels.

pub(super) fn working_directory(line: &str) -> Option<&str> {
    line.strip_prefix("cd \"")?
        .strip_suffix("\" && unset OLDPWD || exit 1")
}
