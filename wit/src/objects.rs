//! Names of Kubernetes objects, as texts: in tags, in allowances and for people.

use std::fmt;

use crate::{Ingress, ObjectKind, ObjectName, SourceObject};

impl ObjectKind {
    /// The kind as Kubernetes spells it.
    pub const fn kubernetes(self) -> &'static str {
        match self {
            ObjectKind::Ingress => "Ingress",
            ObjectKind::HttpRoute => "HTTPRoute",
            ObjectKind::RouteGroup => "RouteGroup",
        }
    }

    /// Its API group and version.
    pub const fn api_version(self) -> &'static str {
        match self {
            ObjectKind::Ingress => "networking.k8s.io/v1",
            ObjectKind::HttpRoute => "gateway.networking.k8s.io/v1",
            ObjectKind::RouteGroup => "zalando.org/v1",
        }
    }

    /// Writes the name of an object of this kind: `namespace/name` for an Ingress, `Kind:namespace/name` for any other.
    ///
    /// # Errors
    /// Those of the formatter.
    pub fn write_name(self, namespace: &str, name: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self != ObjectKind::Ingress {
            write!(formatter, "{}:", self.kubernetes())?;
        }
        write!(formatter, "{namespace}/{name}")
    }

    /// Kind, namespace and name in a text that [`ObjectKind::write_name`] has written. `None`: the text names no object.
    pub fn read_name(text: &str) -> Option<(ObjectKind, &str, &str)> {
        let (kind, rest) = match text.split_once(':') {
            Some((kind, rest)) => {
                let others = [ObjectKind::HttpRoute, ObjectKind::RouteGroup];
                (others.into_iter().find(|other| other.kubernetes() == kind)?, rest)
            }
            None => (ObjectKind::Ingress, text),
        };
        let (namespace, name) = rest.split_once('/')?;
        let is_name = |part: &str| !part.is_empty() && !part.contains('/');
        (is_name(namespace) && is_name(name)).then_some((kind, namespace, name))
    }
}

impl ObjectName {
    /// The Ingress with this namespace and name.
    pub fn ingress(namespace: &str, name: &str) -> ObjectName {
        ObjectName { namespace: namespace.to_owned(), name: name.to_owned(), kind: ObjectKind::Ingress }
    }

    /// The name of an Ingress.
    pub fn of_ingress(ingress: &Ingress) -> ObjectName {
        ObjectName::of(SourceObject::Ingress(ingress))
    }

    /// The name of an object that asks for a load balancer.
    pub fn of(source: SourceObject<'_>) -> ObjectName {
        ObjectName {
            namespace: source.namespace().to_owned(),
            name: source.metadata().name.clone(),
            kind: source.kind(),
        }
    }

    /// Kind and name for people, such as `Ingress shop/checkout`.
    pub fn in_words(&self) -> String {
        format!("{} {}/{}", self.kind.kubernetes(), self.namespace, self.name)
    }

    /// The object that a text names. `None`: the text names no object.
    pub fn parse(text: &str) -> Option<ObjectName> {
        let (kind, namespace, name) = ObjectKind::read_name(text)?;
        Some(ObjectName { namespace: namespace.to_owned(), name: name.to_owned(), kind })
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.write_name(&self.namespace, &self.name, formatter)
    }
}

/// An object is equal to the text that names it.
impl PartialEq<&str> for ObjectName {
    fn eq(&self, text: &&str) -> bool {
        ObjectKind::read_name(text) == Some((self.kind, &self.namespace, &self.name))
    }
}
