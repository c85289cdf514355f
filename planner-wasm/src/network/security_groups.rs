//! Security groups that people create: named by the settings, or found by their tags. In route mode the controller creates
//! security groups instead of searching for one by its tags (`wanted::security_groups`).

use albatross_contract::{
    Direction, SecurityGroup, SecurityGroupPeer, SecurityGroupRule, TAG_APPLICATION, TAG_ID,
};

use crate::{
    identity::{cluster_tag, tag_value},
    kind::Kind,
    observed::{Concern, Observed},
    settings,
};

/// How the description of every rule of ours begins.
const DESCRIPTION_PREFIX: &str = "albatross: ";

/// Whether a rule is an inbound rule of ours.
pub fn is_rule_of_ours(rule: &SecurityGroupRule) -> bool {
    let description = rule.description.as_deref().unwrap_or_default();
    rule.direction == Direction::Inbound && description.starts_with(DESCRIPTION_PREFIX)
}

/// Whether a rule is an inbound rule of ours that admits the members of a security group.
pub fn is_rule_for(rule: &SecurityGroupRule, group: &SecurityGroup) -> bool {
    is_rule_of_ours(rule) && matches!(&rule.peer, SecurityGroupPeer::SecurityGroup(id) if *id == group.id)
}

/// Why there is no security group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Not all security groups are known: in words, what is missing.
    Unknown(String),
    /// No security group can be used: in words, why.
    None(String),
}

/// The controller id of kube-ingress-aws-controller: its security groups are used too, so that a cluster can be migrated.
const ANCESTOR: &str = "kube-ingress-aws-controller";

/// The security groups of a load balancer for which no object names any. Of several tagged security groups the one in use
/// stays, else the one with the smallest id is chosen. A Network Load Balancer has those of the settings; without any there it
/// has none. kube-ingress-aws-controller gives it none either, so the nodes admit clients already.
pub fn choose<'a>(kind: Kind, observed: &Observed<'a>, in_use: &[String]) -> Result<Vec<&'a str>, Lack> {
    let unknown = observed.completeness.explain(Concern::ChangeSecurityGroups);
    let named = settings::security_groups(kind, observed).map_err(Lack::None)?;
    if !named.is_empty() || kind.is_network() {
        let exists = |id: &str| observed.inventory.security_groups.iter().any(|group| group.id == id);
        return match unknown.filter(|_| named.iter().any(|id| !exists(id))) {
            Some(unknown) => Err(Lack::Unknown(unknown)),
            None => Ok(named),
        };
    }
    let candidates = candidates(observed);
    let chosen = candidates.iter().find(|group| in_use.contains(&group.id)).or(candidates.first());
    match (chosen, unknown) {
        (Some(group), _) => Ok(vec![group.id.as_str()]),
        (None, Some(unknown)) => Err(Lack::Unknown(unknown)),
        (None, None) => Err(Lack::None(format!(
            "no security group of {} carries the tags {}=owned and {TAG_APPLICATION}={}",
            observed.inventory.vpc.id,
            cluster_tag(&observed.settings.identity),
            observed.settings.identity.controller_id
        ))),
    }
}

/// Security groups tagged for this cluster and for us (or else for kube-ingress-aws-controller), in the order of their ids.
fn candidates<'a>(observed: &Observed<'a>) -> Vec<&'a SecurityGroup> {
    let cluster = cluster_tag(&observed.settings.identity);
    let tagged = |controller: &str| {
        let mut found: Vec<&SecurityGroup> = observed
            .inventory
            .security_groups
            .iter()
            .filter(|group| group.vpc_id == observed.inventory.vpc.id)
            .filter(|group| tag_value(&group.tags, &cluster) == Some("owned"))
            .filter(|group| tag_value(&group.tags, TAG_APPLICATION) == Some(controller))
            // Those that we create carry both tags too.
            .filter(|group| tag_value(&group.tags, TAG_ID).is_none())
            .collect();
        found.sort_by(|left, right| left.id.cmp(&right.id));
        found
    };
    let ours = tagged(&observed.settings.identity.controller_id);
    if ours.is_empty() { tagged(ANCESTOR) } else { ours }
}

#[cfg(test)]
mod tests;
