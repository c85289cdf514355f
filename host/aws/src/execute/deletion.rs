//! Deletes resources. Before a resource is deleted, its tags are read again: the resource must still be ours.

use std::time::Duration;

use albatross_contract::{ResourceReference, Tag};

use super::{Made, Writer};
use crate::{
    calls,
    convert::{existing, tags},
    error::{AwsError, ErrorClass},
    observe::load_balancer_of,
    ownership::{differs, serves_others},
};

/// How long to wait after each answer without tags for a resource that was just created.
const TAGS_APPEAR: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// The result of reading a resource by its ARN.
enum Standing {
    Ours,
    Gone,
}

impl Writer<'_> {
    pub(super) async fn delete_load_balancer(&self, resource: &ResourceReference) -> Result<Made, AwsError> {
        let arn = existing(resource)?;
        if let Standing::Ours = self.standing(arn, arn).await? {
            let request = || self.aws.elb.delete_load_balancer().load_balancer_arn(arn).send();
            gone_is_done(self.write(&calls::DELETE_LOAD_BALANCER, request).await)?;
        }
        Ok(None)
    }

    pub(super) async fn delete_target_group(&self, resource: &ResourceReference) -> Result<Made, AwsError> {
        let arn = existing(resource)?;
        if let Standing::Ours = self.standing(arn, arn).await? {
            let request = || self.aws.elb.delete_target_group().target_group_arn(arn).send();
            gone_is_done(self.write(&calls::DELETE_TARGET_GROUP, request).await)?;
        }
        Ok(None)
    }

    pub(super) async fn delete_listener(&self, resource: &ResourceReference) -> Result<Made, AwsError> {
        let arn = existing(resource)?;
        if let Standing::Ours = self.part_of_ours(arn).await? {
            let request = || self.aws.elb.delete_listener().listener_arn(arn).send();
            gone_is_done(self.write(&calls::DELETE_LISTENER, request).await)?;
        }
        Ok(None)
    }

    pub(super) async fn delete_rule(&self, resource: &ResourceReference) -> Result<Made, AwsError> {
        let arn = existing(resource)?;
        if let Standing::Ours = self.part_of_ours(arn).await? {
            let request = || self.aws.elb.delete_rule().rule_arn(arn).send();
            gone_is_done(self.write(&calls::DELETE_RULE, request).await)?;
        }
        Ok(None)
    }

    pub(super) async fn delete_security_group(&self, resource: &ResourceReference) -> Result<Made, AwsError> {
        let id = existing(resource)?;
        let request = || self.aws.ec2.describe_security_groups().group_ids(id).send();
        let found = match self.read(&calls::DESCRIBE_SECURITY_GROUPS, request).await {
            Ok(answer) => answer.security_groups().first().map(|group| tags::from_ec2(group.tags())),
            Err(error) if error.class() == ErrorClass::NotFound => None,
            Err(error) => return Err(error),
        };
        if let Some(tags) = found {
            self.must_be_ours(id, &tags)?;
            let request = || self.aws.ec2.delete_security_group().group_id(id).send();
            gone_is_done(self.write(&calls::DELETE_SECURITY_GROUP, request).await)?;
        }
        Ok(None)
    }

    /// Listeners and rules belong to the owner of their load balancer.
    async fn part_of_ours(&self, arn: &str) -> Result<Standing, AwsError> {
        match load_balancer_of(arn) {
            Some(load_balancer) => self.standing(arn, &load_balancer).await,
            None => Err(AwsError::Unsupported { what: format!("deleting {arn}") }),
        }
    }

    /// Whether `owner`, the resource whose tags count for `resource`, is ours.
    async fn standing(&self, resource: &str, owner: &str) -> Result<Standing, AwsError> {
        match self.tags_of(owner).await {
            Ok(tags) if tags.is_empty() && self.aws.exchange.is_recent(owner) => {
                Err(AwsError::TagsNotKnownYet { resource: owner.to_owned() })
            }
            Ok(tags) => self.must_be_ours(resource, &tags).map(|()| Standing::Ours),
            Err(error) if error.class() == ErrorClass::NotFound => Ok(Standing::Gone),
            Err(error) => Err(error),
        }
    }

    fn must_be_ours(&self, resource: &str, tags: &[Tag]) -> Result<(), AwsError> {
        match self.ownership.lacks(tags) {
            None => Ok(()),
            Some(lacks) => Err(AwsError::NotOurs {
                resource: resource.to_owned(),
                lacks,
                remedy: "if it belongs to this controller, put the tag back",
            }),
        }
    }

    /// The tags of a resource of Elastic Load Balancing.
    async fn tags_of(&self, arn: &str) -> Result<Vec<Tag>, AwsError> {
        let request = || self.aws.elb.describe_tags().resource_arns(arn).send();
        let answer = self.read(&calls::DESCRIBE_TAGS, request).await?;
        Ok(answer.tag_descriptions().first().map(|found| tags::from_elb(found.tags())).unwrap_or_default())
    }

    /// Checks that a resource that a create call returned is ours: if a resource with the same name and settings exists,
    /// AWS returns that one.
    pub(super) async fn must_be_made_by_us(&self, arn: &str, wanted: &[Tag]) -> Result<(), AwsError> {
        if wanted.is_empty() {
            return Ok(()); // Without tags nothing says who owns it.
        }
        let found = self.tags_of_new(arn).await?;
        if let Some(tag) = differs(wanted, &found) {
            return Err(AwsError::NotOurs {
                resource: arn.to_owned(),
                lacks: format!("{}={}", tag.key, tag.value),
                remedy: "rename or remove it, or give this cluster another uid",
            });
        }
        match serves_others(wanted, &found) {
            None => Ok(()),
            Some(tag) => Err(AwsError::MadeForOthers { resource: arn.to_owned(), tag }),
        }
    }

    /// Whether an existing resource that has the name of a resource to create is ours: then an earlier create succeeded, and
    /// its answer was lost. A resource of ours that was created for others is an error.
    pub(super) async fn was_made_by_us(&self, arn: &str, wanted: &[Tag]) -> Result<bool, AwsError> {
        let found = match wanted.is_empty() || self.aws.exchange.is_settled(arn) {
            true => self.tags_of(arn).await?,
            false => self.tags_of_new(arn).await?,
        };
        let is_ours = self.ownership.owns(&found) && differs(wanted, &found).is_none();
        match serves_others(wanted, &found).filter(|_| is_ours) {
            None => Ok(is_ours),
            Some(tag) => Err(AwsError::MadeForOthers { resource: arn.to_owned(), tag }),
        }
    }

    /// The tags of a resource that was just created with tags. Neither the resource nor its tags may be visible yet.
    async fn tags_of_new(&self, arn: &str) -> Result<Vec<Tag>, AwsError> {
        let call = &calls::DESCRIBE_TAGS;
        let request = || self.aws.elb.describe_tags().resource_arns(arn).send();
        for wait in TAGS_APPEAR {
            match self.read(call, request).await {
                Ok(answer) => {
                    let found = answer.tag_descriptions().first().map(|found| tags::from_elb(found.tags()));
                    if let Some(found) = found.filter(|tags| !tags.is_empty()) {
                        return Ok(found);
                    }
                }
                Err(error) if error.class() == ErrorClass::NotFound => {}
                Err(error) => return Err(error),
            }
            self.terms.wait(call, wait).await?;
        }
        Err(AwsError::TagsNotKnownYet { resource: arn.to_owned() })
    }
}

/// A resource that does not exist counts as deleted.
fn gone_is_done<T>(answer: Result<T, AwsError>) -> Result<(), AwsError> {
    match answer {
        Err(error) if error.class() == ErrorClass::NotFound => Ok(()),
        answer => answer.map(|_| ()),
    }
}
