//! The network of load balancers: subnets and security groups.

pub mod security_groups;
pub mod subnets;

use albatross_contract::{IpAddressType, PlanningError, Scheme, Settings};

use crate::{kind::Kind, observed::Observed, policies::Points};
use subnets::{Choice, Subnets};

/// The address type of a load balancer for which no object asks for another one. Network Load Balancers are either IPv4 or
/// dual stack (ELBv2 CreateLoadBalancer, `IpAddressType`).
pub fn address_type(kind: Kind, settings: &Settings) -> IpAddressType {
    match settings.ip_address_type {
        IpAddressType::DualstackWithoutPublicIpv4 if kind.is_network() => IpAddressType::Dualstack,
        other => other,
    }
}

/// Subnets of new load balancers, for each scheme.
pub struct Choices<'a> {
    internet_facing: Choice<'a>,
    internal: Choice<'a>,
}

impl<'a> Choices<'a> {
    /// Chooses for both schemes.
    pub fn new(
        subnets: &Subnets<'a>,
        observed: &Observed<'a>,
        points: &Points<'_>,
    ) -> Result<Self, PlanningError> {
        Ok(Choices {
            internet_facing: subnets.choose(Scheme::InternetFacing, observed, points)?,
            internal: subnets.choose(Scheme::Internal, observed, points)?,
        })
    }

    /// The subnets of new load balancers of a scheme.
    pub fn of(&self, scheme: Scheme) -> &Choice<'a> {
        match scheme {
            Scheme::InternetFacing => &self.internet_facing,
            Scheme::Internal => &self.internal,
        }
    }
}
