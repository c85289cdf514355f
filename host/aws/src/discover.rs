//! The VPC and the cluster: given by flags, or those of the instance that this program runs on.

use std::env;

use albatross_contract::TAG_CLUSTER;
use aws_sdk_ec2::types::Instance;
use futures::future::LocalBoxFuture;

use crate::{
    calls,
    clients::Aws,
    error::{AwsError, chain},
};

/// The flags that a person sets; absent values are discovered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// `--vpc-id`.
    pub vpc_id: Option<String>,
    /// `--cluster-id`.
    pub cluster_id: Option<String>,
}

/// Where the controller runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// The VPC of the cluster.
    pub vpc_id: String,
    /// The cluster, as in the tag `kubernetes.io/cluster/<cluster-id>`.
    pub cluster_id: String,
}

/// Discovers the values that are not given: the instance metadata says which instance this is, and EC2 reports its VPC and
/// its tags.
///
/// # Errors
/// [`AwsError::NotDiscovered`] with the flag to set.
pub fn discover(aws: &Aws, given: Given) -> LocalBoxFuture<'_, Result<Discovered, AwsError>> {
    Box::pin(ask(aws, given))
}

async fn ask(aws: &Aws, given: Given) -> Result<Discovered, AwsError> {
    if let Given { vpc_id: Some(vpc_id), cluster_id: Some(cluster_id) } = given {
        return Ok(Discovered { vpc_id, cluster_id });
    }
    let missing = if given.vpc_id.is_none() { VPC } else { CLUSTER };
    let instance = this_instance(aws).await.map_err(|message| missing.unknown(message))?;
    let vpc_id = given.vpc_id.or_else(|| instance.vpc_id().map(str::to_owned));
    let cluster_id = match given.cluster_id {
        Some(id) => id,
        None => cluster_of(&instance).map_err(|message| CLUSTER.unknown(message))?,
    };
    let vpc_id = vpc_id.ok_or_else(|| VPC.unknown("this instance is not in a VPC".to_owned()))?;
    Ok(Discovered { vpc_id, cluster_id })
}

/// A value that a flag can set.
struct Flag {
    what: &'static str,
    flag: &'static str,
}

const VPC: Flag = Flag { what: "the VPC", flag: "--vpc-id" };
const CLUSTER: Flag = Flag { what: "the cluster", flag: "--cluster-id" };

impl Flag {
    fn unknown(&self, message: String) -> AwsError {
        AwsError::NotDiscovered { what: self.what, flag: self.flag, message }
    }
}

async fn this_instance(aws: &Aws) -> Result<Instance, String> {
    // The SDK honours this variable for credentials and region only.
    if env::var("AWS_EC2_METADATA_DISABLED").is_ok_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err("AWS_EC2_METADATA_DISABLED turns the instance metadata off".to_owned());
    }
    let id = aws
        .metadata()
        .get("/latest/meta-data/instance-id")
        .await
        .map_err(|error| format!("the instance metadata does not answer ({})", chain(&error)))?;
    let id = String::from(id);
    let answer = aws
        .read(&calls::DESCRIBE_INSTANCES, || aws.ec2.describe_instances().instance_ids(&id).send())
        .await
        .map_err(|error| format!("EC2 does not describe instance {id} ({error})"))?;
    let found =
        answer.reservations.into_iter().flatten().flat_map(|it| it.instances.unwrap_or_default()).next();
    found.ok_or_else(|| format!("EC2 does not know instance {id}"))
}

/// The cluster that owns an instance, if it is the only one.
fn cluster_of(instance: &Instance) -> Result<String, String> {
    let id = instance.instance_id().unwrap_or_default();
    let mut owners: Vec<&str> = instance
        .tags()
        .iter()
        .filter(|tag| tag.value() == Some("owned"))
        .filter_map(|tag| tag.key()?.strip_prefix(TAG_CLUSTER))
        .collect();
    owners.sort_unstable();
    match owners.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => Err(format!("instance {id} has no tag {TAG_CLUSTER}<cluster-id>=owned")),
        several => Err(format!("instance {id} is tagged as owned by {}", several.join(" and "))),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::Tag;

    use super::*;

    fn instance(tags: &[(&str, &str)]) -> Instance {
        let tags = tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build());
        Instance::builder().instance_id("i-1").set_tags(Some(tags.collect())).build()
    }

    #[test]
    fn the_cluster_that_owns_the_instance_is_discovered() {
        let tags =
            [("Name", "x"), ("kubernetes.io/cluster/shop", "owned"), ("kubernetes.io/cluster/old", "shared")];
        assert_eq!(cluster_of(&instance(&tags)), Ok("shop".to_owned()));
    }

    #[test]
    fn an_instance_without_an_owner_or_with_two_owners_is_an_error() {
        assert!(cluster_of(&instance(&[])).is_err());
        let two = [("kubernetes.io/cluster/a", "owned"), ("kubernetes.io/cluster/b", "owned")];
        assert_eq!(cluster_of(&instance(&two)), Err("instance i-1 is tagged as owned by a and b".to_owned()));
    }
}
