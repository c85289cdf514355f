//! The form of target groups: what all target groups of proxy mode have in common.

use albatross_contract::{
    HealthCheck, IpAddressType, LoadBalancerKind, Protocol, Settings, TargetGroup, TargetProtocol, TargetType,
};

use crate::{
    attributes::Attribute,
    identity::target_group_suffix,
    observed::{Observed, Owned},
};

/// What all target groups of a kind have in common.
pub struct TargetGroupForm<'a> {
    /// Protocol to the targets.
    pub protocol: Protocol,
    /// Version of that protocol. `None`: it is not HTTP.
    pub protocol_version: Option<&'static str>,
    /// Port of the targets.
    pub port: u16,
    /// The type of the targets.
    pub target_type: TargetType,
    /// Addresses of the targets.
    pub ip_address_type: IpAddressType,
    /// The VPC of the targets.
    pub vpc: &'a str,
    /// The health check of a new target group.
    pub health_check: HealthCheck,
    /// Whether an existing target group keeps the timeout of its health check.
    pub keeps_timeout: bool,
    /// Attributes that we set.
    pub attributes: Vec<Attribute>,
    /// The reason for which a target group of this form is created.
    pub reason: String,
    /// The suffix of the name of a target group, after the name of its load balancer and a hyphen.
    pub suffix: String,
    /// The Service port that it serves, as `namespace/name:port`. `None`: the proxy of proxy mode.
    pub service: Option<String>,
}

impl<'a> TargetGroupForm<'a> {
    /// The form of target groups for the proxy, for its pods or for the nodes on which it listens, behind a kind of load
    /// balancer.
    pub fn new(kind: LoadBalancerKind, observed: &Observed<'a>) -> Self {
        Self::on_port(observed.settings.proxy.target_port, kind, observed)
    }

    /// The form of the target groups that get the requests of port 80. `None`: they get those of both ports.
    pub fn of_http(kind: LoadBalancerKind, observed: &Observed<'a>) -> Option<Self> {
        let proxy = &observed.settings.proxy;
        let forwards_http = match kind {
            LoadBalancerKind::Network => {
                proxy.network.as_ref().is_some_and(|network| network.http == Some(true))
            }
            // A redirect needs no target group.
            _ => !proxy.redirect_http,
        };
        let port = http_port(kind, observed.settings).filter(|_| forwards_http)?;
        (port != proxy.target_port).then(|| Self::on_port(port, kind, observed))
    }

    /// The form of all target groups of a load balancer that serves HTTP only: it never redirects.
    pub fn of_http_only(kind: LoadBalancerKind, observed: &Observed<'a>) -> Self {
        let settings = observed.settings;
        Self::on_port(http_port(kind, settings).unwrap_or(settings.proxy.target_port), kind, observed)
    }

    fn on_port(port: u16, kind: LoadBalancerKind, observed: &Observed<'a>) -> Self {
        let (settings, vpc) = (observed.settings, observed.inventory.vpc.id.as_str());
        let target_type = if settings.proxy.pods.is_some() { TargetType::Ip } else { TargetType::Instance };
        let ip_address_type = settings.proxy.target_ip_address_type.unwrap_or(IpAddressType::Ipv4);
        let (protocol, protocol_version, health_check) = match kind {
            LoadBalancerKind::Network => (Protocol::Tcp, None, network_health_check(settings)),
            _ => (protocol(settings), Some("HTTP1"), health_check(settings)),
        };
        TargetGroupForm {
            protocol,
            protocol_version,
            port,
            target_type,
            ip_address_type,
            vpc,
            health_check,
            keeps_timeout: kind == LoadBalancerKind::Network && timeout_of_network(settings).is_none(),
            attributes: attributes(settings),
            reason: "a target group can serve only one load balancer, so each load balancer has its own"
                .to_owned(),
            suffix: target_group_suffix(&spelling(protocol, ip_address_type), port, target_type, vpc),
            service: None,
        }
    }

    /// The health check that an existing target group should have.
    pub fn health_check_of(&self, there: &TargetGroup) -> HealthCheck {
        let (wanted, timeout) = (self.health_check.clone(), there.health_check.timeout);
        // ELBv2 ModifyTargetGroup: a check must fail before the next one begins.
        if self.keeps_timeout && timeout < wanted.interval {
            HealthCheck { timeout, ..wanted }
        } else {
            wanted
        }
    }

    /// Whether a target group has the properties of this form that AWS cannot change.
    fn is_of(&self, group: &TargetGroup) -> bool {
        group.protocol == self.protocol
            && group.port == Some(self.port)
            && group.target_type == self.target_type
            && group.ip_address_type == self.ip_address_type
            && group.vpc_id.as_deref() == Some(self.vpc)
    }

    /// The target group of a load balancer that has this form, if there is one. AWS lets only one load balancer use a target
    /// group.
    pub fn fitting<'b>(&self, owned: &Owned<'b>) -> Option<&'b TargetGroup> {
        let fitting = owned.target_groups.iter().copied().filter(|group| self.is_of(group));
        fitting.min_by_key(|group| owned.user_elsewhere(group).is_some())
    }
}

/// The port of the in-cluster proxy for the requests of port 80, if it has one for them.
fn http_port(kind: LoadBalancerKind, settings: &Settings) -> Option<u16> {
    match kind {
        LoadBalancerKind::Network => settings.proxy.network.as_ref()?.http_target_port,
        _ => settings.proxy.http_target_port,
    }
}

/// The protocol to the in-cluster proxy.
fn protocol(settings: &Settings) -> Protocol {
    match settings.proxy.target_protocol {
        Some(TargetProtocol::Https) => Protocol::Https,
        Some(TargetProtocol::Http) | None => Protocol::Http,
    }
}

/// What AWS cannot change besides port and type of the targets, as part of a name.
fn spelling(protocol: Protocol, ip_address_type: IpAddressType) -> String {
    let protocol = protocol.as_str();
    match ip_address_type {
        IpAddressType::Ipv6 => format!("{protocol} over IPv6"),
        _ => protocol.to_owned(),
    }
}

/// Attributes that we set (ELBv2 TargetGroupAttribute).
fn attributes(settings: &Settings) -> Vec<Attribute> {
    vec![Attribute {
        key: "deregistration_delay.timeout_seconds".into(),
        value: settings.proxy.deregistration_delay.to_string(),
        default: Some("300"),
        reason: "the settings ask for another deregistration delay".into(),
    }]
}

fn health_check(settings: &Settings) -> HealthCheck {
    let proxy = &settings.proxy;
    HealthCheck {
        protocol: protocol(settings),
        port: proxy.health_check_port.to_string(),
        path: Some(proxy.health_check_path.clone()),
        interval: proxy.health_check_interval,
        timeout: proxy.health_check_timeout,
        healthy_threshold: proxy.healthy_threshold,
        unhealthy_threshold: proxy.unhealthy_threshold,
        matcher: Some("200".to_owned()),
    }
}

/// How many checks decide the health of a target of a Network Load Balancer, if the settings do not say it: the default of
/// kube-ingress-aws-controller.
const NETWORK_THRESHOLD: u32 = 3;
/// Which answers are healthy for a Network Load Balancer, if nobody says it (ELBv2 Matcher).
const NETWORK_MATCHER: &str = "200-399";

/// A Network Load Balancer checks over HTTP too: a TCP connection does not say whether the proxy can answer.
fn network_health_check(settings: &Settings) -> HealthCheck {
    let threshold = settings.proxy.network.as_ref().and_then(|network| network.threshold);
    let threshold = threshold.unwrap_or(NETWORK_THRESHOLD);
    HealthCheck {
        healthy_threshold: threshold,
        unhealthy_threshold: threshold,
        matcher: Some(NETWORK_MATCHER.to_owned()),
        protocol: Protocol::Http,
        timeout: timeout_of_network(settings).unwrap_or(settings.proxy.health_check_timeout),
        ..health_check(settings)
    }
}

/// After how many seconds a check of a Network Load Balancer fails, if the settings say it.
fn timeout_of_network(settings: &Settings) -> Option<u32> {
    settings.proxy.network.as_ref().and_then(|network| network.health_check_timeout)
}
