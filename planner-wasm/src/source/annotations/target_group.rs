//! Properties of target groups: annotations of a Service, or of an Ingress where the Service has none.

use albatross_contract::{Protocol, TargetType};

use super::values::Reader;
use crate::source::{HealthCheckWishes, TargetWishes};

const TARGET_TYPE: &str = "alb.ingress.kubernetes.io/target-type";
const PROTOCOL: &str = "alb.ingress.kubernetes.io/backend-protocol";
const PROTOCOL_VERSION: &str = "alb.ingress.kubernetes.io/backend-protocol-version";
const CHECK_PROTOCOL: &str = "alb.ingress.kubernetes.io/healthcheck-protocol";
const CHECK_PORT: &str = "alb.ingress.kubernetes.io/healthcheck-port";
const CHECK_PATH: &str = "alb.ingress.kubernetes.io/healthcheck-path";
const CHECK_INTERVAL: &str = "alb.ingress.kubernetes.io/healthcheck-interval-seconds";
const CHECK_TIMEOUT: &str = "alb.ingress.kubernetes.io/healthcheck-timeout-seconds";
const HEALTHY: &str = "alb.ingress.kubernetes.io/healthy-threshold-count";
const UNHEALTHY: &str = "alb.ingress.kubernetes.io/unhealthy-threshold-count";
const SUCCESS_CODES: &str = "alb.ingress.kubernetes.io/success-codes";

/// The annotations of this family.
pub const KNOWN: &[&str] = &[
    TARGET_TYPE,
    PROTOCOL,
    PROTOCOL_VERSION,
    CHECK_PROTOCOL,
    CHECK_PORT,
    CHECK_PATH,
    CHECK_INTERVAL,
    CHECK_TIMEOUT,
    HEALTHY,
    UNHEALTHY,
    SUCCESS_CODES,
];

const PROTOCOLS: &[(&str, Protocol)] = &[("HTTP", Protocol::Http), ("HTTPS", Protocol::Https)];
const VERSIONS: &[(&str, &str)] = &[("HTTP1", "HTTP1"), ("HTTP2", "HTTP2"), ("GRPC", "GRPC")];
const TARGET_TYPES: &[(&str, TargetType)] = &[("instance", TargetType::Instance), ("ip", TargetType::Ip)];

/// The properties that annotations ask for. The ranges are those of the ELBv2 API, CreateTargetGroup.
pub fn wishes<'a>(reader: &mut Reader<'a>) -> TargetWishes<'a> {
    TargetWishes {
        target_type: reader.choice(TARGET_TYPE, TARGET_TYPES, "instance or ip"),
        protocol: reader.choice(PROTOCOL, PROTOCOLS, "HTTP or HTTPS"),
        protocol_version: reader.choice(PROTOCOL_VERSION, VERSIONS, "HTTP1, HTTP2 or GRPC"),
        health_check: HealthCheckWishes {
            protocol: reader.choice(CHECK_PROTOCOL, PROTOCOLS, "HTTP or HTTPS"),
            port: reader.name(CHECK_PORT, "traffic-port, a number, or the name of a port of the Service"),
            path: reader
                .parse(CHECK_PATH, "a path that begins with /", |text| text.starts_with('/').then_some(text)),
            interval: reader.number(CHECK_INTERVAL, 5..=300, "5 to 300"),
            timeout: reader.number(CHECK_TIMEOUT, 2..=120, "2 to 120"),
            healthy_threshold: reader.number(HEALTHY, 2..=10, "2 to 10"),
            unhealthy_threshold: reader.number(UNHEALTHY, 2..=10, "2 to 10"),
            success_codes: reader.name(SUCCESS_CODES, "codes such as 200, 200,201 or 200-299"),
        },
    }
}
