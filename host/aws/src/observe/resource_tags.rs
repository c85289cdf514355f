//! Tags of load balancers and target groups: whose they are.

use std::collections::VecDeque;

use albatross_contract::{Tag, Timestamp};

use super::{for_each, kept::Shelf};
use crate::{
    calls,
    clients::Aws,
    convert::tags,
    error::{AwsError, ErrorClass},
    ownership::Ownership,
};

/// Our own tags are changed by us alone, and then they are read again; others' seldom become ours.
const OWN_AGE: u64 = 300;
const FOREIGN_AGE: u64 = 600;

/// DescribeTags, `ResourceArns`: up to 20.
const PER_CALL: usize = 20;

/// Reads the tags of all these resources into the shelf. Answers what went wrong, and which of them are gone.
pub(crate) async fn read(
    aws: &Aws,
    shelf: &mut Shelf<Vec<Tag>>,
    arns: &[&str],
    ownership: &Ownership,
    now: Timestamp,
) -> (Vec<AwsError>, Vec<String>) {
    let age = |arn: &str| match shelf.last(arn) {
        Some(tags) if ownership.owns(tags) => OWN_AGE,
        _ => FOREIGN_AGE,
    };
    let stale: Vec<String> = arns
        .iter()
        .filter(|arn| shelf.fresh(arn, now, age(arn)).is_none())
        .map(|arn| (*arn).to_owned())
        .collect();
    let answers =
        for_each(stale.chunks(PER_CALL).map(<[String]>::to_vec), |batch| batch_of(aws, batch)).await;
    let (mut errors, mut gone) = (Vec::new(), Vec::new());
    for (found, missing, error) in answers {
        for (arn, tags) in found {
            shelf.keep(&arn, now, tags);
        }
        gone.extend(missing);
        errors.extend(error);
    }
    (errors, gone)
}

type Batch = (Vec<(String, Vec<Tag>)>, Vec<String>, Option<AwsError>);

/// One resource that was deleted since the list fails the whole call: the batch is halved until it is found.
async fn batch_of(aws: &Aws, batch: Vec<String>) -> Batch {
    let (mut found, mut gone) = (Vec::new(), Vec::new());
    let mut batches = VecDeque::from([batch]);
    while let Some(batch) = batches.pop_front() {
        let request = || aws.elb.describe_tags().set_resource_arns(Some(batch.clone())).send();
        match aws.read(&calls::DESCRIBE_TAGS, request).await {
            Ok(answer) => found.extend(answer.tag_descriptions().iter().filter_map(|description| {
                Some((description.resource_arn()?.to_owned(), tags::from_elb(description.tags())))
            })),
            Err(error) if error.class() == ErrorClass::NotFound => match batch.as_slice() {
                [only] => gone.push(only.clone()),
                several => {
                    let (left, right) = several.split_at(several.len() / 2);
                    batches.extend([left.to_vec(), right.to_vec()]);
                }
            },
            Err(error) => return (found, gone, Some(error)),
        }
    }
    (found, gone, None)
}
