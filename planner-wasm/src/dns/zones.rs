//! Hosted zones: which of them may hold the records of a host.

use std::{borrow::Cow, collections::BTreeMap};

use albatross_contract::{Diagnostic, DiagnosticCode, HostedZone, Route53Settings, Scheme};

use super::named;
use crate::{
    diagnostics::{Details, Subject, warning},
    source::lower_case,
    words,
};

/// The hosted zones that the settings allow, by name.
pub struct Zones<'a> {
    public: ByName<'a>,
    private: ByName<'a>,
    /// All of them, in the order of their ids.
    all: Vec<&'a HostedZone>,
    /// The ids of all hosted zones of the inventory, in order.
    ids: Vec<&'a str>,
}

type ByName<'a> = BTreeMap<Cow<'a, str>, Vec<&'a HostedZone>>;

impl<'a> Zones<'a> {
    /// Indexes the hosted zones. A private zone counts if our VPC resolves it.
    pub fn new(there: &'a [HostedZone], settings: &Route53Settings, vpc: &str) -> Self {
        let mut all: Vec<&HostedZone> = there.iter().filter(|zone| is_allowed(zone, settings, vpc)).collect();
        all.sort_by(|left, right| left.id.cmp(&right.id));
        let mut zones = Zones {
            public: ByName::new(),
            private: ByName::new(),
            all: Vec::new(),
            ids: there.iter().map(|zone| zone.id.as_str()).collect(),
        };
        zones.ids.sort_unstable();
        for zone in &all {
            let by_name = if zone.private_zone { &mut zones.private } else { &mut zones.public };
            by_name.entry(lower_case(&zone.name)).or_default().push(zone);
        }
        zones.all = all;
        zones
    }

    /// All of them, in the order of their ids.
    pub fn all(&self) -> impl Iterator<Item = &'a HostedZone> {
        self.all.iter().copied()
    }

    /// The most specific hosted zone for a host: public for internet-facing load balancers, private for internal load
    /// balancers.
    ///
    /// # Errors
    /// In words, why there is none.
    pub fn of(&self, host: &str, scheme: Scheme) -> Result<&'a HostedZone, String> {
        let (by_name, kind) = match scheme {
            Scheme::InternetFacing => (&self.public, "public hosted zone"),
            Scheme::Internal => (&self.private, "private hosted zone of this VPC"),
        };
        let found = ancestors(host).find_map(|name| by_name.get(name));
        match found.map(Vec::as_slice) {
            None | Some([]) => Err(format!("no {kind} contains the name")),
            Some([only]) => Ok(only),
            Some([first, ..]) => Err(format!(
                "several hosted zones have the name {} ({})",
                first.name,
                named(found.map(Vec::as_slice).unwrap_or_default())
            )),
        }
    }

    /// A diagnostic for hosted zones that the settings name and that do not exist.
    pub fn unknown(&self, settings: &Route53Settings) -> Option<Diagnostic> {
        let is_unknown = |id: &&str| self.ids.binary_search(id).is_err();
        let unknown: Vec<&str> = settings.zones.iter().map(String::as_str).filter(is_unknown).collect();
        if unknown.is_empty() {
            return None;
        }
        let message = format!("the settings name hosted zones that do not exist: {}", words::list(unknown));
        let told = warning(DiagnosticCode::SettingInvalid, Subject::Settings, message);
        Some(told.field("route53.zones").remedy(
            "correct route53.zones; for a hosted zone of another account, set route53.role to a role of that account",
        ))
    }
}

/// Whether the settings allow to change a hosted zone.
fn is_allowed(zone: &HostedZone, settings: &Route53Settings, vpc: &str) -> bool {
    let below = |domain: &String| is_at_or_below(&zone.name, domain);
    (settings.zones.is_empty() || settings.zones.contains(&zone.id))
        && (settings.domains.is_empty() || settings.domains.iter().any(below))
        && (!zone.private_zone || zone.vpcs.iter().any(|it| it.vpc_id == vpc))
}

/// Whether a name is a domain or lies below it.
fn is_at_or_below(name: &str, domain: &str) -> bool {
    ancestors(name).any(|ancestor| ancestor.eq_ignore_ascii_case(domain))
}

/// A name and all names above it, the longest first.
fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use albatross_contract::HostedZoneVpc;

    use super::*;

    fn zone(id: &str, name: &str, vpc: Option<&str>) -> HostedZone {
        let vpcs = vpc.map(|vpc| HostedZoneVpc { vpc_id: vpc.into(), region: "eu-central-1".into() });
        HostedZone {
            id: id.into(),
            name: name.into(),
            private_zone: vpc.is_some(),
            vpcs: vpcs.into_iter().collect(),
            ..HostedZone::default()
        }
    }

    fn settings(zones: &[&str], domains: &[&str]) -> Route53Settings {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Route53Settings { zones: texts(zones), domains: texts(domains), role: None }
    }

    fn found(there: &[HostedZone], settings: &Route53Settings, host: &str, scheme: Scheme) -> String {
        Zones::new(there, settings, "vpc-1").of(host, scheme).map_or_else(|why| why, |zone| zone.id.clone())
    }

    #[test]
    fn the_most_specific_zone_at_a_label_boundary_holds_the_host() {
        let there = [zone("Z1", "example.org", None), zone("Z2", "dev.example.org", None)];
        let of = |host| found(&there, &settings(&[], &[]), host, Scheme::InternetFacing);
        assert_eq!(of("shop.example.org"), "Z1");
        assert_eq!(of("shop.dev.example.org"), "Z2");
        assert_eq!(of("dev.example.org"), "Z2", "the apex");
        assert_eq!(of("*.dev.example.org"), "Z2");
        assert_eq!(of("shopdev.example.org"), "Z1");
        assert_eq!(of("anexample.org"), "no public hosted zone contains the name");
    }

    #[test]
    fn internal_load_balancers_have_their_records_in_private_zones_of_the_vpc() {
        let there = [
            zone("Z1", "example.org", None),
            zone("Z2", "example.org", Some("vpc-1")),
            zone("Z3", "shop.example.org", Some("vpc-2")),
        ];
        let of = |scheme| found(&there, &settings(&[], &[]), "shop.example.org", scheme);
        assert_eq!((of(Scheme::InternetFacing), of(Scheme::Internal)), ("Z1".to_owned(), "Z2".to_owned()));
        let only_public = found(&there[..1], &settings(&[], &[]), "shop.example.org", Scheme::Internal);
        assert_eq!(only_public, "no private hosted zone of this VPC contains the name");
    }

    #[test]
    fn settings_choose_zones_by_id_and_by_domain() {
        let there = [zone("Z1", "example.org", None), zone("Z2", "dev.example.org", None)];
        let of = |settings| found(&there, &settings, "shop.dev.example.org", Scheme::InternetFacing);
        assert_eq!(of(settings(&["Z1"], &[])), "Z1");
        assert_eq!(of(settings(&[], &["Example.org"])), "Z2");
        assert_eq!(of(settings(&[], &["dev.example.org"])), "Z2");
        assert_eq!(of(settings(&["Z1"], &["dev.example.org"])), "no public hosted zone contains the name");
        let zones = Zones::new(&there, &settings(&[], &[]), "vpc-1");
        let told = zones.unknown(&settings(&["Z2", "Z9"], &[])).unwrap();
        assert_eq!(told.message, "the settings name hosted zones that do not exist: Z9");
    }

    #[test]
    fn of_two_zones_with_one_name_neither_is_chosen() {
        let there = [zone("Z1", "example.org", None), zone("Z2", "example.org", None)];
        let of = |settings| found(&there, &settings, "shop.example.org", Scheme::InternetFacing);
        assert_eq!(of(settings(&[], &[])), "several hosted zones have the name example.org (Z1, Z2)");
        assert_eq!(of(settings(&["Z2"], &[])), "Z2");
    }
}
