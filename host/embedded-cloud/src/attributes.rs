//! Attributes of load balancers, target groups and listeners: their keys and AWS's defaults.

use albatross_contract::{LoadBalancerKind, Protocol, Scheme, Tag, TargetGroup, TargetType};

use crate::{AwsError, tags};

/// A key and its default.
type Default = (&'static str, &'static str);

/// API_LoadBalancerAttribute: Application and Network Load Balancers.
const LOAD_BALANCER: &[Default] = &[
    ("access_logs.s3.bucket", ""),
    ("access_logs.s3.enabled", "false"),
    ("access_logs.s3.prefix", ""),
    ("deletion_protection.enabled", "false"),
    ("zonal_shift.config.enabled", "false"),
];

/// API_LoadBalancerAttribute: Application Load Balancers only.
const APPLICATION: &[Default] = &[
    ("client_keep_alive.seconds", "3600"),
    ("connection_logs.s3.bucket", ""),
    ("connection_logs.s3.enabled", "false"),
    ("connection_logs.s3.prefix", ""),
    ("health_check_logs.s3.bucket", ""),
    ("health_check_logs.s3.enabled", "false"),
    ("health_check_logs.s3.prefix", ""),
    ("idle_timeout.timeout_seconds", "60"),
    ("load_balancing.cross_zone.enabled", "true"),
    ("routing.http.desync_mitigation_mode", "defensive"),
    ("routing.http.drop_invalid_header_fields.enabled", "false"),
    ("routing.http.preserve_host_header.enabled", "false"),
    ("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"),
    ("routing.http.xff_client_port.enabled", "false"),
    ("routing.http.xff_header_processing.mode", "append"),
    ("routing.http2.enabled", "true"),
    ("waf.fail_open.enabled", "false"),
];

/// API_LoadBalancerAttribute: Network Load Balancers only.
const NETWORK: &[Default] = &[
    ("dns_record.client_routing_policy", "any_availability_zone"),
    ("load_balancing.cross_zone.enabled", "false"),
    ("secondary_ips.auto_assigned.per_subnet", "0"),
];

/// API_TargetGroupAttribute: all target groups except those of Lambda.
const TARGET_GROUP: &[Default] = &[
    ("deregistration_delay.timeout_seconds", "300"),
    ("load_balancing.cross_zone.enabled", "use_load_balancer_configuration"),
    ("stickiness.enabled", "false"),
    ("target_group_health.dns_failover.minimum_healthy_targets.count", "1"),
    ("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"),
    ("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"),
];

/// API_TargetGroupAttribute: Application Load Balancers, targets of type instance and ip.
const TARGET_GROUP_HTTP: &[Default] = &[
    ("load_balancing.algorithm.anomaly_mitigation", "off"),
    ("load_balancing.algorithm.type", "round_robin"),
    ("slow_start.duration_seconds", "0"),
    ("stickiness.app_cookie.cookie_name", ""),
    ("stickiness.app_cookie.duration_seconds", "86400"),
    ("stickiness.lb_cookie.duration_seconds", "86400"),
    ("stickiness.type", "lb_cookie"),
];

/// API_TargetGroupAttribute: Network Load Balancers.
const TARGET_GROUP_TRANSPORT: &[Default] = &[
    ("proxy_protocol_v2.enabled", "false"),
    ("stickiness.type", "source_ip"),
    ("target_health_state.unhealthy.draining_interval_seconds", "0"),
];

/// API_TargetGroupAttribute: Lambda.
const TARGET_GROUP_LAMBDA: &[Default] =
    &[("lambda.multi_value_headers.enabled", "false"), ("stickiness.enabled", "false")];

/// API_ListenerAttribute: Network Load Balancers.
const LISTENER_TRANSPORT: &[Default] = &[("tcp.idle_timeout.seconds", "350")];

/// API_ListenerAttribute: HTTP and HTTPS. A header that is not set is empty ("Enable HTTP header modification": off by
/// default).
const LISTENER_HTTP: &[Default] = &[
    ("routing.http.response.access_control_allow_credentials.header_value", ""),
    ("routing.http.response.access_control_allow_headers.header_value", ""),
    ("routing.http.response.access_control_allow_methods.header_value", ""),
    ("routing.http.response.access_control_allow_origin.header_value", ""),
    ("routing.http.response.access_control_expose_headers.header_value", ""),
    ("routing.http.response.access_control_max_age.header_value", ""),
    ("routing.http.response.content_security_policy.header_value", ""),
    ("routing.http.response.server.enabled", "true"),
    ("routing.http.response.strict_transport_security.header_value", ""),
    ("routing.http.response.x_content_type_options.header_value", ""),
    ("routing.http.response.x_frame_options.header_value", ""),
];

/// API_ListenerAttribute: HTTPS only.
const LISTENER_HTTPS: &[Default] = &[
    ("routing.http.request.x_amzn_mtls_clientcert.header_name", ""),
    ("routing.http.request.x_amzn_mtls_clientcert_issuer.header_name", ""),
    ("routing.http.request.x_amzn_mtls_clientcert_leaf.header_name", ""),
    ("routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name", ""),
    ("routing.http.request.x_amzn_mtls_clientcert_subject.header_name", ""),
    ("routing.http.request.x_amzn_mtls_clientcert_validity.header_name", ""),
    ("routing.http.request.x_amzn_tls_cipher_suite.header_name", ""),
    ("routing.http.request.x_amzn_tls_version.header_name", ""),
];

/// Attributes whose value is a number, with its range (same pages).
const RANGES: &[(&str, u64, u64)] = &[
    ("client_keep_alive.seconds", 60, 604_800),
    ("deregistration_delay.timeout_seconds", 0, 3_600),
    ("idle_timeout.timeout_seconds", 1, 4_000),
    ("secondary_ips.auto_assigned.per_subnet", 0, 7),
    ("stickiness.app_cookie.duration_seconds", 1, 604_800),
    ("stickiness.lb_cookie.duration_seconds", 1, 604_800),
    ("tcp.idle_timeout.seconds", 60, 6_000),
];

/// The attributes of a new load balancer.
pub(crate) fn of_load_balancer(kind: LoadBalancerKind, scheme: Scheme) -> Vec<Tag> {
    // API_LoadBalancerAttribute: false for internet-facing load balancers and true for internal ones.
    let deny = if scheme == Scheme::Internal { "true" } else { "false" };
    let own = match kind {
        LoadBalancerKind::Application => APPLICATION,
        LoadBalancerKind::Network | LoadBalancerKind::Gateway => NETWORK,
    };
    all(&[LOAD_BALANCER, own, &[("ipv6.deny_all_igw_traffic", deny)]])
}

/// The attributes of a new target group.
pub(crate) fn of_target_group(target_type: TargetType, protocol: Protocol) -> Vec<Tag> {
    if target_type == TargetType::Lambda {
        return all(&[TARGET_GROUP_LAMBDA]);
    }
    if matches!(protocol, Protocol::Http | Protocol::Https) {
        return all(&[TARGET_GROUP, TARGET_GROUP_HTTP]);
    }
    // API_TargetGroupAttribute. Connection termination on deregistration: on for UDP, otherwise off. Client IP preservation:
    // off for targets of type ip with TCP and TLS, otherwise on. Connection termination when unhealthy: cannot be on for
    // UDP.
    let udp = matches!(protocol, Protocol::Udp | Protocol::TcpUdp | Protocol::Quic | Protocol::TcpQuic);
    let keeps_client = udp || target_type != TargetType::Ip;
    let word = |yes| if yes { "true" } else { "false" };
    all(&[
        TARGET_GROUP,
        TARGET_GROUP_TRANSPORT,
        &[
            ("deregistration_delay.connection_termination.enabled", word(udp)),
            ("preserve_client_ip.enabled", word(keeps_client)),
            ("target_health_state.unhealthy.connection_termination.enabled", word(!udp)),
        ],
    ])
}

/// The attributes of a new listener.
pub(crate) fn of_listener(protocol: Protocol) -> Vec<Tag> {
    match protocol {
        Protocol::Http => all(&[LISTENER_HTTP]),
        Protocol::Https => all(&[LISTENER_HTTP, LISTENER_HTTPS]),
        Protocol::Tcp | Protocol::Tls => all(&[LISTENER_TRANSPORT]),
        Protocol::Udp | Protocol::TcpUdp | Protocol::Quic | Protocol::TcpQuic | Protocol::Geneve => {
            Vec::new()
        }
    }
}

/// Changes attributes of a resource whose kind has these defaults.
///
/// Pages: API_ModifyLoadBalancerAttributes, API_ModifyTargetGroupAttributes, API_ModifyListenerAttributes: if any
/// attribute cannot be changed as asked, the call fails.
///
/// # Errors
/// `InvalidConfigurationRequest`
pub(crate) fn change(
    what: &str,
    defaults: &[Tag],
    present: &mut Vec<Tag>,
    changed: &[Tag],
) -> Result<(), AwsError> {
    for attribute in changed {
        let Some(default) = defaults.iter().find(|it| it.key == attribute.key) else {
            return Err(AwsError::configuration(format!(
                "{what} attribute key '{}' is not recognized",
                attribute.key
            )));
        };
        let number = RANGES.iter().find(|(key, ..)| *key == attribute.key);
        let valid = match number {
            Some((_, least, most)) => {
                attribute.value.parse::<u64>().is_ok_and(|value| (*least..=*most).contains(&value))
            }
            None if matches!(default.value.as_str(), "true" | "false") => {
                matches!(attribute.value.as_str(), "true" | "false")
            }
            None => true,
        };
        if !valid {
            return Err(AwsError::configuration(format!(
                "{what} attribute value '{}' for key '{}' is not valid",
                attribute.value, attribute.key
            )));
        }
    }
    tags::set(present, changed);
    Ok(())
}

/// How long a draining target keeps its connections, in seconds.
pub(crate) fn deregistration_delay(target_group: &TargetGroup) -> u64 {
    const DEFAULT: u64 = 300;
    value(&target_group.attributes, "deregistration_delay.timeout_seconds")
        .and_then(|value| value.parse().ok())
        .unwrap_or(DEFAULT)
}

/// The value of an attribute.
pub(crate) fn value<'a>(attributes: &'a [Tag], key: &str) -> Option<&'a str> {
    attributes.iter().find(|it| it.key == key).map(|it| it.value.as_str())
}

fn all(parts: &[&[Default]]) -> Vec<Tag> {
    let mut attributes: Vec<Tag> = parts
        .iter()
        .flat_map(|part| part.iter())
        .map(|(key, value)| Tag { key: (*key).to_owned(), value: (*value).to_owned() })
        .collect();
    attributes.sort();
    attributes
}
