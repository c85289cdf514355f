//! The rules of an Ingress in route mode, and where each of them sends requests.

use albatross_contract::{Candidate, Decision, DesiredLoadBalancer, ObjectName, rules::requests};

use super::{answers::Answers, candidate};
use crate::planning::Decided;

/// Describes the rules that the Ingress asks for, in the order of the listeners and of the priorities.
pub fn decision(name: &ObjectName, on: &DesiredLoadBalancer, decided: &Decided<'_, '_>) -> Decision {
    let answers = Answers::new(decided);
    let object = name.to_string();
    let mut candidates: Vec<Candidate> = Vec::new();
    for listener in &on.listeners {
        for rule in &listener.rules {
            let requests = requests(&rule.conditions);
            if answers.owner(&on.id, &requests) == Some(&object) {
                let subject = format!("{} {} {requests}", listener.protocol.as_str(), listener.port);
                let reason = format!("→ {}, rule {}", answers.with_health(&rule.actions), rule.priority);
                candidates.push(candidate(true, subject, reason));
            }
        }
    }
    if candidates.is_empty() {
        candidates.push(candidate(false, "none", "no rule is created for the Ingress"));
    }
    Decision { title: "Rules".to_owned(), candidates }
}
