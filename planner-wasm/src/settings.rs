//! Checks of the settings.

mod access_logs;
mod against_aws;
mod certificates;
mod deny;
mod domains;
mod namespaces;
mod network;
mod pods;
mod route53;
mod ssl_policies;
mod tags;
mod tenancy;
mod web_acl;

use albatross_contract::{DiagnosticCode, IpAddressType, PlanningError, Settings};

pub use against_aws::{is_ssl_policy, security_groups, tell, unknown_ssl_policy};
pub use ssl_policies::{FOR_NEW_LISTENERS as SSL_POLICY_OF_NEW_LISTENERS, example as example_ssl_policy};
pub use tags::check_pair as check_tag;
pub use web_acl::{
    example as example_web_acl, expected as expected_web_acl, is_regional as is_regional_web_acl,
};

/// The longest `minimum-age`: a day. Until then, new Ingresses have no name.
const LONGEST_MINIMUM_AGE: u64 = 86_400;

/// Refuses settings that AWS would refuse in this region, or without which resources would have no owner.
pub fn check(settings: &Settings, region: &str) -> Result<(), PlanningError> {
    let identity = &settings.identity;
    let texts = [
        ("identity.cluster-id", &identity.cluster_id),
        ("identity.cluster-uid", &identity.cluster_uid),
        ("identity.controller-id", &identity.controller_id),
        ("ingress-class-controller", &settings.ingress_class_controller),
    ];
    let ssl_policy = settings.ssl_policy.iter().map(|policy| ("ssl-policy", policy));
    if let Some((field, _)) = texts.into_iter().chain(ssl_policy).find(|(_, value)| value.trim().is_empty()) {
        return Err(invalid(field, "is empty; set it"));
    }
    // A tag value has up to 256 characters, a key 128 (ELBv2 Tag); `kubernetes.io/cluster/` has 22.
    let tags = [
        ("identity.cluster-id", &identity.cluster_id, 106),
        ("identity.cluster-uid", &identity.cluster_uid, 256),
        ("identity.controller-id", &identity.controller_id, 256),
    ];
    for (field, value, most) in tags {
        if value.chars().count() > most {
            return Err(invalid(field, &format!("is longer than the {most} characters that a tag can hold")));
        }
        if let Some(other) = value.chars().find(|found| !may_be_in_a_tag(*found)) {
            let what = format!("contains {other:?}, which an AWS tag cannot hold");
            return Err(invalid(field, &what));
        }
    }
    let twice = crate::index::repeated(settings.classes.iter().map(|class| class.name.as_str()));
    if let Some(name) = twice {
        return Err(invalid("classes", &format!("has two entries with the name {name:?}; remove one")));
    }
    let proxy = &settings.proxy;
    // Ranges: ELBv2 LoadBalancerAttribute, CreateTargetGroup and TargetGroupAttribute.
    let numbers = [
        ("idle-timeout", settings.idle_timeout, 1, 4_000),
        ("proxy.target-port", proxy.target_port.into(), 1, 65_535),
        ("proxy.health-check-port", proxy.health_check_port.into(), 1, 65_535),
        ("proxy.health-check-interval", proxy.health_check_interval, 5, 300),
        ("proxy.health-check-timeout", proxy.health_check_timeout, 2, 120),
        ("proxy.healthy-threshold", proxy.healthy_threshold, 2, 10),
        ("proxy.unhealthy-threshold", proxy.unhealthy_threshold, 2, 10),
        ("proxy.deregistration-delay", proxy.deregistration_delay, 0, 3_600),
    ];
    if let Some((field, value, least, most)) =
        numbers.iter().find(|(_, value, least, most)| value < least || value > most)
    {
        return Err(invalid(field, &format!("is {value}; it must be {least} to {most}")));
    }
    let http_ports = [
        ("proxy.http-target-port", proxy.http_target_port),
        ("proxy.network.http-target-port", proxy.network.as_ref().and_then(|it| it.http_target_port)),
    ];
    if let Some((field, _)) = http_ports.iter().find(|(_, port)| *port == Some(0)) {
        return Err(invalid(field, "is 0; it must be 1 to 65535"));
    }
    certificates::check(settings)?;
    web_acl::check(settings, region)?;
    tags::check(settings)?;
    tenancy::check(settings)?;
    if let Some(access_logs) = &settings.access_logs {
        access_logs::check(access_logs)?;
    }
    if let Some(age) = settings.minimum_age.filter(|age| *age > LONGEST_MINIMUM_AGE) {
        return Err(invalid("minimum-age", &format!("is {age}; it must be 0 to {LONGEST_MINIMUM_AGE}")));
    }
    if let Some(domain) = settings.cluster_local_domains.iter().find(|domain| !domains::is_domain(domain)) {
        let what = format!("has {domain:?}, which is not a domain; write it as cluster.local");
        return Err(invalid("cluster-local-domains", &what));
    }
    if proxy.health_check_timeout >= proxy.health_check_interval {
        return Err(invalid("proxy.health-check-timeout", "must be less than proxy.health-check-interval"));
    }
    if !proxy.health_check_path.starts_with('/') {
        return Err(invalid("proxy.health-check-path", "must begin with /"));
    }
    // CreateLoadBalancer, `IpAddressType`: an Application Load Balancer has no address type without IPv4.
    if settings.ip_address_type == IpAddressType::Ipv6 {
        return Err(invalid(
            "ip-address-type",
            "is ipv6; it must be ipv4, dualstack or dualstack-without-public-ipv4",
        ));
    }
    match proxy.target_ip_address_type {
        None | Some(IpAddressType::Ipv4) => {}
        // ELB user guide, "IP address type" of target groups: only dual-stack load balancers reach IPv6 targets.
        Some(IpAddressType::Ipv6) if settings.ip_address_type == IpAddressType::Ipv4 => {
            let what = "is ipv6, which needs ip-address-type dualstack or dualstack-without-public-ipv4";
            return Err(invalid("proxy.target-ip-address-type", what));
        }
        Some(IpAddressType::Ipv6) => {}
        Some(_) => return Err(invalid("proxy.target-ip-address-type", "must be ipv4 or ipv6")),
    }
    if let Some(route53) = &settings.route53 {
        route53::check(route53)?;
    }
    if let Some(deny) = &proxy.deny {
        deny::check(deny)?;
    }
    network::check(proxy)?;
    if let Some(pods) = &proxy.pods {
        pods::check(pods)?;
    }
    if let Some(namespace) = &settings.watch_namespace {
        namespaces::check("watch-namespace", namespace)?;
    }
    let mut points: Vec<_> = settings.policies.iter().map(|policy| policy.point).collect();
    points.sort();
    if points.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(invalid("policies", "names two policies for the same policy point"));
    }
    Ok(())
}

/// Letters, numbers, spaces and `_.:/=+-@` (ELBv2 Tag, pattern of key and value).
pub fn may_be_in_a_tag(found: char) -> bool {
    let is_space = found.is_whitespace() && !found.is_control();
    found.is_alphanumeric() || is_space || "_.:/=+-@".contains(found)
}

fn invalid(field: &str, what: &str) -> PlanningError {
    PlanningError {
        code: DiagnosticCode::SettingInvalid,
        field: Some(field.to_owned()),
        message: format!("settings: {field} {what}"),
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{ClassSetting, Mode};

    use super::*;

    const REGION: &str = "eu-central-1";

    fn good() -> Settings {
        let mut settings = Settings::default();
        settings.identity.cluster_id = "test".into();
        settings.identity.cluster_uid = "uid".into();
        settings
    }

    #[test]
    fn the_defaults_are_good_once_the_cluster_has_a_name() {
        assert_eq!(check(&good(), REGION), Ok(()));
        assert!(
            check(&Settings::default(), REGION).unwrap_err().message.contains("identity.cluster-id is empty")
        );
    }

    #[test]
    fn settings_that_aws_would_refuse_are_refused_by_name() {
        type Spoil = fn(&mut Settings);
        let twice: Spoil = |settings| {
            let entry = |mode| ClassSetting { name: "alb".into(), mode };
            settings.classes = vec![entry(Mode::Route), entry(Mode::Proxy)];
        };
        let cases: [(Spoil, &str); 14] = [
            (
                |settings| settings.proxy.target_ip_address_type = Some(IpAddressType::Ipv6),
                "proxy.target-ip-address-type is ipv6, which needs ip-address-type dualstack",
            ),
            (
                |settings| settings.proxy.target_ip_address_type = Some(IpAddressType::Dualstack),
                "proxy.target-ip-address-type must be ipv4 or ipv6",
            ),
            (|settings| settings.minimum_age = Some(86_401), "minimum-age is 86401; it must be 0 to 86400"),
            (
                |settings| settings.cluster_local_domains = vec![".cluster.local".into()],
                "cluster-local-domains has \".cluster.local\", which is not a domain; write it as cluster.local",
            ),
            (
                |settings| settings.watch_namespace = Some("shop,blog".into()),
                "watch-namespace is \"shop,blog\"; it must be the name of a namespace",
            ),
            (twice, "classes has two entries with the name \"alb\""),
            (|settings| settings.idle_timeout = 0, "idle-timeout is 0; it must be 1 to 4000"),
            (|settings| settings.proxy.target_port = 0, "proxy.target-port is 0"),
            (|settings| settings.proxy.health_check_timeout = 10, "must be less than"),
            (|settings| settings.proxy.health_check_path = "healthz".into(), "must begin with /"),
            (|settings| settings.proxy.healthy_threshold = 11, "it must be 2 to 10"),
            (
                |settings| settings.identity.cluster_id = "blue\ngreen".into(),
                "identity.cluster-id contains '\\n', which an AWS tag cannot hold",
            ),
            (
                |settings| settings.identity.controller_id = "a*b".into(),
                "identity.controller-id contains '*'",
            ),
            (|settings| settings.identity.cluster_id = "é".repeat(107), "longer than the 106 characters"),
        ];
        for (spoil, expected) in cases {
            let mut settings = good();
            spoil(&mut settings);
            let message = check(&settings, REGION).unwrap_err().message;
            assert!(message.contains(expected), "{message}");
        }
    }
}
