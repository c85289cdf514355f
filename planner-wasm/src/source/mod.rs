//! Sources: every source object becomes a claim, so that later steps do not depend on Ingress.

mod annotations;
mod claims;
mod classes;
mod cluster_local;
mod host_remarks;
mod hosts;
mod ingress_routes;
mod matching;
mod named;
mod route_group;
mod routing;
mod service_annotations;
mod status;
mod tenancy;
#[cfg(test)]
mod tests;
mod unfit_routes;
mod wishes;

use std::{borrow::Cow, fmt};

use albatross_contract::{
    ANNOTATION_CERTIFICATE, Diagnostic, Metadata, Mode, ObjectKind, Scheme, SourceObject,
};

use crate::kind::Kind;

pub use annotations::{
    Clients, HTTP2_ATTRIBUTE, INBOUND_CIDRS, IP_ADDRESS_TYPE, LISTENER_PORTS, LOAD_BALANCER_ATTRIBUTES,
    LOAD_BALANCER_TYPE, OPEN_TARGETS, SECURITY_GROUPS, SSL_POLICY, SSL_REDIRECT, SUBNETS, TAGS,
    TARGET_GROUP_ATTRIBUTES, TARGET_NODE_LABELS, WEB_ACL, asked_of_load_balancer,
    has_effect_on_service as annotation_has_effect_on_service, is_allowed as annotation_is_allowed,
    is_known as is_known_annotation, known_like as known_annotation_like, listener_attributes,
    literal_beginning, web_acl_annotation,
};
pub use claims::{Read, read};
pub use classes::Classes;
use hosts::HostLists;
pub use hosts::{HostId, Hosts, lower_case};
pub use matching::{Comparison, wildcard_host};
pub use route_group::SWITCH as SWITCH_OF_ROUTE_GROUPS;
pub use routing::{
    Backend, BackendReference, EVERY_HOST, Filter, HealthCheckWishes, HostMatch, InvalidBackend,
    ListenerPort, PathMatch, Route, Routing, TargetWishes,
};
pub use service_annotations::{Services, by_name as services_by_name, service_wishes};
pub use tenancy::{Ruling, matches as matches_name, matches_any};
pub use unfit_routes::{combinations, most as most_expressible, most_combinations};
pub use wishes::{AllWishes, LoadBalancerWishes, StringMap, WishesId};

/// Whether an annotation of an object has an effect in a mode.
pub fn annotation_has_effect(key: &str, mode: Mode) -> bool {
    match mode {
        Mode::Proxy => annotations::has_effect_in_proxy_mode(key),
        Mode::Route => annotations::has_effect_in_route_mode(key),
    }
}

/// The most characters of a tag value.
const LONGEST_TAG_VALUE: usize = 256;

/// A source object by namespace, name and kind. Outcomes have the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName<'a> {
    /// Namespace.
    pub namespace: &'a str,
    /// Name.
    pub name: &'a str,
    /// Kind.
    pub kind: ObjectKind,
}

impl<'a> ObjectName<'a> {
    /// The object that a tag names. `None`: it names no object.
    pub fn of_tag(text: &'a str) -> Option<Self> {
        let (kind, namespace, name) = ObjectKind::read_name(text)?;
        Some(ObjectName { namespace, name, kind })
    }

    /// The name of an object of the cluster.
    pub fn of_source(source: SourceObject<'a>) -> Self {
        ObjectName { namespace: source.namespace(), name: &source.metadata().name, kind: source.kind() }
    }

    /// Whether a tag can hold the name: a value has up to 256 characters (ELBv2 Tag), and a Kubernetes name alone up to 253. A
    /// shorter form would have to be unique and to name the object, so no tag holds a longer name.
    pub fn fits_into_a_tag(&self) -> bool {
        self.to_string().chars().count() <= LONGEST_TAG_VALUE
    }

    /// The field in which an object of this kind names its hosts.
    pub const fn hosts_field(&self) -> &'static str {
        match self.kind {
            ObjectKind::Ingress => "spec.rules",
            ObjectKind::HttpRoute => "spec.hostnames",
            ObjectKind::RouteGroup => "spec.hosts",
        }
    }

    /// The field in which an object of this kind names its class.
    pub const fn class_field(&self) -> &'static str {
        match self.kind {
            ObjectKind::Ingress => "spec.ingressClassName",
            ObjectKind::HttpRoute | ObjectKind::RouteGroup => {
                "metadata.annotations[kubernetes.io/ingress.class]"
            }
        }
    }

    /// The object that a question names.
    pub fn of(asked: &'a albatross_contract::ObjectName) -> Self {
        ObjectName { namespace: &asked.namespace, name: &asked.name, kind: asked.kind }
    }

    /// The name in the type of the contract.
    pub fn owned(&self) -> albatross_contract::ObjectName {
        albatross_contract::ObjectName {
            namespace: self.namespace.to_owned(),
            name: self.name.to_owned(),
            kind: self.kind,
        }
    }
}

impl fmt::Display for ObjectName<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.write_name(self.namespace, self.name, formatter)
    }
}

/// What a source object asks for, and its status.
pub struct Claim<'a> {
    /// The object.
    pub object: ObjectName<'a>,
    /// When it was created; `None` counts as younger than any other object.
    pub created_at: Option<u64>,
    /// The name of its class, if it has one.
    pub class_name: Option<&'a str>,
    /// Whether its class makes it ours.
    pub class: Class,
    /// What the tenancy settings say about it.
    pub ruling: Ruling<'a>,
    /// Whether an annotation says that everything of it stays as it is, or cannot be understood.
    pub is_paused: bool,
    /// Whether it is served although the tenancy settings refuse it: it stays as it is.
    pub is_refused: bool,
    /// Its hosts, in order, each once.
    pub hosts: Vec<HostId>,
    /// Those of its hosts that only `spec.tls` names: they only need certificates.
    pub only_tls: Vec<HostId>,
    /// Those of its hosts that the tenancy settings do not allow, in order: they are served only with certificates that are on
    /// the load balancer already.
    pub kept_hosts: Vec<HostId>,
    /// The scheme that it asks for.
    pub scheme: Wish<Scheme>,
    /// The kind of load balancer that it asks for.
    pub kind: Wish<Kind>,
    /// Whether it shares its load balancer.
    pub shared: Wish<bool>,
    /// Whether its load balancer stays when nobody needs it. In route mode never.
    pub retained: Wish<bool>,
    /// Whether it is served over HTTP only, without certificates. In route mode its listeners say that.
    pub http_only: Wish<bool>,
    /// What it asks of its load balancer in proxy mode, by its number. `None`: nothing, or it is in route mode.
    pub wishes: Wish<Option<WishesId>>,
    /// What it asks for in route mode. `None`: proxy mode. Boxed, since claims are moved and walked through often.
    pub routing: Option<Box<Routing<'a>>>,
    /// The ARNs of the certificates that it names, in its order.
    pub pinned: Vec<&'a str>,
    /// Whether it is being deleted: it stays on its load balancer, and gets no other.
    pub is_going: bool,
    /// Annotations and labels, for policies.
    pub metadata: &'a Metadata,
    /// All hostnames in its status, in the form of AWS: the load balancers that they name are in use.
    pub names: Vec<Cow<'a, str>>,
    /// Whether its status holds anything besides the first hostname.
    pub status_has_more: bool,
    /// Errors in it: a placed Ingress with errors is held, a new one is rejected.
    pub diagnostics: Vec<Diagnostic>,
    /// Other diagnostics, which do not change how it is served.
    pub remarks: Vec<Diagnostic>,
}

/// Whether an object is ours by its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It is ours, in this mode.
    Ours(Mode),
    /// Its class does not exist, so it is not known which controller serves it.
    Missing,
    /// It is not ours.
    NotOurs,
    /// It is a RouteGroup, and the settings say that RouteGroups are not served.
    SwitchedOff,
    /// Its class makes it ours, but all its hosts are cluster-local, so that it needs no load balancer.
    ClusterLocal,
    /// Its class makes it ours, but the tenancy settings refuse it, and it is not served or a person allows to release it.
    Refused,
}

impl<'a> Claim<'a> {
    /// Whether it is ours.
    pub fn is_ours(&self) -> bool {
        matches!(self.class, Class::Ours(_))
    }

    /// Whether everything of it stays as it is.
    pub fn stays_as_it_is(&self) -> bool {
        self.is_paused || self.is_refused
    }

    /// Keeps everything of it as it is on its load balancer: what it asks for does not count, apart from hosts that the load
    /// balancer serves already. Other objects on the load balancer are served as they ask.
    pub fn keep_as_it_is(&mut self, is_served: impl Fn(HostId) -> bool) {
        self.hosts.retain(|host| is_served(*host));
        self.only_tls.retain(|host| is_served(*host));
        self.wishes = Wish::Unreadable;
        self.retained = Wish::Unreadable;
        match &mut self.routing {
            Some(routing) => routing.load_balancer = LoadBalancerWishes::default(),
            None => self.shared = Wish::Unreadable,
        }
    }

    /// The hosts whose requests it gets.
    pub fn hosts_of_rules(&self) -> impl Iterator<Item = &HostId> {
        self.hosts.iter().filter(|host| !self.only_tls.contains(host))
    }

    /// The first hostname in its status.
    pub fn published(&self) -> Option<&str> {
        self.names.first().map(Cow::as_ref)
    }

    /// Oldest first, then by name: older Ingresses are served first.
    pub fn age(&self) -> (u64, ObjectName<'a>) {
        (self.created_at.unwrap_or(u64::MAX), self.object)
    }

    /// Whether it asks for a load balancer of its own.
    pub fn wants_its_own(&self) -> bool {
        self.shared.value() == Some(false)
    }

    /// Whether it is in route mode, and its annotations name its group.
    pub fn names_its_group(&self) -> bool {
        self.routing.is_some() && self.shared == Wish::Own(true)
    }

    /// Whether it is in route mode and a part of it cannot be read: what AWS has of it stays.
    pub fn is_unreadable_in_route_mode(&self) -> bool {
        self.routing.is_some() && !self.diagnostics.is_empty()
    }

    /// Its mode.
    pub fn mode(&self) -> Mode {
        if self.routing.is_some() { Mode::Route } else { Mode::Proxy }
    }

    /// The annotation that names its certificates.
    pub fn certificate_annotation(&self) -> &'static str {
        match self.routing {
            Some(_) => annotations::ROUTE_CERTIFICATE,
            None => ANNOTATION_CERTIFICATE,
        }
    }

    /// What it asks of its load balancer. `None`: nothing.
    pub fn load_balancer_wishes<'c>(&'c self, all: &'c AllWishes<'a>) -> Option<&'c LoadBalancerWishes<'a>> {
        let of_routing = self.routing.as_ref().map(|routing| &routing.load_balancer);
        of_routing.or_else(|| self.wishes.value().flatten().map(|id| all.get(id)))
    }

    /// Whether it is in proxy mode and asks for HTTP only.
    pub fn is_http_only(&self) -> bool {
        self.http_only.value() == Some(true)
    }

    /// Whether it is served over HTTPS, so that its hosts need certificates.
    pub fn needs_certificates(&self) -> bool {
        self.routing.as_deref().map_or(!self.is_http_only(), Routing::has_https)
    }
}

/// A value that an object may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish<T> {
    /// Asked for by the object itself.
    Own(T),
    /// Not asked for: the default.
    Default(T),
    /// The annotation cannot be parsed: the present value is kept.
    Unreadable,
}

impl<T: Copy> Wish<T> {
    /// The value that the object asks for, or the default.
    pub fn value(self) -> Option<T> {
        match self {
            Wish::Own(value) | Wish::Default(value) => Some(value),
            Wish::Unreadable => None,
        }
    }

    /// Whether the object itself asks for it.
    pub fn is_own(self) -> bool {
        matches!(self, Wish::Own(_))
    }
}
