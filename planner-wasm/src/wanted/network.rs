//! The wanted network of a load balancer: subnets, security groups and address type.

use albatross_contract::{Diagnostic, DiagnosticCode, IpAddressType, LoadBalancer, Scheme};

use crate::{
    backends::Backends,
    diagnostics::{Details, Subject, warning},
    network::{Choices, security_groups, subnets::Subnets},
    observed::{Concern, Observed, Owned},
    source::{Claim, Routing},
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

/// The parts of the network that members of a load balancer name. If several members name a part, the first member counts.
pub struct Named<'a> {
    subnets: Vec<&'a str>,
    security_groups: Vec<&'a str>,
}

impl<'a> Named<'a> {
    /// The parts that these claims name, if they may be changed on the load balancer.
    pub fn by(mut claims: Vec<&'a Claim<'a>>, observed: &Observed<'_>, on: Option<&Owned<'_>>) -> Self {
        claims.sort_by_key(|claim| (claim.routing.as_ref().map(|routing| routing.order), claim.age()));
        let allows = |concern| observed.completeness.allows_for(concern, on);
        let first = |list: fn(&'a Routing<'a>) -> &'a [&'a str], concern| {
            let mut named = claims.iter().filter_map(|claim| claim.routing.as_ref()).map(list);
            named.find(|list| !list.is_empty()).filter(|_| allows(concern)).map(<[&str]>::to_vec)
        };
        Named {
            subnets: first(|routing| &routing.subnets, Concern::ChangeSubnets).unwrap_or_default(),
            security_groups: first(|routing| &routing.security_groups, Concern::ChangeSecurityGroups)
                .unwrap_or_default(),
        }
    }
}

impl Named<'_> {
    /// Whether a member names security groups.
    pub fn has_security_groups(&self) -> bool {
        !self.security_groups.is_empty()
    }
}

impl<'a> Network<'a> {
    /// The same network, with the parts that members name.
    pub fn instead(mut self, named: Named<'a>) -> Self {
        if !named.subnets.is_empty() {
            self.subnets = named.subnets;
        }
        if !named.security_groups.is_empty() {
            self.security_groups = named.security_groups;
        }
        self
    }

    /// For a new load balancer.
    pub fn of_new(scheme: Scheme, choices: &Choices<'a>, observed: &Observed<'a>) -> Self {
        Network {
            subnets: choices.of(scheme).chosen.iter().map(|subnet| subnet.id.as_str()).collect(),
            security_groups: security_groups::choose(observed, &[]).unwrap_or_default(),
            ip_address_type: observed.settings.ip_address_type,
        }
    }

    /// For an existing load balancer, unchanged.
    pub fn as_it_is(found: &'a LoadBalancer) -> Self {
        Network {
            subnets: found.subnets.iter().map(String::as_str).collect(),
            security_groups: found.security_groups.iter().map(String::as_str).collect(),
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
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut network = Network::as_it_is(found);
        network.subnets = subnets.keep(found, &backends.nodes.zones, choices.of(found.scheme), observed);
        if observed.completeness.allows_on(Concern::ChangeSecurityGroups, &found.arn)
            && let Ok(chosen) = security_groups::choose(observed, &found.security_groups)
        {
            network.security_groups = chosen;
        }
        let wanted = observed.settings.ip_address_type;
        let in_the_way = match wanted {
            IpAddressType::Ipv4 => None,
            _ => without_ipv6(&network.subnets, observed),
        };
        match in_the_way {
            Some(subnet) => diagnostics.push(stays_without_ipv6(&found.name, subnet)),
            None => network.ip_address_type = wanted,
        }
        network
    }
}

/// The first subnet without an IPv6 block: with such a subnet a load balancer cannot have IPv6 addresses (ELBv2
/// SetIpAddressType). For new load balancers such subnets are not chosen, but an existing load balancer may have them.
fn without_ipv6<'a>(subnets: &[&'a str], observed: &Observed<'_>) -> Option<&'a str> {
    let lacks = |id: &&'a str| {
        let found = observed.inventory.subnets.iter().find(|subnet| subnet.id == *id);
        found.is_some_and(|subnet| subnet.ipv6_cidr_blocks.is_empty())
    };
    subnets.iter().copied().find(lacks)
}

fn stays_without_ipv6(name: &str, subnet: &str) -> Diagnostic {
    let message = format!("its subnet {subnet} has no IPv6 block, so its address type stays as it is");
    warning(DiagnosticCode::SettingInvalid, Subject::Resource(name), message)
        .field("ip-address-type")
        .remedy("give each of its subnets an IPv6 block, or name other subnets in the settings")
}

#[cfg(test)]
mod tests;
