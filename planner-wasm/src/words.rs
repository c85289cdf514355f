//! How values are spelled: as AWS and Kubernetes spell them.

use albatross_contract::{LoadBalancerKind, PolicyPoint, Scheme, TargetType, ViewPart};

use crate::source::Name;

/// A scheme.
pub fn scheme(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::InternetFacing => "internet-facing",
        Scheme::Internal => "internal",
    }
}

/// A kind of load balancer.
pub fn kind(kind: LoadBalancerKind) -> &'static str {
    match kind {
        LoadBalancerKind::Application => "application",
        LoadBalancerKind::Network => "network",
        LoadBalancerKind::Gateway => "gateway",
    }
}

/// A target type.
pub fn target_type(target_type: TargetType) -> &'static str {
    match target_type {
        TargetType::Instance => "instance",
        TargetType::Ip => "ip",
        TargetType::Lambda => "lambda",
        TargetType::Alb => "alb",
    }
}

/// A policy point.
pub fn point(point: PolicyPoint) -> &'static str {
    match point {
        PolicyPoint::Certificates => "certificates",
        PolicyPoint::Subnets => "subnets",
        PolicyPoint::Grouping => "grouping",
    }
}

/// A part of the view.
pub fn part(part: ViewPart) -> &'static str {
    match part {
        ViewPart::Ingresses => "Ingresses",
        ViewPart::IngressStatuses => "statuses of the Ingresses",
        ViewPart::IngressClasses => "IngressClasses",
        ViewPart::Services => "Services",
        ViewPart::Nodes => "Nodes",
        ViewPart::Subnets => "subnets and route tables",
        ViewPart::SecurityGroups => "security groups",
        ViewPart::CertificatesAcm => "certificates of ACM",
        ViewPart::CertificatesIam => "certificates of IAM",
        ViewPart::LoadBalancers => "load balancers",
        ViewPart::Listeners => "listeners",
        ViewPart::Rules => "rules",
        ViewPart::TargetGroups => "target groups",
        ViewPart::TargetHealth => "target health",
        ViewPart::AutoScalingGroups => "Auto Scaling Groups",
        ViewPart::Instances => "instances",
        ViewPart::Tags => "tags",
        ViewPart::Quotas => "quotas",
    }
}

/// A length of time, in at most two units.
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 if seconds % 3_600 < 60 => format!("{} h", seconds / 3_600),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `1 Ingress`, `2 Ingresses`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Some names in full, then how many more there are.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    match names.len() {
        0 => "none".to_owned(),
        1..=3 => names.join(", "),
        more => format!("{} and {} more", names[..2].join(", "), more - 2),
    }
}

/// How a diagnostic names an Ingress.
pub fn ingress(name: &Name) -> String {
    format!("Ingress {name}")
}
