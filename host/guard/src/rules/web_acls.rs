//! Web ACLs: a load balancer loses the protection of a web ACL only because an Ingress or the settings say so. Somebody else may
//! have chosen a web ACL that nobody names here.

use albatross_contract::{ANNOTATION_ALB_PREFIX, Action, Operation, ResourceReference, TAG_MODE};

use crate::{
    facts::{Facts, load_balancers::is_in_route_mode, outcomes::SourceOutcome, tags::tag},
    violation::{Findings, Rule},
};

/// The annotation in route mode, after its prefix.
const IN_ROUTE_MODE: &str = "wafv2-acl-arn";
/// The annotation in proxy mode.
const IN_PROXY_MODE: &str = "zalando.org/aws-waf-web-acl-id";

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        let verdict = match &action.operation {
            Operation::AssociateWebAcl(change) => {
                may_change(facts, action, &change.load_balancer, &change.web_acl)
            }
            Operation::DisassociateWebAcl(reference) => may_change(facts, action, reference, ""),
            _ => continue,
        };
        if let Err(message) = verdict {
            found.action(index, action, Rule::WebAclAsked, message);
        }
    }
}

/// `arn` is empty if the load balancer loses its web ACL.
fn may_change(
    facts: &Facts<'_>,
    action: &Action,
    load_balancer: &ResourceReference,
    arn: &str,
) -> Result<(), String> {
    let there = facts.view.load_balancer(load_balancer);
    if there.is_some_and(|found| found.web_acl.is_none()) {
        return Err("it is not known which web ACL the load balancer has".to_owned());
    }
    let in_route_mode = is_routed(facts, load_balancer);
    let named: Vec<&str> = facts
        .outcomes
        .on(&action.load_balancer)
        .filter_map(|outcome| asked(outcome, in_route_mode))
        .collect();
    // The settings name the web ACL of Application Load Balancers in proxy mode whose Ingresses name none.
    let of_settings = facts.view.snapshot.settings.web_acl.as_deref();
    let is_default = !in_route_mode && named.is_empty() && of_settings == Some(arn);
    if is_default || named.contains(&arn) {
        return Ok(());
    }
    Err(match arn {
        "" => "no Ingress of the load balancer says that it has no web ACL".to_owned(),
        arn => format!("neither a member of the load balancer nor the settings name the web ACL {arn}"),
    })
}

/// Whether a load balancer, which may be created by the plan, serves route mode.
fn is_routed(facts: &Facts<'_>, load_balancer: &ResourceReference) -> bool {
    if let Some(found) = facts.view.load_balancer(load_balancer) {
        return is_in_route_mode(found);
    }
    facts.actions.iter().any(|(_, action)| match (&action.operation, load_balancer) {
        (Operation::CreateLoadBalancer(create), ResourceReference::CreatedBy(id)) => {
            action.id == *id && tag(&create.tags, TAG_MODE) == Some("route")
        }
        _ => false,
    })
}

/// The web ACL that an Ingress names; empty: the Ingress says that there is none, which only route mode knows.
fn asked<'a>(outcome: &SourceOutcome<'a>, in_route_mode: bool) -> Option<&'a str> {
    let annotations = &outcome.source?.metadata().annotations;
    if !in_route_mode {
        return tag(annotations, IN_PROXY_MODE).map(str::trim).filter(|arn| !arn.is_empty());
    }
    let value = tag(annotations, &format!("{ANNOTATION_ALB_PREFIX}{IN_ROUTE_MODE}"))?.trim();
    Some(if value == "none" { "" } else { value })
}
