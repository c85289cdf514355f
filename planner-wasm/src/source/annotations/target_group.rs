//! Properties of target groups: annotations of a Service, or of an Ingress where the Service has none.

use albatross_contract::{Protocol, TargetType};

use super::{attributes, values::Reader};
use crate::source::{HealthCheckWishes, TargetWishes};

const TARGET_TYPE: &str = "alb.ingress.kubernetes.io/target-type";
const PROTOCOL: &str = "alb.ingress.kubernetes.io/backend-protocol";
const PROTOCOL_VERSION: &str = "alb.ingress.kubernetes.io/backend-protocol-version";
const CHECK_PROTOCOL: &str = "alb.ingress.kubernetes.io/healthcheck-protocol";
/// The port of the health check.
pub const CHECK_PORT: &str = "alb.ingress.kubernetes.io/healthcheck-port";
const CHECK_PATH: &str = "alb.ingress.kubernetes.io/healthcheck-path";
/// The interval of the health check.
pub const CHECK_INTERVAL: &str = "alb.ingress.kubernetes.io/healthcheck-interval-seconds";
/// The timeout of the health check.
pub const CHECK_TIMEOUT: &str = "alb.ingress.kubernetes.io/healthcheck-timeout-seconds";
const HEALTHY: &str = "alb.ingress.kubernetes.io/healthy-threshold-count";
const UNHEALTHY: &str = "alb.ingress.kubernetes.io/unhealthy-threshold-count";
/// Codes of a successful health check.
pub const SUCCESS_CODES: &str = "alb.ingress.kubernetes.io/success-codes";
/// The labels of the nodes that are targets.
pub const NODE_LABELS: &str = "alb.ingress.kubernetes.io/target-node-labels";

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
    NODE_LABELS,
    attributes::TARGET_GROUP,
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
            path: reader.parse(CHECK_PATH, PATH, |text| is_path(text).then_some(text)),
            interval: reader.number(CHECK_INTERVAL, 5..=300, "5 to 300"),
            timeout: reader.number(CHECK_TIMEOUT, 2..=120, "2 to 120"),
            healthy_threshold: reader.number(HEALTHY, 2..=10, "2 to 10"),
            unhealthy_threshold: reader.number(UNHEALTHY, 2..=10, "2 to 10"),
            success_codes: reader.parse(SUCCESS_CODES, "codes such as 200, 200,202 or 200-299", |text| {
                are_codes(text).then_some(text)
            }),
        },
        attributes: attributes::of_target_group(reader),
        node_labels: reader.map(NODE_LABELS, |_, _| Ok(())),
        ..TargetWishes::default()
    }
}

const PATH: &str = "a path that begins with / and has up to 1024 visible ASCII characters";

/// Whether a text is the path of a health check (ELBv2 API, CreateTargetGroup, `HealthCheckPath`).
fn is_path(text: &str) -> bool {
    text.starts_with('/') && text.len() <= 1_024 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a text is a list of codes and ranges of codes. Which codes AWS accepts depends on the protocol version.
fn are_codes(text: &str) -> bool {
    let code = |text: &str| {
        let is_code = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| text.parse::<u16>().ok()).flatten()
    };
    text.split(',').all(|part| match part.split_once('-') {
        Some((first, last)) => code(first).is_some() && code(first) <= code(last),
        None => code(part).is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::{CHECK_PATH, NODE_LABELS, SUCCESS_CODES, are_codes, wishes};
    use crate::{identity::tag, source::annotations::Reader};

    #[test]
    fn success_codes_are_codes_and_ranges_separated_by_commas() {
        for (text, expected) in [
            ("200", true),
            ("200,202", true),
            ("200-299", true),
            ("200-299,404", true),
            ("0-99", true),
            ("5-10", true),
            ("10-5", false),
            ("200-", false),
            ("-200", false),
            ("", false),
            ("200,", false),
            ("299-200", false),
            ("2xx", false),
            ("2000", false),
        ] {
            assert_eq!(are_codes(text), expected, "{text}");
        }
    }

    #[test]
    fn invalid_values_are_reported_and_count_as_absent() {
        let annotations =
            [tag(SUCCESS_CODES, "ok"), tag(CHECK_PATH, "/a b"), tag(NODE_LABELS, "pool=web,zone=a")];
        let mut reader = Reader::new(&annotations);
        let wishes = wishes(&mut reader);
        assert_eq!((wishes.health_check.path, wishes.health_check.success_codes), (None, None));
        assert_eq!(wishes.node_labels.len(), 2);
        assert_eq!(reader.unreadable.len(), 2);
    }
}
