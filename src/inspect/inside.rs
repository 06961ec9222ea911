//! Lists the parts of an image that matter on a GPU cluster, from its variables, its packages and
//! their places.

use std::collections::BTreeMap;

use crate::provenance::{Inside, Package, Provenance};

/// A part, the variables that base images set to its version, and its packages. The first that is found
/// counts. A `*` in the name of a package matches the major version.
type Part = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

/// The parts, in the order of the answer. Variables: NVIDIA's CUDA and framework images, the EFA
/// images of AWS; packages: PyPI, Debian and Ubuntu, Red Hat, Alpine, conda-forge.
const PARTS: [Part; 10] = [
    (
        "CUDA",
        &["CUDA_VERSION"],
        &[
            "cuda-cudart-*",
            "nvidia-cuda-runtime-cu*",
            "nvidia-cuda-runtime",
            "cuda-cudart",
        ],
    ),
    (
        "cuDNN",
        &["CUDNN_VERSION", "NV_CUDNN_VERSION"],
        &["libcudnn*-cuda-*", "libcudnn*", "nvidia-cudnn-cu*", "cudnn"],
    ),
    (
        "NCCL",
        &["NCCL_VERSION", "NV_LIBNCCL_PACKAGE_VERSION"],
        &["libnccl*", "libnccl", "nvidia-nccl-cu*", "nccl"],
    ),
    (
        "Open MPI",
        &["OPENMPI_VERSION"],
        &["openmpi-bin", "libopenmpi*", "openmpi"],
    ),
    ("MPICH", &["MPICH_VERSION"], &["mpich", "libmpich*"]),
    (
        "UCX",
        &["OPENUCX_VERSION", "UCX_VERSION"],
        &["ucx", "libucx*", "libucx-cu*"],
    ),
    (
        "libfabric",
        &["LIBFABRIC_VERSION"],
        &["libfabric1-aws", "libfabric-aws", "libfabric*"],
    ),
    (
        "EFA",
        &["EFA_INSTALLER_VERSION", "EFA_VERSION"],
        &["efa-profile", "aws-ofi-nccl", "libnccl-ofi"],
    ),
    (
        "OFED",
        &["MOFED_VERSION", "MLNX_OFED_VERSION"],
        &[
            "mlnx-ofed-basic-user-only",
            "doca-ofed-userspace",
            "rdma-core",
            "libibverbs1",
            "libibverbs",
        ],
    ),
    ("glibc", &[], &["libc6", "glibc", "musl"]),
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
    (name, variables, patterns): &Part,
    environment: &BTreeMap<String, String>,
    packages: &[Package],
) -> Option<Inside> {
    let told = |version: &str, source: String| {
        let version = version.trim();
        let is_version = version.starts_with(|c: char| c.is_ascii_digit()) && version.len() < 60;
        is_version.then(|| Inside {
            name: (*name).to_owned(),
            version: version.to_owned(),
            source,
        })
    };
    let mut variables = variables.iter();
    let variable = variables.find_map(|name| told(environment.get(*name)?, (*name).to_owned()));
    let of_package = |package: &Package| {
        let source = format!("{} ({})", package.name, package.ecosystem);
        told(&package.version, source)
    };
    variable.or_else(|| {
        patterns.iter().find_map(|pattern| {
            let fitting = packages.iter().filter(|it| fits(pattern, &it.name));
            fitting.filter_map(of_package).next()
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
    for package in packages.iter().filter(|it| it.ecosystem == "pypi") {
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
    let mut words = text.split([' ', ',']);
    let drivers = words.clone();
    let cuda = words.find_map(|word| word.strip_prefix("cuda>="))?;
    let number = |text: &str| text.split('.').next()?.parse::<u32>().ok();
    number(cuda)?;
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
