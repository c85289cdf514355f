//! The records that Ingresses ask for: where their statuses point after the plan.

use std::collections::{BTreeMap, btree_map::Entry};

use albatross_contract::{Diagnostic, DiagnosticCode, HostedZone, LoadBalancer, TAG_MODE};

use super::{Asker, Wish, ownership::ownership_name, zones::Zones};
use crate::{
    diagnostics::{Details, Subject, info, warning},
    identity::tag_value,
    observed::Observed,
    source::ObjectName,
    terms::ROUTE,
    words,
};

/// For each hosted zone, by id, the records of its hosts.
pub type ByZone<'a> = BTreeMap<&'a str, BTreeMap<&'a str, Wish<'a>>>;

/// Why a host has no record.
enum Obstacle<'a> {
    /// It is no name in DNS.
    NoName,
    /// There is no hosted zone for it: in words, why.
    NoZone(String),
    /// An older object with another load balancer has the same host.
    Older(ObjectName<'a>),
}

/// Finds the records of all hosts. Of several objects with the same host, the oldest one counts.
pub fn by_zone<'a>(
    askers: &[Asker<'a, '_>],
    zones: &Zones<'a>,
    observed: &Observed<'a>,
    told: &mut BTreeMap<ObjectName<'a>, Vec<Diagnostic>>,
) -> ByZone<'a> {
    // The status of an object that has just come to route mode still names a load balancer of proxy mode.
    let in_route_mode = |found: &LoadBalancer| tag_value(&found.tags, TAG_MODE) == Some(ROUTE);
    let mut by_age: Vec<&Asker<'a, '_>> = askers
        .iter()
        .filter(|asker| asker.claim.routing.is_some() && asker.load_balancer.is_some_and(in_route_mode))
        .collect();
    by_age.sort_by_key(|asker| asker.claim.age());
    let mut by_zone = ByZone::new();
    for asker in by_age {
        let mut without: Vec<(&str, Obstacle<'_>)> = Vec::new();
        let hosts = asker.claim.hosts_of_rules().map(|host| observed.hosts.text(*host));
        let is_here = |host: &&str| asker.elsewhere.is_none_or(|elsewhere| !elsewhere.contains(*host));
        for host in hosts.filter(is_here) {
            if let Err(obstacle) = ask(host, asker, zones, &mut by_zone) {
                without.push((host, obstacle));
            }
        }
        if !without.is_empty() {
            told.entry(asker.claim.object).or_default().extend(tell(&without, asker.claim.object));
        }
    }
    by_zone
}

/// Adds the record of one host.
fn ask<'a>(
    host: &'a str,
    asker: &Asker<'a, '_>,
    zones: &Zones<'a>,
    by_zone: &mut ByZone<'a>,
) -> Result<(), Obstacle<'a>> {
    let Some(load_balancer) = asker.load_balancer else { return Ok(()) };
    if !is_name(host) {
        return Err(Obstacle::NoName);
    }
    let zone: &HostedZone = zones.of(host, load_balancer.scheme).map_err(Obstacle::NoZone)?;
    match by_zone.entry(zone.id.as_str()).or_default().entry(host) {
        Entry::Vacant(free) => _ = free.insert(Wish { load_balancer, object: asker.claim.object }),
        Entry::Occupied(older) if older.get().load_balancer.arn != load_balancer.arn => {
            return Err(Obstacle::Older(older.get().object));
        }
        Entry::Occupied(_) => {}
    }
    Ok(())
}

/// Whether Route 53 can hold the records of a host: labels of up to 63 letters, digits, hyphens and underscores, of which the
/// first may be `*`, and up to 255 bytes with a length before each label and an empty label at the end (Route 53 developer
/// guide, "DNS domain name format").
fn is_name(host: &str) -> bool {
    const LONGEST: usize = 253;
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let rest = host.strip_prefix("*.").unwrap_or(host);
    rest.split('.').all(is_label) && ownership_name(host).len() <= LONGEST
}

/// One diagnostic for all hosts with the same obstacle.
fn tell(without: &[(&str, Obstacle<'_>)], object: ObjectName<'_>) -> Vec<Diagnostic> {
    let subject = Subject::Object(object);
    let mut bad_names = Vec::new();
    let mut no_zone: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut older: BTreeMap<ObjectName<'_>, Vec<&str>> = BTreeMap::new();
    for (host, obstacle) in without {
        match obstacle {
            Obstacle::NoName => bad_names.push(*host),
            Obstacle::NoZone(why) => no_zone.entry(why).or_default().push(host),
            Obstacle::Older(other) => older.entry(*other).or_default().push(host),
        }
    }
    let mut told = Vec::new();
    if !bad_names.is_empty() {
        let message =
            format!("Route 53 cannot hold a record of {}, which is not a DNS name", words::list(bad_names));
        told.push(
            warning(DiagnosticCode::HostInvalid, subject, message).remedy(
                "use labels of up to 63 letters, digits and hyphens, and up to 230 characters in total",
            ),
        );
    }
    told.extend(no_zone.into_iter().map(|(why, hosts)| {
        let message = format!("{} gets no record in Route 53: {why}", words::list(hosts));
        info(DiagnosticCode::HostedZoneNone, subject, message).remedy(
            "create the hosted zone, or see which hosted zones route53.zones and route53.domains choose",
        )
    }));
    told.extend(older.into_iter().map(|(other, hosts)| {
        let message = format!(
            "{} has a record that points to the load balancer of {other}, which is older and has the same host",
            words::list(hosts)
        );
        warning(DiagnosticCode::HostDuplicate, subject, message)
            .remedy("let both Ingresses share one load balancer, or remove the host from one of them")
    }));
    told.into_iter().map(|diagnostic| diagnostic.field("spec.rules")).collect()
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn a_host_with_records_is_a_dns_name_with_room_for_the_ownership_record() {
        for host in ["shop.example.org", "*.example.org", "xn--caf-dma.org", "a_b.org"] {
            assert!(is_name(host), "{host}");
        }
        let labels = vec!["a".repeat(60); 4].join(".");
        for host in ["", "a..b", "*", "a.*.org", "caf\u{e9}.org", "a b.org", &"a".repeat(64), &labels] {
            assert!(!is_name(host), "{host}");
        }
    }
}
