//! Which Lease a controller leads by.

use albatross_cluster::{Candidate, identity};
use albatross_contract::Settings;

use crate::error::Error;

/// For each cluster and controller id there is one Lease, wherever the replicas run: whose resources are changed is
/// decided by the uid of this namespace, so two Leases in two namespaces would be two writers.
pub const NAMESPACE: &str = "kube-system";

/// The Lease of the controller id that is the default; others append theirs.
const NAME: &str = "albatross";

/// The candidate that runs on this machine.
///
/// # Errors
/// The controller id cannot be part of a name in Kubernetes.
pub fn candidate(settings: &Settings, namespace: &str, machine: &str) -> Result<Candidate, Error> {
    let id = &settings.identity.controller_id;
    let lease = if *id == Settings::default().identity.controller_id {
        NAME.to_owned()
    } else if is_label(id) {
        format!("{NAME}-{id}")
    } else {
        return Err(Error::ControllerId { id: id.clone() });
    };
    Ok(Candidate { namespace: namespace.to_owned(), lease, identity: identity(machine) })
}

/// Whether the API server takes it at the end of a name: RFC 1123, short enough for what stands before.
fn is_label(text: &str) -> bool {
    let is_inner = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    (1..=50).contains(&text.len()) && text.bytes().all(is_inner) && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(id: &str) -> Result<String, String> {
        let mut settings = Settings::default();
        settings.identity.controller_id = id.to_owned();
        candidate(&settings, NAMESPACE, "pod").map(|it| it.lease).map_err(|error| error.to_string())
    }

    #[test]
    fn controllers_of_other_ids_lead_by_leases_of_their_own() {
        assert_eq!(lease("albatross"), Ok("albatross".to_owned()));
        assert_eq!(
            lease("kube-ingress-aws-controller"),
            Ok("albatross-kube-ingress-aws-controller".to_owned())
        );
    }

    #[test]
    fn an_id_that_cannot_name_a_lease_is_refused_by_its_name() {
        for id in ["Shop", "shop_1", "shop-", "", &"x".repeat(51)] {
            let error = lease(id).unwrap_err();
            assert!(
                error.contains(&format!("controller id '{id}'")) && error.contains("--controller-id"),
                "{error}"
            );
        }
    }
}
