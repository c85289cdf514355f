//! The route form: what an object in route mode asks for, in the shape of the Gateway API's HTTPRoute.
//!
//! All later steps see only this form, for every kind of object. A backend that does not exist is still a backend here: its
//! rule answers with 503, and no other rule is affected.

use albatross_contract::{Protocol, ServicePortReference, TargetType};

use super::annotations::FirewallWishes;

/// What an object in route mode asks of its load balancer.
pub struct Routing<'a> {
    /// The group of objects that share a load balancer. `None`: the object has its own load balancer.
    pub group: Option<&'a str>,
    /// The position among the objects of the group; smaller numbers come first.
    pub order: i32,
    /// The listeners, in the order of their ports.
    pub listeners: Vec<ListenerPort>,
    /// The ids of the subnets that it names. Empty: subnets are discovered.
    pub subnets: Vec<&'a str>,
    /// The ids of the security groups that it names. Empty: the controller creates security groups.
    pub security_groups: Vec<&'a str>,
    /// What it asks of security groups.
    pub firewall: FirewallWishes<'a>,
    /// Properties of its target groups.
    pub targets: TargetWishes<'a>,
    /// Its routes, in the order of the object.
    pub routes: Vec<Route<'a>>,
}

impl Routing<'_> {
    /// Whether it is served without certificates too.
    pub fn has_http(&self) -> bool {
        self.listeners.iter().any(|listener| listener.protocol == Protocol::Http)
    }

    /// Whether it needs certificates.
    pub fn has_https(&self) -> bool {
        self.listeners.iter().any(|listener| listener.protocol == Protocol::Https)
    }
}

/// A port that load balancers listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListenerPort {
    /// The port.
    pub port: u16,
    /// HTTP or HTTPS.
    pub protocol: Protocol,
}

/// Requests that go to the same backends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route<'a> {
    /// The host as the object spells it; in `*.example.org`, `*` stands for one label. `None`: every host.
    pub host: Option<&'a str>,
    /// The path.
    pub path: PathMatch<'a>,
    /// The backends of the requests. Empty: the requests are answered with 503.
    pub backends: Vec<Backend<'a>>,
    /// The field of the object that contains the route.
    pub field: String,
}

/// The paths that a route matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathMatch<'a> {
    /// This path.
    Exact(&'a str),
    /// This path and everything below it, element by element.
    Prefix(&'a str),
    /// A pattern of AWS, with `*` and `?`.
    Pattern(&'a str),
}

/// A Service of the object's namespace and one of its ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend<'a> {
    /// The name of the Service, or of an object of another kind, which cannot receive requests.
    pub service: &'a str,
    /// Its port. `None`: it is not a Service.
    pub port: Option<&'a ServicePortReference>,
    /// The weight of its share of the requests, 0 to 999.
    pub weight: u16,
}

/// Properties of target groups that annotations ask for. Absent properties have their defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetWishes<'a> {
    /// Instances or addresses.
    pub target_type: Option<TargetType>,
    /// Protocol to the targets.
    pub protocol: Option<Protocol>,
    /// `HTTP1`, `HTTP2` or `GRPC`.
    pub protocol_version: Option<&'static str>,
    /// The health check.
    pub health_check: HealthCheckWishes<'a>,
}

/// Properties of a health check that annotations ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthCheckWishes<'a> {
    /// Its protocol.
    pub protocol: Option<Protocol>,
    /// `traffic-port`, a number, or the name of a port of the Service.
    pub port: Option<&'a str>,
    /// Its path.
    pub path: Option<&'a str>,
    /// Seconds between two checks.
    pub interval: Option<u32>,
    /// Seconds without an answer after which a check fails.
    pub timeout: Option<u32>,
    /// Successful checks after which a target is healthy.
    pub healthy_threshold: Option<u32>,
    /// Failed checks after which a target is unhealthy.
    pub unhealthy_threshold: Option<u32>,
    /// HTTP or gRPC codes of a successful check.
    pub success_codes: Option<&'a str>,
}

impl<'a> TargetWishes<'a> {
    /// These properties, with those of another object where these are absent: a Service takes precedence over an Ingress.
    pub fn or(&self, other: &TargetWishes<'a>) -> TargetWishes<'a> {
        let (check, of_other) = (&self.health_check, &other.health_check);
        TargetWishes {
            target_type: self.target_type.or(other.target_type),
            protocol: self.protocol.or(other.protocol),
            protocol_version: self.protocol_version.or(other.protocol_version),
            health_check: HealthCheckWishes {
                protocol: check.protocol.or(of_other.protocol),
                port: check.port.or(of_other.port),
                path: check.path.or(of_other.path),
                interval: check.interval.or(of_other.interval),
                timeout: check.timeout.or(of_other.timeout),
                healthy_threshold: check.healthy_threshold.or(of_other.healthy_threshold),
                unhealthy_threshold: check.unhealthy_threshold.or(of_other.unhealthy_threshold),
                success_codes: check.success_codes.or(of_other.success_codes),
            },
        }
    }
}
