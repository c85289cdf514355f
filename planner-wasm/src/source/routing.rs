//! The route form: what an object in route mode asks for, in the shape of the Gateway API's HTTPRoute.
//!
//! All later steps see only this form, for every kind of object. A backend that does not exist is still a backend here: its
//! rule answers with 503, and no other rule is affected.

use std::borrow::Cow;

use albatross_contract::{
    FixedResponseAction, Protocol, RedirectAction, RuleCondition, RuleTransform, ServicePortReference,
    TargetType,
};

use super::{LoadBalancerWishes, StringMap, annotations::FirewallWishes, lower_case};

/// What an object in route mode asks of its load balancer.
pub struct Routing<'a> {
    /// The group of objects that share a load balancer, as annotations name it, or as a grouping policy does
    /// ([`crate::grouping::Keys::name_groups`]). `None`: the object has its own load balancer.
    pub group: Option<&'a str>,
    /// The position among the objects of the group; smaller numbers come first.
    pub order: i32,
    /// The listeners, in the order of their ports.
    pub listeners: Vec<ListenerPort>,
    /// The port of the HTTPS listener to which all HTTP listeners of the group redirect. `None`: they do not redirect.
    pub ssl_redirect: Option<u16>,
    /// Properties of its load balancer.
    pub load_balancer: LoadBalancerWishes<'a>,
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

/// Requests with the same answer. A request matches if it has one of the hosts and one of the paths and meets all conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route<'a> {
    /// The hosts. Empty: every host.
    pub hosts: Vec<HostMatch<'a>>,
    /// The paths. Empty: every path.
    pub paths: Vec<PathMatch<'a>>,
    /// Conditions on headers, query, method and source address.
    pub conditions: Vec<RuleCondition>,
    /// What happens to the requests before they are forwarded, or instead.
    pub filters: Vec<Filter>,
    /// The backends of the requests, unless a filter answers them. Empty: the requests are answered with 503.
    pub backends: Vec<Backend<'a>>,
    /// How long a client stays with one of several backends, in seconds. `None`: each request is distributed.
    pub stickiness: Option<u32>,
    /// The field of the object that contains the route.
    pub field: String,
}

impl Route<'_> {
    /// The redirect that answers the requests.
    pub fn redirect(&self) -> Option<&RedirectAction> {
        self.filters.iter().find_map(|filter| match filter {
            Filter::Redirect(redirect) => Some(redirect),
            _ => None,
        })
    }

    /// The transforms of forwarded requests.
    pub fn transforms(&self) -> Vec<RuleTransform> {
        let transforms = self.filters.iter().filter_map(|filter| match filter {
            Filter::Transform(transform) => Some(transform.clone()),
            _ => None,
        });
        transforms.collect()
    }
}

/// The hosts that a route matches. Hosts are compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostMatch<'a> {
    /// This host.
    Name(Cow<'a, str>),
    /// A wildcard of Kubernetes: in `*.example.org`, `*` stands for exactly one label.
    Wildcard(Cow<'a, str>),
    /// A pattern of AWS, where `*` also matches dots.
    Pattern(Cow<'a, str>),
    /// A regular expression of AWS.
    Expression(Cow<'a, str>),
}

/// Stands for every host, or for hosts that are not known: in lists of hosts that objects share.
pub const EVERY_HOST: &str = "";

impl<'a> HostMatch<'a> {
    /// What a host of an Ingress matches.
    pub fn of(host: &'a str) -> Self {
        if host.starts_with("*.") { HostMatch::Wildcard(host.into()) } else { HostMatch::Name(host.into()) }
    }
}

impl HostMatch<'_> {
    /// The host as other objects may have it too, in lower case. A pattern or regular expression may match every host.
    pub fn shared(&self) -> Cow<'_, str> {
        match self {
            HostMatch::Name(host) | HostMatch::Wildcard(host) => lower_case(host),
            HostMatch::Pattern(_) | HostMatch::Expression(_) => Cow::Borrowed(EVERY_HOST),
        }
    }
}

/// The paths that a route matches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathMatch<'a> {
    /// This path.
    Exact(Cow<'a, str>),
    /// This path and everything below it, element by element.
    Prefix(Cow<'a, str>),
    /// A pattern of AWS, with `*` and `?`.
    Pattern(Cow<'a, str>),
    /// A regular expression of AWS.
    Expression(Cow<'a, str>),
}

/// What happens to a request before it is forwarded, or instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// The request is answered with a redirect.
    Redirect(RedirectAction),
    /// The request is answered with a fixed response.
    Respond(FixedResponseAction),
    /// The request is rewritten before it is forwarded.
    Transform(RuleTransform),
}

/// Where requests of a route are forwarded to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend<'a> {
    /// The destination.
    pub to: BackendReference<'a>,
    /// The weight of its share of the requests, 0 to 999.
    pub weight: u16,
}

/// The destination of a backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackendReference<'a> {
    /// A port of a Service in the namespace of the object.
    Service {
        /// The name of the Service.
        name: Cow<'a, str>,
        /// Its port.
        port: Cow<'a, ServicePortReference>,
    },
    /// Nothing that can receive requests, with the reason.
    Invalid(InvalidBackend),
}

/// Why a backend cannot receive requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidBackend {
    /// In words, why.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
}

impl InvalidBackend {
    /// A reason with its remedy.
    pub fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        InvalidBackend { reason: reason.into(), remedy: remedy.into() }
    }
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
    /// Attributes.
    pub attributes: StringMap,
    /// The labels that nodes must have to be targets.
    pub node_labels: StringMap,
    /// Tags that only a Service asks for.
    pub tags: StringMap,
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
    /// Seconds between two health checks, by default.
    pub const INTERVAL: u32 = 15;
    /// Seconds after which a health check fails, by default.
    pub const TIMEOUT: u32 = 5;
    /// The health check uses the port that gets the requests.
    pub const TRAFFIC_PORT: &'static str = "traffic-port";
    /// The protocol version of gRPC.
    pub const GRPC: &'static str = "GRPC";

    /// Whether the targets speak gRPC.
    pub fn is_grpc(&self) -> bool {
        self.protocol_version == Some(Self::GRPC)
    }

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
            attributes: either(&self.attributes, &other.attributes),
            node_labels: either(&self.node_labels, &other.node_labels),
            tags: either(&self.tags, &other.tags),
        }
    }
}

/// The pairs of the first map, or all pairs of the second one if the first map is empty: as in the AWS Load Balancer
/// Controller, the pairs of two annotations are not mixed.
fn either(first: &StringMap, second: &StringMap) -> StringMap {
    if first.is_empty() { second.clone() } else { first.clone() }
}
