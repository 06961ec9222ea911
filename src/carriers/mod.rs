//! What tools leave in a root file system: bytes in, plain facts out.

mod facts;

pub use facts::*;
