//! The door: every source object becomes one internal form, so that what comes after knows no Ingress.

mod annotations;
mod classes;
mod hosts;
mod ingress;
mod ingress_hosts;
mod ingress_routes;
mod named;
mod routing;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt};

use albatross_contract::{Diagnostic, Metadata, Mode, ObjectKind, Scheme};

pub use annotations::Reader;
pub use annotations::target_wishes;
pub use classes::Classes;
pub use hosts::{HostId, Hosts};
pub use ingress::read;
pub use routing::{Backend, HealthCheckWishes, ListenerPort, PathMatch, Route, Routing, TargetWishes};

/// A source object by kind, namespace and name. Its order is the one in which outcomes are told.
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
    /// The object that a tag names, if it names one.
    pub fn of_tag(text: &'a str) -> Option<Self> {
        let (kind, namespace, name) = ObjectKind::read_name(text)?;
        Some(ObjectName { namespace, name, kind })
    }

    /// The object that a question names.
    pub fn of(asked: &'a albatross_contract::ObjectName) -> Self {
        ObjectName { namespace: &asked.namespace, name: &asked.name, kind: asked.kind }
    }

    /// The same for the plan.
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

/// What a source object asks of a load balancer, and what its status says.
pub struct Claim<'a> {
    /// Who asks.
    pub object: ObjectName<'a>,
    /// When it was made; `None` counts as younger than any.
    pub created_at: Option<u64>,
    /// The name of its class, if it has one.
    pub class_name: Option<&'a str>,
    /// Whether its class makes it ours.
    pub class: Class,
    /// Its hosts, in their order, each once.
    pub hosts: Vec<HostId>,
    /// The scheme that it asks for.
    pub scheme: Wish<Scheme>,
    /// Whether it shares its load balancer.
    pub shared: Wish<bool>,
    /// What it asks for in route mode. `None`: proxy mode.
    pub routing: Option<Routing<'a>>,
    /// ARN of the certificate that it names.
    pub pinned: Option<&'a str>,
    /// Whether it is being deleted: it keeps what it has, and gets nothing new.
    pub is_going: bool,
    /// Annotations and labels, for policies.
    pub metadata: &'a Metadata,
    /// All hostnames in its status, as load balancers spell them: whatever they name is in use.
    pub names: Vec<Cow<'a, str>>,
    /// Whether its status holds anything besides the first hostname.
    pub status_has_more: bool,
    /// What cannot be understood of it: as a member it is held, as a newcomer rejected.
    pub diagnostics: Vec<Diagnostic>,
    /// What there is to say about it that changes nothing else.
    pub remarks: Vec<Diagnostic>,
}

/// What the class of an object, or the lack of one, makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It is ours, in this mode.
    Ours(Mode),
    /// It names a class that does not exist, so nobody can say whose it is.
    Missing,
    /// It is somebody else's.
    NotOurs,
}

impl<'a> Claim<'a> {
    /// Whether it is ours.
    pub fn is_ours(&self) -> bool {
        matches!(self.class, Class::Ours(_))
    }

    /// The first hostname in its status.
    pub fn published(&self) -> Option<&str> {
        self.names.first().map(Cow::as_ref)
    }

    /// Oldest first, then by name: who came first is served first.
    pub fn age(&self) -> (u64, ObjectName<'a>) {
        (self.created_at.unwrap_or(u64::MAX), self.object)
    }

    /// Whether it asks for a load balancer of its own.
    pub fn wants_its_own(&self) -> bool {
        self.shared.value() == Some(false)
    }

    /// How its requests are led to its backends.
    pub fn mode(&self) -> Mode {
        if self.routing.is_some() { Mode::Route } else { Mode::Proxy }
    }

    /// Whether it is served over HTTPS, so that its hosts need certificates.
    pub fn needs_certificates(&self) -> bool {
        self.routing.as_ref().is_none_or(Routing::has_https)
    }
}

/// Something that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish<T> {
    /// Asked for by the object itself.
    Own(T),
    /// Not asked for: the default.
    Default(T),
    /// Asked for in words that cannot be understood: what is there is kept.
    Unreadable,
}

impl<T: Copy> Wish<T> {
    /// What is asked for, by itself or by default.
    pub fn value(self) -> Option<T> {
        match self {
            Wish::Own(value) | Wish::Default(value) => Some(value),
            Wish::Unreadable => None,
        }
    }

    /// Whether the object itself asks.
    pub fn is_own(self) -> bool {
        matches!(self, Wish::Own(_))
    }
}
