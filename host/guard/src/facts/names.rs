//! What an Ingress is called. How outcomes, tags and allowances name one is here alone.

use std::fmt;

use albatross_contract::{Ingress, Outcome};

/// An Ingress by its namespace and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct IngressName<'a> {
    namespace: &'a str,
    name: &'a str,
}

impl<'a> IngressName<'a> {
    /// Without a namespace an Ingress lives in `default`, as for kubectl.
    pub(crate) fn of(ingress: &'a Ingress) -> Self {
        let namespace = ingress.metadata.namespace.as_deref().unwrap_or("default");
        IngressName { namespace, name: &ingress.metadata.name }
    }

    /// The Ingress that an outcome is about.
    pub(crate) fn of_outcome(outcome: &'a Outcome) -> Self {
        IngressName { namespace: &outcome.namespace, name: &outcome.name }
    }

    /// The Ingress that a tag names, as `namespace/name`; neither holds a slash.
    pub(crate) fn of_tag(value: &'a str) -> Option<Self> {
        value.split_once('/').map(|(namespace, name)| IngressName { namespace, name })
    }
}

/// `namespace/name`, as tags and allowances have it.
impl fmt::Display for IngressName<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.namespace, self.name)
    }
}
