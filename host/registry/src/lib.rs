//! Policies from OCI registries.
//!
//! A policy is published as the artifact that the CNCF's guide for Wasm describes: an image manifest with one layer that is
//! the component. It is pulled by the digest of that manifest, so that the same reference always means the same bytes: the
//! manifest is checked against the digest, and the layer against the digest and the size in the manifest. A registry is never
//! trusted with more than that.
//!
//! Credentials are those that docker keeps. Connections are encrypted, except to this machine, as in docker.

mod answer;
mod cache;
mod challenge;
mod credentials;
mod digest;
mod error;
mod http;
mod hub;
mod manifest;
mod puller;
mod reference;
mod session;
mod token;

pub use cache::Cache;
pub use credentials::{CredentialFault, DockerConfig};
pub use digest::Digest;
pub use error::{Fault, NotPulled};
pub use manifest::ManifestFault;
pub use puller::{Patience, Puller};
pub use reference::{Reference, ReferenceError, SCHEME};
