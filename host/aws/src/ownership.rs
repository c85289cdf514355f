//! Who owns a resource, according to its tags.

use albatross_contract::{
    Identity, TAG_APPLICATION, TAG_CLUSTER, TAG_CLUSTER_UID, TAG_ID, TAGS_OF_TERMS, Tag,
};

use crate::convert::tags::value;

/// The prefix of the names of all load balancers and target groups that Albatross creates, for any cluster
/// (`planner-wasm/src/identity.rs`).
pub(crate) const NAME_PREFIX: &str = "albatross-";

/// The tags of this cluster and controller.
#[derive(Clone, Debug)]
pub(crate) struct Ownership {
    cluster_tag: String,
    controller: String,
}

impl Ownership {
    pub(crate) fn new(identity: &Identity) -> Self {
        Ownership {
            cluster_tag: format!("{TAG_CLUSTER}{}", identity.cluster_id),
            controller: identity.controller_id.clone(),
        }
    }

    /// Whether a resource is ours: it carries the tags of the cluster and the controller, and an id. (The planner and the
    /// guard check the uid of the cluster: a person may take over the resources of a copied cluster.)
    pub(crate) fn owns(&self, tags: &[Tag]) -> bool {
        self.lacks(tags).is_none()
    }

    /// The first of our tags that a resource lacks.
    pub(crate) fn lacks(&self, tags: &[Tag]) -> Option<String> {
        if value(tags, &self.cluster_tag) != Some("owned") {
            Some(format!("{}=owned", self.cluster_tag))
        } else if value(tags, TAG_APPLICATION) != Some(&self.controller) {
            Some(format!("{TAG_APPLICATION}={}", self.controller))
        } else if value(tags, TAG_ID).is_none() {
            Some(TAG_ID.to_owned())
        } else {
            None
        }
    }
}

/// The first ownership tag of a new resource that an existing resource lacks or carries with another value.
pub(crate) fn differs<'a>(wanted: &'a [Tag], found: &[Tag]) -> Option<&'a Tag> {
    let says_whose = |tag: &&Tag| {
        tag.key == TAG_ID
            || tag.key == TAG_CLUSTER_UID
            || tag.key == TAG_APPLICATION
            || tag.key.starts_with(TAG_CLUSTER)
    };
    wanted.iter().filter(says_whose).find(|tag| value(found, &tag.key) != Some(&tag.value))
}

/// The key of the first tag that says whom a load balancer serves and differs: the load balancer that exists was created for
/// others, and is not in the view yet.
pub(crate) fn serves_others(wanted: &[Tag], found: &[Tag]) -> Option<&'static str> {
    TAGS_OF_TERMS.into_iter().find(|key| value(wanted, key) != value(found, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Vec<Tag> {
        pairs.iter().map(|(key, value)| Tag { key: (*key).into(), value: (*value).into() }).collect()
    }

    #[test]
    fn all_three_tags_make_a_resource_ours() {
        let identity = Identity { cluster_id: "shop".into(), ..Identity::default() };
        let ownership = Ownership::new(&identity);
        let all = [
            ("kubernetes.io/cluster/shop", "owned"),
            ("kubernetes:application", "albatross"),
            ("albatross/id", "0123456789ab"),
        ];
        assert!(ownership.owns(&tags(&all)));
        for left_out in 0..all.len() {
            let mut some = all.to_vec();
            some.remove(left_out);
            assert!(!ownership.owns(&tags(&some)), "without {:?}", all[left_out]);
        }
        assert!(!ownership.owns(&tags(&[("kubernetes.io/cluster/shop", "shared"), all[1], all[2]])));
    }

    #[test]
    fn a_resource_of_a_copied_cluster_is_recognized_by_the_cluster_uid() {
        let wanted = tags(&[("albatross/cluster-uid", "a"), ("Name", "x")]);
        assert_eq!(differs(&wanted, &tags(&[("albatross/cluster-uid", "b")])), Some(&wanted[0]));
        assert_eq!(differs(&wanted, &tags(&[("albatross/cluster-uid", "a")])), None);
    }

    #[test]
    fn a_load_balancer_that_serves_others_is_known_by_a_tag_that_differs_either_way() {
        let (none, wanted) = (tags(&[]), tags(&[("albatross/http-only", "true"), ("albatross/id", "1")]));
        assert_eq!(serves_others(&wanted, &wanted), None);
        assert_eq!(serves_others(&wanted, &none), Some("albatross/http-only"));
        assert_eq!(serves_others(&none, &wanted), Some("albatross/http-only"));
        let group = |value| tags(&[("albatross/group", value)]);
        assert_eq!(serves_others(&group("a"), &group("b")), Some("albatross/group"));
    }
}
