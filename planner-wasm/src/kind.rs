//! The kind of a load balancer, as far as AWS fixes it at creation.

use std::fmt;

use albatross_contract::{LoadBalancer, LoadBalancerKind, Quotas};

/// The kind of a load balancer, with what AWS cannot change about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// Application or Network Load Balancer.
    pub family: LoadBalancerKind,
    /// Whether it has security groups. A Network Load Balancer that was created without any cannot be given some, and one with
    /// some cannot lose all of them (ELBv2 SetSecurityGroups). An Application Load Balancer always has some.
    pub has_security_groups: bool,
}

impl Kind {
    /// An Application Load Balancer.
    pub const APPLICATION: Kind = Kind { family: LoadBalancerKind::Application, has_security_groups: true };

    /// A Network Load Balancer.
    pub const fn network(has_security_groups: bool) -> Self {
        Kind { family: LoadBalancerKind::Network, has_security_groups }
    }

    /// The kind of a load balancer in AWS.
    pub fn of(found: &LoadBalancer) -> Self {
        match found.kind {
            LoadBalancerKind::Application => Kind::APPLICATION,
            family => Kind { family, has_security_groups: !found.security_groups.is_empty() },
        }
    }

    /// Whether it is a Network Load Balancer.
    pub fn is_network(self) -> bool {
        self.family == LoadBalancerKind::Network
    }

    /// In how many zones it needs subnets (ELBv2 CreateLoadBalancer, `Subnets`).
    pub fn fewest_zones(self) -> usize {
        if self.is_network() { 1 } else { 2 }
    }

    /// How many certificates it may have, without default certificates.
    pub fn most_certificates(self, quotas: &Quotas) -> u32 {
        match self.family {
            LoadBalancerKind::Network => quotas.certificates_per_network_load_balancer,
            _ => quotas.certificates_per_load_balancer,
        }
    }
}

impl fmt::Display for Kind {
    /// `network load balancer`. An Application Load Balancer is the usual kind and is not named.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match (self.family, self.has_security_groups) {
            (LoadBalancerKind::Application, _) => "load balancer",
            (LoadBalancerKind::Network, false) => "network load balancer",
            (LoadBalancerKind::Network, true) => "network load balancer with security groups",
            (LoadBalancerKind::Gateway, _) => "gateway load balancer",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::load_balancer;

    #[test]
    fn security_groups_are_part_of_the_kind_only_where_aws_cannot_change_whether_there_are_any() {
        let mut found = load_balancer("one");
        found.security_groups.clear();
        assert_eq!(Kind::of(&found), Kind::APPLICATION);
        found.kind = LoadBalancerKind::Network;
        assert_eq!(Kind::of(&found), Kind::network(false));
        found.security_groups.push("sg-1".to_owned());
        assert_eq!(Kind::of(&found), Kind::network(true));
    }

    #[test]
    fn the_usual_kind_is_not_named() {
        let words = [Kind::APPLICATION, Kind::network(false), Kind::network(true)].map(|it| it.to_string());
        assert_eq!(
            words,
            ["load balancer", "network load balancer", "network load balancer with security groups"]
        );
    }
}
