//! Names of objects, as outcomes, tags and allowances write them.

use std::fmt;

use albatross_contract::{ObjectKind, Outcome, SourceObject};

/// An object by namespace, name and kind: an Ingress and a RouteGroup with the same name are different objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ObjectName<'a> {
    namespace: &'a str,
    name: &'a str,
    kind: ObjectKind,
}

impl<'a> ObjectName<'a> {
    /// The name of an object of the cluster.
    pub(crate) fn of(source: SourceObject<'a>) -> Self {
        ObjectName { namespace: source.namespace(), name: &source.metadata().name, kind: source.kind() }
    }

    /// The kind and the name, in words for people.
    pub(crate) fn in_words(self) -> String {
        format!("{} {}/{}", self.kind.kubernetes(), self.namespace, self.name)
    }

    /// The object that an outcome is about.
    pub(crate) fn of_outcome(outcome: &'a Outcome) -> Self {
        let object = &outcome.object;
        ObjectName { namespace: &object.namespace, name: &object.name, kind: object.kind }
    }

    /// Whether an object has the same namespace and name. It may have another kind.
    pub(crate) fn is_namesake(self, other: ObjectName<'_>) -> bool {
        (self.namespace, self.name) == (other.namespace, other.name)
    }

    /// The object that a tag names.
    pub(crate) fn of_tag(value: &'a str) -> Option<Self> {
        let (kind, namespace, name) = ObjectKind::read_name(value)?;
        Some(ObjectName { namespace, name, kind })
    }
}

/// The form in tags and allowances.
impl fmt::Display for ObjectName<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.write_name(self.namespace, self.name, formatter)
    }
}
