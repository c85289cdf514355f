//! AWS's words for the enums of the contract.

use albatross_contract::{
    IpAddressType, LoadBalancerKind, LoadBalancerState, Protocol, Scheme, TargetHealth, TargetType,
};

/// Conversions between values and words, both ways.
#[derive(Debug)]
pub(crate) struct Words<T> {
    word: fn(&T) -> &'static str,
    value: fn(&str) -> Option<T>,
}

/// Defines both conversions with one list. The list does not compile if a value has no word.
macro_rules! words {
    ($name:ident: $kind:ident { $($value:ident => $word:literal $(or $another:literal)?,)+ }) => {
        pub(crate) const $name: &Words<$kind> = &Words {
            word: |value| match value {
                $($kind::$value => $word,)+
            },
            value: |word| match word {
                $($word $(| $another)? => Some($kind::$value),)+
                _ => None,
            },
        };
    };
}

words!(PROTOCOLS: Protocol {
    Http => "HTTP",
    Https => "HTTPS",
    Tcp => "TCP",
    Tls => "TLS",
    Udp => "UDP",
    TcpUdp => "TCP_UDP",
    Quic => "QUIC",
    TcpQuic => "TCP_QUIC",
    Geneve => "GENEVE",
});

words!(SCHEMES: Scheme {
    InternetFacing => "internet-facing",
    Internal => "internal",
});

words!(KINDS: LoadBalancerKind {
    Application => "application",
    Network => "network",
    Gateway => "gateway",
});

words!(ADDRESS_TYPES: IpAddressType {
    Ipv4 => "ipv4",
    Dualstack => "dualstack",
    DualstackWithoutPublicIpv4 => "dualstack-without-public-ipv4",
    Ipv6 => "ipv6",
});

words!(TARGET_TYPES: TargetType {
    Instance => "instance",
    Ip => "ip",
    Lambda => "lambda",
    Alb => "alb",
});

words!(STATES: LoadBalancerState {
    Provisioning => "provisioning",
    Active => "active",
    ActiveImpaired => "active_impaired",
    Failed => "failed",
});

words!(HEALTH: TargetHealth {
    Initial => "initial",
    Healthy => "healthy",
    Unhealthy => "unhealthy",
    Unused => "unused",
    Draining => "draining" or "unhealthy.draining",
    Unavailable => "unavailable",
});

/// The word for a value.
pub(crate) fn word<T>(words: &Words<T>, value: &T) -> &'static str {
    (words.word)(value)
}

/// The value of a word.
pub(crate) fn value<T>(words: &Words<T>, word: &str) -> Option<T> {
    (words.value)(word)
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types as sdk;

    use super::*;

    /// Words of the SDK that do not survive a round trip.
    fn unlike<T>(words: &Words<T>, sdk: &[&'static str]) -> Vec<&'static str> {
        let read_back = |text: &str| value(words, text).map(|value| word(words, &value));
        sdk.iter().copied().filter(|text| read_back(text) != Some(*text)).collect()
    }

    #[test]
    fn every_word_of_aws_is_known() {
        assert_eq!(unlike(PROTOCOLS, sdk::ProtocolEnum::values()), [""; 0]);
        assert_eq!(unlike(SCHEMES, sdk::LoadBalancerSchemeEnum::values()), [""; 0]);
        assert_eq!(unlike(KINDS, sdk::LoadBalancerTypeEnum::values()), [""; 0]);
        assert_eq!(unlike(ADDRESS_TYPES, sdk::IpAddressType::values()), [""; 0]);
        assert_eq!(unlike(ADDRESS_TYPES, sdk::TargetGroupIpAddressTypeEnum::values()), [""; 0]);
        assert_eq!(unlike(TARGET_TYPES, sdk::TargetTypeEnum::values()), [""; 0]);
        assert_eq!(unlike(STATES, sdk::LoadBalancerStateEnum::values()), [""; 0]);
        assert_eq!(unlike(HEALTH, sdk::TargetHealthStateEnum::values()), ["unhealthy.draining"]);
        assert_eq!(value(HEALTH, "unhealthy.draining"), Some(TargetHealth::Draining));
    }
}
