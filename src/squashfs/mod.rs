//! Reads one file or one directory out of a squashfs 4.0 image, lazily.
