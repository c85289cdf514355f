//! Unusual configuration of resources, which somebody set on purpose and which should not be lost.

use albatross_contract::{
    Listener, LoadBalancer, LoadBalancerAddress, MutualAuthentication, Tag, TargetGroup,
};

use super::{names::Names, words::count};

/// A line for each unusual setting of a load balancer.
pub fn of_load_balancer(load_balancer: &LoadBalancer, names: &Names<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for mapping in &load_balancer.subnet_mappings {
        let subnet = names.subnet(&mapping.subnet_id);
        let addresses = mapping.addresses.iter().map(address).filter(|said| !said.is_empty());
        lines.extend(addresses.map(|said| format!("address {said} in {subnet}")));
        let prefixes = mapping.source_nat_ipv6_prefixes.iter();
        lines.extend(prefixes.map(|prefix| format!("source NAT prefix {prefix} in {subnet}")));
        lines.extend(mapping.outpost_id.iter().map(|outpost| format!("Outpost {outpost} in {subnet}")));
    }
    if load_balancer.enforce_security_group_inbound_rules_on_private_link_traffic == Some(false) {
        lines.push("security groups are not enforced on PrivateLink traffic".to_owned());
    }
    if let Some(pool) = &load_balancer.ipv4_ipam_pool_id {
        lines.push(format!("public addresses of IPAM pool {pool}"));
    }
    if let Some(pool) = &load_balancer.customer_owned_ipv4_pool {
        lines.push(format!("customer-owned addresses of pool {pool}"));
    }
    if let Some(units) = load_balancer.minimum_capacity_units.filter(|units| *units > 0) {
        lines.push(format!("{units} capacity units reserved"));
    }
    if let Some(arn) = load_balancer.web_acl.as_deref().filter(|arn| !arn.is_empty()) {
        lines.push(format!("web ACL {}", web_acl_name(arn)));
    }
    if let Some(id) = load_balancer.shield_protection.as_deref().filter(|id| !id.is_empty()) {
        lines.push(format!("Shield protection {id}"));
    }
    lines
}

/// `203.0.113.10 (eipalloc-1)`.
fn address(address: &LoadBalancerAddress) -> String {
    let LoadBalancerAddress { ip_address, allocation_id, private_ipv4_address, ipv6_address } = address;
    let mut said: Vec<String> =
        [ip_address, private_ipv4_address, ipv6_address].into_iter().flatten().cloned().collect();
    said.dedup();
    let said = said.join(", ");
    match allocation_id {
        Some(id) if said.is_empty() => id.clone(),
        Some(id) => format!("{said} ({id})"),
        None => said,
    }
}

/// A line for each unusual setting of a listener.
pub fn of_listener(listener: &Listener) -> Vec<String> {
    let clients = listener.mutual_authentication.as_ref().filter(|it| it.mode != "off");
    let alpn = listener.alpn_policy.as_ref().filter(|policy| *policy != "None");
    clients.map(client_certificates).into_iter().chain(alpn.map(|it| format!("ALPN policy {it}"))).collect()
}

/// `client certificates: verify, trust store partners`.
fn client_certificates(settings: &MutualAuthentication) -> String {
    let mut said = vec![settings.mode.clone()];
    said.extend(settings.trust_store_arn.as_ref().map(|arn| format!("trust store {}", name_in(arn, 1))));
    if settings.trust_store_association_status.as_deref() == Some("removed") {
        said.push("no longer shared by its owner".to_owned());
    }
    if settings.ignore_client_certificate_expiry == Some(true) {
        said.push("expired certificates are accepted".to_owned());
    }
    if settings.advertise_trust_store_ca_names == Some(true) {
        said.push("CA names are advertised".to_owned());
    }
    format!("client certificates: {}", said.join(", "))
}

/// A line for each unusual setting of a target group.
pub fn of_target_group(group: &TargetGroup) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(version) = group.protocol_version.as_ref().filter(|version| *version != "HTTP1") {
        lines.push(format!("protocol version {version}"));
    }
    let value =
        |key: &str| group.attributes.iter().find(|it: &&Tag| it.key == key).map(|it| it.value.as_str());
    if value("stickiness.enabled") == Some("true") {
        lines.push(format!("sticky by {}", value("stickiness.type").unwrap_or("AWS's default")));
    }
    if let Some(algorithm) = value("load_balancing.algorithm.type").filter(|it| *it != "round_robin") {
        lines.push(format!("load balancing by {algorithm}"));
    }
    if let Some(port) = group.target_control_port {
        lines.push(format!("target optimizer on port {port}"));
    }
    if group.health_check_enabled == Some(false) {
        lines.push("no health checks".to_owned());
    }
    let moved = group.targets.iter().filter_map(|target| target.administrative_override.as_deref());
    let moved = moved.filter(|state| state.starts_with("zonal_shift")).count();
    if moved > 0 {
        lines.push(format!("{} in a zone that traffic is shifted away from", count(moved, "target")));
    }
    lines
}

/// The name of a web ACL: `arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID`.
pub fn web_acl_name(arn: &str) -> &str {
    name_in(arn, 2)
}

/// The part of an ARN after `number` slashes, which is its name; the whole ARN if it has fewer slashes.
fn name_in(arn: &str, number: usize) -> &str {
    arn.split('/').nth(number).unwrap_or(arn)
}
