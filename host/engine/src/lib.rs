//! Runs planner and policy components: a narrow wrapper over wasmtime.
//!
//! A guest is never trusted. It gets its question and nothing else: no clock, no randomness, no files, no network. Its
//! resources are limited ([`Limits`]), its answers are checked before they are used ([`check`]), and a misbehaving guest
//! never stops the host, which reports a [`Breach`].
//!
//! An [`Engine`] compiles components; a [`Planner`] and a [`Policy`] are components that were found fit. Each call gets a
//! new store, so that no call sees the state of another. The planner's own default never replaces a failed policy: see
//! [`Planner::plan_with_freeze`].

mod built_in;
mod call;
pub mod check;
mod component;
mod config;
mod engine;
mod error;
mod freeze;
mod imports;
mod inspection;
mod limits;
mod panic_text;
mod planner;
mod point;
mod policy;
mod policy_set;
mod store;
mod words;

pub use built_in::BuiltIn;
pub use check::AnswerError;
pub use engine::Engine;
pub use error::{Breach, EngineError, GuestFailed, PolicyFailed, Role, Unfit, UnfitComponent};
pub use freeze::WithFreeze;
pub use inspection::{CONTRACT, Inspection, Interface, Producer, inspect};
pub use limits::Limits;
pub use planner::{Explained, Planned, Planner, Usage};
pub use policy::{Asked, Policy};
pub use policy_set::PolicySet;
