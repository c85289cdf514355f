//! A grouping policy: load balancers of their own for listed hosts.
//!
//! For hosts whose traffic must not share the limits of a load balancer with others: an Ingress with a listed host, or a host
//! below a listed domain, goes to the load balancer of that entry. All other Ingresses are left to the planner.

use albatross_policy::{
    Policy,
    grouping::{Answer, Grouping, Place, Question},
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The settings.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Hosts such as `shop.example.org`, or domains such as `.example.org` for all hosts below them. The first entry that
    /// matches a host of an Ingress counts.
    pub hosts: Vec<String>,
}

/// The policy.
pub struct DedicatedHosts;

impl Policy for DedicatedHosts {
    type Settings = Settings;
    const SUMMARY: &'static str = "Load balancers of their own for listed hosts.";

    fn check(settings: &Settings) -> Result<(), String> {
        match settings.hosts.iter().find(|host| host.trim_start_matches('.').is_empty()) {
            Some(host) => Err(format!("hosts has {host:?}: write a host, or a domain with a dot before it")),
            None => Ok(()),
        }
    }
}

impl Grouping for DedicatedHosts {
    fn group(settings: &Settings, question: &Question) -> Result<Answer, String> {
        Ok(question.place(|member| {
            let is_listed = |entry: &&String| member.hosts.iter().any(|host| matches(entry, host));
            match settings.hosts.iter().find(is_listed) {
                Some(entry) => {
                    Place::group(format!("host/{entry}"), format!("{entry} has load balancers of its own"))
                }
                None => Place::Default,
            }
        }))
    }
}

/// Whether an entry stands for a host.
fn matches(entry: &str, host: &str) -> bool {
    let (entry, host) = (entry.to_ascii_lowercase(), host.to_ascii_lowercase());
    if entry.starts_with('.') { host.ends_with(&entry) } else { host == entry }
}

albatross_policy::export!(DedicatedHosts: grouping);
