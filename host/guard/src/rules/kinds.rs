//! Kinds: an Application Load Balancer and a Network Load Balancer can have different things. AWS refuses most of this too, but
//! a plan that asks for it was made for another load balancer.

use albatross_contract::{AttributeChange, LoadBalancerKind, Operation, Protocol, ResourceReference};

use crate::{
    facts::Facts,
    violation::{Findings, Rule},
};

/// How the attributes of Application Load Balancers begin that Network Load Balancers do not have (ELBv2
/// LoadBalancerAttribute).
const OF_APPLICATION: [&str; 6] =
    ["client_keep_alive.", "connection_logs.", "health_check_logs.", "idle_timeout.", "routing.", "waf."];
/// How the attributes of Network Load Balancers begin that Application Load Balancers do not have.
const OF_NETWORK: [&str; 2] = ["dns_record.", "secondary_ips."];

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        if let Err(message) = fits(facts, &action.operation) {
            found.action(index, action, Rule::Kind, message);
        }
    }
}

fn fits(facts: &Facts<'_>, operation: &Operation) -> Result<(), String> {
    match operation {
        Operation::CreateListener(create) => listens(facts, &create.load_balancer, create.protocol),
        Operation::ModifyListener(change) => {
            change.protocol.map_or(Ok(()), |protocol| match facts.view.listener(&change.listener) {
                Some(on) => of_kind(on.load_balancer.kind, protocol),
                None => Ok(()),
            })
        }
        Operation::CreateRule(create) => has_no_rules(facts, &create.listener),
        Operation::ModifyLoadBalancerAttributes(change) => has_attributes(facts, change),
        Operation::SetSecurityGroups(change) => {
            let found = facts.view.load_balancer(&change.load_balancer);
            let without = found.filter(|it| it.kind != LoadBalancerKind::Application);
            match without.filter(|it| it.security_groups.is_empty()) {
                Some(found) => Err(format!(
                    "{} is a Network Load Balancer that was created without security groups, so it can have none",
                    found.name
                )),
                None => Ok(()),
            }
        }
        Operation::AssociateWebAcl(change) => match kind(facts, &change.load_balancer) {
            Some(LoadBalancerKind::Application) | None => Ok(()),
            Some(_) => Err("only an Application Load Balancer can have a web ACL".to_owned()),
        },
        _ => Ok(()),
    }
}

/// The kind of a load balancer, which may be created by the plan.
fn kind(facts: &Facts<'_>, load_balancer: &ResourceReference) -> Option<LoadBalancerKind> {
    match load_balancer {
        ResourceReference::Existing(_) => facts.view.load_balancer(load_balancer).map(|found| found.kind),
        ResourceReference::CreatedBy(id) => match &facts.actions.list[facts.actions.index(id)?].operation {
            Operation::CreateLoadBalancer(create) => Some(create.kind),
            _ => None,
        },
    }
}

fn listens(facts: &Facts<'_>, load_balancer: &ResourceReference, protocol: Protocol) -> Result<(), String> {
    kind(facts, load_balancer).map_or(Ok(()), |kind| of_kind(kind, protocol))
}

fn of_kind(kind: LoadBalancerKind, protocol: Protocol) -> Result<(), String> {
    let is_http = matches!(protocol, Protocol::Http | Protocol::Https);
    if is_http == (kind == LoadBalancerKind::Application) {
        return Ok(());
    }
    Err(match is_http {
        true => "only an Application Load Balancer can have a listener for HTTP or HTTPS".to_owned(),
        false => "an Application Load Balancer can have listeners only for HTTP and HTTPS".to_owned(),
    })
}

fn has_no_rules(facts: &Facts<'_>, listener: &ResourceReference) -> Result<(), String> {
    let there = facts.view.listener(listener).map(|on| on.load_balancer.kind);
    let made = || kind(facts, facts.actions.load_balancer_of_made(listener)?);
    match there.or_else(made) {
        Some(LoadBalancerKind::Application) | None => Ok(()),
        Some(_) => Err("only listeners of an Application Load Balancer get rules".to_owned()),
    }
}

fn has_attributes(facts: &Facts<'_>, change: &AttributeChange) -> Result<(), String> {
    let others = match kind(facts, &change.resource) {
        Some(LoadBalancerKind::Application) => OF_NETWORK.as_slice(),
        Some(LoadBalancerKind::Network) => OF_APPLICATION.as_slice(),
        Some(LoadBalancerKind::Gateway) | None => return Ok(()),
    };
    let is_of_others = |key: &str| others.iter().any(|beginning| key.starts_with(beginning));
    match change.attributes.iter().find(|attribute| is_of_others(&attribute.key)) {
        Some(attribute) => {
            Err(format!("a load balancer of this kind does not have the attribute {}", attribute.key))
        }
        None => Ok(()),
    }
}
