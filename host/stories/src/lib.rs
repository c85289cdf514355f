//! Whole clusters in a test: a world, the passes that converge it, and people's changes in between.
//!
//! Everything here runs natively, so that thousands of worlds take seconds. A differential test elsewhere checks that the
//! WebAssembly planner returns the same bytes.

pub mod ancestor;
mod controller;
mod deeds;
pub mod generated;
mod grouped;
mod sights;
mod watched;
mod world;

pub use controller::{Controller, Pass, WAITING, outcome};
pub use deeds::{alone, annotated, internal, of_nginx, pinned, renewal};
pub use sights::{
    Whereabouts, actions, attribute, certificates_on, fates, is_unneeded, make_a_load_balancer, tag,
    take_something_away, tells, unneeded_certificates, warns, withheld,
};
pub use world::{
    ACCOUNT, CLUSTER, Certificates, REGION, START, certificate, ingress, instance, pod, route_group, service,
    world,
};
