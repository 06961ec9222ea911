//! The versions in an image that matter on a GPU cluster.

use serde::{Deserialize, Serialize};

/// The version of one part of an image, such as the CUDA runtime.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Inside {
    /// `CUDA`, `cuDNN`, `NCCL`, `Open MPI`, `MPICH`, `UCX`, `libfabric`, `EFA`, `OFED`, `glibc`, `Python`, `driver`.
    pub name: String,
    /// Its version; for `driver`, the lowest version that the image needs.
    pub version: String,
    /// The variable or package that says so.
    pub source: String,
}
