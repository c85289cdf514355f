//! Checks of settings against the inventory: resources that they name, and quotas.

use albatross_contract::{Diagnostic, DiagnosticCode, Inventory, PolicyPoint, Settings};

use super::ssl_policies;
use crate::{
    diagnostics::{Details, Subject, error, warning},
    kind::Kind,
    observed::{Concern, Observed},
    words,
};

/// Diagnostics for settings that AWS would refuse.
pub fn tell(observed: &Observed<'_>) -> Vec<Diagnostic> {
    let say = |field: &str, message: String, remedy: &str| {
        error(DiagnosticCode::SettingInvalid, Subject::Settings, message).field(field).remedy(remedy)
    };
    let groups = [Kind::APPLICATION, Kind::network(true)].into_iter().filter_map(|kind| {
        let message = security_groups(kind, observed).err()?;
        let field = field_of_security_groups(kind);
        let remedy = format!("correct {field}; until then load balancers keep their security groups");
        Some(say(field, message, &remedy))
    });
    let subnets = unknown_subnets(observed).map(|message| {
        say(
            "subnets",
            message,
            "correct subnets, or remove the setting so that subnets are found by their tags",
        )
    });
    let ssl_policy = unknown_ssl_policy(observed).map(|named| {
        let nearest = ssl_policies::nearest(named);
        let (why, otherwise) = match observed.inventory.ssl_policies {
            Some(_) => ("which AWS does not offer", ""),
            None => (
                "which this version does not know",
                ", or allow elasticloadbalancing:DescribeSSLPolicies, so that policies of AWS are known",
            ),
        };
        let message = format!("the settings name the TLS policy {named:?}, {why}");
        let remedy = format!(
            "write {nearest} if that is what you meant{otherwise}; until then listeners keep their TLS policy and no load balancer \
             is created"
        );
        say("ssl-policy", message, &remedy)
    });
    groups.chain(subnets).chain(ssl_policy).chain(unasked_subnet_policy(observed.settings)).collect()
}

/// Subnets that a person lists count more than the answer of a policy.
fn unasked_subnet_policy(settings: &Settings) -> Option<Diagnostic> {
    let is_idle = !settings.subnets.is_empty()
        && settings.policies.iter().any(|policy| policy.point == PolicyPoint::Subnets);
    let message = "the policy for subnets is not asked, since the setting subnets lists them".to_owned();
    is_idle.then(|| {
        warning(DiagnosticCode::SettingInvalid, Subject::Settings, message)
            .field("policies")
            .remedy("remove the setting subnets, or the policy")
    })
}

/// The TLS policy of the settings, if it does not exist.
pub fn unknown_ssl_policy<'a>(observed: &Observed<'a>) -> Option<&'a str> {
    let named = observed.settings.ssl_policy.as_deref();
    named.filter(|policy| !is_ssl_policy(policy, observed.inventory))
}

/// Whether a TLS policy exists. AWS adds TLS policies every year: a policy in its list, and one that a listener has, exist too.
pub fn is_ssl_policy(name: &str, inventory: &Inventory) -> bool {
    let listeners = inventory.load_balancers.iter().flat_map(|found| &found.listeners);
    let in_use = listeners.filter_map(|listener| listener.ssl_policy.as_ref());
    let mut in_aws = inventory.ssl_policies.iter().flatten().chain(in_use);
    ssl_policies::ALL.contains(&name) || in_aws.any(|policy| policy == name)
}

/// The setting that names the security groups of a kind of load balancer.
fn field_of_security_groups(kind: Kind) -> &'static str {
    if kind.is_network() { "proxy.network.security-groups" } else { "security-groups" }
}

/// The security groups that the settings name for a kind of load balancer, in order, each once.
///
/// # Errors
/// In words, why AWS would refuse them.
pub fn security_groups<'a>(kind: Kind, observed: &Observed<'a>) -> Result<Vec<&'a str>, String> {
    let settings = observed.settings;
    let named = match (&settings.proxy.network, kind.is_network()) {
        (Some(network), true) => network.security_groups.as_slice(),
        (None, true) => &[],
        (_, false) => settings.security_groups.as_slice(),
    };
    let mut named: Vec<&str> = named.iter().map(String::as_str).collect();
    named.sort_unstable();
    named.dedup();
    let most = observed.inventory.quotas.security_groups_per_load_balancer;
    if named.len() > most as usize {
        return Err(format!(
            "the settings name {} security groups, but the AWS quota is {most} for each load balancer",
            named.len()
        ));
    }
    let vpc = &observed.inventory.vpc.id;
    for id in &named {
        let found = observed.inventory.security_groups.iter().find(|group| group.id == *id);
        match found {
            Some(group) if group.vpc_id != *vpc => {
                return Err(format!(
                    "security group {id} of the settings belongs to {}, not to {vpc}",
                    group.vpc_id
                ));
            }
            Some(_) => {}
            None if !observed.completeness.allows(Concern::ChangeSecurityGroups) => {}
            None => return Err(format!("security group {id} of the settings does not exist")),
        }
    }
    Ok(named)
}

/// In words, which subnets of the settings are not in the VPC.
fn unknown_subnets(observed: &Observed<'_>) -> Option<String> {
    if !observed.completeness.allows(Concern::ChangeSubnets) {
        return None;
    }
    let vpc = &observed.inventory.vpc.id;
    let exists =
        |id: &str| observed.inventory.subnets.iter().any(|subnet| subnet.id == *id && subnet.vpc_id == *vpc);
    let mut unknown: Vec<&str> =
        observed.settings.subnets.iter().map(String::as_str).filter(|id| !exists(id)).collect();
    unknown.sort_unstable();
    unknown.dedup();
    let is_or_are = if unknown.len() == 1 { "is" } else { "are" };
    (!unknown.is_empty())
        .then(|| format!("the settings name {}, which {is_or_are} not in {vpc}", words::list(unknown)))
}

#[cfg(test)]
mod tests;
