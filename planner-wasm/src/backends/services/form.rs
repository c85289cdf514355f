//! The form of the target group of a Service port. The defaults are those of the AWS Load Balancer Controller.

use albatross_contract::{
    HealthCheck, IpAddressType, Protocol, Service, ServiceKind, ServicePort, ServicePortReference, TargetType,
};

use super::ports;
use crate::{
    attributes::{Attribute, known},
    backends::TargetGroupForm,
    identity::service_target_group_suffix,
    source::{InvalidBackend, StringMap, TargetWishes},
};

/// The default protocol version.
const HTTP1: &str = "HTTP1";

/// The form, or the reason why there is none.
pub fn of<'a>(
    service: &'a Service,
    port: &'a ServicePort,
    target_type: TargetType,
    wishes: &TargetWishes<'a>,
    vpc: &'a str,
) -> Result<TargetGroupForm<'a>, InvalidBackend> {
    let protocol = wishes.protocol.unwrap_or(Protocol::Http);
    let version = wishes.protocol_version.unwrap_or(HTTP1);
    let on_targets = on_targets(service, port, target_type)?;
    let health_check = health_check(service, target_type, wishes)?;
    let parts = [
        service.metadata.namespace.as_deref().unwrap_or("default"),
        &service.metadata.name,
        &port.port.to_string(),
        protocol.as_str(),
        version,
        target_type.as_str(),
        &on_targets.to_string(),
        vpc,
    ];
    Ok(TargetGroupForm {
        protocol,
        protocol_version: Some(version),
        port: on_targets,
        target_type,
        ip_address_type: IpAddressType::Ipv4,
        vpc,
        health_check,
        keeps_timeout: false,
        attributes: attributes(service, wishes),
        reason: format!(
            "rules forward to port {} of Service {}/{}",
            port.port,
            service.metadata.namespace.as_deref().unwrap_or("default"),
            service.metadata.name
        ),
        suffix: service_target_group_suffix(&parts),
        service: Some(format!(
            "{}/{}:{}",
            service.metadata.namespace.as_deref().unwrap_or("default"),
            service.metadata.name,
            port.port
        )),
    })
}

/// The port of the targets: the node port of instances, or the target port of addresses. A target port that is given by name
/// may differ between pods; then each target is registered with its own port, and the port of the target group is 1, as in
/// the AWS Load Balancer Controller.
fn on_targets(service: &Service, port: &ServicePort, target_type: TargetType) -> Result<u16, InvalidBackend> {
    if target_type == TargetType::Ip {
        return Ok(match &port.target_port {
            Some(ServicePortReference::Number(number)) => *number,
            Some(ServicePortReference::Name(_)) => ports::OF_EACH_TARGET,
            None => port.port,
        });
    }
    port.node_port.ok_or_else(|| {
        let remedy = match service.kind {
            ServiceKind::NodePort | ServiceKind::LoadBalancer => {
                "write nodePort in the manifest; in a cluster, Kubernetes assigns it when the Service is applied"
            }
            _ => "set the type of the Service to NodePort, or the annotation target-type of the Ingress to ip",
        };
        let name = ports::name(service);
        InvalidBackend::new(format!("Service {name} has no node port for port {}", port.port), remedy)
    })
}

fn health_check(
    service: &Service,
    target_type: TargetType,
    wishes: &TargetWishes<'_>,
) -> Result<HealthCheck, InvalidBackend> {
    let (path, codes) = if wishes.is_grpc() { ("/AWS.ALB/healthcheck", "12") } else { ("/", "200") };
    let check = &wishes.health_check;
    Ok(HealthCheck {
        protocol: check.protocol.or(wishes.protocol).unwrap_or(Protocol::Http),
        port: check_port(service, target_type, check.port.unwrap_or(TargetWishes::TRAFFIC_PORT))?,
        path: Some(check.path.unwrap_or(path).to_owned()),
        interval: check.interval.unwrap_or(TargetWishes::INTERVAL),
        timeout: check.timeout.unwrap_or(TargetWishes::TIMEOUT),
        healthy_threshold: check.healthy_threshold.unwrap_or(2),
        unhealthy_threshold: check.unhealthy_threshold.unwrap_or(2),
        matcher: Some(check.success_codes.unwrap_or(codes).to_owned()),
    })
}

/// The attributes that annotations of the Service or of an Ingress ask for.
fn attributes(service: &Service, wishes: &TargetWishes<'_>) -> Vec<Attribute> {
    let attribute = |(key, value): (&String, &String)| {
        let name = &service.metadata.name;
        let reason = format!("an annotation of Service {name} or of an Ingress asks for other attributes");
        Attribute::asked(known::TARGET_GROUP, key, value, reason)
    };
    wishes.attributes.iter().map(attribute).collect()
}

/// The port of the health check as AWS writes it. A name is the name of a port of the Service.
fn check_port(service: &Service, target_type: TargetType, wanted: &str) -> Result<String, InvalidBackend> {
    if wanted == TargetWishes::TRAFFIC_PORT || wanted.parse::<u16>().is_ok_and(|number| number > 0) {
        return Ok(wanted.to_owned());
    }
    let named = ports::find(service, &ServicePortReference::Name(wanted.to_owned()))?;
    let number = on_targets(service, named, target_type)?;
    if target_type == TargetType::Ip && matches!(named.target_port, Some(ServicePortReference::Name(_))) {
        let reason = format!(
            "the target port of the health check port {wanted} is a name too, which may differ between pods"
        );
        return Err(InvalidBackend::new(reason, "set the annotation healthcheck-port to a number"));
    }
    Ok(number.to_string())
}

/// All properties that AWS can change, and the choice of the targets, to compare two wishes for a target group.
pub fn changeable_in_words(form: &TargetGroupForm<'_>, wishes: &TargetWishes<'_>) -> String {
    let check = &form.health_check;
    let path = check.path.as_deref().unwrap_or_default();
    let matcher = check.matcher.as_deref().unwrap_or_default();
    let pairs = |name: &str, pairs: &StringMap| {
        let pairs = pairs.iter().map(|(key, value)| format!("{key}={value}"));
        format!("; {name} {}", pairs.collect::<Vec<_>>().join(","))
    };
    let (attributes, labels) = (pairs("attributes", &wishes.attributes), pairs("nodes", &wishes.node_labels));
    format!(
        "{} {} {path} {} {} {} {} {matcher}{attributes}{labels}",
        check.protocol.as_str(),
        check.port,
        check.interval,
        check.timeout,
        check.healthy_threshold,
        check.unhealthy_threshold
    )
}
