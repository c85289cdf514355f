//! Web ACLs: a load balancer loses the protection of a web ACL only because an Ingress says so. Somebody else may have chosen a
//! web ACL that no Ingress names.

use albatross_contract::{ANNOTATION_ALB_PREFIX, Action, Operation, ResourceReference};

use crate::{
    facts::{Facts, outcomes::IngressOutcome, tags::tag},
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
    let mut members = facts.outcomes.on(&action.load_balancer);
    if members.any(|outcome| asked(outcome) == Some(arn)) {
        return Ok(());
    }
    Err(match arn {
        "" => "no Ingress of the load balancer says that it has no web ACL".to_owned(),
        arn => format!("no Ingress of the load balancer names the web ACL {arn}"),
    })
}

fn asked<'a>(outcome: &IngressOutcome<'a>) -> Option<&'a str> {
    let annotations = &outcome.ingress?.metadata.annotations;
    let in_route_mode = tag(annotations, &format!("{ANNOTATION_ALB_PREFIX}{IN_ROUTE_MODE}"));
    let value = in_route_mode.or_else(|| tag(annotations, IN_PROXY_MODE))?.trim();
    Some(if value == "none" { "" } else { value })
}
