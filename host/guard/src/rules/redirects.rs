//! Redirects: a listener begins to redirect to HTTPS only where an HTTPS listener of the same load balancer answers.

use albatross_contract::{Operation, Protocol, ResourceReference};

use crate::{
    facts::{Facts, operations::redirect_to_https},
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        let (on, actions) = match &action.operation {
            Operation::CreateListener(create) => (create.load_balancer.clone(), &create.default_actions),
            Operation::ModifyListener(change) => {
                let Some(place) = facts.view.listener(&change.listener) else { continue };
                (ResourceReference::Existing(place.load_balancer.arn.clone()), &change.default_actions)
            }
            _ => continue,
        };
        let Some(port) = redirect_to_https(actions).map(|redirect| redirect.port.as_str()) else { continue };
        if !is_answered(facts, index, &on, port) {
            let message = format!(
                "it redirects requests to port {port}, on which the load balancer has no HTTPS listener, and no action that this \
                 action depends on creates that listener"
            );
            found.action(index, action, Rule::RedirectTarget, message);
        }
    }
}

/// Whether a load balancer has an HTTPS listener on a port, or an action on which the action with this index depends creates
/// that listener.
fn is_answered(facts: &Facts<'_>, index: usize, on: &ResourceReference, port: &str) -> bool {
    let is_there = facts.view.load_balancer(on).is_some_and(|there| {
        let mut listeners = there.listeners.iter();
        listeners.any(|it| it.protocol == Protocol::Https && it.port.to_string() == port)
    });
    is_there
        || facts.actions.iter().any(|(made, other)| {
            let makes_it = match &other.operation {
                Operation::CreateListener(create) => {
                    create.load_balancer == *on
                        && create.protocol == Protocol::Https
                        && create.port.to_string() == port
                }
                Operation::ModifyListener(change) => {
                    let place = facts.view.listener(&change.listener);
                    let is_on = |arn: &str| *on == ResourceReference::Existing(arn.to_owned());
                    let is_it = place.is_some_and(|place| {
                        place.listener.port.to_string() == port && is_on(&place.load_balancer.arn)
                    });
                    is_it && change.protocol == Some(Protocol::Https)
                }
                _ => false,
            };
            makes_it && facts.actions.depends(index, made)
        })
}
