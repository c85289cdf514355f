//! The values of enums of the contract that AWS's words stand for.

use albatross_contract::{
    IpAddressType, LoadBalancerKind, LoadBalancerState, Protocol, Scheme, TargetHealth, TargetType,
};

/// Defines a function that reads the words of an enum: those of its values, and further ones. It does not compile if a value is missing.
macro_rules! words {
    ($name:ident: $kind:ident { $($value:ident $(or $another:literal)?),+ }) => {
        /// `None`: this version does not know the word.
        pub(crate) fn $name(word: &str) -> Option<$kind> {
            const _: fn($kind) = |value| match value {
                $($kind::$value)|+ => (),
            };
            $(if word == $kind::$value.as_str() $(|| word == $another)? {
                return Some($kind::$value);
            })+
            None
        }
    };
}

words!(protocol: Protocol { Http, Https, Tcp, Tls, Udp, TcpUdp, Quic, TcpQuic, Geneve });

words!(scheme: Scheme { InternetFacing, Internal });

words!(kind: LoadBalancerKind { Application, Network, Gateway });

words!(address_type: IpAddressType { Ipv4, Dualstack, DualstackWithoutPublicIpv4, Ipv6 });

words!(target_type: TargetType { Instance, Ip, Lambda, Alb });

words!(state: LoadBalancerState { Provisioning, Active, ActiveImpaired, Failed });

words!(health: TargetHealth { Initial, Healthy, Unhealthy, Unused, Draining or "unhealthy.draining", Unavailable });

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types as sdk;

    use super::*;

    #[test]
    fn every_word_of_aws_is_known_and_written_in_the_same_way() {
        macro_rules! unlike {
            ($read:ident, $sdk:ident) => {{
                let is_unlike = |word: &&&str| $read(word).is_none_or(|value| value.as_str() != **word);
                sdk::$sdk::values().iter().filter(is_unlike).copied().collect::<Vec<&str>>()
            }};
        }
        assert_eq!(unlike!(protocol, ProtocolEnum), [""; 0]);
        assert_eq!(unlike!(scheme, LoadBalancerSchemeEnum), [""; 0]);
        assert_eq!(unlike!(kind, LoadBalancerTypeEnum), [""; 0]);
        assert_eq!(unlike!(address_type, IpAddressType), [""; 0]);
        assert_eq!(unlike!(address_type, TargetGroupIpAddressTypeEnum), [""; 0]);
        assert_eq!(unlike!(target_type, TargetTypeEnum), [""; 0]);
        assert_eq!(unlike!(state, LoadBalancerStateEnum), [""; 0]);
        assert_eq!(unlike!(health, TargetHealthStateEnum), ["unhealthy.draining"]);
        assert_eq!(health("unhealthy.draining"), Some(TargetHealth::Draining));
    }
}
