//! Tags of load balancers and target groups: whose they are.

use std::collections::{BTreeSet, VecDeque};

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

/// What became of reading tags, beside the tags.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Resources whose tags could not be read, and why.
    pub(crate) unread: Vec<(Vec<String>, AwsError)>,
    /// Resources that no longer exist.
    pub(crate) gone: Vec<String>,
    /// Resources of which AWS gives no tags although they may be ours: one such answer proves nothing.
    pub(crate) doubtful: BTreeSet<String>,
}

/// What makes an answer without tags doubtful.
#[derive(Clone, Copy)]
pub(crate) struct Doubt<'a> {
    /// ARNs of what may be new resources of ours.
    pub(crate) new: &'a BTreeSet<String>,
    /// ARNs of what was doubtful in the last pass: what had our tags before, and is without for the second time, has lost
    /// them.
    pub(crate) before: &'a BTreeSet<String>,
}

/// Reads the tags of all these resources into the shelf.
pub(crate) async fn read(
    aws: &Aws,
    shelf: &mut Shelf<Vec<Tag>>,
    arns: &[&str],
    ownership: &Ownership,
    doubt: Doubt<'_>,
    now: Timestamp,
) -> Outcome {
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
    let mut outcome = Outcome::default();
    for (found, missing, error) in answers {
        for (arn, tags) in found {
            let was_ours = shelf.last(&arn).is_some_and(|tags| ownership.owns(tags));
            if tags.is_empty() && (doubt.new.contains(&arn) || (was_ours && !doubt.before.contains(&arn))) {
                outcome.doubtful.insert(arn);
            } else {
                shelf.keep(&arn, now, tags);
            }
        }
        let (doubtful, gone): (Vec<_>, Vec<_>) = missing.into_iter().partition(|arn| doubt.new.contains(arn));
        outcome.doubtful.extend(doubtful);
        outcome.gone.extend(gone);
        outcome.unread.extend(error);
    }
    outcome
}

/// Tags, what is gone, and what could not be read.
type Batch = (Vec<(String, Vec<Tag>)>, Vec<String>, Vec<(Vec<String>, AwsError)>);

/// One resource that was deleted since the list fails the whole call: the batch is halved until it is found.
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
                    let field = "TagDescription of each resource";
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
