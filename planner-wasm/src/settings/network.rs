//! Checks of the settings of Network Load Balancers.

use albatross_contract::{LoadBalancerKind, PlanningError, ProxySettings};

use super::invalid;

/// Refuses settings with which no Network Load Balancer could be created.
pub fn check(proxy: &ProxySettings) -> Result<(), PlanningError> {
    if proxy.default_kind == Some(LoadBalancerKind::Gateway) {
        return Err(invalid("proxy.default-kind", "is gateway; it must be application or network"));
    }
    // ELBv2 CreateTargetGroup, `HealthyThresholdCount` and `UnhealthyThresholdCount`.
    let network = proxy.network.as_ref();
    if let Some(threshold) = network.and_then(|network| network.threshold)
        && !(2..=10).contains(&threshold)
    {
        return Err(invalid("proxy.network.threshold", &format!("is {threshold}; it must be 2 to 10")));
    }
    let field = "proxy.network.health-check-timeout";
    match network.and_then(|network| network.health_check_timeout) {
        Some(timeout) if !(2..=120).contains(&timeout) => {
            Err(invalid(field, &format!("is {timeout}; it must be 2 to 120")))
        }
        Some(timeout) if timeout >= proxy.health_check_interval => {
            Err(invalid(field, "must be less than proxy.health-check-interval"))
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

    #[test]
    fn a_check_fails_before_the_next_one_begins() {
        let with = |health_check_timeout| {
            let network = Some(NetworkSettings { health_check_timeout, ..NetworkSettings::default() });
            check(&ProxySettings { network, health_check_interval: 10, ..ProxySettings::default() })
        };
        assert_eq!([with(None), with(Some(2)), with(Some(9))], [Ok(()), Ok(()), Ok(())]);
        let refused = |timeout| with(Some(timeout)).unwrap_err().message;
        assert!(refused(10).contains("must be less than proxy.health-check-interval"), "{}", refused(10));
        assert!(refused(1).contains("is 1; it must be 2 to 120"), "{}", refused(1));
    }
}
