//! Real servers for tests: moto as AWS, kube-apiserver and etcd as Kubernetes, an OCI registry, external-dns, and a proxy
//! between a test and AWS that records calls and injects faults.
//!
//! All of them listen on free ports of the loopback interface, are ready when `start` returns, and end when they are
//! dropped. They also end when the process of the test ends without dropping them (it is killed, or the server is in a
//! `static`): each server watches a pipe that only that process holds open.
//!
//! Everything here blocks and needs no async runtime, so that tests with separate runtimes can share a server. The scripts
//! in `scripts/test-servers/` install the programs; the error for a missing program names the script.

mod agent;
mod authority;
mod error;
mod external_dns;
mod folder;
mod kubernetes;
mod moto;
mod parts;
mod recorder;
mod registry;
mod rights;
mod tether;

pub use error::TestServerError;
pub use external_dns::{ExternalDns, RecordChange};
pub use kubernetes::Kubernetes;
pub use moto::{Moto, MotoSettings};
pub use parts::{chromium, helm, promtool, zig_python};
pub use recorder::{Call, Fault, Recorder};
pub use registry::{Login, Registry, RegistrySettings};
pub use rights::dependent_rights;
