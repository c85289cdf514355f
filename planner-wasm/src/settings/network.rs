//! Checks of the settings of Network Load Balancers.

use albatross_contract::{LoadBalancerKind, PlanningError, ProxySettings};

use super::invalid;

/// Refuses settings with which no Network Load Balancer could be created.
pub fn check(proxy: &ProxySettings) -> Result<(), PlanningError> {
    if proxy.default_kind == Some(LoadBalancerKind::Gateway) {
        return Err(invalid("proxy.default-kind", "is gateway; it must be application or network"));
    }
    // ELBv2 CreateTargetGroup, `HealthyThresholdCount` and `UnhealthyThresholdCount`.
    match proxy.network.as_ref().and_then(|network| network.threshold) {
        Some(threshold) if !(2..=10).contains(&threshold) => {
            Err(invalid("proxy.network.threshold", &format!("is {threshold}; it must be 2 to 10")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::NetworkSettings;

    use super::*;

    #[test]
    fn each_setting_is_refused_by_name() {
        let with = |default_kind, threshold| {
            let network = Some(NetworkSettings { threshold, ..NetworkSettings::default() });
            check(&ProxySettings { default_kind, network, ..ProxySettings::default() })
        };
        assert_eq!(with(Some(LoadBalancerKind::Network), Some(2)), Ok(()));
        assert_eq!(with(None, None), Ok(()));
        for (refused, expected) in [
            (with(Some(LoadBalancerKind::Gateway), None), "proxy.default-kind is gateway"),
            (with(None, Some(1)), "proxy.network.threshold is 1; it must be 2 to 10"),
            (with(None, Some(11)), "proxy.network.threshold is 11"),
        ] {
            let message = refused.unwrap_err().message;
            assert!(message.contains(expected), "{message}");
        }
    }
}
