"""Attributes of load balancers, target groups and listeners, with the defaults of AWS."""

from moto.elbv2.exceptions import InvalidConfigurationRequest

# API_LoadBalancerAttribute
LOAD_BALANCER = {
    "access_logs.s3.bucket": "",
    "access_logs.s3.enabled": "false",
    "access_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
APPLICATION = {
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.prefix": "",
    "health_check_logs.s3.bucket": "",
    "health_check_logs.s3.enabled": "false",
    "health_check_logs.s3.prefix": "",
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
}
NETWORK = {
    "dns_record.client_routing_policy": "any_availability_zone",
    "load_balancing.cross_zone.enabled": "false",
    "secondary_ips.auto_assigned.per_subnet": "0",
}

# API_TargetGroupAttribute
TARGET_GROUP = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "stickiness.enabled": "false",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
TARGET_GROUP_HTTP = {
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.algorithm.type": "round_robin",
    "slow_start.duration_seconds": "0",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.type": "lb_cookie",
}
TARGET_GROUP_TRANSPORT = {
    "deregistration_delay.connection_termination.enabled": "false",
    "preserve_client_ip.enabled": "true",
    "proxy_protocol_v2.enabled": "false",
    "stickiness.type": "source_ip",
    "target_health_state.unhealthy.connection_termination.enabled": "true",
    "target_health_state.unhealthy.draining_interval_seconds": "0",
}
TARGET_GROUP_LAMBDA = {"lambda.multi_value_headers.enabled": "false", "stickiness.enabled": "false"}

# API_ListenerAttribute
LISTENER_TRANSPORT = {"tcp.idle_timeout.seconds": "350"}
LISTENER_HTTP = {
    **{
        f"routing.http.response.{header}.header_value": ""
        for header in (
            "access_control_allow_credentials",
            "access_control_allow_headers",
            "access_control_allow_methods",
            "access_control_allow_origin",
            "access_control_expose_headers",
            "access_control_max_age",
            "content_security_policy",
            "strict_transport_security",
            "x_content_type_options",
            "x_frame_options",
        )
    },
    "routing.http.response.server.enabled": "true",
}
LISTENER_HTTPS = {
    f"routing.http.request.{header}.header_name": ""
    for header in (
        "x_amzn_mtls_clientcert",
        "x_amzn_mtls_clientcert_issuer",
        "x_amzn_mtls_clientcert_leaf",
        "x_amzn_mtls_clientcert_serial_number",
        "x_amzn_mtls_clientcert_subject",
        "x_amzn_mtls_clientcert_validity",
        "x_amzn_tls_cipher_suite",
        "x_amzn_tls_version",
    )
}

# Attributes with numeric values, and their ranges (from the pages above).
RANGES = {
    "client_keep_alive.seconds": range(60, 604_801),
    "deregistration_delay.timeout_seconds": range(0, 3_601),
    "idle_timeout.timeout_seconds": range(1, 4_001),
    "stickiness.app_cookie.duration_seconds": range(1, 604_801),
    "stickiness.lb_cookie.duration_seconds": range(1, 604_801),
    "tcp.idle_timeout.seconds": range(60, 6_001),
}


def of_load_balancer(kind, scheme):
    """The attributes of a new load balancer."""
    own = APPLICATION if kind == "application" else NETWORK
    # API_LoadBalancerAttribute: false for internet-facing load balancers and true for internal ones.
    deny = "true" if scheme == "internal" else "false"
    return {**LOAD_BALANCER, **own, "ipv6.deny_all_igw_traffic": deny}


def of_target_group(target_type, protocol):
    """The attributes of a new target group."""
    if target_type == "lambda":
        return dict(TARGET_GROUP_LAMBDA)
    own = TARGET_GROUP_HTTP if protocol in ("HTTP", "HTTPS") else TARGET_GROUP_TRANSPORT
    return {**TARGET_GROUP, **own}


def of_listener(protocol):
    """The attributes of a new listener."""
    if protocol in ("HTTP", "HTTPS"):
        return {**LISTENER_HTTP, **(LISTENER_HTTPS if protocol == "HTTPS" else {})}
    return dict(LISTENER_TRANSPORT) if protocol in ("TCP", "TLS") else {}


def check(what, defaults, changed):
    """Rejects a change of attributes that AWS would reject: an unknown key, a number out of range, a value other than
    true or false. (Pages API_ModifyLoadBalancerAttributes, API_ModifyTargetGroupAttributes,
    API_ModifyListenerAttributes: if any attribute cannot be changed as requested, the call fails.)"""
    for key, value in changed.items():
        if key not in defaults:
            raise InvalidConfigurationRequest(f"{what} attribute key '{key}' is not recognized")
        if key in RANGES:
            valid = value.isdigit() and int(value) in RANGES[key]
        else:
            valid = defaults[key] not in ("true", "false") or value in ("true", "false")
        if not valid:
            raise InvalidConfigurationRequest(f"{what} attribute value '{value}' for key '{key}' is not valid")
