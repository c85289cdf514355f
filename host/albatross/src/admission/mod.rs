//! What an Ingress would change, before it is there: the answer of the admission webhook. Pure functions on the last pass.
//!
//! The same planner plans without and with the Ingress, and the difference makes the warnings. A plan of 10,000 Ingresses in route mode
//! takes a second, so only the neighbourhood of the Ingress is planned if that is smaller.

mod neighbourhood;
mod part;
mod review;
#[cfg(test)]
mod tests;
mod view;
mod warnings;

pub use review::{NotAReview, Review, Subject, answer};
pub use view::View;
pub use warnings::unreadable;
