//! Records in Route 53: only those that are free or ours are changed, they point only to our load balancers, and none is
//! deleted that an Ingress needs.

use albatross_contract::{HostedZone, LoadBalancer, RecordSetChange, RecordSetChangeKind, Route53Settings};

use crate::{
    facts::{
        Facts,
        dns_names::plain_dns_name,
        load_balancers::is_in_route_mode,
        records::{Batch, Holder, OfHost, is_deletion, is_our_mark, named_after},
    },
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, batch) in &facts.records.batches {
        let action = &facts.actions.list[*index];
        let Some(zone) = batch.zone else {
            let message = format!("the inventory has no hosted zone {}", batch.change.hosted_zone);
            found.action(*index, action, Rule::Reference, message);
            continue;
        };
        if let Err(message) = may_change(facts, zone, batch) {
            found.action(*index, action, Rule::RecordOwnership, message);
        }
        for host in &batch.hosts {
            if let Err(message) = owns(facts, zone, host) {
                found.action(*index, action, Rule::RecordOwnership, message);
            } else if let Err(message) = points_to_us(facts, host) {
                found.action(*index, action, Rule::RecordTarget, message);
            } else if let Err(message) = nobody_needs(facts, zone, host) {
                found.action(*index, action, Rule::RecordNeeded, message);
            }
        }
    }
}

/// Whether the settings allow to change a hosted zone, and all changes are about hosts.
fn may_change(facts: &Facts<'_>, zone: &HostedZone, batch: &Batch<'_>) -> Result<(), String> {
    let snapshot = facts.view.snapshot;
    let Some(settings) = &snapshot.settings.route53 else {
        return Err("the settings do not allow to change records: route53 is absent".to_owned());
    };
    if !is_allowed(zone, settings) {
        return Err(format!(
            "the settings do not allow to change the hosted zone {} ({})",
            zone.id, zone.name
        ));
    }
    if zone.private_zone && !zone.vpcs.iter().any(|it| it.vpc_id == snapshot.inventory.vpc.id) {
        return Err(format!("the private hosted zone {} belongs to other VPCs", zone.id));
    }
    match batch.others.first() {
        Some(other) => Err(format!(
            "it changes {} of type {}, which is neither a record of a host nor an ownership record",
            other.record_set.name, other.record_set.record_type
        )),
        None => Ok(()),
    }
}

fn is_allowed(zone: &HostedZone, settings: &Route53Settings) -> bool {
    let name = format!(".{}", zone.name);
    let below = |domain: &String| name.ends_with(&format!(".{}", domain.to_ascii_lowercase()));
    (settings.zones.is_empty() || settings.zones.contains(&zone.id))
        && (settings.domains.is_empty() || settings.domains.iter().any(below))
}

/// Whether the records of a host are free or ours, and are ours after the plan.
fn owns(facts: &Facts<'_>, zone: &HostedZone, host: &OfHost<'_>) -> Result<(), String> {
    let name = &host.host;
    let in_zone = name == &zone.name || name.ends_with(&format!(".{}", zone.name));
    if !in_zone {
        return Err(format!("{name} is not in the hosted zone {} ({})", zone.id, zone.name));
    }
    let changes = || host.addresses.iter().chain(&host.ownership);
    if let Some(change) = changes().find(|change| change.record_set.set_identifier.is_some()) {
        return Err(format!("the record {} has a set identifier, so it is not ours", change.record_set.name));
    }
    if let Some(absent) = changes().find(|change| is_deletion(change) && !exists(zone, change)) {
        return Err(format!(
            "it deletes {} of type {}, which is not in the hosted zone {} like that",
            absent.record_set.name, absent.record_set.record_type, zone.id
        ));
    }
    let settings = &facts.view.snapshot.settings;
    let is_marked =
        |change: &&&RecordSetChange| !is_deletion(change) && is_our_mark(&change.record_set, settings);
    if let Some(other) = host.ownership.iter().find(|change| !is_deletion(change) && !is_marked(change)) {
        return Err(format!("the ownership record {} would not name this controller", other.record_set.name));
    }
    match host.holder {
        Holder::Other => Err(format!("the ownership record of {name} in {} names somebody else", zone.id)),
        Holder::Nobody => {
            let creates = |change: &&RecordSetChange| change.kind == RecordSetChangeKind::Create;
            if !host.before.is_empty() || !changes().all(creates) {
                return Err(format!(
                    "{name} has no ownership record of ours in {}, so it may only be created",
                    zone.id
                ));
            }
            if !host.ownership.iter().any(|change| is_marked(&change)) {
                return Err(format!("it creates records of {name} without an ownership record"));
            }
            Ok(())
        }
        Holder::Us => {
            let is_foreign = |change: &&&RecordSetChange| {
                host.before.iter().any(|record| {
                    record.record_type == change.record_set.record_type && record.set_identifier.is_some()
                })
            };
            if host.addresses.iter().any(|change| is_foreign(&change)) {
                return Err(format!("the records of {name} have set identifiers, so they are not ours"));
            }
            let gives_up = host.ownership.iter().any(|change| is_deletion(change));
            let stays = |record_type: &str| {
                !host.addresses.iter().any(|it| is_deletion(it) && it.record_set.record_type == record_type)
            };
            let left = host.before.iter().find(|record| {
                record.record_type != "CNAME" && record.set_identifier.is_none() && stays(&record.record_type)
            });
            match left.filter(|_| gives_up) {
                Some(left) => Err(format!(
                    "it deletes the ownership record of {name} and leaves its record of type {}",
                    left.record_type
                )),
                None => Ok(()),
            }
        }
    }
}

/// Whether a hosted zone has a record exactly as a change names it.
fn exists(zone: &HostedZone, change: &RecordSetChange) -> bool {
    zone.record_sets.contains(&change.record_set)
}

/// Whether all new records of a host point to a load balancer of ours that the status of one of its Ingresses names.
fn points_to_us(facts: &Facts<'_>, host: &OfHost<'_>) -> Result<(), String> {
    for change in host.addresses.iter().filter(|change| !is_deletion(change)) {
        let name = &host.host;
        let Some(alias) = &change.record_set.alias_target else {
            return Err(format!("the record of {name} is not an alias"));
        };
        let target = facts.view.load_balancers.by_dns_name(&alias.dns_name);
        let target = target.filter(|index| facts.view.load_balancers.is_ours(*index));
        let Some(target) = target.map(|index| facts.view.load_balancers.get(index)) else {
            return Err(format!("{} is not the DNS name of a load balancer of ours", alias.dns_name));
        };
        if alias.hosted_zone_id != target.canonical_hosted_zone_id || !is_in_route_mode(target) {
            return Err(format!(
                "the record of {name} names the hosted zone {} for {}, or a load balancer in proxy mode",
                alias.hosted_zone_id, target.name
            ));
        }
        let names = |named: Option<&LoadBalancer>| named.is_some_and(|it| it.arn == target.arn);
        if !facts.records.askers(facts, name).any(|outcome| names(named_after(facts, outcome))) {
            return Err(format!(
                "nobody with the host {name} has a status that names {} after the plan",
                target.name
            ));
        }
    }
    Ok(())
}

/// Whether no Ingress needs the records of a host that are deleted: none points to the same load balancer or has no
/// hostname yet, unless the host has moved to another hosted zone.
fn nobody_needs(facts: &Facts<'_>, zone: &HostedZone, host: &OfHost<'_>) -> Result<(), String> {
    if !host.is_removed() {
        return Ok(());
    }
    let askers =
        || facts.records.askers(facts, &host.host).map(|outcome| (outcome, named_after(facts, outcome)));
    if askers().filter_map(|(_, named)| named).any(|named| is_elsewhere(facts, zone, &host.host, named)) {
        return Ok(());
    }
    for (outcome, named) in askers() {
        let Some(named) = named else {
            return Err(format!("{} has the host {} and no hostname yet", outcome.name, host.host));
        };
        let to_it = |target: &str| plain_dns_name(target) == plain_dns_name(&named.dns_name);
        if host.target.is_some_and(to_it) {
            return Err(format!(
                "the status of {} names {}, to which the record of {} points",
                outcome.name, named.name, host.host
            ));
        }
    }
    Ok(())
}

/// Whether another hosted zone has a record of a host that points to a load balancer.
fn is_elsewhere(facts: &Facts<'_>, but: &HostedZone, host: &str, to: &LoadBalancer) -> bool {
    let zones = facts.view.snapshot.inventory.hosted_zones.iter().flatten();
    let mut others = zones.filter(|zone| zone.id != but.id).flat_map(|zone| &zone.record_sets);
    others.any(|record| {
        let alias = record.alias_target.as_ref();
        record.name.eq_ignore_ascii_case(host)
            && alias.is_some_and(|alias| plain_dns_name(&alias.dns_name) == plain_dns_name(&to.dns_name))
    })
}
