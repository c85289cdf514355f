//! Certificates on the HTTPS listener: which are wanted, and the changes that lead there.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::Listener;

use super::way::{Situation, Way, way};
use crate::{
    certificates::{CertificateId, Usability},
    grouping::{Group, Grouping, Need},
    lifecycle::Lifespan,
    observed::{Concern, Observed, Owned},
    source::ObjectName,
    words,
};

/// Certificates of one load balancer.
#[derive(Default)]
pub struct Certificates<'a> {
    /// The default certificate.
    pub default: Option<CertificateId>,
    /// All certificates after the plan, in order, each with the time since when it is unneeded.
    pub all: Vec<WantedCertificate>,
    /// The changes, each after those that it depends on.
    pub changes: Vec<Change<'a>>,
    /// Certificates that are needed but find no room.
    pub held_back: BTreeSet<CertificateId>,
    /// Whether there is no HTTPS listener to which certificates are added now.
    pub nowhere: bool,
    /// Removed certificates, each with the index of its change; a former default certificate, which the modification of the
    /// listener removes, has none.
    pub removed: BTreeMap<CertificateId, Option<usize>>,
}

/// A certificate after the plan.
pub struct WantedCertificate {
    /// The certificate.
    pub id: CertificateId,
    /// Since when no member needs it.
    pub unneeded_since: Option<u64>,
}

/// A certificate that is added or removed.
pub struct Change<'a> {
    /// Whether it is added.
    pub adds: bool,
    /// Its ARN.
    pub arn: &'a str,
    /// Indices of changes that come first.
    pub after: Vec<usize>,
    /// Whether another certificate must become the default first.
    pub after_default: bool,
    /// In words, why.
    pub reason: String,
    /// Ingresses that wait for it.
    pub objects: Vec<ObjectName<'a>>,
}

/// Certificates of a listener that has the same certificates as another one.
pub struct Mirrored<'a> {
    /// ARN of the default certificate.
    pub default: Option<&'a str>,
    /// The changes; none depends on another.
    pub changes: Vec<Change<'a>>,
    /// How many certificates are left out, since the quota of the load balancer leaves no room for them.
    pub left_out: usize,
}

/// The input for the decision about a load balancer's certificates.
pub struct Case<'a, 'b> {
    /// The load balancer with its members.
    pub group: &'b Group<'a>,
    /// How long it and its certificates stay.
    pub lifespan: &'b Lifespan,
    /// All members.
    pub grouping: &'b Grouping<'a>,
    /// The observed state.
    pub observed: &'a Observed<'a>,
}

impl<'a> Case<'a, '_> {
    /// The certificates of a load balancer that stays. `can_listen` says whether a new listener would have a target group to
    /// forward to.
    pub fn decide(&self, can_listen: bool) -> Certificates<'a> {
        let observed = self.observed;
        let https = self.group.owned().and_then(Owned::https);
        let default = https.and_then(|listener| listener.default_certificate.as_deref());
        let default = default.and_then(|arn| observed.certificates.find(arn));
        let allows = |concern| observed.completeness.allows_for(concern, self.group.owned());
        let nowhere = https.is_none() && allows(Concern::CallUnserved);
        let mut wanted = Certificates { default, nowhere, ..Certificates::default() };
        if allows(Concern::ChangeListeners) {
            match https {
                Some(listener) => wanted = self.keep(listener, default),
                None if can_listen && !self.group.is_empty() && !self.group.terms().http_only => {
                    wanted = self.first();
                }
                None => {}
            }
        }
        wanted.all = self.all(&wanted);
        wanted
    }

    /// The certificates of a load balancer that is deleted, or that may not be changed.
    pub fn as_it_is(&self) -> Certificates<'a> {
        let all = self.all(&Certificates::default());
        Certificates { all, ..Certificates::default() }
    }

    fn all(&self, wanted: &Certificates<'_>) -> Vec<WantedCertificate> {
        let there = self.group.owned().map(|owned| owned.certificates.as_slice()).unwrap_or_default();
        let all: BTreeSet<CertificateId> = there.iter().chain(self.group.needed().keys()).copied().collect();
        let stays = |id: &CertificateId| !wanted.removed.contains_key(id) && !wanted.held_back.contains(id);
        let unneeded = &self.lifespan.unneeded;
        let described = |id| WantedCertificate { id, unneeded_since: unneeded.get(&id).copied() };
        all.into_iter().filter(stays).map(described).collect()
    }

    /// Certificates of a new listener: the default is the first certificate of the first member. Members of the namespace of
    /// the oldest member come first, so that no other namespace determines the default by its order.
    fn first(&self) -> Certificates<'a> {
        let (group, members) = (self.group, &self.grouping.members);
        let claim = |index: &usize| members[*index].claim;
        let mut in_order = group.members().to_vec();
        let oldest = in_order.iter().map(claim).min_by_key(|claim| claim.age());
        let namespace = oldest.map(|claim| claim.object.namespace);
        in_order.sort_by_key(|index| {
            let claim = claim(index);
            let order = claim.routing.as_ref().map(|routing| routing.order);
            (Some(claim.object.namespace) != namespace, order, claim.age())
        });
        let first_of = |index: &usize| {
            let member = &members[*index];
            let pinned = member.certificates.pinned.first().copied();
            pinned.or_else(|| group.serve(member, self.observed).certificates.first().copied())
        };
        let default = in_order.iter().find_map(first_of).or_else(|| group.needed().keys().next().copied());
        let Some(default) = default else {
            return Certificates { nowhere: true, ..Certificates::default() };
        };
        let others = group.needed().iter().filter(|(id, _)| **id != default);
        let changes = others.map(|(id, need)| self.add(*id, need, Vec::new())).collect();
        Certificates { default: Some(default), changes, ..Certificates::default() }
    }

    /// Certificates of an existing listener.
    fn keep(&self, listener: &'a Listener, default: Option<CertificateId>) -> Certificates<'a> {
        let (group, lifespan, observed) = (self.group, self.lifespan, self.observed);
        let catalog = &observed.certificates;
        let others: BTreeSet<CertificateId> =
            listener.certificates.iter().filter_map(|arn| catalog.find(arn)).collect();
        let is_complete = group.needed().keys().all(|id| others.contains(id) || default == Some(*id));
        if is_complete && lifespan.expired.is_empty() {
            return Certificates { default, ..Certificates::default() };
        }
        let has_ended = |id: &CertificateId| {
            catalog.known(*id).is_some() && catalog.usability(*id) == Usability::Unusable
        };
        let situation = Situation {
            default,
            ended: others.iter().copied().chain(default).filter(has_ended).collect(),
            others,
            needed: group.needed().iter().map(|(id, need)| (*id, &need.hosts)).collect(),
            unneeded: &lifespan.unneeded,
            expired: &lifespan.expired,
            limit: group.limit(),
            without_sni: group.most_needed() == Some(1),
        };
        let Way { steps, new_default, held_back } =
            way(&situation, |id, host| observed.coverage.covers(id, *host));
        let mut wanted = Certificates {
            default: new_default.or(default),
            held_back: held_back.into_iter().collect(),
            ..Certificates::default()
        };
        if let (Some(_), Some(old)) = (new_default, default) {
            wanted.removed.insert(old, None);
        }
        for step in steps {
            let change = if step.adds {
                let nothing = Need::default();
                let need = group.needed().get(&step.certificate).unwrap_or(&nothing);
                self.add(step.certificate, need, step.after)
            } else {
                wanted.removed.insert(step.certificate, Some(wanted.changes.len()));
                self.remove(step.certificate, step.after)
            };
            wanted.changes.push(Change { after_default: step.after_default, ..change });
        }
        wanted
    }

    /// What another HTTPS listener of the same load balancer needs to have the same certificates. Certificates leave it when
    /// their grace period is over. `there` is the existing listener; a new one has the default certificate.
    pub fn mirrored(&self, certificates: &Certificates<'a>, there: Option<&'a Listener>) -> Mirrored<'a> {
        let catalog = &self.observed.certificates;
        let others = there.map(|there| there.certificates.as_slice()).unwrap_or_default();
        let others: BTreeSet<CertificateId> = others.iter().filter_map(|arn| catalog.find(arn)).collect();
        let present = there.and_then(|there| there.default_certificate.as_deref());
        let present = present.and_then(|arn| catalog.find(arn));
        let all = || certificates.all.iter().filter(|it| it.unneeded_since.is_none()).map(|it| it.id);
        let is_kept = |id: &CertificateId| {
            certificates.all.iter().any(|it| it.id == *id) && !self.lifespan.expired.contains(id)
        };
        let stays = present.filter(is_kept);
        let default = stays.or(certificates.default);
        let needed = all().filter_map(|id| Some((id, self.group.needed().get(&id)?)));
        let adds: Vec<(CertificateId, &Need)> =
            needed.filter(|(id, _)| !others.contains(id) && default != Some(*id)).collect();
        // The limit is the share of each existing HTTPS listener.
        let limit = if there.is_some() { self.group.limit() } else { self.group.limit() / 2 };
        let room = limit.saturating_sub(others.len());
        let left_out = adds.len().saturating_sub(room);
        let mut changes: Vec<Change<'a>> =
            adds.into_iter().take(room).map(|(id, need)| self.add(id, need, Vec::new())).collect();
        let expired = others.iter().filter(|id| self.lifespan.expired.contains(id));
        changes.extend(expired.map(|id| self.remove(*id, Vec::new())));
        Mirrored { default: default.map(|id| catalog.arn(id)), changes, left_out }
    }

    fn add(&self, id: CertificateId, need: &Need, after: Vec<usize>) -> Change<'a> {
        let objects: Vec<ObjectName<'_>> =
            need.members.iter().map(|index| self.grouping.members[*index].claim.object).collect();
        let names: Vec<String> = objects.iter().map(ToString::to_string).collect();
        let who = words::list(names.iter().map(String::as_str));
        let (name, ask) = if names.len() == 1 { ("names", "asks") } else { ("name", "ask") };
        let reason = if need.hosts.is_empty() {
            format!("{who} {name} it")
        } else {
            let hosts = need.hosts.iter().map(|host| self.observed.hosts.text(*host));
            format!("{who} {ask} for {}", words::list(hosts))
        };
        let arn = self.observed.certificates.arn(id);
        Change { adds: true, arn, after, after_default: false, reason, objects }
    }

    fn remove(&self, id: CertificateId, after: Vec<usize>) -> Change<'a> {
        let time = self.observed.time;
        let reason = if self.lifespan.expired.contains(&id) {
            let since = self.lifespan.unneeded.get(&id).copied().unwrap_or(time);
            format!("no Ingress has needed it for {}", words::duration(time.saturating_sub(since)))
        } else {
            "no Ingress needs it, and another certificate needs its place".to_owned()
        };
        let arn = self.observed.certificates.arn(id);
        Change { adds: false, arn, after, after_default: false, reason, objects: Vec::new() }
    }
}

#[cfg(test)]
mod tests;
