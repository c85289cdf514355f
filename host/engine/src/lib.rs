//! Runs planner and policy components: a narrow wrapper over wasmtime.
//!
//! A guest is never trusted. It gets its question and nothing else: no clock, no randomness, no files, no network. What
//! it may use is bounded ([`Limits`]), what it answers is checked before anybody sees it ([`check`]), and whatever it
//! does, the host lives on and says what it was ([`Breach`]).
//!
//! An [`Engine`] compiles components; a [`Planner`] and a [`Policy`] are components that were found fit; each call gets
//! a store of its own, so that no call sees what another left behind. A policy that fails never makes way for the
//! default of the planner: [`Planner::plan_with_freeze`] says what happens instead.

mod built_in;
mod call;
pub mod check;
mod component;
mod config;
mod engine;
mod error;
mod freeze;
mod imports;
mod limits;
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
pub use limits::Limits;
pub use planner::{Explained, Planned, Planner, Usage};
pub use policy::Policy;
pub use policy_set::PolicySet;
