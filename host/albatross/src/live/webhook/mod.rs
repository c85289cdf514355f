//! The admission webhook: answers API servers over HTTPS what an Ingress would change.
//!
//! It always allows, and warns. When it has no answer in time, it allows without a warning, and a metric counts that.

mod authority;
mod certificates;
mod desk;
mod identity;
mod server;

pub use certificates::{Folder, Own};
pub use desk::Desk;
pub use identity::Identity;
pub use server::serve;
