//! Real servers for tests: moto as AWS, kube-apiserver and etcd as Kubernetes, and between a test and its AWS a proxy
//! that records and disturbs.
//!
//! All of them listen on free ports of the loopback interface, are ready when `start` returns, and end when they are
//! dropped. They also end when the test's process ends in any other way, killed or by keeping one in a `static`: each
//! watches a pipe that only that process holds open.
//!
//! Everything here blocks and needs no async runtime, so that one server can serve tests that have runtimes of their
//! own. `scripts/test-servers/` brings the programs; one that is missing is an error that names its script.

mod error;
mod kubernetes;
mod moto;
mod parts;
mod recorder;
mod rights;
mod tether;

pub use error::TestServerError;
pub use kubernetes::Kubernetes;
pub use moto::{Moto, MotoSettings};
pub use recorder::{Call, Fault, Recorder};
pub use rights::dependent_rights;
