//! What readers that we did not write make of an image.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqsh_prov::limits::Limits;
use sqsh_prov::squashfs::Squashfs;
use sqsh_prov::{Inspector, Options};

use super::facts::{Stated, stated};

/// What a reader got of a file.
#[derive(Debug)]
pub enum Read {
    Bytes(Vec<u8>),
    /// Why not, where that is known.
    Nothing(String),
}

/// The other readers, and what they read of the intact image.
pub struct Others {
    directory: PathBuf,
    /// Files that all of them read in the intact image.
    files: Vec<(&'static str, Vec<u8>)>,
}

/// The files that an importer writes.
const FILES: [&str; 2] = ["etc/environment", "etc/rc"];

impl Others {
    /// `directory` is for what they unpack.
    pub fn new(intact: &Path, directory: &Path) -> Self {
        let mut others = Self {
            directory: directory.to_owned(),
            files: Vec::new(),
        };
        for file in FILES {
            let Read::Bytes(bytes) = others.ours(intact, file) else {
                continue;
            };
            let reads = [
                others.unsquashfs(intact, file),
                others.rdsquashfs(intact, file),
            ];
            let agree = |read: &Read| matches!(read, Read::Bytes(theirs) if *theirs == bytes);
            // rdsquashfs does not follow links; what only one reads is compared with that one.
            if !bytes.is_empty() && reads.iter().any(agree) {
                others.files.push((file, bytes));
            }
        }
        others
    }

    pub fn files(&self) -> impl Iterator<Item = (&'static str, &Vec<u8>)> {
        self.files.iter().map(|(file, bytes)| (*file, bytes))
    }

    pub fn ours(&self, image: &Path, file: &str) -> Read {
        let read = || {
            let image = Squashfs::open(
                fs::File::open(image).map_err(|e| e.to_string())?,
                &Limits::default(),
            )
            .map_err(|e| e.to_string())?;
            let inode = image.lookup(file.as_bytes()).map_err(|e| e.to_string())?;
            image.read(&inode, 1 << 20).map_err(|e| e.to_string())
        };
        match read() {
            Ok(bytes) => Read::Bytes(bytes),
            Err(error) => Read::Nothing(error),
        }
    }

    pub fn unsquashfs(&self, image: &Path, file: &str) -> Read {
        Self::output(timed("unsquashfs").arg("-cat").arg(image).arg(file))
    }

    pub fn rdsquashfs(&self, image: &Path, file: &str) -> Read {
        Self::output(timed("rdsquashfs").arg("-c").arg(file).arg(image))
    }

    /// True when another reader gets the bytes that we get.
    pub fn read_as_we_do(&self, image: &Path, file: &str) -> bool {
        let Read::Bytes(ours) = self.ours(image, file) else {
            return false;
        };
        [self.unsquashfs(image, file), self.rdsquashfs(image, file)]
            .iter()
            .any(|read| matches!(read, Read::Bytes(theirs) if *theirs == ours))
    }

    fn output(command: &mut Command) -> Read {
        let output = command.stdin(Stdio::null()).output();
        match output {
            Ok(output) if output.status.success() => Read::Bytes(output.stdout),
            _ => Read::Nothing(String::new()),
        }
    }

    /// What the trees state that others unpack, read as directories; those that unpack nothing are left out.
    pub fn stated(&self, image: &Path) -> Vec<Stated> {
        let mut found = Vec::new();
        let inspector = Inspector::new(Options {
            reveal: true,
            ..Options::default()
        })
        .expect("sound contracts");
        for tool in ["unsquashfs", "rdsquashfs"] {
            let tree = self.directory.join("tree");
            let _ = fs::remove_dir_all(&tree);
            let mut command = timed(tool);
            match tool {
                "unsquashfs" => command
                    .args(["-no-progress", "-no-xattrs", "-ignore-errors", "-d"])
                    .arg(&tree)
                    .arg(image),
                _ => {
                    let _ = fs::create_dir(&tree);
                    command
                        .args(["-q", "-T", "-p"])
                        .arg(&tree)
                        .args(["-u", "/"])
                        .arg(image)
                }
            };
            let done = command
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            // What it unpacked before it gave up counts where it got to its end.
            if done.is_ok_and(|status| status.success())
                && let Ok(document) = inspector.inspect(&tree)
            {
                found.push(stated(&document));
            }
            let _ = fs::remove_dir_all(&tree);
        }
        found
    }
}

/// They hang on some images.
fn timed(tool: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args(["-s", "KILL", "2", tool]);
    command
}
