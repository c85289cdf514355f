//! Records in Route 53: which records the hosts of route mode need, in which hosted zones, and which records of ours no
//! Ingress needs any more.
//!
//! A record follows the status: it points to the load balancer that the status of its Ingress names after the plan. So a
//! name in DNS moves when the status moves, which is when the new load balancer can serve.

mod kept;
mod ownership;
mod records;
mod wanted;
mod zones;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use albatross_contract::{
    Diagnostic, DiagnosticCode, HostedZone, LoadBalancer, LoadBalancerFate, Outcome, OutcomeState,
    StatusChange, Withheld,
};

pub use ownership::{Holder, Ownership, is_ours, ownership_name};
pub use records::ZoneRecords;

use crate::{
    diagnostics::{Details, Subject, warning},
    observed::{Completeness, Concern, Observed},
    source::{Claim, ObjectName},
    wanted::Wanted,
    words,
};
use kept::{Removal, Removals};
use zones::Zones;

/// The records as they should be.
pub struct Records<'a> {
    /// What ownership records say.
    pub ownership: Ownership<'a>,
    /// The hosted zones in which all records are known, in the order of their ids.
    pub zones: Vec<Zone<'a>>,
    /// Removals that a budget holds back.
    pub withheld: Vec<Withheld>,
    /// Diagnostics that are not about one object.
    pub diagnostics: Vec<Diagnostic>,
    /// Diagnostics about single objects.
    pub of_objects: BTreeMap<ObjectName<'a>, Vec<Diagnostic>>,
}

/// The records of a hosted zone as they should be. Other records stay as they are.
pub struct Zone<'a> {
    /// The hosted zone in Route 53, with its records.
    pub there: ZoneRecords<'a>,
    /// For each host that needs records, its load balancer.
    pub wanted: BTreeMap<&'a str, Wish<'a>>,
    /// The hosts whose records are ours and go now.
    pub unneeded: BTreeSet<Cow<'a, str>>,
}

/// What the records of a host should be.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    /// The load balancer that they point to.
    pub load_balancer: &'a LoadBalancer,
    /// The Ingress that asks for them: the oldest, if there are several.
    pub object: ObjectName<'a>,
}

/// A claim and where its status points after the plan.
struct Asker<'a, 'b> {
    claim: &'b Claim<'a>,
    /// The load balancer of ours that its status names after the plan.
    load_balancer: Option<&'a LoadBalancer>,
    /// Hosts that another load balancer of its group serves.
    elsewhere: Option<&'b BTreeSet<String>>,
}

/// Decides about all records. Without the setting, there is nothing to decide.
pub fn decide<'a>(
    claims: &[Claim<'a>],
    outcomes: &[Outcome],
    wanted: &Wanted<'a>,
    observed: &Observed<'a>,
) -> Records<'a> {
    let mut records = Records::none(observed);
    let Some(settings) = &observed.settings.route53 else { return records };
    let Some(there) = &observed.inventory.hosted_zones else {
        let message = "the inventory contains no hosted zones, so no record is changed";
        let told = warning(DiagnosticCode::ViewIncomplete, Subject::Settings, message);
        records.diagnostics.push(told.field("route53"));
        return records;
    };
    let zones = Zones::new(there, settings, &observed.inventory.vpc.id);
    let is_complete = observed.completeness.allows(Concern::ChangeRecords);
    records.diagnostics.extend(zones.unknown(settings).filter(|_| is_complete));
    let askers: Vec<Asker<'a, '_>> = claims
        .iter()
        .zip(outcomes)
        .filter_map(|(claim, outcome)| asker(claim, outcome, wanted, observed))
        .collect();
    let mut by_zone = wanted::by_zone(&askers, &zones, observed, &mut records.of_objects);
    if !is_complete || !wanted.can_write {
        return records;
    }
    let is_known = |zone: &HostedZone| is_known(zone, &observed.completeness);
    for zone in zones.all().filter(|zone| is_known(zone)) {
        let wanted = by_zone.remove(zone.id.as_str()).unwrap_or_default();
        records.zones.push(Zone { there: ZoneRecords::new(zone), wanted, unneeded: BTreeSet::new() });
    }
    records.remove_unneeded(&askers, &Fates::new(wanted), observed);
    records.tell_taken();
    records
}

impl<'a> Records<'a> {
    fn none(observed: &Observed<'a>) -> Self {
        Records {
            ownership: Ownership::new(observed.settings),
            zones: Vec::new(),
            withheld: Vec::new(),
            diagnostics: Vec::new(),
            of_objects: BTreeMap::new(),
        }
    }

    /// Finds the records that go, within the budget.
    fn remove_unneeded(&mut self, askers: &[Asker<'a, '_>], fates: &Fates<'a>, observed: &Observed<'a>) {
        let unneeded = Removals::new(askers, fates, observed).of(&self.zones, &self.ownership);
        let total = self.zones.iter().map(|zone| self.ownership.held_hosts(zone.there.zone).count()).sum();
        let withheld = kept::withhold(&unneeded, total, observed);
        let held_back: BTreeSet<&str> = withheld.iter().flat_map(|it| &it.ids).map(String::as_str).collect();
        let goes = |removal: &Removal<'_>| !removal.counts || !held_back.contains(removal.host.as_ref());
        for (zone, removals) in self.zones.iter_mut().zip(unneeded) {
            zone.unneeded = removals.into_iter().filter(goes).map(|removal| removal.host).collect();
        }
        self.withheld.extend(withheld);
    }

    /// Puts the diagnostics about single objects into their outcomes.
    pub fn tell(&self, outcomes: &mut [Outcome]) {
        if self.of_objects.is_empty() {
            return;
        }
        for outcome in outcomes {
            let told = self.of_objects.get(&ObjectName::of(&outcome.object));
            let Some(told) = told.cloned() else { continue };
            outcome.diagnostics.extend(told);
            outcome
                .diagnostics
                .sort_by(|left, right| right.severity.cmp(&left.severity).then_with(|| left.cmp(right)));
        }
    }

    /// Drops wishes for names that somebody else holds, with a diagnostic.
    fn tell_taken(&mut self) {
        let Records { ownership, of_objects, zones, .. } = self;
        for zone in zones {
            let there = &zone.there;
            zone.wanted.retain(|host, wish| {
                let Some(reason) = ownership.taken(there, host) else { return true };
                let message = format!("the record of {host} is not changed: {reason}");
                let told = warning(DiagnosticCode::RecordTaken, Subject::Object(wish.object), message)
                    .field("spec.rules")
                    .remedy(ownership.remedy(host));
                of_objects.entry(wish.object).or_default().push(told);
                false
            });
        }
    }
}

/// Whether all records of a hosted zone are known.
fn is_known(zone: &HostedZone, completeness: &Completeness) -> bool {
    completeness.allows_on(Concern::ChangeRecords, &zone.id)
}

/// A claim whose hosts keep or get records. `None`: it has no say, since it is not ours.
fn asker<'a, 'b>(
    claim: &'b Claim<'a>,
    outcome: &Outcome,
    wanted: &'b Wanted<'a>,
    observed: &Observed<'a>,
) -> Option<Asker<'a, 'b>> {
    if matches!(outcome.state, OutcomeState::Ignored | OutcomeState::Released) {
        return None;
    }
    let name = match &outcome.status {
        StatusChange::Publish(name) => Some(name.as_str()),
        StatusChange::Keep => outcome.hostname.as_deref(),
        StatusChange::Withdraw => None,
    };
    let owned = name.and_then(|name| observed.owned_by_dns_name(name));
    let elsewhere = wanted.elsewhere.get(&claim.object);
    Some(Asker { claim, load_balancer: owned.and_then(|owned| owned.load_balancer), elsewhere })
}

/// What happens to our load balancers, by DNS name.
struct Fates<'a> {
    by_name: BTreeMap<&'a str, LoadBalancerFate>,
}

impl<'a> Fates<'a> {
    fn new(wanted: &Wanted<'a>) -> Self {
        let existing = wanted.load_balancers.iter();
        let existing = existing.filter_map(|it| Some((it.owned?.load_balancer?.dns_name.as_str(), it.fate)));
        Fates { by_name: existing.collect() }
    }

    /// What happens to the load balancer with this DNS name. `None`: it does not exist, or is not ours.
    fn of(&self, dns_name: &str) -> Option<LoadBalancerFate> {
        self.by_name.get(dns_name).copied()
    }
}

/// In words, the names of hosted zones.
fn named(zones: &[&HostedZone]) -> String {
    words::list(zones.iter().map(|zone| zone.id.as_str()))
}

#[cfg(test)]
mod tests;
