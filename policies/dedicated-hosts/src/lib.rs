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
        match settings.hosts.iter().find(|entry| !is_entry(entry)) {
            Some(entry) => Err(format!(
                "hosts has {entry:?}: write a host such as shop.example.org, or a domain such as .example.org for all hosts below \
                 it, with at most {MOST} characters"
            )),
            None => Ok(()),
        }
    }
}

impl Grouping for DedicatedHosts {
    fn group(settings: &Settings, question: &Question) -> Result<Answer, String> {
        Ok(question.place(|member| {
            let is_listed = |entry: &&String| member.hosts.iter().any(|host| matches(entry, host));
            match settings.hosts.iter().find(is_listed) {
                Some(entry) => Place::group(key(entry), format!("{entry} has load balancers of its own")),
                None => Place::Default,
            }
        }))
    }
}

/// What the key of an entry begins with.
const PREFIX: &str = "host/";

/// The longest entry: a key has at most 128 characters.
const MOST: usize = 128 - PREFIX.len();

/// The key of an entry; capital letters make no other host.
fn key(entry: &str) -> String {
    format!("{PREFIX}{}", entry.to_ascii_lowercase())
}

/// Whether an entry can stand for a host.
fn is_entry(entry: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let labels = entry.strip_prefix('.').unwrap_or(entry).split('.');
    entry.len() <= MOST && labels.into_iter().all(|label| !label.is_empty() && label.chars().all(is_letter))
}

/// Whether an entry stands for a host.
fn matches(entry: &str, host: &str) -> bool {
    let (entry, host) = (entry.to_ascii_lowercase(), host.to_ascii_lowercase());
    if entry.starts_with('.') { host.ends_with(&entry) } else { host == entry }
}

albatross_policy::export!(DedicatedHosts: grouping);
