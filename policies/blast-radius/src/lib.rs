//! A grouping policy: at most so many Ingresses on one load balancer.
//!
//! For clusters in which no mistake or attack on one load balancer may reach more than a part of all Ingresses. Who has a place
//! keeps it, so a new Ingress never moves another one.

use std::num::NonZeroU32;

use albatross_policy::{
    Policy,
    grouping::{Answer, Grouping, Question},
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The settings.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The most Ingresses on one load balancer: at least 1.
    pub most: NonZeroU32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { most: NonZeroU32::MIN.saturating_add(24) }
    }
}

/// The policy.
pub struct BlastRadius;

impl Policy for BlastRadius {
    type Settings = Settings;
    const SUMMARY: &'static str = "At most so many Ingresses on one load balancer.";
}

impl Grouping for BlastRadius {
    fn group(settings: &Settings, question: &Question) -> Result<Answer, String> {
        let reason = format!("a load balancer serves at most {} Ingresses", settings.most);
        Ok(question.spread("part", settings.most, &reason))
    }
}

albatross_policy::export!(BlastRadius: grouping);
