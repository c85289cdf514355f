//! The route form: what an object in route mode asks for, in the shape of the Gateway API's HTTPRoute.
//!
//! Whatever kind of object asks, everything after the door sees only this form. A backend that does not exist is still a
//! backend here: it becomes a rule that answers 503, and no error that stops its neighbours.

use albatross_contract::{Protocol, ServicePortReference, TargetType};

/// What an object in route mode asks of its load balancer.
pub struct Routing<'a> {
    /// The group of objects that share a load balancer. `None`: the object has its load balancer alone.
    pub group: Option<&'a str>,
    /// The place among the objects of the group; smaller comes first.
    pub order: i32,
    /// The listeners, in the order of their ports.
    pub listeners: Vec<ListenerPort>,
    /// The subnets that it names, by id. Empty: they are found.
    pub subnets: Vec<&'a str>,
    /// The security groups that it names, by id. Empty: one is found.
    pub security_groups: Vec<&'a str>,
    /// What its target groups look like.
    pub targets: TargetWishes<'a>,
    /// Where requests go, in the order of the object.
    pub routes: Vec<Route<'a>>,
}

impl Routing<'_> {
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
    /// The host as the object spells it; `*.example.org` stands for one label. `None`: every host.
    pub host: Option<&'a str>,
    /// The path.
    pub path: PathMatch<'a>,
    /// Where the requests go. Empty: nowhere, which AWS answers with 503.
    pub backends: Vec<Backend<'a>>,
    /// The field of the object that asks for it.
    pub field: String,
}

/// Which paths a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathMatch<'a> {
    /// This path.
    Exact(&'a str),
    /// This path and everything below it, element by element.
    Prefix(&'a str),
    /// AWS's own pattern, with `*` and `?`.
    Pattern(&'a str),
}

/// A Service of the object's namespace and one of its ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend<'a> {
    /// Name of the Service, or of another kind of object, which nobody can send requests to.
    pub service: &'a str,
    /// Its port. `None`: it is no Service.
    pub port: Option<&'a ServicePortReference>,
    /// 0 to 999; its share of the requests.
    pub weight: u16,
}

/// What annotations ask of target groups. What is absent has the default.
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

/// What annotations ask of a health check.
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
    /// Seconds until a check has failed.
    pub timeout: Option<u32>,
    /// Good checks until a target is healthy.
    pub healthy_threshold: Option<u32>,
    /// Bad checks until a target is unhealthy.
    pub unhealthy_threshold: Option<u32>,
    /// HTTP or gRPC codes that are good.
    pub success_codes: Option<&'a str>,
}

impl<'a> TargetWishes<'a> {
    /// These wishes, and those of another object where these say nothing: a Service's come before its Ingress's.
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
