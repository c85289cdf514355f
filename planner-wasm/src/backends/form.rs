//! The form of target groups: what all target groups of proxy mode have in common.

use albatross_contract::{HealthCheck, IpAddressType, Protocol, Settings, TargetGroup, TargetType};

use crate::{
    attributes::Attribute,
    identity::target_group_suffix,
    observed::{Observed, Owned},
};

/// What all target groups of a kind have in common.
pub struct TargetGroupForm<'a> {
    /// Protocol to the targets.
    pub protocol: Protocol,
    /// Version of that protocol.
    pub protocol_version: &'static str,
    /// Port of the targets.
    pub port: u16,
    /// The type of the targets.
    pub target_type: TargetType,
    /// Addresses of the targets.
    pub ip_address_type: IpAddressType,
    /// The VPC of the targets.
    pub vpc: &'a str,
    /// The health check.
    pub health_check: HealthCheck,
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
    /// The form of target groups for the proxy: for its pods, or for the nodes on which it listens.
    pub fn new(observed: &Observed<'a>) -> Self {
        let (settings, vpc) = (observed.settings, observed.inventory.vpc.id.as_str());
        let port = settings.proxy.target_port;
        let target_type = match settings.proxy.pods {
            Some(_) => TargetType::Ip,
            None => TargetType::Instance,
        };
        TargetGroupForm {
            protocol: Protocol::Http,
            protocol_version: "HTTP1",
            port,
            target_type,
            ip_address_type: IpAddressType::Ipv4,
            vpc,
            health_check: health_check(settings),
            attributes: attributes(settings),
            reason: "a target group can serve only one load balancer, so each load balancer has its own"
                .to_owned(),
            suffix: target_group_suffix("HTTP", port, target_type, vpc),
            service: None,
        }
    }

    /// Whether a target group has the properties of this form that AWS cannot change.
    fn is_of(&self, group: &TargetGroup) -> bool {
        group.protocol == self.protocol
            && group.port == Some(self.port)
            && group.target_type == self.target_type
            && group.vpc_id.as_deref() == Some(self.vpc)
    }

    /// The target group of a load balancer that has this form, if there is one. AWS lets only one load balancer use a target
    /// group.
    pub fn fitting<'b>(&self, owned: &Owned<'b>) -> Option<&'b TargetGroup> {
        let fitting = owned.target_groups.iter().copied().filter(|group| self.is_of(group));
        fitting.min_by_key(|group| owned.user_elsewhere(group).is_some())
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
        protocol: Protocol::Http,
        port: proxy.health_check_port.to_string(),
        path: Some(proxy.health_check_path.clone()),
        interval: proxy.health_check_interval,
        timeout: proxy.health_check_timeout,
        healthy_threshold: proxy.healthy_threshold,
        unhealthy_threshold: proxy.unhealthy_threshold,
        matcher: Some("200".to_owned()),
    }
}
