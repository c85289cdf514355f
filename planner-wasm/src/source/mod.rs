//! The door: every source object becomes one internal form, so that what comes after knows no Ingress.

mod annotations;
mod classes;
mod ingress;

use std::fmt;

use albatross_contract::{Diagnostic, Mode, Scheme, Tag};

pub use ingress::read;

/// Namespace and name of a source object; also its order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.namespace, self.name)
    }
}

/// What a source object asks of a load balancer, and what its status says.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Who asks.
    pub name: Name,
    /// When it was made; `None` counts as younger than any.
    pub created_at: Option<u64>,
    /// Its class, if it has one.
    pub class: Option<String>,
    /// Whether it is ours, and then its mode.
    pub ours: Option<Mode>,
    /// Its hosts: lower case, sorted, each once.
    pub hosts: Vec<String>,
    /// The scheme that it asks for.
    pub scheme: Wish<Scheme>,
    /// Whether it shares its load balancer.
    pub shared: Wish<bool>,
    /// ARN of the certificate that it names.
    pub pinned: Option<String>,
    /// Its annotations, for policies.
    pub annotations: Vec<Tag>,
    /// Its labels, for policies.
    pub labels: Vec<Tag>,
    /// The first hostname in its status, as load balancers spell it.
    pub published: Option<String>,
    /// All hostnames in its status, spelled alike: whatever they name is in use.
    pub names: Vec<String>,
    /// Whether its status holds anything besides that hostname.
    pub status_has_more: bool,
    /// What cannot be understood of it: as a member it is held, as a newcomer rejected.
    pub diagnostics: Vec<Diagnostic>,
    /// What there is to say about it that changes nothing else.
    pub remarks: Vec<Diagnostic>,
}

impl Claim {
    /// Oldest first, then by name: who came first is served first.
    pub fn age(&self) -> (u64, &Name) {
        (self.created_at.unwrap_or(u64::MAX), &self.name)
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
