//! The rules that every plan must keep. A rule reads facts and knows no other rule.

mod budgets;
mod certificates;
mod completeness;
mod deletion;
mod deletion_protection;
mod form;
mod forwarding;
mod gates;
mod handover;
mod http_only;
mod identity;
mod kinds;
mod listener_attributes;
mod listener_rules;
mod marks;
mod members;
mod names;
mod network_zones;
mod outcomes;
mod ownership;
mod ownership_tags;
mod records;
mod redirects;
mod security_groups;
mod statuses;
mod web_acls;

use crate::{facts::Facts, violation::Findings};

/// Judges a plan by every rule.
pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    form::check(facts, found);
    outcomes::check(facts, found);
    identity::check(facts, found);
    ownership::check(facts, found);
    handover::check(facts, found);
    ownership_tags::check(facts, found);
    names::check(facts, found);
    completeness::check(facts, found);
    marks::check(facts, found);
    deletion::check(facts, found);
    deletion_protection::check(facts, found);
    certificates::check(facts, found);
    listener_rules::check(facts, found);
    listener_attributes::check(facts, found);
    web_acls::check(facts, found);
    members::check(facts, found);
    kinds::check(facts, found);
    http_only::check(facts, found);
    network_zones::check(facts, found);
    records::check(facts, found);
    forwarding::check(facts, found);
    redirects::check(facts, found);
    gates::check(facts, found);
    security_groups::check(facts, found);
    statuses::check(facts, found);
    budgets::check(facts, found);
}
