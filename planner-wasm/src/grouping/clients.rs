//! Clients: members of a group whose limit of clients would have no effect.
//!
//! Security groups admit clients to a port, not to a host, so all members that listen on a port have the same clients: those of
//! the first member that names clients. If that member admits clients that another member does not admit, the other member
//! would serve clients that it does not admit. Such a member is held, or rejected if it is new: a limit of clients must never
//! be without effect.

use std::collections::BTreeMap;

use albatross_contract::{Diagnostic, Scheme};

use crate::{
    diagnostics::{Details, conflict},
    observed::Observed,
    source::{Claim, Clients, ObjectName},
    words,
};

/// Members of one group that name clients, with their places among all claims.
type Naming<'a, 'b> = Vec<(usize, &'b Claim<'a>, &'b Clients<'a>)>;

/// Adds an error to each claim whose limit of clients would have no effect. If security groups are named, clients have no
/// effect at all, as in the AWS Load Balancer Controller, and the members get a warning.
pub fn settle(claims: &mut [Claim<'_>], observed: &Observed<'_>) {
    if !observed.settings.security_groups.is_empty() {
        return;
    }
    let mut of_groups: BTreeMap<(&str, Option<Scheme>), Vec<usize>> = BTreeMap::new();
    for (index, claim) in claims.iter().enumerate().filter(|(_, claim)| claim.is_ours()) {
        if let Some(name) = claim.routing.as_ref().and_then(|routing| routing.group) {
            of_groups.entry((name, claim.scheme.value())).or_default().push(index);
        }
    }
    let refused: Vec<(usize, Diagnostic)> =
        of_groups.values().flat_map(|indices| refused(indices, claims, observed)).collect();
    for (index, diagnostic) in refused {
        claims[index].diagnostics.push(diagnostic);
    }
}

fn refused(indices: &[usize], claims: &[Claim<'_>], observed: &Observed<'_>) -> Vec<(usize, Diagnostic)> {
    let names_groups = |index: &usize| {
        claims[*index].routing.as_ref().is_some_and(|it| !it.load_balancer.security_groups.is_empty())
    };
    if indices.iter().any(names_groups) {
        return Vec::new();
    }
    let mut on_ports: BTreeMap<u16, Naming<'_, '_>> = BTreeMap::new();
    for index in indices {
        let claim = &claims[*index];
        let Some(routing) = claim.routing.as_ref().filter(|_| claim.diagnostics.is_empty()) else { continue };
        let Some(clients) = &routing.firewall.clients else { continue };
        for listener in &routing.listeners {
            on_ports.entry(listener.port).or_default().push((*index, claim, clients));
        }
    }
    let is_served = |claim: &Claim<'_>| observed.published(claim).is_some();
    let mut lost: BTreeMap<usize, (usize, Vec<u16>)> = BTreeMap::new();
    for (port, mut naming) in on_ports {
        naming.sort_by_key(|(_, claim, _)| (order(claim), claim.age()));
        let place = |(index, claim, _): &(usize, _, _)| (*claim, *index);
        let all: Vec<_> = naming.iter().map(place).collect();
        let served: Vec<_> = all.iter().filter(|(claim, _)| is_served(claim)).copied().collect();
        let (of_all, of_served) = (first(&all), first(&served));
        for (index, claim, clients) in &naming {
            // A new member, which may never get a load balancer, holds no member that is served.
            let Some((_, winner)) = (if is_served(claim) { of_served } else { of_all }) else { continue };
            let admitted =
                claims[winner].routing.as_ref().and_then(|routing| routing.firewall.clients.as_ref());
            if admitted.is_some_and(|admitted| !clients.admit_all_of(admitted)) {
                lost.entry(*index).or_insert((winner, Vec::new())).1.push(port);
            }
        }
    }
    let tell = |(index, (winner, ports)): (usize, (usize, Vec<u16>))| {
        Some((index, without_effect(&claims[index], &claims[winner], &ports)?))
    };
    lost.into_iter().filter_map(tell).collect()
}

fn order(claim: &Claim<'_>) -> Option<i32> {
    claim.routing.as_ref().map(|routing| routing.order)
}

/// The value that counts of those for which members ask, in the order of the members, and its member: the first one. Between
/// namespaces the oldest member decides, so that no namespace admits clients of another namespace by its `group.order`.
pub fn first<'a, T: Copy>(asked: &[(&Claim<'a>, T)]) -> Option<(ObjectName<'a>, T)> {
    let (oldest, _) = asked.iter().min_by_key(|(claim, _)| claim.age())?;
    let is_of_oldest = |claim: &Claim<'_>| claim.object.namespace == oldest.object.namespace;
    asked.iter().find(|(claim, _)| is_of_oldest(claim)).map(|(claim, value)| (claim.object, *value))
}

/// Why a member takes precedence over another one, as the end of a sentence with `which`.
pub fn why_first(first: &Claim<'_>, other: &Claim<'_>) -> &'static str {
    let created = |claim: &Claim<'_>| claim.created_at.unwrap_or(u64::MAX);
    if first.object.namespace == other.object.namespace && order(first) < order(other) {
        "has the smaller group.order"
    } else if created(first) < created(other) {
        "is older"
    } else if first.object.namespace == other.object.namespace {
        "comes first by name"
    } else {
        "comes first by namespace"
    }
}

fn without_effect(claim: &Claim<'_>, first: &Claim<'_>, ports: &[u16]) -> Option<Diagnostic> {
    let clients = claim.routing.as_ref()?.firewall.clients.as_ref()?;
    let admitted = first.routing.as_ref()?.firewall.clients.as_ref()?;
    let annotation = clients.annotation();
    let message = format!(
        "annotation {annotation} admits only {clients}, but {} of the same group, which {}, admits {admitted} to {}, so \
         clients that this Ingress does not admit would reach it",
        first.object,
        why_first(first, claim),
        words::ports(ports)
    );
    Some(
        conflict(claim.object, annotation, message)
            .remedy("name the same clients in both Ingresses, or use another group"),
    )
}

#[cfg(test)]
mod tests;
