//! The SDK for policies of Albatross.
//!
//! A policy is a WebAssembly component that makes one or more of three decisions instead of the planner: which Ingresses share
//! a load balancer ([`grouping`]), which subnets load balancers get ([`subnets`]), and which certificate serves a host
//! ([`certificates`]). It has no imports: the same question always has the same answer.
//!
//! ```
//! use albatross_policy::{NoSettings, Policy, grouping::{Answer, Grouping, Place, Question}};
//!
//! /// One load balancer for each namespace.
//! struct OnePerNamespace;
//!
//! impl Policy for OnePerNamespace {
//!     type Settings = NoSettings;
//!     const SUMMARY: &'static str = "One load balancer for each namespace.";
//! }
//!
//! impl Grouping for OnePerNamespace {
//!     fn group(_: &NoSettings, question: &Question) -> Result<Answer, String> {
//!         Ok(question.place(|member| {
//!             let namespace = member.namespace();
//!             Place::group(namespace, format!("namespace {namespace} has its own load balancers"))
//!         }))
//!     }
//! }
//!
//! albatross_policy::export!(OnePerNamespace: grouping);
//! # fn main() {}
//! ```
//!
//! The questions for subnets and certificates contain what the planner decides without a policy, so a policy may start from that
//! and change what it wants to change; a grouping policy can leave any Ingress to the planner. Albatross checks each answer and
//! uses none that is wrong. When a policy fails, served Ingresses stay on their load balancers, and new Ingresses wait. The text of
//! a panic and its place in the source reach the person who runs Albatross.

pub mod certificates;
mod component;
#[cfg(not(target_arch = "wasm32"))]
mod fixture;
pub mod grouping;
mod panic;
mod settings;
pub mod subnets;

/// The types of the contract, as in `wit/policies.wit`.
pub use albatross_contract as contract;
pub use component::{Answered, answer, describe, validate_settings};
#[cfg(not(target_arch = "wasm32"))]
pub use fixture::{Recorded, fixture};
pub use schemars::JsonSchema;
pub use serde::Deserialize;
pub use settings::{NoSettings, Settings};
#[doc(hidden)]
#[cfg(target_arch = "wasm32")]
pub use wit_bindgen;

/// What every policy has, whichever points it answers.
pub trait Policy {
    /// Its settings: a type that serde reads from a JSON object, [`NoSettings`] if there are none. Without settings it is read
    /// from `{}`.
    type Settings: Settings;

    /// What it does, in one sentence.
    const SUMMARY: &'static str;

    /// Checks what the type of the settings does not say.
    ///
    /// # Errors
    /// What is wrong and what to write instead.
    fn check(_settings: &Self::Settings) -> Result<(), String> {
        Ok(())
    }
}

include!(concat!(env!("OUT_DIR"), "/export.rs"));
