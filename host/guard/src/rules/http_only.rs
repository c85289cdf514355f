//! HTTP only: nobody loses HTTPS because a load balancer stops to serve it.

use albatross_contract::{Operation, ResourceReference, TAG_HTTP_ONLY};

use crate::{
    facts::{
        Facts,
        load_balancers::{has_certificates, serves_http_only},
        tags::tag,
        transfers::{Transfer, transfer},
    },
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        let message = match &action.operation {
            // What a load balancer that is adopted serves, the rule for handing over checks.
            Operation::AddTags(change)
                if tag(&change.tags, TAG_HTTP_ONLY).is_some()
                    && transfer(&facts.view, action) != Some(Transfer::Adopts) =>
            {
                TAG_ADDED
            }
            Operation::RemoveTags(change)
                if change.keys.iter().any(|key| key == TAG_HTTP_ONLY)
                    && facts.view.load_balancer(&change.resource).is_some_and(serves_http_only)
                    && transfer(&facts.view, action) != Some(Transfer::Forgets) =>
            {
                TAG_REMOVED
            }
            Operation::CreateListener(create)
                if has_certificates(create.protocol) && is_http_only(facts, &create.load_balancer) =>
            {
                HTTPS
            }
            Operation::ModifyListener(change) if change.protocol.is_some_and(has_certificates) => {
                match facts.view.listener(&change.listener) {
                    Some(on) if serves_http_only(on.load_balancer) => HTTPS,
                    _ => continue,
                }
            }
            _ => continue,
        };
        found.action(index, action, Rule::HttpOnly, message.to_owned());
    }
}

const TAG_ADDED: &str = "a load balancer serves HTTP only from its creation on, or never";
const TAG_REMOVED: &str = "a load balancer that serves HTTP only never serves HTTPS";
const HTTPS: &str = "the tags of the load balancer say that it serves HTTP only";

/// Whether a load balancer serves HTTP only, or is created for that.
fn is_http_only(facts: &Facts<'_>, load_balancer: &ResourceReference) -> bool {
    match load_balancer {
        ResourceReference::Existing(_) => {
            facts.view.load_balancer(load_balancer).is_some_and(serves_http_only)
        }
        ResourceReference::CreatedBy(id) => {
            let made = facts.actions.index(id).map(|index| &facts.actions.list[index].operation);
            matches!(made, Some(Operation::CreateLoadBalancer(create)) if tag(&create.tags, TAG_HTTP_ONLY).is_some())
        }
    }
}
