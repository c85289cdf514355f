//! Marks carry the time of planning or a later time, and nobody needs the marked resource.

use crate::{
    facts::{Facts, load_balancers::our_id, marks::Subject},
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    let time = facts.view.snapshot.time;
    for mark in &facts.marks.list {
        let mut broken = |message: String| {
            found.action(mark.action, &facts.actions.list[mark.action], Rule::Mark, message);
        };
        if matches!(mark.subject, Subject::Other) {
            continue;
        }
        match mark.value.parse::<u64>() {
            Ok(since) if since >= time || mark.observed == Some(since) => {}
            Ok(since) => broken(format!(
                "it marks a resource as unneeded since {since}, before the time of planning {time}, which would shorten the grace period"
            )),
            Err(_) => {
                broken(format!(
                    "it marks a resource as unneeded since \"{}\", which is not a time",
                    mark.value
                ));
            }
        }
        match mark.subject {
            Subject::LoadBalancer(load_balancer) => {
                if let Some(outcome) = facts.outcomes.on(our_id(load_balancer)).next() {
                    broken(format!(
                        "it marks {} as unneeded, but the plan places {} on it",
                        load_balancer.name, outcome.name
                    ));
                }
            }
            Subject::UnknownCertificate(load_balancer) => {
                broken(format!(
                    "it marks a certificate as unneeded, but {} does not have that certificate",
                    load_balancer.name
                ));
            }
            // Certificates and rules may be marked early: whether somebody needs them is checked when they are removed.
            Subject::Certificate(..) | Subject::Rule(..) | Subject::Newborn | Subject::Other => {}
        }
    }
}
