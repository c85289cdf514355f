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

/// Reads the tags of all these resources into the shelf. Answers which could not be read and why, and which are gone.
pub(crate) async fn read(
    aws: &Aws,
    shelf: &mut Shelf<Vec<Tag>>,
    arns: &[&str],
    ownership: &Ownership,
    now: Timestamp,
) -> (Vec<(Vec<String>, AwsError)>, Vec<String>) {
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
    let (mut unread, mut gone) = (Vec::new(), Vec::new());
    for (found, missing, error) in answers {
        for (arn, tags) in found {
            shelf.keep(&arn, now, tags);
        }
        gone.extend(missing);
        unread.extend(error);
    }
    (unread, gone)
}

/// Tags, what is gone, and what could not be read.
type Batch = (Vec<(String, Vec<Tag>)>, Vec<String>, Option<(Vec<String>, AwsError)>);

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
            Err(error) => {
                let unread = batches.into_iter().flatten().chain(batch).collect();
                return (found, gone, Some((unread, error)));
            }
        }
    }
    (found, gone, None)
}
