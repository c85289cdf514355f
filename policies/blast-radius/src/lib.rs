//! A grouping policy: at most so many Ingresses on one load balancer.
//!
//! For clusters in which no mistake or attack on one load balancer may reach more than a part of all Ingresses. Who has a place
//! keeps it, so a new Ingress never moves another one.

use albatross_policy::{
    Policy,
    grouping::{Answer, Grouping, Member, Place, Question, Spread},
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The settings.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The most Ingresses on one load balancer: at least 1.
    pub most: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { most: 25 }
    }
}

/// The policy.
pub struct BlastRadius;

impl Policy for BlastRadius {
    type Settings = Settings;
    const SUMMARY: &'static str = "At most so many Ingresses on one load balancer.";

    fn check(settings: &Settings) -> Result<(), String> {
        match settings.most {
            0 => Err("most is 0: allow at least one Ingress on a load balancer".to_owned()),
            _ => Ok(()),
        }
    }
}

impl Grouping for BlastRadius {
    fn group(settings: &Settings, question: &Question) -> Result<Answer, String> {
        let members: Vec<Member<'_>> = question.members().filter(Member::counts).collect();
        let mut keys = Spread { base: "part", most: settings.most }.keys(&members).into_iter();
        let reason = format!("a load balancer serves at most {} Ingresses", settings.most);
        // `place` asks for the same members in the same order.
        Ok(question.place(|_| match keys.next() {
            Some(key) => Place::group(key, reason.clone()),
            None => Place::Default,
        }))
    }
}

albatross_policy::export!(BlastRadius: grouping);
