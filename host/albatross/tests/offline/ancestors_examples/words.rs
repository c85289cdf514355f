//! A plan in words.

use albatross_contract::{DesiredLoadBalancer, Operation, Outcome, OutcomeState, Plan, Severity, Tag};
use serde::Serialize;

/// The second certificate for its host, which no Ingress gets without naming it.
pub const PINNED: &str =
    "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-4000-8000-000000000002";

/// A security group that no load balancer gets unless an Ingress names it.
pub const SECURITY_GROUP_OF_ONE: &str = "sg-somegroupeid";

/// In words, what becomes of each Ingress, in the order of their names.
pub fn told(plan: &Plan) -> Vec<String> {
    plan.outcomes.iter().map(|outcome| outcome_in_words(outcome, plan)).collect()
}

fn outcome_in_words(outcome: &Outcome, plan: &Plan) -> String {
    let state = match outcome.state {
        OutcomeState::Placed => "placed",
        OutcomeState::Held => "held",
        OutcomeState::Waiting => "waits",
        OutcomeState::Rejected => "rejected",
        OutcomeState::Released => "released",
        OutcomeState::Ignored => "not ours",
    };
    let is_rejected = outcome.state == OutcomeState::Rejected;
    let why = outcome.diagnostics.iter().filter(|found| is_rejected || found.severity != Severity::Info);
    let codes: Vec<String> = why.map(|found| word(&found.code)).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    let on = plan.load_balancers.iter().find(|found| found.members.contains(&outcome.object));
    let on = on.map(|found| format!(": {}", load_balancer_in_words(found, plan)));
    format!("{state}{codes}{}", on.unwrap_or_default())
}

/// A load balancer, and what is not the default about it.
fn load_balancer_in_words(found: &DesiredLoadBalancer, plan: &Plan) -> String {
    let mut words = vec![word(&found.kind), word(&found.scheme), word(&found.ip_address_type)];
    words.extend(found.exclusive.then(|| "for one Ingress".to_owned()));
    words.extend(found.security_groups.iter().filter(|id| *id == SECURITY_GROUP_OF_ONE).cloned());
    words.extend(
        found.certificates.iter().filter(|it| it.arn == PINNED).map(|_| "the pinned certificate".to_owned()),
    );
    for action in &plan.actions {
        match &action.operation {
            Operation::AssociateWebAcl(change) => {
                words.extend(change.web_acl.split('/').nth(2).map(str::to_owned));
            }
            Operation::CreateListener(listener) => {
                words.extend(listener.ssl_policy.iter().filter(|name| !name.contains("TLS13")).cloned());
            }
            Operation::ModifyLoadBalancerAttributes(change) => {
                let is_off = |it: &&Tag| it.key == "routing.http2.enabled" && it.value == "false";
                words.extend(change.attributes.iter().filter(is_off).map(|_| "without HTTP/2".to_owned()));
            }
            _ => {}
        }
    }
    words.join(", ")
}

/// The word of the contract for a value.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}
