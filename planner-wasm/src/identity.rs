//! Ids, names and tags: all of them are derived, none is stored.
//!
//! A create whose answer was lost finds its own resource again, since the same decision results in the same name.

use albatross_contract::{
    Identity, Scheme, TAG_APPLICATION, TAG_CLUSTER, TAG_CLUSTER_UID, TAG_ID, Tag, TargetType,
};
use sha2::{Digest, Sha256};

use crate::kind::Kind;

/// Prefix of all our names.
pub const NAME_PREFIX: &str = "albatross-";

/// The first `digits` hexadecimal digits of the SHA-256 of some parts. Each part is followed by a NUL, which no part can
/// contain, so that different lists of parts have different digests.
fn digest(parts: &[&str], digits: usize) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hexadecimal(&hasher.finalize(), digits)
}

fn hexadecimal(bytes: &[u8], digits: usize) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .take(digits)
        .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
        .collect()
}

/// Our id of a load balancer: derived from cluster, controller, the properties that AWS cannot change, and an ordinal.
pub fn load_balancer_id(identity: &Identity, kind: Kind, scheme: Scheme, vpc: &str, ordinal: u32) -> String {
    let family = match kind {
        Kind { has_security_groups: true, .. } if kind.is_network() => "network with security groups",
        Kind { family, .. } => family.as_str(),
    };
    let parts = [
        identity.cluster_id.as_str(),
        identity.controller_id.as_str(),
        family,
        scheme.as_str(),
        vpc,
        &ordinal.to_string(),
    ];
    digest(&parts, 12)
}

/// The name in AWS of a load balancer with this id: 22 of the 32 characters that AWS allows.
pub fn load_balancer_name(identity: &Identity, id: &str) -> String {
    let parts = [identity.cluster_id.as_str(), &identity.controller_id, &identity.cluster_uid, id];
    format!("{NAME_PREFIX}{}", digest(&parts, 12))
}

/// Our id of the resources that all load balancers of the cluster in a VPC share.
pub fn shared_id(identity: &Identity, vpc: &str) -> String {
    digest(&[&identity.cluster_id, &identity.controller_id, "shared", vpc], 12)
}

/// The suffix of the name of a target group, after the name of its load balancer and a hyphen: a hash of the properties
/// that AWS cannot change, so that the whole name has 31 characters.
pub fn target_group_suffix(protocol: &str, port: u16, target: TargetType, vpc: &str) -> String {
    digest(&[protocol, &port.to_string(), target.as_str(), vpc], 8)
}

/// The suffix of the name of a target group of a Service port: a hash of the port that it serves and of the properties that
/// AWS cannot change.
pub fn service_target_group_suffix(parts: &[&str]) -> String {
    digest(parts, 8)
}

/// The hash that identifies the conditions of a rule in the id of an action.
pub fn rule_digest(parts: &[&str]) -> String {
    digest(parts, 8)
}

/// The hash that identifies a certificate in a tag key: ARNs of IAM can be too long for a key.
pub fn certificate_hash(arn: &str) -> String {
    hexadecimal(&Sha256::digest(arn.as_bytes()), 12)
}

/// The hash of annotations in the name of a group of a policy ([`albatross_contract::group_of_a_policy`]).
pub fn annotations_hash(parts: &[&str]) -> String {
    digest(parts, 8)
}

/// The key of the tag that says that this cluster owns a resource.
pub fn cluster_tag(identity: &Identity) -> String {
    format!("{TAG_CLUSTER}{}", identity.cluster_id)
}

/// The tags that every resource of ours carries, in the order of their keys.
pub fn ownership_tags(identity: &Identity, id: &str) -> Vec<Tag> {
    let mut tags = vec![
        tag(TAG_CLUSTER_UID, &identity.cluster_uid),
        tag(TAG_ID, id),
        tag(&cluster_tag(identity), "owned"),
        tag(TAG_APPLICATION, &identity.controller_id),
    ];
    tags.sort();
    tags
}

/// Whether a tag key is one of those with which a controller marks its resources: AWS, we, or kube-ingress-aws-controller.
pub fn is_ours(key: &str) -> bool {
    key == TAG_APPLICATION || ["albatross/", TAG_CLUSTER, "aws:"].iter().any(|prefix| key.starts_with(prefix))
}

/// A tag.
pub fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

/// The value of a tag.
pub fn tag_value<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_what_aws_allows() {
        let identity = Identity { cluster_id: "c".repeat(300), ..Identity::default() };
        let id = load_balancer_id(&identity, Kind::APPLICATION, Scheme::Internal, "vpc-1", 7);
        let name = load_balancer_name(&identity, &id);
        assert_eq!((id.len(), name.len()), (12, 22));
        let group = format!("{name}-{}", target_group_suffix("HTTP", 9999, TargetType::Instance, "vpc-1"));
        assert_eq!(group.len(), 31);
    }

    #[test]
    fn another_cluster_uid_gives_another_name_but_the_same_id() {
        let here = Identity { cluster_uid: "a".into(), ..Identity::default() };
        let copy = Identity { cluster_uid: "b".into(), ..Identity::default() };
        let id = |identity| load_balancer_id(identity, Kind::APPLICATION, Scheme::Internal, "vpc-1", 0);
        assert_eq!(id(&here), id(&copy));
        assert_ne!(load_balancer_name(&here, "x"), load_balancer_name(&copy, "x"));
    }

    #[test]
    fn what_aws_fixes_at_creation_gives_another_id() {
        let identity = Identity::default();
        let id = |kind, scheme| load_balancer_id(&identity, kind, scheme, "vpc-1", 0);
        let kinds = [Kind::APPLICATION, Kind::network(false), Kind::network(true)];
        let ids =
            kinds.iter().flat_map(|kind| [id(*kind, Scheme::Internal), id(*kind, Scheme::InternetFacing)]);
        assert_eq!(ids.collect::<std::collections::BTreeSet<_>>().len(), 6);
    }

    #[test]
    fn the_certificate_hash_is_the_start_of_the_sha_256_of_its_arn() {
        assert_eq!(certificate_hash("abc"), "ba7816bf8f01");
    }
}
