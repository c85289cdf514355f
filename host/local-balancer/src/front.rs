//! What is served: the listeners of load balancers, with all that answering a request needs.

use std::{collections::BTreeMap, time::Duration};

use albatross_contract::{
    Inventory, Listener, LoadBalancer, LoadBalancerKind, Protocol, TAG_SERVICE, Tag, Target, TargetGroup,
};

/// The idle timeout of an Application Load Balancer, unless its attributes name another one.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// A listener.
#[derive(Clone, Debug, PartialEq)]
pub struct Front {
    /// The name of its load balancer.
    pub load_balancer: String,
    /// Whether the load balancer speaks HTTP. A Network Load Balancer passes on what it gets.
    pub is_application: bool,
    /// The listener.
    pub listener: Listener,
    /// The target groups of the load balancer, by ARN.
    pub target_groups: BTreeMap<String, Group>,
    /// The names of its certificates; the default certificate comes first.
    pub certificates: Vec<Vec<String>>,
    /// How long the load balancer waits for the next bytes.
    pub idle_timeout: Duration,
    /// What becomes of the header `X-Forwarded-For`.
    pub forwarded_for: ForwardedFor,
}

/// A target group.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name: that of its Service with the port, else its name in AWS.
    pub name: String,
    /// Its Service, as `namespace/name`. `None`: it belongs to none, as in proxy mode.
    pub service: Option<String>,
    /// Its targets.
    pub targets: Vec<Target>,
    /// The port of targets that have none of their own.
    pub port: Option<u16>,
}

/// Attribute `routing.http.xff_header_processing.mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForwardedFor {
    /// The address of the client is added.
    Append,
    /// The header stays as it is.
    Preserve,
    /// The header is removed.
    Remove,
}

impl Front {
    /// Whether clients speak TLS.
    pub fn has_tls(&self) -> bool {
        matches!(self.listener.protocol, Protocol::Https | Protocol::Tls)
    }
}

/// The listeners of load balancers that take TCP connections, in the order of the inventory.
pub fn fronts(inventory: &Inventory, is_served: impl Fn(&LoadBalancer) -> bool) -> Vec<Front> {
    let names: BTreeMap<&str, &[String]> =
        inventory.certificates.iter().map(|it| (it.arn.as_str(), it.names.as_slice())).collect();
    let served = inventory.load_balancers.iter().filter(|found| is_served(found));
    let listeners = served.flat_map(|found| found.listeners.iter().map(move |listener| (found, listener)));
    listeners
        .filter(|(_, listener)| is_tcp(listener.protocol))
        .map(|(load_balancer, listener)| {
            let certificates = listener.default_certificate.iter().chain(&listener.certificates);
            let certificates = certificates.filter_map(|arn| names.get(arn.as_str()));
            let groups = inventory.target_groups.iter();
            let groups = groups.filter(|group| group.load_balancer_arns.contains(&load_balancer.arn));
            Front {
                load_balancer: load_balancer.name.clone(),
                is_application: load_balancer.kind == LoadBalancerKind::Application,
                listener: listener.clone(),
                target_groups: groups.map(|found| (found.arn.clone(), group(found))).collect(),
                certificates: certificates.map(|names| names.to_vec()).collect(),
                idle_timeout: idle_timeout(&load_balancer.attributes),
                forwarded_for: forwarded_for(&load_balancer.attributes),
            }
        })
        .collect()
}

fn is_tcp(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Http | Protocol::Https | Protocol::Tcp | Protocol::Tls)
}

fn group(found: &TargetGroup) -> Group {
    let service = value(&found.tags, TAG_SERVICE);
    Group {
        name: service.unwrap_or(&found.name).to_owned(),
        service: service.map(|it| it.rsplit_once(':').map_or(it, |(service, _)| service).to_owned()),
        targets: found.targets.clone(),
        port: found.port,
    }
}

fn idle_timeout(attributes: &[Tag]) -> Duration {
    let seconds = value(attributes, "idle_timeout.timeout_seconds").and_then(|it| it.parse().ok());
    seconds.map_or(IDLE_TIMEOUT, Duration::from_secs)
}

fn forwarded_for(attributes: &[Tag]) -> ForwardedFor {
    match value(attributes, "routing.http.xff_header_processing.mode") {
        Some("preserve") => ForwardedFor::Preserve,
        Some("remove") => ForwardedFor::Remove,
        _ => ForwardedFor::Append,
    }
}

fn value<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(all: &[(&str, &str)]) -> Vec<Tag> {
        all.iter().map(|(key, value)| Tag { key: (*key).to_owned(), value: (*value).to_owned() }).collect()
    }

    #[test]
    fn attributes_that_aws_does_not_name_have_its_defaults() {
        let changed = tags(&[
            ("idle_timeout.timeout_seconds", "7"),
            ("routing.http.xff_header_processing.mode", "preserve"),
        ]);
        assert_eq!(idle_timeout(&changed), Duration::from_secs(7));
        assert_eq!(forwarded_for(&changed), ForwardedFor::Preserve);
        assert_eq!((idle_timeout(&[]), forwarded_for(&[])), (IDLE_TIMEOUT, ForwardedFor::Append));
    }
}
