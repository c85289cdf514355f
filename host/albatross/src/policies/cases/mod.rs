//! Test cases of a policy: what it is asked and what is expected, in a YAML file beside the policy.

mod expectation;
mod file;
mod find;
mod placement;
mod trial;

pub use expectation::Mismatch;
pub use file::CaseFile;
pub use find::files;
pub use trial::{Tested, Tried, tried};
