//! The one table: every job, by every tool that can do it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use super::Result;
use super::images::{self, PACKINGS, Size};
use super::measure::{Plan, Row, Tool, compare, slowly, trips};

/// What is measured, with what.
pub struct Bench {
    cache: PathBuf,
    size: Size,
    program: String,
    own: String,
    work: PathBuf,
}

pub const TWO_FILES: &str = "two files";
pub const SHOW: &str = "show";
pub const ONE_FILE: &str = "one file of a large directory";
pub const AUDIT: &str = "audit";
pub const MEMORY: &str = "audit, memory";
pub const DEEP: &str = "hash a package";
/// As the version of fuse has it, else as root.
const FUSE_UNMOUNT: &str =
    "{ fusermount3 -u \"$2\" || fusermount -u \"$2\" || umount \"$2\"; } 2>/dev/null";
/// The tools that targets name.
pub const LIBRARY: &str = "this library";
pub const UNSQUASHFS: &str = "unsquashfs";
pub const RDSQUASHFS: &str = "rdsquashfs, one file";
pub const BACKHAND: &str = "backhand";

impl Bench {
    /// `PROGRAM` in the environment is the program.
    pub fn new(cache: &Path, size: Size) -> Result<Self> {
        let cache = fs::canonicalize(cache)?;
        let work = cache.join(format!("work-{}", std::process::id()));
        fs::create_dir_all(work.join("mount"))?;
        let program =
            env::var("PROGRAM").map_err(|_| "PROGRAM is not set; scripts/bench sets it")?;
        let own = env::current_exe()?.to_string_lossy().into_owned();
        Ok(Self {
            cache,
            size,
            program,
            own,
            work,
        })
    }

    pub fn program(&self) -> &str {
        &self.program
    }

    /// A fixture, for what does not depend on the size.
    pub fn fixture() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/classification/01-vllm-release.sqsh")
    }

    fn rounds(&self, full: usize) -> usize {
        match self.size {
            Size::Quick => 1,
            Size::Full => full,
        }
    }

    pub fn rows(&self) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        let (one, packings) = self.size.packings();
        for inodes in self.size.inodes() {
            let packings = if inodes == one {
                packings
            } else {
                self.size.codecs()
            };
            for (packing, _) in packings {
                let image = images::tree_image(&self.cache, inodes, packing);
                let label = format!("{inodes} inodes, {packing}");
                let plan = Plan {
                    job: TWO_FILES,
                    label: &label,
                    image: Some(&image),
                    rounds: self.rounds(15),
                    delays: self.delays(inodes),
                };
                rows.extend(compare(plan, &self.two_files(&image), &self.work)?);
                let plan = Plan { job: SHOW, ..plan };
                rows.extend(compare(plan, &[self.show(&image)], &self.work)?);
            }
        }
        rows.extend(self.large_directory()?);
        rows.extend(self.audits()?);
        rows.extend(self.packages()?);
        Ok(rows)
    }

    /// Slow reads are emulated for one size.
    fn delays(&self, inodes: usize) -> &'static [u64] {
        match self.size {
            Size::Quick if inodes == 4_000 => &[1],
            Size::Full if inodes == 200_000 => &[1, 5],
            _ => &[],
        }
    }

    fn show(&self, image: &Path) -> Tool {
        let image = image.to_string_lossy();
        Tool::new(
            "sqsh-prov show --format json",
            [self.program.as_str(), "show", "--format", "json", &image],
        )
    }

    /// Every tool that can print a file of an image.
    fn two_files(&self, image: &Path) -> Vec<Tool> {
        let image = image.to_string_lossy().into_owned();
        let mount = self.work.join("mount").to_string_lossy().into_owned();
        let mounted = |mount_it: &str, umount: &str| {
            let script = format!(
                "{mount_it} \"$1\" \"$2\" || exit; cat \"$2\"/etc/environment \"$2\"/etc/rc; code=$?; {umount} || exit 1; exit $code"
            );
            ["sh", "-c", &script, "sh", &image, &mount].map(str::to_owned)
        };
        let not_its_own = |tool| Tool {
            reads: false,
            ..tool
        };
        vec![
            Tool::new(LIBRARY, [self.own.as_str(), "two-files", &image]),
            Tool::new(
                UNSQUASHFS,
                ["unsquashfs", "-cat", &image, "etc/environment", "etc/rc"],
            ),
            Tool::new(RDSQUASHFS, ["rdsquashfs", "-c", "/etc/environment", &image]),
            Tool::new("sqfscat", ["sqfscat", &image, "etc/environment", "etc/rc"]),
            not_its_own(Tool::new(
                "squashfuse, mount and cat",
                mounted("squashfuse", FUSE_UNMOUNT),
            )),
            not_its_own(Tool::new(
                "kernel, mount and cat",
                mounted("mount -t squashfs -o loop,ro", "umount \"$2\""),
            )),
            Tool::new(BACKHAND, [self.own.as_str(), "backhand", &image]),
        ]
    }

    /// Images that were made elsewhere: all that `show` says, against two files by other tools.
    pub fn real(&self, image: &Path) -> Result<(Vec<Row>, Vec<Option<usize>>)> {
        let ours = |tool: &Tool| [LIBRARY, "sqfscat"].contains(&tool.name.as_str());
        let mut tools = vec![self.show(image)];
        tools.extend(self.two_files(image).into_iter().filter(|tool| !ours(tool)));
        let label = image.file_stem().unwrap_or_default().to_string_lossy();
        let plan = Plan {
            job: SHOW,
            label: &label,
            image: Some(image),
            rounds: 15,
            delays: &[1, 5],
        };
        let rows = compare(plan, &tools, &self.work)?;
        let trips = tools.iter().zip(&rows).map(|(tool, row)| match row.reads {
            Some(_) => trips(tool, image, &self.work),
            None => Ok(None),
        });
        let trips = trips.collect::<Result<_>>()?;
        Ok((rows, trips))
    }

    fn large_directory(&self) -> Result<Vec<Row>> {
        let entries = self.size.entries();
        let mut rows = Vec::new();
        for (packing, _) in PACKINGS.iter().take(2) {
            let image = images::directory_image(&self.cache, entries, packing);
            let label = format!("{entries} entries, {packing}");
            let name = format!("data/sample-{:06}.bin", entries / 2000 * 1000);
            let text = image.to_string_lossy();
            let tools = [
                Tool::new(LIBRARY, [self.own.as_str(), "one-file", &text, &name]),
                Tool::new(UNSQUASHFS, ["unsquashfs", "-cat", &text, &name]),
                Tool::new(
                    "rdsquashfs",
                    ["rdsquashfs", "-c", &format!("/{name}"), &text],
                ),
            ];
            let plan = Plan {
                job: ONE_FILE,
                label: &label,
                image: Some(&image),
                rounds: self.rounds(9),
                delays: &[1],
            };
            rows.extend(compare(plan, &tools, &self.work)?);
        }
        Ok(rows)
    }

    fn audits(&self) -> Result<Vec<Row>> {
        let (most, inodes) = self.size.fleet();
        let mut rows = Vec::new();
        for (count, delays) in [(most / 100, &[][..]), (most / 10, &[]), (most, &[1, 5])] {
            let directory = images::fleet(&self.cache, count, inodes);
            let text = directory.to_string_lossy().into_owned();
            let audit = |options: &[&str]| {
                let words = [
                    self.program.as_str(),
                    "audit",
                    &text,
                    "--format",
                    "ndjson",
                    "--now",
                    "2026-11-01",
                ];
                words
                    .iter()
                    .chain(options)
                    .map(|word| (*word).to_owned())
                    .collect::<Vec<_>>()
            };
            let script = "find \"$1\" -name '*.sqsh' -print0 | xargs -0 -P2 -I{} unsquashfs -cat {} etc/rc etc/environment";
            let label = format!("{count} images of {inodes} inodes, zstd");
            let tools = [
                Tool::new("sqsh-prov audit", audit(&[])),
                Tool::new("sqsh-prov audit --jobs 1", audit(&["--jobs", "1"])),
                Tool::new(
                    "xargs -P2 unsquashfs -cat",
                    ["sh", "-c", script, "sh", &text],
                ),
            ];
            let plan = Plan {
                job: AUDIT,
                label: &label,
                image: None,
                rounds: self.rounds(5),
                delays: &[],
            };
            let mut compared = compare(plan, &tools, &self.work)?;
            if let (Some(row), Some(tool)) = (compared.first_mut(), tools.first()) {
                row.slow = delays
                    .iter()
                    .map(|&ms| self.slow_audit(tool, ms))
                    .collect::<Result<_>>()?;
            }
            rows.extend(compared);
        }
        let count = self.size.crowd();
        let directory = images::fleet(&self.cache, count, 0);
        let label = format!("{count} small images");
        let words = [
            self.program.as_str(),
            "audit",
            &directory.to_string_lossy(),
            "--format",
            "ndjson",
            "--now",
            "2026-11-01",
        ];
        let plan = Plan {
            job: MEMORY,
            label: &label,
            image: None,
            rounds: 1,
            delays: &[],
        };
        rows.extend(compare(
            plan,
            &[Tool::new("sqsh-prov audit", words)],
            &self.work,
        )?);
        Ok(rows)
    }

    /// Every positional read of the audit waits; strace's own work counts.
    fn slow_audit(&self, tool: &Tool, ms: u64) -> Result<f64> {
        let mut words = slowly("pread64", ms);
        words.extend(tool.words.clone());
        let row = compare(
            Plan {
                job: AUDIT,
                label: "",
                image: None,
                rounds: self.rounds(3),
                delays: &[],
            },
            &[Tool::new("slow", words)],
            &self.work,
        )?;
        Ok(row
            .first()
            .and_then(|row| row.milliseconds)
            .unwrap_or(f64::NAN))
    }

    fn packages(&self) -> Result<Vec<Row>> {
        let mib = self.size.package();
        let mut rows = Vec::new();
        for (packing, _) in self.size.packages() {
            let image = images::package_image(&self.cache, mib, packing);
            let text = image.to_string_lossy();
            let target = self
                .room(mib)
                .join(format!("sqsh-prov-bench-{}", std::process::id()));
            let dest = target.to_string_lossy();
            let tools = [
                Tool::new(
                    "sqsh-prov show --deep",
                    [
                        self.program.as_str(),
                        "show",
                        "--deep",
                        "--quiet",
                        "--field",
                        "integrity[].files",
                        &text,
                    ],
                ),
                Tool {
                    leaves: Some(target.clone()),
                    ..Tool::new(
                        "unsquashfs to memory",
                        [
                            "unsquashfs",
                            "-quiet",
                            "-no-progress",
                            "-no-xattrs",
                            "-dest",
                            &dest,
                            &text,
                        ],
                    )
                },
            ];
            let label = format!("{mib} MiB, {packing}");
            let plan = Plan {
                job: DEEP,
                label: &label,
                image: None,
                rounds: self.rounds(5),
                delays: &[],
            };
            rows.extend(compare(plan, &tools, &self.work)?);
        }
        Ok(rows)
    }

    /// Memory if there is room, to measure no disk.
    fn room(&self, mib: u64) -> PathBuf {
        let memory = PathBuf::from("/dev/shm");
        let free = rustix::fs::statvfs(&memory)
            .map_or(0, |stat| stat.f_bavail * stat.f_frsize / (1024 * 1024));
        if free > mib + 512 {
            memory
        } else {
            self.work.clone()
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Nothing is removed below what could not be unmounted.
        if fs::remove_dir(self.work.join("mount")).is_ok() {
            let _ = fs::remove_dir_all(&self.work);
        }
    }
}
