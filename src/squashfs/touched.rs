//! The times of inodes, as a pass over all of them needs them.

/// Inodes that stand one after the other in the inode table and have one time. What was installed in
/// one go has few times, so these take far less memory than a time for each inode.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touched {
    /// When they were last changed, in seconds since 1970.
    pub time: u32,
    pub directories: u32,
    pub others: u32,
}

impl Touched {
    /// One inode.
    pub fn one(time: u32, is_directory: bool) -> Self {
        Self {
            time,
            directories: u32::from(is_directory),
            others: u32::from(!is_directory),
        }
    }

    /// Adds the inodes that follow, if they have the same time. Returns false if they do not.
    pub fn join(&mut self, next: Self) -> bool {
        if self.time != next.time {
            return false;
        }
        self.directories = self.directories.saturating_add(next.directories);
        self.others = self.others.saturating_add(next.others);
        true
    }
}
