//! The Lease by which replicas of a controller elect their leader.

use albatross_cluster::{Candidate, identity};
use albatross_contract::Settings;

use crate::error::Error;

/// The namespace of the Lease, wherever the replicas run: the uid of this namespace identifies the cluster that owns
/// resources in AWS, so Leases in two namespaces would allow two writers for the same resources.
pub const NAMESPACE: &str = "kube-system";

/// The Lease for the default controller id; another controller id is appended to it.
const NAME: &str = "albatross";

/// The candidate that runs on this machine.
///
/// # Errors
/// The controller id cannot be part of the name of an object in Kubernetes.
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

/// Whether the API server accepts `text` at the end of a name (RFC 1123): short enough to have [`NAME`] before it.
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
    fn a_controller_with_another_id_has_another_lease() {
        assert_eq!(lease("albatross"), Ok("albatross".to_owned()));
        assert_eq!(
            lease("kube-ingress-aws-controller"),
            Ok("albatross-kube-ingress-aws-controller".to_owned())
        );
    }

    #[test]
    fn a_controller_id_that_cannot_be_in_the_name_of_a_lease_is_refused_and_named() {
        for id in ["Shop", "shop_1", "shop-", "", &"x".repeat(51)] {
            let error = lease(id).unwrap_err();
            assert!(
                error.contains(&format!("controller id '{id}'")) && error.contains("--controller-id"),
                "{error}"
            );
        }
    }
}
