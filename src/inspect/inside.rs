//! Lists the parts of an image that matter on a GPU cluster, from its variables, its packages and
//! their places.

use std::collections::BTreeMap;

use crate::provenance::{Inside, Package, Provenance};

/// A part, and where its version is read: the first place that has it.
struct Part {
    name: &'static str,
    /// Variables that base images set.
    variables: &'static [&'static str],
    /// Names of packages; a `*` at the end matches the major version in the name.
    packages: &'static [&'static str],
}

/// The parts, in the order of the answer. Variables: NVIDIA's CUDA and framework images, the EFA
/// images of AWS; packages: PyPI, Debian and Ubuntu, Red Hat, Alpine, conda-forge.
const PARTS: [Part; 10] = [
    Part {
        name: "CUDA",
        variables: &["CUDA_VERSION"],
        packages: &[
            "cuda-cudart-*",
            "nvidia-cuda-runtime-cu*",
            "nvidia-cuda-runtime",
            "cuda-cudart",
        ],
    },
    Part {
        name: "cuDNN",
        variables: &["CUDNN_VERSION", "NV_CUDNN_VERSION"],
        packages: &["libcudnn*-cuda-*", "libcudnn*", "nvidia-cudnn-cu*", "cudnn"],
    },
    Part {
        name: "NCCL",
        variables: &["NCCL_VERSION", "NV_LIBNCCL_PACKAGE_VERSION"],
        packages: &["libnccl*", "libnccl", "nvidia-nccl-cu*", "nccl"],
    },
    Part {
        name: "Open MPI",
        variables: &["OPENMPI_VERSION"],
        packages: &["openmpi-bin", "libopenmpi*", "openmpi"],
    },
    Part {
        name: "MPICH",
        variables: &["MPICH_VERSION"],
        packages: &["mpich", "libmpich*"],
    },
    Part {
        name: "UCX",
        variables: &["OPENUCX_VERSION", "UCX_VERSION"],
        packages: &["ucx", "libucx*", "libucx-cu*"],
    },
    Part {
        name: "libfabric",
        variables: &["LIBFABRIC_VERSION"],
        packages: &["libfabric1-aws", "libfabric-aws", "libfabric*"],
    },
    Part {
        name: "EFA",
        variables: &["EFA_INSTALLER_VERSION", "EFA_VERSION"],
        packages: &["efa-profile", "aws-ofi-nccl", "libnccl-ofi"],
    },
    Part {
        name: "OFED",
        variables: &["MOFED_VERSION", "MLNX_OFED_VERSION"],
        packages: &[
            "mlnx-ofed-basic-user-only",
            "doca-ofed-userspace",
            "rdma-core",
            "libibverbs1",
            "libibverbs",
        ],
    },
    Part {
        name: "glibc",
        variables: &[],
        packages: &["libc6", "glibc", "musl"],
    },
];

/// Returns the parts that the document shows.
#[must_use]
pub fn inside(document: &Provenance) -> Vec<Inside> {
    let mut found: Vec<Inside> = PARTS
        .iter()
        .filter_map(|part| part_of(part, &document.environment, &document.packages))
        .collect();
    found.extend(python(&document.packages));
    found.extend(driver(&document.environment));
    found
}

fn part_of(
    part: &Part,
    environment: &BTreeMap<String, String>,
    packages: &[Package],
) -> Option<Inside> {
    let told = |version: &str, source: String| {
        let version = version.trim();
        let is_version = version.starts_with(|c: char| c.is_ascii_digit()) && version.len() < 60;
        is_version.then(|| Inside {
            name: part.name.to_owned(),
            version: version.to_owned(),
            source,
        })
    };
    let variables = part.variables.iter();
    let mut variables =
        variables.filter_map(|name| told(environment.get(*name)?, (*name).to_owned()));
    variables.next().or_else(|| {
        part.packages.iter().find_map(|pattern| {
            let mut fitting = packages
                .iter()
                .filter(|package| fits(pattern, &package.name));
            fitting.find_map(|package| {
                told(
                    &package.version,
                    format!("{} ({})", package.name, package.ecosystem),
                )
            })
        })
    })
}

/// Returns true if a package's name matches: `*` matches digits, with dots and hyphens between them.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(name) = name.strip_prefix(start) else {
        return false;
    };
    let digits = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    let end = name.find(|c| !digits(c)).unwrap_or(name.len());
    (1..=end).any(|at| {
        name.get(..at)
            .is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()))
            && name.get(at..).is_some_and(|tail| fits(rest, tail))
    })
}

/// Returns the Python to which most packages belong, by their directory: `…/python3.12/…`.
fn python(packages: &[Package]) -> Option<Inside> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for package in packages
        .iter()
        .filter(|package| package.ecosystem == "pypi")
    {
        let mut parts = package.path.split('/');
        let version = parts.find_map(|part| {
            let version = part.strip_prefix("python")?;
            let (major, minor) = version.split_once('.')?;
            let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            (number(major) && number(minor)).then_some(version)
        });
        *counts.entry(version?).or_default() += 1;
    }
    let (version, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    Some(Inside {
        name: "Python".to_owned(),
        version: version.to_owned(),
        source: "site-packages".to_owned(),
    })
}

/// Returns the oldest driver that works, from `NVIDIA_REQUIRE_CUDA`: `cuda>=12.9
/// brand=tesla,driver>=535,driver<536 …`. The words after the first name older drivers of single
/// brands that also work
/// (<https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html>).
fn driver(environment: &BTreeMap<String, String>) -> Option<Inside> {
    const NAME: &str = "NVIDIA_REQUIRE_CUDA";
    let text = environment.get(NAME)?;
    let cuda = text
        .split([' ', ','])
        .find_map(|word| word.strip_prefix("cuda>="))?;
    let number = |text: &str| text.split('.').next()?.parse::<u32>().ok();
    number(cuda)?;
    let drivers = text.split([' ', ',']);
    let least = drivers
        .filter_map(|word| number(word.strip_prefix("driver>=")?))
        .min();
    let mut version = format!("for CUDA {cuda} or later");
    if let Some(least) = least {
        version.push_str(&format!(", on data centre GPUs {least}"));
    }
    Some(Inside {
        name: "driver".to_owned(),
        version,
        source: NAME.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn package(name: &str, version: &str, ecosystem: &str) -> Package {
        Package {
            name: name.to_owned(),
            version: version.to_owned(),
            ecosystem: ecosystem.to_owned(),
            path: "/usr/lib/python3.12/site-packages/x".to_owned(),
            ..Package::default()
        }
    }

    fn told(document: &Provenance) -> Vec<String> {
        let parts = inside(document).into_iter();
        parts
            .map(|part| format!("{} {}", part.name, part.version))
            .collect()
    }

    #[test]
    fn variables_come_before_packages_and_packages_are_found_by_their_pattern() {
        let mut document = samples::release();
        document.environment = BTreeMap::from(
            [
                ("CUDA_VERSION", "13.0.2"),
                ("NCCL_VERSION", "$(unset)"),
                ("NVIDIA_REQUIRE_CUDA", "cuda>=12.9 brand=tesla,driver>=550,driver<551 brand=grid,driver>=535,driver<536"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        document.packages = vec![
            package("nvidia-cuda-runtime-cu12", "12.8.90", "pypi"),
            package("libcudnn9-cuda-13", "9.13.0.50-1", "dpkg"),
            package("libcudnn-frontend-dev", "1", "dpkg"),
            package("nvidia-nccl-cu13", "2.27.7", "pypi"),
            package("libc6", "2.39-0ubuntu8.6", "dpkg"),
            package("libc6-dev", "9", "dpkg"),
        ];
        assert_eq!(
            told(&document),
            [
                "CUDA 13.0.2",
                "cuDNN 9.13.0.50-1",
                "NCCL 2.27.7",
                "glibc 2.39-0ubuntu8.6",
                "Python 3.12",
                "driver for CUDA 12.9 or later, on data centre GPUs 535",
            ]
        );
    }

    #[test]
    fn a_pattern_stands_for_digits_and_nothing_else() {
        for (pattern, name, expected) in [
            ("libnccl*", "libnccl2", true),
            ("libnccl*", "libnccl-dev", false),
            ("libnccl*", "libnccl2-dev", false),
            ("cuda-cudart-*", "cuda-cudart-12-8", true),
            ("cuda-cudart-*", "cuda-cudart-dev-12-8", false),
            ("libcudnn*-cuda-*", "libcudnn9-cuda-12", true),
            ("ucx", "ucx-cuda", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
