//! A grouping policy: one load balancer for each namespace.
//!
//! For clusters whose namespaces belong to teams or tenants that must not share a load balancer, so that they do not share
//! its limits, access log and failures. The cost is one load balancer for each namespace.

use albatross_policy::{
    NoSettings, Policy,
    grouping::{Answer, Grouping, Place, Question},
};

/// Puts the members of each namespace into a group whose key is the namespace.
pub struct OnePerNamespace;

impl Policy for OnePerNamespace {
    type Settings = NoSettings;
    const SUMMARY: &'static str = "One load balancer for each namespace.";
}

impl Grouping for OnePerNamespace {
    fn group(_: &NoSettings, question: &Question) -> Result<Answer, String> {
        Ok(question.place(|member| {
            let namespace = member.namespace();
            Place::group(namespace, format!("namespace {namespace} has its own load balancers"))
        }))
    }
}

albatross_policy::export!(OnePerNamespace: grouping);
