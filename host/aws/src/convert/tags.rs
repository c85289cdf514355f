//! Tags.

use albatross_contract::Tag;

/// Tags of Elastic Load Balancing.
pub(crate) fn from_elb(tags: &[aws_sdk_elasticloadbalancingv2::types::Tag]) -> Vec<Tag> {
    sorted(tags.iter().filter_map(|tag| pair(tag.key(), tag.value())))
}

/// Tags for Elastic Load Balancing.
pub(crate) fn to_elb(tags: &[Tag]) -> Vec<aws_sdk_elasticloadbalancingv2::types::Tag> {
    let tag = |tag: &Tag| {
        aws_sdk_elasticloadbalancingv2::types::Tag::builder().key(&tag.key).value(&tag.value).build()
    };
    tags.iter().map(tag).collect()
}

/// Tags of EC2.
pub(crate) fn from_ec2(tags: &[aws_sdk_ec2::types::Tag]) -> Vec<Tag> {
    sorted(tags.iter().filter_map(|tag| pair(tag.key(), tag.value())))
}

/// Tags for EC2.
pub(crate) fn to_ec2(tags: &[Tag]) -> Vec<aws_sdk_ec2::types::Tag> {
    tags.iter()
        .map(|tag| aws_sdk_ec2::types::Tag::builder().key(&tag.key).value(&tag.value).build())
        .collect()
}

/// Tags of Auto Scaling.
pub(crate) fn from_auto_scaling(tags: &[aws_sdk_autoscaling::types::TagDescription]) -> Vec<Tag> {
    sorted(tags.iter().filter_map(|tag| pair(tag.key(), tag.value())))
}

/// Tags of ACM.
pub(crate) fn from_acm(tags: &[aws_sdk_acm::types::Tag]) -> Vec<Tag> {
    sorted(tags.iter().filter_map(|tag| pair(Some(tag.key()), tag.value())))
}

/// Tags of IAM.
pub(crate) fn from_iam(tags: &[aws_sdk_iam::types::Tag]) -> Vec<Tag> {
    sorted(tags.iter().filter_map(|tag| pair(Some(tag.key()), Some(tag.value()))))
}

/// The value of a tag.
pub(crate) fn value<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
}

fn pair(key: Option<&str>, value: Option<&str>) -> Option<Tag> {
    Some(Tag { key: key?.to_owned(), value: value.unwrap_or_default().to_owned() })
}

/// Sorts tags: AWS returns them in any order.
pub(super) fn sorted(tags: impl Iterator<Item = Tag>) -> Vec<Tag> {
    let mut tags: Vec<Tag> = tags.collect();
    tags.sort();
    tags
}
