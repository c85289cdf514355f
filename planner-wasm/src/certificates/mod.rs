//! Certificates: which one serves a host.

mod asked_for;
mod catalog;
mod choice;
mod names;
mod uncovered;
mod unfit;

pub use asked_for::AskedFor;
pub use catalog::{Catalog, CertificateId, Coverage, Covering, Criterion, Usability};
pub use choice::{Choices, Decision, Want, choose};
pub use uncovered::{OtherHosts, uncovered};
