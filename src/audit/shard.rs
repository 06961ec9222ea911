//! Divides the images into shards.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::record::Shard;

/// The reason why a shard is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShardError {
    /// It is not `I/N`.
    #[error("{0:?} is not a shard: give I/N with I from 1 to N, such as 3/8")]
    Form(String),
    /// The job array has gaps.
    #[error(
        "the job array has {count} tasks from {min} to {max} with gaps, so the shards are not known; submit it as --array=1-N without a step, or give --shard I/N"
    )]
    Sparse {
        /// The number of tasks.
        count: u64,
        /// The first.
        min: u64,
        /// The last.
        max: u64,
    },
    /// The job array has one task, or does not start at 0 or 1: it may be part of another array.
    #[error(
        "the job array starts at {min}, and the number of its tasks is {count}: it may repeat a part of a larger array; give --shard I/N"
    )]
    Part {
        /// The number of tasks.
        count: u64,
        /// The first.
        min: u64,
    },
    /// A variable of the array is missing or not a number.
    #[error("this is a task of a job array, but {0} is not a number; give --shard I/N")]
    Variable(&'static str),
}

impl Shard {
    /// Parses `I/N`.
    ///
    /// # Errors
    /// If it has another form.
    pub fn parse(text: &str) -> Result<Self, ShardError> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match numbers {
            Some((index, count)) if index >= 1 && index <= count => Ok(Self { index, count }),
            _ => Err(ShardError::Form(text.to_owned())),
        }
    }

    /// Returns the shard of a Slurm job array; `None` outside of one. `variable` reads the
    /// environment.
    ///
    /// # Errors
    /// If the array does not determine the number of shards.
    pub fn of_array(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ShardError> {
        const TASK: &str = "SLURM_ARRAY_TASK_ID";
        if variable(TASK).is_none() {
            return Ok(None);
        }
        let number = |name: &'static str| {
            variable(name)
                .and_then(|text| text.parse::<u64>().ok())
                .ok_or(ShardError::Variable(name))
        };
        let task = number(TASK)?;
        let min = number("SLURM_ARRAY_TASK_MIN")?;
        let max = number("SLURM_ARRAY_TASK_MAX")?;
        let count = number("SLURM_ARRAY_TASK_COUNT")?;
        if max.checked_sub(min).and_then(|n| n.checked_add(1)) != Some(count)
            || task < min
            || task > max
        {
            return Err(ShardError::Sparse { count, min, max });
        }
        if min > 1 || count == 1 {
            return Err(ShardError::Part { count, min });
        }
        Ok(Some(Self {
            index: task - min + 1,
            count,
        }))
    }

    /// Returns true if a path belongs to this shard. The path is relative to the root of the walk,
    /// so it does not matter where the root is mounted.
    #[must_use]
    pub fn takes(&self, below_root: &Path) -> bool {
        let digest = Sha256::digest(below_root.as_os_str().as_bytes());
        let start = digest.first_chunk().copied().unwrap_or_default();
        u64::from_be_bytes(start).checked_rem(self.count) == Some(self.index - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(task: &str, min: &str, max: &str, count: &str) -> Result<Option<Shard>, ShardError> {
        Shard::of_array(|name| {
            let value = match name {
                "SLURM_ARRAY_TASK_ID" => task,
                "SLURM_ARRAY_TASK_MIN" => min,
                "SLURM_ARRAY_TASK_MAX" => max,
                "SLURM_ARRAY_TASK_COUNT" => count,
                _ => "",
            };
            (!value.is_empty()).then(|| value.to_owned())
        })
    }

    #[test]
    fn a_whole_array_gives_its_shards() {
        assert_eq!(array("", "", "", ""), Ok(None));
        let shard = |index, count| Ok(Some(Shard { index, count }));
        assert_eq!(array("0", "0", "7", "8"), shard(1, 8));
        assert_eq!(array("8", "1", "8", "8"), shard(8, 8));
    }

    #[test]
    fn an_array_that_does_not_say_the_total_is_refused() {
        let sparse = |count, min, max| Err(ShardError::Sparse { count, min, max });
        assert_eq!(array("3", "0", "6", "3"), sparse(3, 0, 6), "0-7:3");
        assert_eq!(array("8", "0", "8", "5"), sparse(5, 0, 8), "0-3,8");
        let part = |count, min| Err(ShardError::Part { count, min });
        assert_eq!(array("2", "2", "2", "1"), part(1, 2), "--array=2");
        assert_eq!(array("1", "1", "1", "1"), part(1, 1), "--array=1");
        assert_eq!(array("4", "4", "7", "4"), part(4, 4), "--array=4-7");
        assert_eq!(
            array("4", "", "7", "4"),
            Err(ShardError::Variable("SLURM_ARRAY_TASK_MIN"))
        );
    }

    #[test]
    fn every_path_is_in_one_shard() {
        for number in 0..200 {
            let path = format!("a/{number}.sqsh");
            let takers = (1..=7)
                .filter(|&index| Shard { index, count: 7 }.takes(Path::new(&path)))
                .count();
            assert_eq!(takers, 1);
        }
    }

    #[test]
    fn a_shard_has_a_form() {
        assert_eq!(Shard::parse("1/1"), Ok(Shard { index: 1, count: 1 }));
        for bad in ["", "1", "0/3", "4/3", "a/b", "1/0", "-1/2", "1/2/3"] {
            assert!(Shard::parse(bad).is_err(), "{bad}");
        }
    }
}
