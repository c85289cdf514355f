//! The door: every source object becomes one internal form, so that what comes after knows no Ingress.

mod annotations;
mod classes;
mod hosts;
mod ingress;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt};

use albatross_contract::{Diagnostic, Metadata, Mode, Scheme};

pub use hosts::{HostId, Hosts};
pub use ingress::read;

/// A source object by kind, namespace and name. Its order is the one in which outcomes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName<'a> {
    /// Namespace.
    pub namespace: &'a str,
    /// Name.
    pub name: &'a str,
    /// Kind.
    pub kind: Kind,
}

/// Kinds of objects that can ask for a load balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An Ingress of `networking.k8s.io`.
    Ingress,
}

impl ObjectName<'_> {
    /// Its kind, as Kubernetes spells it.
    pub fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Ingress => "Ingress",
        }
    }
}

impl fmt::Display for ObjectName<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.namespace, self.name)
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
    /// ARN of the certificate that it names.
    pub pinned: Option<&'a str>,
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
    /// It is ours, in a mode that this planner does not have.
    Unsupported,
    /// It is somebody else's.
    NotOurs,
}

impl<'a> Claim<'a> {
    /// Whether it is ours, in a mode that this planner has.
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
