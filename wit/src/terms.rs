//! Words for the enums of the contract. The ids of load balancers and the names of target groups are hashed from some of them, so that
//! another word would replace the resources.

use crate::{
    IpAddressType, LoadBalancerKind, LoadBalancerState, PolicyPoint, Protocol, Scheme, TargetHealth,
    TargetType, ViewPart,
};

impl Scheme {
    /// As AWS spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scheme::InternetFacing => "internet-facing",
            Scheme::Internal => "internal",
        }
    }
}

impl IpAddressType {
    /// As AWS spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            IpAddressType::Ipv4 => "ipv4",
            IpAddressType::Dualstack => "dualstack",
            IpAddressType::DualstackWithoutPublicIpv4 => "dualstack-without-public-ipv4",
            IpAddressType::Ipv6 => "ipv6",
        }
    }
}

impl LoadBalancerKind {
    /// As AWS spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            LoadBalancerKind::Application => "application",
            LoadBalancerKind::Network => "network",
            LoadBalancerKind::Gateway => "gateway",
        }
    }
}

impl Protocol {
    /// As AWS spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Protocol::Http => "HTTP",
            Protocol::Https => "HTTPS",
            Protocol::Tcp => "TCP",
            Protocol::Tls => "TLS",
            Protocol::Udp => "UDP",
            Protocol::TcpUdp => "TCP_UDP",
            Protocol::Quic => "QUIC",
            Protocol::TcpQuic => "TCP_QUIC",
            Protocol::Geneve => "GENEVE",
        }
    }
}

impl TargetType {
    /// As AWS spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            TargetType::Instance => "instance",
            TargetType::Ip => "ip",
            TargetType::Lambda => "lambda",
            TargetType::Alb => "alb",
        }
    }
}

impl LoadBalancerState {
    /// `State.Code` as AWS spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            LoadBalancerState::Provisioning => "provisioning",
            LoadBalancerState::Active => "active",
            LoadBalancerState::ActiveImpaired => "active_impaired",
            LoadBalancerState::Failed => "failed",
        }
    }
}

impl TargetHealth {
    /// `TargetHealth.State` as AWS spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            TargetHealth::Initial => "initial",
            TargetHealth::Healthy => "healthy",
            TargetHealth::Unhealthy => "unhealthy",
            TargetHealth::Unused => "unused",
            TargetHealth::Draining => "draining",
            TargetHealth::Unavailable => "unavailable",
        }
    }
}

impl PolicyPoint {
    /// All points, in order.
    pub const ALL: [PolicyPoint; 3] =
        [PolicyPoint::Certificates, PolicyPoint::Subnets, PolicyPoint::Grouping];

    /// As settings and WIT spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            PolicyPoint::Certificates => "certificates",
            PolicyPoint::Subnets => "subnets",
            PolicyPoint::Grouping => "grouping",
        }
    }
}

impl ViewPart {
    /// What the part consists of, for messages.
    pub const fn plural(self) -> &'static str {
        match self {
            ViewPart::Ingresses => "Ingresses",
            ViewPart::RouteGroups => "RouteGroups",
            ViewPart::IngressStatuses => "statuses of the Ingresses",
            ViewPart::IngressClasses => "IngressClasses",
            ViewPart::Services => "Services",
            ViewPart::EndpointSlices => "EndpointSlices",
            ViewPart::Nodes => "Nodes",
            ViewPart::Pods => "Pods of the proxy",
            ViewPart::GatedPods => "Pods with the readiness gate",
            ViewPart::Subnets => "subnets and route tables",
            ViewPart::SecurityGroups => "security groups",
            ViewPart::CertificatesAcm => "certificates of ACM",
            ViewPart::CertificatesIam => "certificates of IAM",
            ViewPart::LoadBalancers => "load balancers",
            ViewPart::Listeners => "listeners",
            ViewPart::ListenerAttributes => "attributes of listeners",
            ViewPart::WebAcls => "associations of web ACLs",
            ViewPart::Rules => "listener rules",
            ViewPart::TargetGroups => "target groups",
            ViewPart::TargetHealth => "targets and their health",
            ViewPart::AutoScalingGroups => "Auto Scaling Groups",
            ViewPart::Instances => "instances",
            ViewPart::Tags => "tags",
            ViewPart::Quotas => "quotas",
            ViewPart::HostedZones => "hosted zones",
            ViewPart::RecordSets => "records of hosted zones",
        }
    }
}
