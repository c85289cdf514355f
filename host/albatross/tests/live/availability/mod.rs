//! What happens when something dies: a controller, the leader among replicas, the API server, AWS.
//!
//! These take the longest. Tests begin in the order of their names, and a long one that begins last keeps one core idle.

mod killed;
mod outage;
mod replicas;
