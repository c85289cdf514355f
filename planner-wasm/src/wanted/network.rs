//! The wanted network of a load balancer: subnets, security groups and address type.

pub mod zones;

use albatross_contract::{Diagnostic, DiagnosticCode, IpAddressType, LoadBalancer, Mode};

use super::route::Agreed;
use crate::{
    backends::Backends,
    diagnostics::{Details, Subject, warning},
    kind::Kind,
    network::{Choices, address_type, security_groups, subnets::Subnets},
    observed::{Concern, Observed},
    source::{self, ObjectName},
    terms::Terms,
};

/// The wanted network of a load balancer.
pub struct Network<'a> {
    /// Its subnets, by id.
    pub subnets: Vec<&'a str>,
    /// Its security groups, by id.
    pub security_groups: Vec<&'a str>,
    /// Its address type.
    pub ip_address_type: IpAddressType,
}

impl<'a> Network<'a> {
    /// The same network, with the parts that members ask for. The parts that no member asks for, but could ask for, stay as they
    /// are on an existing load balancer if `Agreed::keeps`.
    pub fn instead(mut self, agreed: &Agreed<'a>, found: Option<&'a LoadBalancer>, mode: Mode) -> Self {
        let present = found.filter(|_| agreed.keeps).map(Network::as_it_is);
        let (subnets, security_groups) = match present {
            // In proxy mode nobody asks for subnets, so they follow the nodes.
            Some(present) => {
                (Some(present.subnets).filter(|_| mode == Mode::Route), Some(present.security_groups))
            }
            None => (None, None),
        };
        if let Some(subnets) = agreed.subnets.clone().or(subnets) {
            self.subnets = subnets;
        }
        if let Some(security_groups) = agreed.security_groups.clone().or(security_groups) {
            self.security_groups = security_groups;
        }
        self
    }

    /// Takes over an address type if the subnets allow it, or else returns the first subnet that does not. `present` is the
    /// address type of the existing load balancer.
    pub fn settle_address_type(
        &mut self,
        wanted: IpAddressType,
        present: IpAddressType,
        observed: &Observed<'_>,
    ) -> Option<&'a str> {
        let in_the_way = match wanted {
            IpAddressType::Ipv4 => None,
            _ => without_ipv6(&self.subnets, observed),
        };
        self.ip_address_type = if in_the_way.is_some() { present } else { wanted };
        in_the_way
    }

    /// For a new load balancer.
    pub fn of_new(terms: &Terms<'_>, choices: &Choices<'a>, observed: &Observed<'a>) -> Self {
        let Terms { scheme, kind, .. } = *terms;
        Network {
            subnets: choices.of(scheme).chosen.iter().map(|subnet| subnet.id.as_str()).collect(),
            security_groups: security_groups::choose(kind, observed, &[]).unwrap_or_default(),
            ip_address_type: address_type(kind, observed.settings),
        }
    }

    /// For an existing load balancer, unchanged.
    pub fn as_it_is(found: &'a LoadBalancer) -> Self {
        Network {
            subnets: sorted(&found.subnets),
            security_groups: sorted(&found.security_groups),
            ip_address_type: found.ip_address_type,
        }
    }

    /// For an existing load balancer, which follows changes of the settings in place.
    pub fn of_existing(
        found: &'a LoadBalancer,
        subnets: &Subnets<'a>,
        choices: &Choices<'a>,
        backends: &Backends<'a>,
        observed: &Observed<'a>,
    ) -> Self {
        let mut network = Network::as_it_is(found);
        network.subnets = subnets.keep(found, &backends.nodes.zones, choices.of(found.scheme), observed);
        let kind = Kind::of(found);
        if kind.has_security_groups
            && observed.completeness.allows_on(Concern::ChangeSecurityGroups, &found.arn)
            && let Ok(chosen) = security_groups::choose(kind, observed, &found.security_groups)
            && !chosen.is_empty()
        {
            network.security_groups = chosen;
        }
        network
    }
}

/// Ids in order: the order in which AWS lists them has no meaning.
fn sorted(ids: &[String]) -> Vec<&str> {
    let mut ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids
}

/// The first subnet without an IPv6 block: with such a subnet a load balancer cannot have IPv6 addresses (ELBv2
/// SetIpAddressType). New load balancers get such subnets only if there are
/// too few others, but an existing load balancer may have them.
fn without_ipv6<'a>(subnets: &[&'a str], observed: &Observed<'_>) -> Option<&'a str> {
    let lacks = |id: &&'a str| {
        let found = observed.inventory.subnets.iter().find(|subnet| subnet.id == *id);
        found.is_some_and(|subnet| subnet.ipv6_cidr_blocks.is_empty())
    };
    subnets.iter().copied().find(lacks)
}

/// The diagnostic for a load balancer that cannot have the address type of the settings, and has another one.
pub fn stays_without_ipv6(name: &str, subnet: &str, is: IpAddressType) -> Diagnostic {
    let message = format!("its subnet {subnet} has no IPv6 block, so its address type is {}", is.as_str());
    warning(DiagnosticCode::SettingInvalid, Subject::Resource(name), message)
        .field("ip-address-type")
        .remedy("give each of its subnets an IPv6 block, or name other subnets in the settings")
}

/// The diagnostic for an Ingress whose load balancer cannot have the address type for which the Ingress asks.
pub fn lacks_ipv6(object: ObjectName<'_>, wanted: IpAddressType, subnet: &str) -> Diagnostic {
    let annotation = source::IP_ADDRESS_TYPE;
    let message =
        format!("annotation {annotation} is \"{}\", but subnet {subnet} has no IPv6 block", wanted.as_str());
    warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
        .field(format!("metadata.annotations[{annotation}]"))
        .remedy("give each subnet of the load balancer an IPv6 block, or name other subnets")
}

#[cfg(test)]
mod tests;
