//! Where a target writes what it is given.

use std::path::PathBuf;

/// Returns the path of this process's own file, in memory where the system has such a directory.
pub fn file(suffix: &str) -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let directory = if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    };
    directory.join(format!("sqsh-prov-fuzz-{}{suffix}", std::process::id()))
}
