//! Target groups, their health checks and their targets.

use albatross_contract::{HealthCheck, IpAddressType, Protocol, Tag, Target, TargetGroup, TargetId};
use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::{count, small, words};

/// A target group without the properties that other calls return: attributes, targets, tags.
pub(crate) fn from_sdk(found: &sdk::TargetGroup) -> Option<TargetGroup> {
    // A target group of Lambda functions has neither protocol nor port; the contract has HTTP there.
    let protocol =
        found.protocol().map_or(Some(Protocol::Http), |protocol| words::protocol(protocol.as_str()))?;
    let mut load_balancer_arns = found.load_balancer_arns().to_vec();
    load_balancer_arns.sort();
    Some(TargetGroup {
        arn: found.target_group_arn()?.to_owned(),
        name: found.target_group_name()?.to_owned(),
        protocol,
        protocol_version: found.protocol_version().map(str::to_owned),
        port: found.port().and_then(small),
        target_type: words::target_type(found.target_type()?.as_str())?,
        ip_address_type: found
            .ip_address_type()
            .map_or(Some(IpAddressType::Ipv4), |kind| words::address_type(kind.as_str()))?,
        vpc_id: found.vpc_id().map(str::to_owned),
        health_check: health_check(found, protocol)?,
        load_balancer_arns,
        attributes: Vec::new(),
        targets: Vec::new(),
        tags: Vec::new(),
        target_control_port: found.target_control_port().and_then(small),
        // Set only if it is unusual.
        health_check_enabled: found.health_check_enabled().filter(|enabled| !enabled),
    })
}

fn health_check(found: &sdk::TargetGroup, protocol: Protocol) -> Option<HealthCheck> {
    let code = |matcher: &sdk::Matcher| matcher.http_code().or(matcher.grpc_code()).map(str::to_owned);
    Some(HealthCheck {
        protocol: found.health_check_protocol().map_or(Some(protocol), |it| words::protocol(it.as_str()))?,
        port: found.health_check_port().unwrap_or("traffic-port").to_owned(),
        path: found.health_check_path().map(str::to_owned),
        interval: count(found.health_check_interval_seconds()),
        timeout: count(found.health_check_timeout_seconds()),
        healthy_threshold: count(found.healthy_threshold_count()),
        unhealthy_threshold: count(found.unhealthy_threshold_count()),
        matcher: found.matcher().and_then(code),
    })
}

/// The codes of a healthy answer. HTTP codes begin at 200, gRPC codes end at 99 (ELBv2 API reference, Matcher).
pub(crate) fn matcher(codes: &str) -> sdk::Matcher {
    let digits = codes.bytes().take_while(u8::is_ascii_digit).count();
    let matcher = sdk::Matcher::builder();
    if digits < 3 { matcher.grpc_code(codes) } else { matcher.http_code(codes) }.build()
}

/// Attributes of a target group.
pub(crate) fn attributes_from_sdk(found: &[sdk::TargetGroupAttribute]) -> Vec<Tag> {
    let mut attributes: Vec<Tag> = found
        .iter()
        .filter_map(|it| {
            Some(Tag { key: it.key()?.to_owned(), value: it.value().unwrap_or_default().to_owned() })
        })
        .collect();
    attributes.sort();
    attributes
}

/// Attributes for a target group.
pub(crate) fn attributes_to_sdk(attributes: &[Tag]) -> Vec<sdk::TargetGroupAttribute> {
    attributes
        .iter()
        .map(|it| sdk::TargetGroupAttribute::builder().key(&it.key).value(&it.value).build())
        .collect()
}

/// A registered target and its health.
pub(crate) fn target_from_sdk(found: &sdk::TargetHealthDescription) -> Option<Target> {
    let target = found.target()?;
    let health = found.target_health()?;
    Some(Target {
        id: target.id()?.to_owned(),
        port: target.port().and_then(small),
        health: words::health(health.state()?.as_str())?,
        reason: health.reason().map(|reason| reason.as_str().to_owned()).filter(|reason| !reason.is_empty()),
        availability_zone: target.availability_zone().map(str::to_owned),
        quic_server_id: target.quic_server_id().map(str::to_owned),
        administrative_override: found
            .administrative_override()
            .and_then(|it| it.state())
            .map(|state| state.as_str().to_owned())
            .filter(|state| state != "no_override"),
    })
}

/// A target to register or deregister.
pub(crate) fn target_to_sdk(target: &TargetId) -> sdk::TargetDescription {
    let port = target.port.map(i32::from);
    sdk::TargetDescription::builder().id(&target.id).set_port(port).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_at_most_two_digits_are_grpc_codes() {
        assert_eq!(matcher("200-299").http_code(), Some("200-299"));
        assert_eq!(matcher("0,12").grpc_code(), Some("0,12"));
        assert_eq!(matcher("99").grpc_code(), Some("99"));
    }
}
