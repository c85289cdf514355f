//! A grouping policy that changes its mind.

use std::collections::BTreeMap;

use albatross_contract::*;
use albatross_planner::Policies;

/// A grouping policy whose settings name the rule by which it decides.
pub struct ByRule;

impl Policies for ByRule {
    fn grouping(&self, input: &GroupingInput) -> Result<GroupingAnswer, PolicyError> {
        let mut groups: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let mut rejected = Vec::new();
        for (index, member) in (0..).zip(&input.members) {
            let host = member.hosts.first().cloned().unwrap_or_default();
            match input.settings.as_str() {
                "host" => groups.entry(host).or_default().push(index),
                "reject" if member.object.namespace == "tools" => {
                    rejected.push(MemberRejection { member: index, reason: "not these".into() });
                }
                _ => groups.entry(member.object.namespace.clone()).or_default().push(index),
            }
        }
        let groups = groups.into_iter().map(|(key, members)| MemberGroup {
            key,
            members,
            reason: "the rule says so".into(),
        });
        Ok(GroupingAnswer { groups: groups.collect(), rejected, by_default: Vec::new() })
    }

    fn subnets(&self, _: &SubnetInput) -> Result<SubnetAnswer, PolicyError> {
        Err(PolicyError { message: "nobody asks".into() })
    }

    fn certificates(&self, _: &CertificateInput) -> Result<CertificateAnswer, PolicyError> {
        Err(PolicyError { message: "nobody asks".into() })
    }
}
