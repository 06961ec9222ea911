//! The time of an inode, as a pass over all of them needs it.

/// When an inode was last changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touched {
    /// Seconds since 1970.
    pub time: u32,
    pub is_directory: bool,
}
