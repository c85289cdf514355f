//! Tags, which are the controller's memory.

use albatross_contract::{AddTags, RemoveTags};
use aws_sdk_ec2::types::Tag;

use super::{Made, Writer};
use crate::{
    calls,
    convert::{
        existing,
        tags::{to_ec2, to_elb},
    },
    error::AwsError,
};

impl Writer<'_> {
    pub(super) async fn add_tags(&self, input: &AddTags) -> Result<Made, AwsError> {
        let resource = existing(&input.resource)?;
        if is_of_elb(resource) {
            let request = || {
                let request = self.aws.elb.add_tags().resource_arns(resource);
                request.set_tags(Some(to_elb(&input.tags))).send()
            };
            self.write(&calls::ADD_TAGS, request).await?;
        } else {
            let request = || {
                let request = self.aws.ec2.create_tags().resources(resource);
                request.set_tags(Some(to_ec2(&input.tags))).send()
            };
            self.write(&calls::CREATE_TAGS, request).await?;
        }
        Ok(None)
    }

    pub(super) async fn remove_tags(&self, input: &RemoveTags) -> Result<Made, AwsError> {
        let resource = existing(&input.resource)?;
        if is_of_elb(resource) {
            let request = || {
                let request = self.aws.elb.remove_tags().resource_arns(resource);
                request.set_tag_keys(Some(input.keys.clone())).send()
            };
            self.write(&calls::REMOVE_TAGS, request).await?;
        } else {
            // A key without a value removes the tag whatever its value is (API_DeleteTags, Tag.N).
            let tags: Vec<Tag> = input.keys.iter().map(|key| Tag::builder().key(key).build()).collect();
            let request =
                || self.aws.ec2.delete_tags().resources(resource).set_tags(Some(tags.clone())).send();
            self.write(&calls::DELETE_TAGS, request).await?;
        }
        Ok(None)
    }
}

/// Resources of Elastic Load Balancing are identified by ARN, those of EC2 by id.
fn is_of_elb(resource: &str) -> bool {
    resource.starts_with("arn:")
}
