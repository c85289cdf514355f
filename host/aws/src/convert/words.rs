//! The words of AWS for the enums of the contract.

use albatross_contract::{
    IpAddressType, LoadBalancerKind, LoadBalancerState, Protocol, Scheme, TargetHealth, TargetType,
};

/// Values with their words.
pub(crate) type Words<T> = &'static [(T, &'static str)];

pub(crate) const PROTOCOLS: Words<Protocol> = &[
    (Protocol::Http, "HTTP"),
    (Protocol::Https, "HTTPS"),
    (Protocol::Tcp, "TCP"),
    (Protocol::Tls, "TLS"),
    (Protocol::Udp, "UDP"),
    (Protocol::TcpUdp, "TCP_UDP"),
    (Protocol::Geneve, "GENEVE"),
];

pub(crate) const SCHEMES: Words<Scheme> =
    &[(Scheme::InternetFacing, "internet-facing"), (Scheme::Internal, "internal")];

pub(crate) const KINDS: Words<LoadBalancerKind> = &[
    (LoadBalancerKind::Application, "application"),
    (LoadBalancerKind::Network, "network"),
    (LoadBalancerKind::Gateway, "gateway"),
];

pub(crate) const ADDRESS_TYPES: Words<IpAddressType> = &[
    (IpAddressType::Ipv4, "ipv4"),
    (IpAddressType::Dualstack, "dualstack"),
    (IpAddressType::DualstackWithoutPublicIpv4, "dualstack-without-public-ipv4"),
    (IpAddressType::Ipv6, "ipv6"),
];

pub(crate) const TARGET_TYPES: Words<TargetType> = &[
    (TargetType::Instance, "instance"),
    (TargetType::Ip, "ip"),
    (TargetType::Lambda, "lambda"),
    (TargetType::Alb, "alb"),
];

pub(crate) const STATES: Words<LoadBalancerState> = &[
    (LoadBalancerState::Provisioning, "provisioning"),
    (LoadBalancerState::Active, "active"),
    (LoadBalancerState::ActiveImpaired, "active_impaired"),
    (LoadBalancerState::Failed, "failed"),
];

pub(crate) const HEALTH: Words<TargetHealth> = &[
    (TargetHealth::Initial, "initial"),
    (TargetHealth::Healthy, "healthy"),
    (TargetHealth::Unhealthy, "unhealthy"),
    (TargetHealth::Unused, "unused"),
    (TargetHealth::Draining, "draining"),
    (TargetHealth::Draining, "unhealthy.draining"),
    (TargetHealth::Unavailable, "unavailable"),
];

/// The word for a value.
pub(crate) fn word<T: PartialEq>(words: Words<T>, value: &T) -> &'static str {
    words.iter().find(|(candidate, _)| candidate == value).map_or("", |(_, word)| word)
}

/// The value of a word.
pub(crate) fn value<T: Clone>(words: Words<T>, word: &str) -> Option<T> {
    words.iter().find(|(_, candidate)| *candidate == word).map(|(value, _)| value.clone())
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types as sdk;

    use super::*;

    /// Words that the SDK knows and the contract does not.
    fn unknown<T: Clone>(words: Words<T>, sdk: &[&'static str]) -> Vec<&'static str> {
        sdk.iter().copied().filter(|word| value(words, word).is_none()).collect()
    }

    #[test]
    fn every_word_of_aws_is_known_but_those_of_resources_that_we_never_make() {
        assert_eq!(unknown(PROTOCOLS, sdk::ProtocolEnum::values()), ["QUIC", "TCP_QUIC"]);
        assert_eq!(unknown(SCHEMES, sdk::LoadBalancerSchemeEnum::values()), [""; 0]);
        assert_eq!(unknown(KINDS, sdk::LoadBalancerTypeEnum::values()), [""; 0]);
        assert_eq!(unknown(ADDRESS_TYPES, sdk::IpAddressType::values()), [""; 0]);
        assert_eq!(unknown(ADDRESS_TYPES, sdk::TargetGroupIpAddressTypeEnum::values()), [""; 0]);
        assert_eq!(unknown(TARGET_TYPES, sdk::TargetTypeEnum::values()), [""; 0]);
        assert_eq!(unknown(STATES, sdk::LoadBalancerStateEnum::values()), [""; 0]);
        assert_eq!(unknown(HEALTH, sdk::TargetHealthStateEnum::values()), [""; 0]);
    }

    #[test]
    fn every_value_has_a_word() {
        for (protocol, expected) in PROTOCOLS {
            assert_eq!(word(PROTOCOLS, protocol), *expected);
        }
    }
}
