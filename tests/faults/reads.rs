//! Reads of an image that fail.

use super::*;

/// What a read does instead of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Fails with this error of the system.
    Error(i32),
    /// Fails, and so does every one after it: the server is gone.
    ErrorFromHere(i32),
    /// Is interrupted by a signal.
    Interrupted,
    /// Gives one byte.
    Short,
    /// Gives half of what was asked for, and so does every one after it.
    HalfFromHere,
    /// Gives nothing, as behind the end of a file that was truncated.
    End,
}

impl Fault {
    /// True for what a reader must not even notice.
    fn is_harmless(self) -> bool {
        matches!(self, Self::Interrupted | Self::Short | Self::HalfFromHere)
    }
}

struct Faulty<'b> {
    bytes: &'b [u8],
    fault: Fault,
    at: usize,
    reads: Cell<usize>,
}

impl ReadAt for Faulty<'_> {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.reads.replace(self.reads.get() + 1);
        // In small pieces, as storage may return them: many places to fail at.
        let asked = buf.len().min(PIECE);
        let part = |buf: &mut [u8], count: usize| self.bytes.read_at(offset, &mut buf[..count]);
        match self.fault {
            Fault::Error(code) if read == self.at => Err(io::Error::from_raw_os_error(code)),
            Fault::ErrorFromHere(code) if read >= self.at => {
                Err(io::Error::from_raw_os_error(code))
            }
            Fault::Interrupted if read == self.at => Err(io::ErrorKind::Interrupted.into()),
            Fault::Short if read == self.at => part(buf, asked.min(1)),
            Fault::HalfFromHere if read >= self.at => part(buf, asked.div_ceil(2)),
            Fault::End if read == self.at => Ok(0),
            _ => part(buf, asked),
        }
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }
}

/// Texts that are not in the other facts.
fn foreign(found: &Facts, whole: &Facts) -> Vec<String> {
    let mut all = Vec::new();
    let mut pairs = |name: &str, found: &[Pair], whole: &[Pair]| {
        all.extend(
            found
                .iter()
                .filter(|pair| !whole.contains(pair))
                .map(|pair| format!("{name} {pair:?}")),
        );
    };
    pairs("environment", &found.environment, &whole.environment);
    pairs("label", &found.labels, &whole.labels);
    pairs("torch", &found.torch, &whole.torch);
    pairs("history", &found.history, &whole.history);
    let uri = |facts: &Facts| facts.import.as_ref().and_then(|import| import.uri.clone());
    let mut differs = |name: &str, differs: bool| {
        if differs {
            all.push(name.to_owned());
        }
    };
    differs("import", uri(found).is_some() && uri(found) != uri(whole));
    differs(
        "entrypoint",
        found.entrypoint.is_some() && found.entrypoint != whole.entrypoint,
    );
    differs(
        "workdir",
        found.workdir.is_some() && found.workdir != whole.workdir,
    );
    differs(
        "os-release",
        found
            .os_release
            .iter()
            .any(|(key, value)| whole.os_release.get(key) != Some(value)),
    );
    differs(
        "machine",
        found.machine.is_some()
            && found.machine.as_ref().map(|m| &m.0) != whole.machine.as_ref().map(|m| &m.0),
    );
    let known = |package: &sqsh_prov::carriers::PackageFact| {
        whole.packages.iter().any(|other| {
            (&other.name, &other.version, &other.path)
                == (&package.name, &package.version, &package.path)
        })
    };
    differs("package", !found.packages.iter().all(known));
    all
}

#[test]
fn a_fault_at_any_read_loses_what_it_hits_and_says_so() {
    let contracts = Contracts::built_in().unwrap();
    let (wanted, limits) = (contracts.wanted(), Limits::default());
    let faults = [
        Fault::Error(EIO),
        Fault::Error(ESTALE),
        Fault::ErrorFromHere(ESTALE),
        Fault::Interrupted,
        Fault::Short,
        Fault::HalfFromHere,
        Fault::End,
    ];
    let mut runs = 0;
    for (directory, file) in [
        ("classification", "01-vllm-release.sqsh"),
        ("classification", "14-dynamo-vllm-runtime.sqsh"),
        ("carriers", "a-vllm-release.gzip-uncompressed.sqsh"),
        ("carriers", "a-vllm-release.gzip.sqsh"),
        ("carriers", "ch-a-vllm-release.sqfs"),
    ] {
        let bytes = fs::read(fixture(directory, file)).unwrap();
        let open = |fault, at| {
            let source = Faulty {
                bytes: &bytes,
                fault,
                at,
                reads: Cell::new(0),
            };
            Squashfs::open(source, &limits)
        };
        let intact = open(Fault::Short, usize::MAX).unwrap();
        let whole = collect(&intact, &wanted, &limits);
        let reads = intact.source().reads.get();
        assert!(reads > 0, "{file}");
        let verdict = attribute(&whole, &contracts, &[]).origin.official;
        for fault in faults {
            for at in 0..reads {
                runs += 1;
                let what = format!("{file}: {fault:?} at read {at}");
                let image = match open(fault, at) {
                    Ok(image) => image,
                    Err(error) => {
                        assert!(!fault.is_harmless(), "{what}: {error}");
                        let text = error.to_string();
                        assert!(
                            text.contains(|c: char| c.is_ascii_digit()),
                            "{what}: no offset in {text}"
                        );
                        continue;
                    }
                };
                let found = collect(&image, &wanted, &limits);
                if fault.is_harmless() {
                    assert!(found == whole, "{what}: {:?}", found.losses);
                    continue;
                }
                let foreign = foreign(&found, &whole);
                assert!(foreign.is_empty(), "{what}: {foreign:?}");
                if found != whole {
                    let named = found
                        .losses
                        .iter()
                        .any(|loss| loss.partial && loss.message.contains('/'));
                    assert!(
                        named,
                        "{what}: nothing says what was lost: {:?}",
                        found.losses
                    );
                    let official = attribute(&found, &contracts, &[]).origin.official;
                    assert!(
                        official != Some(true) || verdict == Some(true) && found.losses.is_empty(),
                        "{what}"
                    );
                }
            }
        }
    }
    assert!(runs > 200, "{runs}");
}
