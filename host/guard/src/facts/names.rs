//! Names of objects, as outcomes, tags and allowances write them.

use std::fmt;

use albatross_contract::{Ingress, ObjectKind, Outcome};

/// An object by namespace, name and kind: an Ingress and an HTTPRoute with the same name are different objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ObjectName<'a> {
    namespace: &'a str,
    name: &'a str,
    kind: ObjectKind,
}

impl<'a> ObjectName<'a> {
    /// Without a namespace an Ingress lives in `default`, as for kubectl.
    pub(crate) fn of(ingress: &'a Ingress) -> Self {
        let namespace = ingress.metadata.namespace.as_deref().unwrap_or("default");
        ObjectName { namespace, name: &ingress.metadata.name, kind: ObjectKind::Ingress }
    }

    /// The object that an outcome is about.
    pub(crate) fn of_outcome(outcome: &'a Outcome) -> Self {
        let object = &outcome.object;
        ObjectName { namespace: &object.namespace, name: &object.name, kind: object.kind }
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
