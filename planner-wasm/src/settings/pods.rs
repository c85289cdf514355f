//! Checks of the settings for pods as targets.

use albatross_contract::{PlanningError, PodTargets};

use super::{invalid, namespaces};
use crate::selector::Selector;

/// Refuses a namespace that cannot exist, and a selector that the API server would refuse or that selects every pod.
pub fn check(pods: &PodTargets) -> Result<(), PlanningError> {
    namespaces::check("proxy.pods.namespace", &pods.namespace)?;
    Selector::read(&pods.label_selector).map(drop).map_err(|error| {
        let what = format!(
            "is {:?}: {error}; write it as for kubectl get pods --selector, such as application=skipper-ingress",
            pods.label_selector
        );
        invalid("proxy.pods.label-selector", &what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_that_cannot_exist_and_a_selector_that_cannot_be_read_are_refused() {
        for (namespace, label_selector, expected) in [
            ("kube-system", "application=skipper-ingress", None),
            ("", "application=skipper-ingress", Some("proxy.pods.namespace is \"\"")),
            (" ", "application=skipper-ingress", Some("proxy.pods.namespace is \" \"")),
            ("Kube", "application=skipper-ingress", Some("it must be the name of a namespace")),
            (
                "kube-system",
                "",
                Some("proxy.pods.label-selector is \"\": is blank, which would select everything"),
            ),
            ("kube-system", "application in skipper", Some("must be in parentheses")),
        ] {
            let pods = PodTargets { namespace: namespace.into(), label_selector: label_selector.into() };
            let refused = check(&pods).err().map(|error| error.message);
            let is_as_expected = match (&refused, expected) {
                (Some(message), Some(expected)) => message.contains(expected),
                (refused, expected) => refused.is_none() && expected.is_none(),
            };
            assert!(is_as_expected, "{refused:?}, expected {expected:?}");
        }
    }
}
