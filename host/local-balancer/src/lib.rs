//! Answers requests on ports of this machine as the load balancers of an inventory would, without AWS.
//!
//! [`fronts`] reads from an inventory what is served, and [`decide`] says for one request which rule answers it, and how. Both are
//! pure; the rules themselves are evaluated by the embedded cloud. [`LocalBalancers`] does the rest: ports, TLS with certificates
//! of an authority of its own, and forwarding to backends. It knows nothing of manifests, plans or the command line.

mod answer;
mod authority;
mod backend;
mod decision;
mod error;
mod forwarding;
mod front;
mod headers;
mod names;
mod pages;
mod ports;
mod redirect;
mod request;
mod respond;
mod server;
mod serving;
#[cfg(test)]
mod testing;
mod transform;

pub use authority::Authority;
pub use backend::{Backend, Backends};
pub use decision::{Decision, Outcome, decide};
pub use error::Error;
pub use front::{Front, Group, fronts};
pub use ports::FirstPort;
pub use server::Limits;
pub use serving::{Explain, LocalBalancers, Place};
