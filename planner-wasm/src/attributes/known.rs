//! The attributes of Application Load Balancers, their listeners and target groups, with AWS's defaults and allowed values.

use std::ops::RangeInclusive;

use albatross_contract::Protocol;

/// An attribute that this version knows.
pub struct Known {
    /// Its key in AWS.
    pub key: &'static str,
    /// The value that AWS sets by default. `None`: the default depends on other properties.
    pub default: Option<&'static str>,
    values: Values,
}

/// The values that AWS accepts.
enum Values {
    /// Any text.
    Any,
    /// `true` or `false`.
    Flag,
    /// A number in a range.
    Number(RangeInclusive<u32>),
    /// 0, or a number in a range.
    NumberOrZero(RangeInclusive<u32>),
    /// One of some words.
    Words(&'static [&'static str]),
    /// A number from 1, or `off`.
    CountOrOff,
    /// A word, or an empty value.
    WordOrEmpty(&'static str),
}

use Values::{Any, CountOrOff, Flag, Number, NumberOrZero, WordOrEmpty, Words};

const fn row(key: &'static str, default: &'static str, values: Values) -> Known {
    Known { key, default: Some(default), values }
}

/// API_LoadBalancerAttribute. Cross-zone load balancing cannot be turned off for an Application Load Balancer as a whole.
pub const LOAD_BALANCER: &[Known] = &[
    row("access_logs.s3.bucket", "", Any),
    row("access_logs.s3.enabled", "false", Flag),
    row("access_logs.s3.prefix", "", Any),
    row("client_keep_alive.seconds", "3600", Number(60..=604_800)),
    row("connection_logs.s3.bucket", "", Any),
    row("connection_logs.s3.enabled", "false", Flag),
    row("connection_logs.s3.prefix", "", Any),
    row(super::DELETION_PROTECTION, "false", Flag),
    row("health_check_logs.s3.bucket", "", Any),
    row("health_check_logs.s3.enabled", "false", Flag),
    row("health_check_logs.s3.prefix", "", Any),
    row("idle_timeout.timeout_seconds", "60", Number(1..=4_000)),
    Known { key: "ipv6.deny_all_igw_traffic", default: None, values: Flag },
    row("load_balancing.cross_zone.enabled", "true", Words(&["true"])),
    row("routing.http.desync_mitigation_mode", "defensive", Words(&["monitor", "defensive", "strictest"])),
    row("routing.http.drop_invalid_header_fields.enabled", "false", Flag),
    row("routing.http.preserve_host_header.enabled", "false", Flag),
    row("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", Flag),
    row("routing.http.xff_client_port.enabled", "false", Flag),
    row("routing.http.xff_header_processing.mode", "append", Words(&["append", "preserve", "remove"])),
    row("routing.http2.enabled", "true", Flag),
    row("waf.fail_open.enabled", "false", Flag),
    row("zonal_shift.config.enabled", "false", Flag),
];

/// API_TargetGroupAttribute: target groups of Application Load Balancers with targets of the types instance and ip. Slow
/// start is off (0) or lasts 30 to 900 seconds.
pub const TARGET_GROUP: &[Known] = &[
    row("deregistration_delay.timeout_seconds", "300", Number(0..=3_600)),
    row("load_balancing.algorithm.anomaly_mitigation", "off", Words(&["on", "off"])),
    row(
        "load_balancing.algorithm.type",
        "round_robin",
        Words(&["round_robin", "least_outstanding_requests", "weighted_random"]),
    ),
    row(
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        Words(&["true", "false", "use_load_balancer_configuration"]),
    ),
    row("slow_start.duration_seconds", "0", NumberOrZero(30..=900)),
    row("stickiness.app_cookie.cookie_name", "", Any),
    row("stickiness.app_cookie.duration_seconds", "86400", Number(1..=604_800)),
    row("stickiness.enabled", "false", Flag),
    row("stickiness.lb_cookie.duration_seconds", "86400", Number(1..=604_800)),
    row("stickiness.type", "lb_cookie", Words(&["lb_cookie", "app_cookie"])),
    row("target_group_health.dns_failover.minimum_healthy_targets.count", "1", CountOrOff),
    row("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", CountOrOff),
    row("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1", Number(1..=1_000)),
    row("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off", CountOrOff),
];

/// API_ListenerAttribute: HTTPS listeners. An empty value changes no header (Application Load Balancers, "HTTP header
/// modification").
const HTTPS_LISTENER: &[Known] = &[
    row("routing.http.request.x_amzn_mtls_clientcert.header_name", "", Any),
    row("routing.http.request.x_amzn_mtls_clientcert_issuer.header_name", "", Any),
    row("routing.http.request.x_amzn_mtls_clientcert_leaf.header_name", "", Any),
    row("routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name", "", Any),
    row("routing.http.request.x_amzn_mtls_clientcert_subject.header_name", "", Any),
    row("routing.http.request.x_amzn_mtls_clientcert_validity.header_name", "", Any),
    row("routing.http.request.x_amzn_tls_cipher_suite.header_name", "", Any),
    row("routing.http.request.x_amzn_tls_version.header_name", "", Any),
    row("routing.http.response.access_control_allow_credentials.header_value", "", WordOrEmpty("true")),
    row("routing.http.response.access_control_allow_headers.header_value", "", Any),
    row("routing.http.response.access_control_allow_methods.header_value", "", Any),
    row("routing.http.response.access_control_allow_origin.header_value", "", Any),
    row("routing.http.response.access_control_expose_headers.header_value", "", Any),
    row("routing.http.response.access_control_max_age.header_value", "", Any),
    row("routing.http.response.content_security_policy.header_value", "", Any),
    row("routing.http.response.server.enabled", "true", Flag),
    row("routing.http.response.strict_transport_security.header_value", "", Any),
    row("routing.http.response.x_content_type_options.header_value", "", WordOrEmpty("nosniff")),
    row("routing.http.response.x_frame_options.header_value", "", Any),
];

/// HTTP listeners have no request headers about the TLS connection, which are the first ones in the list.
const HTTP_LISTENER: &[Known] = HTTPS_LISTENER.split_at(8).1;

/// The attributes of listeners with a protocol.
pub fn of_listener(protocol: Protocol) -> &'static [Known] {
    match protocol {
        Protocol::Https => HTTPS_LISTENER,
        _ => HTTP_LISTENER,
    }
}

/// The attribute with a key.
pub fn find(all: &'static [Known], key: &str) -> Option<&'static Known> {
    all.iter().find(|known| known.key == key)
}

impl Known {
    /// Whether AWS accepts a value; if not, in words, which values AWS accepts.
    pub fn check(&self, value: &str) -> Result<(), String> {
        // AWS writes numbers without a sign and leading zeros; another spelling would differ from it for ever.
        let is_in = |range: &RangeInclusive<u32>| {
            value.parse::<u32>().is_ok_and(|number| range.contains(&number) && number.to_string() == value)
        };
        let is_valid = match &self.values {
            Any => true,
            Flag => matches!(value, "true" | "false"),
            Number(range) => is_in(range),
            NumberOrZero(range) => value == "0" || is_in(range),
            Words(words) => words.contains(&value),
            CountOrOff => value == "off" || is_in(&(1..=u32::MAX)),
            WordOrEmpty(word) => value.is_empty() || value == *word,
        };
        if is_valid { Ok(()) } else { Err(self.expected()) }
    }

    fn expected(&self) -> String {
        match &self.values {
            Any => "a text".to_owned(),
            Flag => "true or false".to_owned(),
            Number(range) => format!("{} to {}", range.start(), range.end()),
            NumberOrZero(range) => format!("0, or {} to {}", range.start(), range.end()),
            Words([only]) => (*only).to_owned(),
            Words(words) => match words.split_last() {
                Some((last, others)) => format!("{} or {last}", others.join(", ")),
                None => "a text".to_owned(),
            },
            CountOrOff => "a number from 1, or off".to_owned(),
            WordOrEmpty(word) => format!("{word}, or an empty value"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HTTP_LISTENER, HTTPS_LISTENER, LOAD_BALANCER, TARGET_GROUP, find};

    #[test]
    fn the_defaults_of_aws_are_valid_values() {
        for known in LOAD_BALANCER.iter().chain(TARGET_GROUP).chain(HTTPS_LISTENER) {
            assert_eq!(known.default.map_or(Ok(()), |default| known.check(default)), Ok(()), "{}", known.key);
        }
    }

    #[test]
    fn only_https_listeners_have_attributes_about_the_tls_connection() {
        assert_eq!(HTTP_LISTENER.len(), 11);
        assert!(HTTP_LISTENER.iter().all(|known| known.key.starts_with("routing.http.response.")));
    }

    #[test]
    fn an_invalid_value_is_answered_with_the_valid_ones() {
        let told = |key: &str, value: &str| {
            let known = find(LOAD_BALANCER, key).or_else(|| find(TARGET_GROUP, key));
            let known = known.or_else(|| find(HTTPS_LISTENER, key)).unwrap();
            known.check(value).err()
        };
        for (key, value, expected) in [
            ("idle_timeout.timeout_seconds", "0", "1 to 4000"),
            ("idle_timeout.timeout_seconds", "060", "1 to 4000"),
            ("idle_timeout.timeout_seconds", "+60", "1 to 4000"),
            ("routing.http2.enabled", "yes", "true or false"),
            ("load_balancing.cross_zone.enabled", "false", "true"),
            ("routing.http.response.x_content_type_options.header_value", "x", "nosniff, or an empty value"),
            ("slow_start.duration_seconds", "10", "0, or 30 to 900"),
            (
                "load_balancing.algorithm.type",
                "random",
                "round_robin, least_outstanding_requests or weighted_random",
            ),
        ] {
            assert_eq!(told(key, value).as_deref(), Some(expected), "{key}");
        }
        assert_eq!(told("slow_start.duration_seconds", "30"), None);
    }
}
