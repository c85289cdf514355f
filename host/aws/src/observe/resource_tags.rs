//! Tags of load balancers, target groups and listener rules, which say who owns them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use albatross_contract::Tag;

use super::{each, for_each, kept::Shelf, turns::When};
use crate::{
    calls,
    clients::Aws,
    convert::tags,
    error::{AwsError, ErrorClass},
    ownership::Ownership,
};

/// Seconds that tags are cached. Tags of our own resources are changed by us alone, and then read again; a resource of
/// others seldom becomes ours.
const OWN_AGE: u64 = 300;
const FOREIGN_AGE: u64 = 600;

/// DescribeTags, `ResourceArns`: up to 20.
const PER_CALL: usize = 20;

/// How many of these calls are made before the time is looked at.
const TOGETHER: usize = 4;

/// The outcome of reading tags, besides the tags themselves.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Resources whose tags could not be read, and why.
    pub(crate) unread: Vec<(Vec<String>, AwsError)>,
    /// Resources that no longer exist.
    pub(crate) gone: Vec<String>,
    /// Resources that may be ours and for which AWS returns no tags: a single such answer proves nothing.
    pub(crate) doubtful: BTreeSet<String>,
    /// Resources whose tags are read only in one of the next observations.
    pub(crate) postponed: Vec<String>,
}

/// What makes an answer without tags doubtful.
#[derive(Clone, Copy)]
pub(crate) struct Doubt<'a> {
    /// ARNs of resources that may be new and ours.
    pub(crate) new: &'a BTreeSet<String>,
    /// ARNs of resources that were doubtful in the last pass: a resource that had our tags, and has none for the second
    /// time, has lost them.
    pub(crate) before: &'a BTreeSet<String>,
}

/// Reads the tags of these resources into the cache, in this order, as long as there is time.
pub(crate) async fn read(
    aws: &Aws,
    shelf: &mut Shelf<Vec<Tag>>,
    arns: &[&str],
    ownership: &Ownership,
    doubt: Doubt<'_>,
    when: When,
) -> Outcome {
    let now = when.now;
    let age = |arn: &str| match shelf.last(arn) {
        Some(tags) if ownership.owns(tags) => OWN_AGE,
        _ => FOREIGN_AGE,
    };
    let stale: Vec<String> = arns
        .iter()
        .filter(|arn| shelf.fresh(arn, now, age(arn)).is_none())
        .map(|arn| (*arn).to_owned())
        .collect();
    let mut outcome = Outcome::default();
    let mut left = stale.chunks(PER_CALL * TOGETHER);
    for several in left.by_ref() {
        let batches = several.chunks(PER_CALL).map(<[String]>::to_vec);
        let take = |(found, missing, error): Batch| {
            for (arn, tags) in found {
                let was_ours = shelf.last(&arn).is_some_and(|tags| ownership.owns(tags));
                let is_new_or_lost = doubt.new.contains(&arn) || (was_ours && !doubt.before.contains(&arn));
                if tags.is_empty() && is_new_or_lost {
                    outcome.doubtful.insert(arn);
                } else {
                    shelf.keep(&arn, now, tags);
                }
            }
            let (doubtful, gone): (Vec<_>, Vec<_>) =
                missing.into_iter().partition(|arn| doubt.new.contains(arn));
            outcome.doubtful.extend(doubtful);
            outcome.gone.extend(gone);
            outcome.unread.extend(error);
        };
        each(batches, |batch| batch_of(aws, batch), take).await;
        if when.is_over() {
            break;
        }
    }
    outcome.postponed = left.flatten().cloned().collect();
    outcome
}

/// The tags of some resources.
#[derive(Debug, Default)]
pub(crate) struct TagsOfAll {
    /// By ARN.
    pub(crate) found: BTreeMap<String, Vec<Tag>>,
    /// Resources that no longer exist.
    pub(crate) gone: BTreeSet<String>,
    /// Resources whose tags could not be read, and why.
    pub(crate) unread: Vec<(Vec<String>, AwsError)>,
}

/// Reads the tags of these resources without a cache.
pub(crate) async fn of_all(aws: &Aws, arns: &[&str]) -> TagsOfAll {
    let batches = arns.chunks(PER_CALL).map(|batch| batch.iter().map(|arn| (*arn).to_owned()).collect());
    let answers = for_each(batches, |batch| batch_of(aws, batch)).await;
    let mut tags = TagsOfAll::default();
    for (found, gone, unread) in answers {
        tags.found.extend(found);
        tags.gone.extend(gone);
        tags.unread.extend(unread);
    }
    tags
}

/// The tags, the resources that are gone, and the resources whose tags could not be read.
type Batch = (Vec<(String, Vec<Tag>)>, Vec<String>, Vec<(Vec<String>, AwsError)>);

/// Reads the tags of a batch. One resource that was deleted after it was listed fails the whole call: the batch is halved
/// until that resource is found.
async fn batch_of(aws: &Aws, batch: Vec<String>) -> Batch {
    let call = &calls::DESCRIBE_TAGS;
    let (mut found, mut gone, mut unread) = (Vec::new(), Vec::new(), Vec::new());
    let mut batches = VecDeque::from([batch]);
    while let Some(batch) = batches.pop_front() {
        let request = || aws.elb.describe_tags().set_resource_arns(Some(batch.clone())).send();
        match aws.read(call, request).await {
            Ok(answer) => {
                let described: Vec<(String, Vec<Tag>)> = answer
                    .tag_descriptions()
                    .iter()
                    .filter_map(|it| Some((it.resource_arn()?.to_owned(), tags::from_elb(it.tags()))))
                    .collect();
                let is_left_out = |arn: &&String| described.iter().all(|(other, _)| other != *arn);
                let left_out: Vec<String> = batch.iter().filter(is_left_out).cloned().collect();
                if !left_out.is_empty() {
                    let field = "TagDescription for every resource";
                    unread.push((left_out, AwsError::Unreadable { call, field }));
                }
                found.extend(described);
            }
            Err(error) if error.class() == ErrorClass::NotFound => match batch.as_slice() {
                [only] => gone.push(only.clone()),
                several => {
                    let (left, right) = several.split_at(several.len() / 2);
                    batches.extend([left.to_vec(), right.to_vec()]);
                }
            },
            Err(error) => {
                unread.push((batches.into_iter().flatten().chain(batch).collect(), error));
                break;
            }
        }
    }
    (found, gone, unread)
}
