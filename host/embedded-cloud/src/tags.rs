//! Tags.

use std::collections::BTreeSet;

use albatross_contract::{AddTags, RemoveTags, ResourceReference, Tag};

use crate::{
    AwsError,
    account::{Account, existing},
};

/// The service that keeps the tags of a resource. Both services have the same limits, but different error codes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeper {
    LoadBalancing,
    Ec2,
}

impl Account {
    /// Pages: API_AddTags; EC2 API_CreateTags.
    pub(crate) fn add_tags(&mut self, input: &AddTags) -> Result<(), AwsError> {
        let limit = self.inventory.quotas.tags_per_resource;
        let (keeper, present) = self.tags_mut(&input.resource)?;
        check_tags(keeper, present, &input.tags, limit)?;
        set(present, &input.tags);
        Ok(())
    }

    /// Pages: API_RemoveTags; EC2 API_DeleteTags. A key that does not exist is no error in either.
    pub(crate) fn remove_tags(&mut self, input: &RemoveTags) -> Result<(), AwsError> {
        let (_, present) = self.tags_mut(&input.resource)?;
        present.retain(|tag| !input.keys.contains(&tag.key));
        Ok(())
    }

    /// The tags of any resource. The form of the ARN or id says what kind of resource it is.
    fn tags_mut(&mut self, reference: &ResourceReference) -> Result<(Keeper, &mut Vec<Tag>), AwsError> {
        let resource = existing(reference)?;
        let kind = resource.splitn(6, ':').nth(5).and_then(|rest| rest.split('/').next());
        let tags = match kind {
            Some("loadbalancer") => {
                let at = self.load_balancer_at(resource)?;
                &mut self.inventory.load_balancers[at].tags
            }
            Some("targetgroup") => {
                let at = self.target_group_at(resource)?;
                &mut self.inventory.target_groups[at].tags
            }
            Some("listener") => {
                let (at, listener) = self.listener_at(resource)?;
                &mut self.inventory.load_balancers[at].listeners[listener].tags
            }
            Some("listener-rule") => {
                let (at, listener, rule) = self.rule_at(resource)?;
                &mut self.inventory.load_balancers[at].listeners[listener].rules[rule].tags
            }
            None if resource.starts_with("sg-") => {
                let at = self.security_group_at(resource)?;
                return Ok((Keeper::Ec2, &mut self.inventory.security_groups[at].tags));
            }
            _ => {
                return Err(AwsError::validation(format!("'{resource}' is not a valid load balancer ARN")));
            }
        };
        Ok((Keeper::LoadBalancing, tags))
    }
}

/// Whether these tags can be added to the present ones.
///
/// Pages: API_Tag (lengths); Application Load Balancers, "Tag an Application Load Balancer" (50 a resource, keys that
/// begin with `aws:` are reserved and do not count); API_AddTags (codes); EC2 API Reference, "Error codes".
pub(crate) fn check_tags(keeper: Keeper, present: &[Tag], added: &[Tag], limit: u32) -> Result<(), AwsError> {
    let invalid = |message: String| match keeper {
        Keeper::LoadBalancing => AwsError::validation(message),
        Keeper::Ec2 => AwsError::new("InvalidParameterValue", message),
    };
    let mut keys = BTreeSet::new();
    for tag in added {
        if tag.key.is_empty() || tag.key.chars().count() > 128 {
            return Err(invalid(format!("Tag key '{}' must have 1 to 128 characters", tag.key)));
        }
        if tag.value.chars().count() > 256 {
            return Err(invalid(format!("The value of tag '{}' is longer than 256 characters", tag.key)));
        }
        if tag.key.starts_with("aws:") {
            return Err(invalid(format!("Tag key '{}' is reserved: it begins with aws:", tag.key)));
        }
        if !keys.insert(tag.key.as_str()) {
            let message = format!("Duplicate tag key '{}' specified", tag.key);
            return Err(match keeper {
                Keeper::LoadBalancing => AwsError::new("DuplicateTagKeys", message),
                Keeper::Ec2 => invalid(message),
            });
        }
    }
    keys.extend(present.iter().map(|tag| tag.key.as_str()).filter(|key| !key.starts_with("aws:")));
    if keys.len() > limit as usize {
        let code = match keeper {
            Keeper::LoadBalancing => "TooManyTags",
            Keeper::Ec2 => "TagLimitExceeded",
        };
        return Err(AwsError::new(code, format!("A resource can have at most {limit} tags")));
    }
    Ok(())
}

/// Sets pairs of key and value, and keeps the list sorted by key.
pub(crate) fn set(present: &mut Vec<Tag>, changed: &[Tag]) {
    for tag in changed {
        match present.iter_mut().find(|it| it.key == tag.key) {
            Some(it) => it.value.clone_from(&tag.value),
            None => present.push(tag.clone()),
        }
    }
    present.sort();
}

/// Tags, sorted by key.
pub(crate) fn sorted(tags: &[Tag]) -> Vec<Tag> {
    let mut tags = tags.to_vec();
    tags.sort();
    tags
}
