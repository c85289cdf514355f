//! A grouping policy: one load balancer for each team, up to a number of load balancers.
//!
//! A label of the Ingress names the team. Of `most` load balancers one is shared, and the others are for one team each: a team
//! gets one as long as there are any, the oldest team first, and all later teams share. Nobody moves because another team comes
//! or goes: a team that has a load balancer of its own keeps it, and a team that shares one stays there, even when a load balancer
//! becomes free; the next new team gets that. Teams move only if the label or `most` is changed.
//!
//! `most` is a target: Ingresses without the label and those that ask for a load balancer of their own need others, and so does a
//! team with two schemes or with more certificates than fit.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};

use albatross_policy::{
    Policy,
    grouping::{Answer, Grouping, Member, Place, Question},
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The key of the load balancer that teams share.
const SHARED: &str = "teams/shared";

/// The settings.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The label that names the team.
    pub label: String,
    /// How many load balancers teams should have, with the shared one: at least 1.
    pub most: NonZeroU32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { label: "team".to_owned(), most: NonZeroU32::MIN.saturating_add(19) }
    }
}

/// The policy.
pub struct ByTeam;

impl Policy for ByTeam {
    type Settings = Settings;
    const SUMMARY: &'static str = "One load balancer for each team, up to a number of load balancers.";

    fn check(settings: &Settings) -> Result<(), String> {
        match settings.label.trim() {
            "" => Err("label is empty: name the label that says the team, such as team".to_owned()),
            _ => Ok(()),
        }
    }
}

impl Grouping for ByTeam {
    fn group(settings: &Settings, question: &Question) -> Result<Answer, String> {
        let with_own = teams_with_their_own(settings, question);
        let most = settings.most;
        Ok(question.place(|member| match team(member, settings) {
            None => Place::Default,
            Some(team) if with_own.contains(team) => {
                Place::group(own(team), format!("team {team} has its own load balancers"))
            }
            Some(_) => Place::group(
                SHARED,
                format!("{most} load balancers should be enough, so teams without their own share one"),
            ),
        }))
    }
}

/// The team of a member.
fn team<'a>(member: &Member<'a>, settings: &Settings) -> Option<&'a str> {
    member.label(&settings.label).filter(|team| !team.is_empty())
}

/// The key of a team's own load balancer.
fn own(team: &str) -> String {
    format!("team/{team}")
}

/// The teams that have or get a load balancer of their own.
fn teams_with_their_own<'q>(settings: &Settings, question: &'q Question) -> BTreeSet<&'q str> {
    // The better rank, the less: who has its own, then who is new, oldest first. Who shares one stays there.
    let mut ranks: BTreeMap<&str, (Standing, u64)> = BTreeMap::new();
    for member in question.members() {
        let Some(team) = team(&member, settings) else { continue };
        let standing = match member.current_key() {
            Some(key) if key == own(team) => Standing::HasItsOwn,
            Some(SHARED) => Standing::Shares,
            // A member that cannot be read now keeps the place of its team, and no more.
            _ if !member.counts() => continue,
            _ => Standing::New,
        };
        let (age, ..) = member.age();
        let rank = ranks.entry(team).or_insert((standing, age));
        *rank = (rank.0.min(standing), rank.1.min(age));
    }
    let mut teams: Vec<(Standing, u64, &str)> =
        ranks.into_iter().map(|(team, (standing, age))| (standing, age, team)).collect();
    teams.retain(|(standing, ..)| *standing != Standing::Shares);
    teams.sort_unstable();
    let room = settings.most.get() as usize - 1;
    teams.into_iter().take(room).map(|(_, _, team)| team).collect()
}

/// Where a team stands: the first that is true of one of its members.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    HasItsOwn,
    Shares,
    New,
}

albatross_policy::export!(ByTeam: grouping);
