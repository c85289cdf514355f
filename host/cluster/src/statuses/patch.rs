//! The change that the status of an Ingress or RouteGroup needs.

use albatross_contract::{IngressAddress, ObjectKind, ObjectName, SourceObject, StatusChange};
use serde_json::{Value, json};

/// A status that differs from the current status of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatusPatch {
    /// The new hostname. Absent: the status becomes empty.
    pub(crate) hostname: Option<String>,
}

impl StatusPatch {
    /// The patch that gives the object the status of the outcome; `None` if it has that status already.
    pub(crate) fn of(change: &StatusChange, source: SourceObject<'_>) -> Option<StatusPatch> {
        let hostname = match change {
            StatusChange::Keep => return None,
            StatusChange::Publish(hostname) => Some(hostname.clone()),
            StatusChange::Withdraw => None,
        };
        let wanted: Vec<IngressAddress> = hostname
            .iter()
            .map(|hostname| IngressAddress { hostname: Some(hostname.clone()), ip: None })
            .collect();
        (source.status() != wanted).then_some(StatusPatch { hostname })
    }

    /// The body for server-side apply. With `uid`, the API server refuses to change an object that was deleted and created
    /// again under the same name.
    ///
    /// An empty status is written as an empty list: leaving the list out would give up only our own entries, and the entries
    /// of another field manager would stay.
    pub(crate) fn apply(&self, object: &ObjectName, uid: Option<&str>) -> Value {
        let addresses: Vec<Value> =
            self.hostname.iter().map(|hostname| json!({ "hostname": hostname })).collect();
        let mut metadata = json!({ "namespace": object.namespace, "name": object.name });
        if let Some(uid) = uid {
            metadata["uid"] = json!(uid);
        }
        json!({
            "apiVersion": object.kind.api_version(),
            "kind": object.kind.kubernetes(),
            "metadata": metadata,
            "status": { "loadBalancer": { list(object.kind): addresses } },
        })
    }
}

/// The list of addresses in the status of an object of a kind.
const fn list(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::RouteGroup => "routegroup",
        ObjectKind::Ingress | ObjectKind::HttpRoute => "ingress",
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Ingress, Metadata};

    use super::*;

    const OURS: &str = "albatross-1.eu-central-1.elb.amazonaws.com";

    fn ingress(status: &[(Option<&str>, Option<&str>)]) -> Ingress {
        let text = |text: &Option<&str>| text.map(str::to_owned);
        Ingress {
            metadata: Metadata {
                namespace: Some("shop".to_owned()),
                name: "checkout".to_owned(),
                uid: None,
                created_at: None,
                deleted_at: None,
                annotations: Vec::new(),
                labels: Vec::new(),
            },
            ingress_class_name: None,
            default_backend: None,
            tls: Vec::new(),
            rules: Vec::new(),
            status: status
                .iter()
                .map(|(hostname, ip)| IngressAddress { hostname: text(hostname), ip: text(ip) })
                .collect(),
        }
    }

    fn of(change: &StatusChange, status: &[(Option<&str>, Option<&str>)]) -> Option<StatusPatch> {
        StatusPatch::of(change, SourceObject::Ingress(&ingress(status)))
    }

    fn publish() -> StatusChange {
        StatusChange::Publish(OURS.to_owned())
    }

    #[test]
    fn a_status_that_is_already_right_is_not_written() {
        assert_eq!(of(&publish(), &[(Some(OURS), None)]), None);
        assert_eq!(of(&StatusChange::Withdraw, &[]), None);
    }

    #[test]
    fn a_status_that_the_outcome_keeps_is_not_written_whatever_it_contains() {
        assert_eq!(of(&StatusChange::Keep, &[]), None);
        assert_eq!(of(&StatusChange::Keep, &[(Some("other"), None)]), None);
    }

    #[test]
    fn a_status_with_other_or_additional_addresses_is_replaced() {
        let wanted = Some(StatusPatch { hostname: Some(OURS.to_owned()) });
        for status in [
            &[][..],
            &[(Some("other"), None)],
            &[(None, Some("192.0.2.1"))],
            &[(Some(OURS), None), (Some("other"), None)],
        ] {
            assert_eq!(of(&publish(), status), wanted);
        }
    }

    #[test]
    fn a_withdrawn_status_is_an_empty_list_that_is_written_out() {
        let patch = of(&StatusChange::Withdraw, &[(Some(OURS), None)]).unwrap();
        let written = patch.apply(&ObjectName::ingress("shop", "checkout"), Some("7a0c"));
        assert_eq!(written["status"], json!({ "loadBalancer": { "ingress": [] } }));
        assert_eq!(written["metadata"]["uid"], "7a0c");
    }

    #[test]
    fn the_list_of_a_route_group_has_another_name() {
        let object = ObjectName { kind: ObjectKind::RouteGroup, ..ObjectName::ingress("shop", "checkout") };
        let written = StatusPatch { hostname: Some(OURS.to_owned()) }.apply(&object, None);
        assert_eq!(
            (&written["apiVersion"], &written["kind"]),
            (&json!("zalando.org/v1"), &json!("RouteGroup"))
        );
        assert_eq!(written["status"], json!({ "loadBalancer": { "routegroup": [{ "hostname": OURS }] } }));
    }
}
