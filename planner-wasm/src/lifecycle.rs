//! What becomes unneeded, what is removed, and what a budget or a person's protection keeps.
//!
//! Unneeded is a mark in AWS with the time; what carries it is removed one grace later. What is withheld gets no mark.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Budget, Diagnostic, DiagnosticCode, LoadBalancerFate, Severity, TAG_ID, TAG_UNNEEDED_CERTIFICATE,
    TargetGroup, Withheld,
};

use crate::{
    budgets::{NAMED, Request, unneeded_limit},
    certificates::Wanted,
    grouping::{Grouping, Slot},
    identity::certificate_hash,
    observed::{Concern, Observed, Owned},
    source::Claim,
    words,
};

/// What becomes of everything that exists.
pub struct Lifecycle<'a> {
    /// Of load balancers and of what is left of them, by our id.
    pub fates: BTreeMap<String, Fate<'a>>,
    /// What budgets hold back.
    pub withheld: Vec<Withheld>,
    /// What there is to say.
    pub diagnostics: Vec<Diagnostic>,
    /// When the next grace ends.
    pub next_change_at: Option<u64>,
}

/// What becomes of one load balancer and its certificates.
pub struct Fate<'a> {
    /// Of itself.
    pub fate: LoadBalancerFate,
    /// Since when nobody needs it; the time of planning if it is marked now.
    pub unneeded_since: Option<u64>,
    /// Certificates that nobody needs, with since when.
    pub unneeded: BTreeMap<&'a str, u64>,
    /// Of these, the ones whose grace is over.
    pub expired: BTreeSet<&'a str>,
    /// Certificates that are kept without a mark, since it is not known whether somebody needs them, or a budget
    /// holds them back.
    pub kept: BTreeSet<&'a str>,
}

/// Decides for all.
pub fn decide<'a>(grouping: &Grouping<'a>, claims: &[Claim], observed: &'a Observed<'a>) -> Lifecycle<'a> {
    let named: BTreeSet<&str> = claims.iter().flat_map(|claim| &claim.names).map(String::as_str).collect();
    let mut lifecycle = Lifecycle {
        fates: BTreeMap::new(),
        withheld: Vec::new(),
        diagnostics: Vec::new(),
        next_change_at: None,
    };
    for slot in grouping.slots.iter() {
        let fate = lifecycle.slot(slot, &named, observed);
        lifecycle.fates.insert(slot.id.clone(), fate);
    }
    for (id, owned) in &observed.owned {
        if observed.completeness.allows(Concern::Remove) {
            lifecycle.diagnostics.extend(owned.target_groups.iter().filter_map(|group| used(owned, group)));
        }
        if !lifecycle.fates.contains_key(id) {
            let fate = lifecycle.leftover(owned, observed);
            lifecycle.fates.insert(id.clone(), fate);
        }
    }
    lifecycle.keep_within_budgets(grouping, observed);
    let grace = observed.settings.grace;
    let ends = lifecycle.fates.values().flat_map(|fate| {
        let certificates = fate.unneeded.values().map(move |since| since.saturating_add(grace));
        certificates.chain(
            fate.unneeded_since.map(|since| since.saturating_add(observed.settings.load_balancer_grace())),
        )
    });
    lifecycle.next_change_at = ends.filter(|end| *end > observed.time).min();
    lifecycle
}

impl<'a> Lifecycle<'a> {
    fn slot(&mut self, slot: &Slot<'a>, named: &BTreeSet<&str>, observed: &'a Observed<'a>) -> Fate<'a> {
        let mut fate = Fate {
            fate: LoadBalancerFate::Create,
            unneeded_since: None,
            unneeded: BTreeMap::new(),
            expired: BTreeSet::new(),
            kept: BTreeSet::new(),
        };
        let Some(owned) = slot.owned else { return fate };
        let Some(load_balancer) = owned.load_balancer else { return fate };
        fate.fate = if owned.is_active() { LoadBalancerFate::Keep } else { LoadBalancerFate::Create };
        let published = named.contains(load_balancer.dns_name.as_str());
        let can_remove = observed.completeness.allows(Concern::Remove);
        if slot.is_empty() && !published {
            if owned.is_protected() {
                self.diagnostics.push(protected(slot, owned));
                fate.fate = LoadBalancerFate::Keep;
            } else if can_remove {
                self.mark(&mut fate, owned, observed);
            } else {
                fate.unneeded_since = owned.unneeded_since();
                let marked = fate.unneeded_since.is_some();
                fate.fate = if marked { LoadBalancerFate::Unneeded } else { LoadBalancerFate::Keep };
            }
            fate.kept = owned.certificates();
            return fate;
        }
        if slot.is_empty() && owned.unneeded_since().is_some() {
            self.diagnostics.push(still_published(&load_balancer.name));
        }
        let sure = !slot.unsure && observed.completeness.allows(Concern::RemoveCertificate);
        for arn in owned.certificates() {
            if slot.needed.contains_key(arn) {
                continue;
            }
            let since = owned.certificate_unneeded_since(arn);
            if !sure || (slot.is_empty() && published) {
                fate.kept.insert(arn);
            } else {
                fate.unneeded.insert(arn, since.unwrap_or(observed.time));
                if since.is_some_and(|since| since.saturating_add(observed.settings.grace) <= observed.time) {
                    fate.expired.insert(arn);
                }
            }
        }
        fate
    }

    /// Marks a load balancer that nobody needs, or removes it when its grace is over.
    fn mark(&self, fate: &mut Fate<'a>, owned: &Owned<'a>, observed: &Observed<'a>) {
        let since = owned.unneeded_since();
        fate.unneeded_since = Some(since.unwrap_or(observed.time));
        let over = since.is_some_and(|since| {
            since.saturating_add(observed.settings.load_balancer_grace()) <= observed.time
        });
        fate.fate = if over { LoadBalancerFate::Delete } else { LoadBalancerFate::Unneeded };
    }

    /// Target groups without a load balancer that nobody completes. None is marked while a load balancer that is not
    /// known as theirs uses one of them.
    fn leftover(&self, owned: &'a Owned<'a>, observed: &Observed<'a>) -> Fate<'a> {
        let mut fate = Fate {
            fate: LoadBalancerFate::Keep,
            unneeded_since: owned.unneeded_since(),
            unneeded: BTreeMap::new(),
            expired: BTreeSet::new(),
            kept: BTreeSet::new(),
        };
        if owned.target_groups.iter().any(|group| owned.user_elsewhere(group).is_some()) {
            fate.unneeded_since = None;
        } else if observed.completeness.allows(Concern::Remove) {
            self.mark(&mut fate, owned, observed);
        }
        fate
    }

    /// Counts what becomes unneeded now because the Ingress that needed it is gone, and holds back what is too much.
    fn keep_within_budgets(&mut self, grouping: &Grouping<'a>, observed: &'a Observed<'a>) {
        let allowed = &observed.settings.allowances.unneeded;
        let places = grouping.members.iter().zip(&grouping.places);
        let kept = places.filter(|(_, place)| place.on.is_some() || place.waits);
        let wanted = Wanted::by(kept.map(|(member, _)| member.claim), observed);
        let counted = |owned: &Owned<'_>| owned.load_balancer.is_some() && !owned.is_protected();
        let in_use = |owned: &Owned<'_>| counted(owned) && owned.unneeded_since().is_none();

        let mut certificates = BTreeSet::new();
        let mut certificates_in_use = 0;
        let mut load_balancers = BTreeSet::new();
        for (id, owned) in &observed.owned {
            if !in_use(owned) {
                continue;
            }
            let Some(fate) = self.fates.get(id) else { continue };
            let goes = fate.fate == LoadBalancerFate::Unneeded;
            if goes {
                load_balancers.insert(id.clone());
            }
            for arn in owned.certificates() {
                if owned.certificate_unneeded_since(arn).is_some() {
                    continue;
                }
                certificates_in_use += 1;
                if (goes || fate.unneeded.contains_key(arn)) && !wanted.has(arn) {
                    certificates.insert((id.clone(), arn));
                }
            }
        }
        let load_balancers_in_use = observed.owned.values().filter(|owned| in_use(owned)).count();
        let too_many_certificates = Request {
            budget: Budget::UnneededCertificates,
            flag: "--allow-unneeded",
            message: |arns: &[String]| {
                format!(
                    "{} of {} would become unneeded, since no Ingress has their hosts any more",
                    arns.len(),
                    words::count(certificates_in_use, "certificate in use", "certificates in use")
                )
            },
            ids: certificates.iter().map(|(_, arn)| (*arn).to_owned()).collect(),
            allowed,
            total: certificates_in_use,
            limit: unneeded_limit(certificates_in_use),
        }
        .judge();
        let too_many_load_balancers = Request {
            budget: Budget::UnneededLoadBalancers,
            flag: "--allow-unneeded",
            message: |ids: &[String]| {
                format!(
                    "{} of {} would become unneeded ({})",
                    ids.len(),
                    words::count(load_balancers_in_use, "load balancer in use", "load balancers in use"),
                    with_ids(ids, observed)
                )
            },
            ids: load_balancers.iter().cloned().collect(),
            allowed,
            total: load_balancers_in_use,
            limit: unneeded_limit(load_balancers_in_use),
        }
        .judge();
        let mut kept_load_balancers: BTreeSet<String> = BTreeSet::new();
        if let Some(withheld) = &too_many_load_balancers {
            kept_load_balancers.extend(withheld.ids.iter().cloned());
        }
        if let Some(withheld) = &too_many_certificates {
            for (id, arn) in &certificates {
                if withheld.ids.iter().any(|held| held == arn) {
                    if load_balancers.contains(id) {
                        kept_load_balancers.insert(id.clone());
                    }
                    if let Some(fate) = self.fates.get_mut(id) {
                        fate.unneeded.remove(arn);
                        fate.kept.insert(arn);
                    }
                }
            }
        }
        for id in kept_load_balancers {
            if let Some(fate) = self.fates.get_mut(&id) {
                fate.fate = LoadBalancerFate::Keep;
                fate.unneeded_since = None;
            }
        }
        self.withheld.extend(too_many_certificates);
        self.withheld.extend(too_many_load_balancers);
    }
}

/// The key of the mark on a load balancer for a certificate that nobody needs.
pub fn certificate_mark(arn: &str) -> String {
    format!("{TAG_UNNEEDED_CERTIFICATE}{}", certificate_hash(arn))
}

/// `albatross-27589027573a is 56d653495f29`: people know the name, a flag takes the id.
fn with_ids(ids: &[String], observed: &Observed<'_>) -> String {
    let named: Vec<String> = ids
        .iter()
        .filter_map(|id| {
            let load_balancer = observed.owned.get(id)?.load_balancer?;
            Some(format!("{} is {id}", load_balancer.name))
        })
        .collect();
    words::list_of(named.iter().map(String::as_str), NAMED)
}

fn protected(slot: &Slot<'_>, owned: &Owned<'_>) -> Diagnostic {
    Diagnostic {
        code: DiagnosticCode::DeletionProtected,
        severity: Severity::Info,
        subject: owned.load_balancer.map_or_else(|| slot.id.clone(), |found| found.name.clone()),
        field: Some("deletion_protection.enabled".to_owned()),
        message: "no Ingress needs it, but somebody protects it from deletion: it stays".to_owned(),
        remedy: Some("switch deletion protection off if it may go".to_owned()),
    }
}

/// What to tell of a target group that AWS says another load balancer uses.
fn used<'a>(owned: &Owned<'a>, group: &'a TargetGroup) -> Option<Diagnostic> {
    let user = owned.user_elsewhere(group)?;
    Some(Diagnostic {
        code: DiagnosticCode::NameTaken,
        severity: Severity::Warning,
        subject: group.name.clone(),
        field: None,
        message: format!(
            "AWS says that {user} uses it, which does not carry our tags with the same {TAG_ID}: it stays"
        ),
        remedy: Some(
            "put the tags back, or let that load balancer forward to another target group".to_owned(),
        ),
    })
}

fn still_published(name: &str) -> Diagnostic {
    Diagnostic {
        code: DiagnosticCode::StillPublished,
        severity: Severity::Warning,
        subject: name.to_owned(),
        field: None,
        message: "no Ingress of ours needs it, but a status still names it: it stays".to_owned(),
        remedy: Some("remove the name from that status".to_owned()),
    }
}
