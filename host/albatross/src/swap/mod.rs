//! Exchanging policies while the controller runs: what decided last goes on until a plan in shadow has shown what the new policies
//! would change.
//!
//! | the plan of the candidate, compared with the plan of those that decide | |
//! |---|---|
//! | the candidate cannot be loaded, does not accept its settings, fails, or has no plan that the guard accepts | held |
//! | objects that are placed would be held or rejected | held, unless a person allows it |
//! | a budget withholds something that it does not withhold from those that decide | held, unless a person allows it |
//! | everything else | takes over |
//!
//! What a person allows is exactly these policies with exactly these settings, and of the name changes only those that the plan in
//! shadow had withheld beyond the plan of those that decide, until nothing is left to do.
//!
//! One plan in shadow is enough: a policy imports nothing and each call has a new store, so a second plan would be the same.
//!
//! Nothing here reads files, clocks or a cluster.

mod decided;
mod deciders;
mod shadow;
#[cfg(test)]
mod tests;

#[cfg(all(test, feature = "live"))]
pub(crate) use tests::nothing_placed;

pub use decided::{Decided, digest};
pub use deciders::Deciders;
pub use shadow::{Difference, Hold, Shadow, judge};
