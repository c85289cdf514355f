//! A grouping policy: one load balancer for each team, up to a number of load balancers.
//!
//! A label of the Ingress names the team. As long as there are fewer teams than load balancers are allowed, each team has its
//! own; the teams that come later share one, so that the cost stays below a ceiling. A team that has a load balancer keeps it.

use std::collections::BTreeSet;

use albatross_policy::{
    Policy,
    grouping::{Answer, Grouping, Place, Question},
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The key of the load balancer that the other teams share.
const SHARED: &str = "teams/shared";

/// The settings.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The label that names the team.
    pub label: String,
    /// How many load balancers there may be, with the one that the other teams share: at least 1.
    pub most: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { label: "team".to_owned(), most: 20 }
    }
}

/// The policy.
pub struct ByTeam;

impl Policy for ByTeam {
    type Settings = Settings;
    const SUMMARY: &'static str = "One load balancer for each team, up to a number of load balancers.";

    fn check(settings: &Settings) -> Result<(), String> {
        match settings.most {
            0 => Err("most is 0: allow at least one load balancer".to_owned()),
            _ => Ok(()),
        }
    }
}

impl Grouping for ByTeam {
    fn group(settings: &Settings, question: &Question) -> Result<Answer, String> {
        let members = || question.members().filter(|member| member.counts());
        let key = |team: &str| format!("team/{team}");
        let teams: BTreeSet<&str> = members().filter_map(|member| member.label(&settings.label)).collect();
        let present: BTreeSet<&str> = members().filter_map(|member| member.current_key()).collect();
        // One of the load balancers is for the teams that come later.
        let own = if teams.len() <= settings.most { settings.most } else { settings.most - 1 };
        let (old, new): (Vec<&str>, Vec<&str>) =
            teams.iter().copied().partition(|team| present.contains(key(team).as_str()));
        let with_own: BTreeSet<&str> = old.into_iter().chain(new).take(own).collect();
        Ok(question.place(|member| match member.label(&settings.label) {
            None => Place::Default,
            Some(team) if with_own.contains(team) => {
                Place::group(key(team), format!("team {team} has its own load balancers"))
            }
            Some(_) => {
                let most = settings.most;
                Place::group(
                    SHARED,
                    format!("{most} load balancers are allowed, so the teams that came last share one"),
                )
            }
        }))
    }
}

albatross_policy::export!(ByTeam: grouping);
