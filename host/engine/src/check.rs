//! Checks of the answers of policies, before the planner gets them.
//!
//! An answer that fails a check is not repaired: the author of the policy meant something else, and the host cannot know
//! what.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    CertificateAnswer, CertificateInput, GROUP_KEY_LENGTH, GROUP_KEY_RULE, GroupingAnswer, GroupingInput,
    SubnetAnswer, SubnetInput, UnfitKey, unfit_group_key,
};

use crate::words::printable;

/// The longest reason, in characters: it must fit into the note of a Kubernetes Event (1,024 bytes; most texts are ASCII).
pub const REASON_LENGTH: usize = 1_024;

/// The longest schema of settings, in bytes.
pub const SCHEMA_LENGTH: usize = 65_536;

/// Why an answer cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// An index that is out of range for the list in the question.
    #[error("{what} {index} does not exist: there are {count}, and the first is 0")]
    OutOfRange {
        /// The kind of the items in the list.
        what: &'static str,
        /// The index.
        index: u32,
        /// How many there are.
        count: usize,
    },
    /// An Ingress that has two places in the answer: two groups, or a group and a rejection.
    #[error("{ingress} appears twice: {first} and {second}")]
    MemberTwice {
        /// `namespace/name`.
        ingress: String,
        /// Its first place.
        first: String,
        /// Its second place.
        second: String,
    },
    /// An Ingress that is in no group, not left to the planner, and not rejected.
    #[error("{ingress} is in no group, not left to the planner, and not rejected")]
    MemberMissing {
        /// `namespace/name`.
        ingress: String,
    },
    /// Two groups with the same key.
    #[error("two groups have the key {key:?}")]
    KeyTwice {
        /// The key.
        key: String,
    },
    /// A group without members.
    #[error("the group {key:?} has no members: leave it out")]
    GroupEmpty {
        /// The key.
        key: String,
    },
    /// A key with no or too many characters.
    #[error("the key of group {group} has {length} characters: it must have 1 to {GROUP_KEY_LENGTH}")]
    KeyLength {
        /// Index of the group.
        group: usize,
        /// Its length in characters.
        length: usize,
    },
    /// A key that cannot be the value of an AWS tag.
    #[error("the key {key:?} cannot be the value of an AWS tag: use {GROUP_KEY_RULE}")]
    KeyUnprintable {
        /// The key.
        key: String,
    },
    /// A reason that cannot be shown.
    #[error(
        "the reason for {what} cannot be shown: it may have at most {REASON_LENGTH} characters, and no control characters"
    )]
    ReasonUnprintable {
        /// What the reason is for.
        what: String,
    },
    /// A schema of settings that is too long.
    #[error("the schema of its settings has {length} bytes: it may have at most {SCHEMA_LENGTH}")]
    SchemaLength {
        /// Its length in bytes.
        length: usize,
    },
    /// A schema of settings that is no JSON.
    #[error("the schema of its settings is not a JSON object: {problem}")]
    SchemaUnreadable {
        /// What is wrong with it.
        problem: String,
    },
    /// A subnet that was chosen twice.
    #[error("{subnet} is chosen twice")]
    SubnetTwice {
        /// Its id.
        subnet: String,
    },
    /// Two subnets in one zone; a load balancer has one subnet in each zone.
    #[error("{first} and {second} are both in zone {zone}: a load balancer has one subnet in each zone")]
    ZoneTwice {
        /// Name of the zone.
        zone: String,
        /// The id of a subnet.
        first: String,
        /// The id of the other subnet.
        second: String,
    },
    /// Two certificates for one host.
    #[error("{host} has two certificates")]
    HostTwice {
        /// The host.
        host: String,
    },
    /// A certificate for a host that it does not cover.
    #[error("{certificate} does not cover {host}")]
    NotCovering {
        /// The host.
        host: String,
        /// ARN of the certificate.
        certificate: String,
    },
}

/// Checks the answer of a grouping policy: every member is in exactly one group, left to the planner, or rejected; groups have
/// members and unique keys, which fit into a tag.
///
/// # Errors
/// The first failed check.
pub fn grouping(input: &GroupingInput, answer: &GroupingAnswer) -> Result<(), AnswerError> {
    let mut keys = BTreeSet::new();
    let mut places: BTreeMap<u32, String> = BTreeMap::new();
    let mut place = |index: u32, place: String| {
        let member = item("member", &input.members, index)?;
        match places.insert(index, place.clone()) {
            None => Ok(()),
            Some(first) => {
                Err(AnswerError::MemberTwice { ingress: member.object.to_string(), first, second: place })
            }
        }
    };
    for (index, group) in answer.groups.iter().enumerate() {
        key(index, &group.key)?;
        if !keys.insert(&group.key) {
            return Err(AnswerError::KeyTwice { key: group.key.clone() });
        }
        reason(&group.reason, || format!("group {:?}", group.key))?;
        // So there are at most as many groups as members.
        if group.members.is_empty() {
            return Err(AnswerError::GroupEmpty { key: group.key.clone() });
        }
        for member in &group.members {
            place(*member, format!("group {:?}", group.key))?;
        }
    }
    for rejection in &answer.rejected {
        place(rejection.member, "rejected".to_owned())?;
        reason(&rejection.reason, || format!("the rejection of member {}", rejection.member))?;
    }
    for member in &answer.by_default {
        place(*member, "left to the planner".to_owned())?;
    }
    match (0..).zip(&input.members).find(|(index, _)| !places.contains_key(index)) {
        None => Ok(()),
        Some((_, member)) => Err(AnswerError::MemberMissing { ingress: member.object.to_string() }),
    }
}

/// The schema of settings on one line, with control characters escaped as in JSON.
///
/// # Errors
/// It is too long, or not a JSON object.
pub fn schema(text: &str) -> Result<String, AnswerError> {
    if text.len() > SCHEMA_LENGTH {
        return Err(AnswerError::SchemaLength { length: text.len() });
    }
    let read: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(text);
    let object =
        read.map_err(|error| AnswerError::SchemaUnreadable { problem: printable(&error.to_string()) })?;
    // JSON escapes the control characters of ASCII; the others are dropped.
    Ok(serde_json::Value::Object(object).to_string().replace(char::is_control, ""))
}

/// Checks the answer of a subnet policy: each subnet once, and at most one for each zone.
///
/// # Errors
/// The first failed check.
pub fn subnets(input: &SubnetInput, answer: &SubnetAnswer) -> Result<(), AnswerError> {
    let mut zones: BTreeMap<&str, &str> = BTreeMap::new();
    for index in &answer.subnets {
        let subnet = item("subnet", &input.candidates, *index)?;
        match zones.insert(&subnet.zone, &subnet.id) {
            None => {}
            Some(first) if first == subnet.id => {
                return Err(AnswerError::SubnetTwice { subnet: subnet.id.clone() });
            }
            Some(first) => {
                return Err(AnswerError::ZoneTwice {
                    zone: subnet.zone.clone(),
                    first: first.to_owned(),
                    second: subnet.id.clone(),
                });
            }
        }
    }
    reason(&answer.reason, || "the subnets".to_owned())
}

/// Checks the answer of a certificate policy: at most one certificate for each host, which must cover the host.
///
/// # Errors
/// The first failed check.
pub fn certificates(input: &CertificateInput, answer: &CertificateAnswer) -> Result<(), AnswerError> {
    let mut hosts = BTreeSet::new();
    for choice in &answer.choices {
        let host = item("host", &input.hosts, choice.host)?;
        let certificate = item("certificate", &input.certificates, choice.certificate)?;
        if !hosts.insert(choice.host) {
            return Err(AnswerError::HostTwice { host: host.clone() });
        }
        if !certificate.covers(host) {
            return Err(AnswerError::NotCovering {
                host: host.clone(),
                certificate: certificate.arn.clone(),
            });
        }
        reason(&choice.reason, || format!("the certificate of {host}"))?;
    }
    Ok(())
}

fn item<'a, T>(what: &'static str, items: &'a [T], index: u32) -> Result<&'a T, AnswerError> {
    usize::try_from(index).ok().and_then(|index| items.get(index)).ok_or(AnswerError::OutOfRange {
        what,
        index,
        count: items.len(),
    })
}

fn key(group: usize, key: &str) -> Result<(), AnswerError> {
    match unfit_group_key(key) {
        None => Ok(()),
        Some(UnfitKey::Length(length)) => Err(AnswerError::KeyLength { group, length }),
        Some(UnfitKey::Characters) => Err(AnswerError::KeyUnprintable { key: key.to_owned() }),
    }
}

fn reason(reason: &str, what: impl FnOnce() -> String) -> Result<(), AnswerError> {
    if reason.chars().count() > REASON_LENGTH || reason.chars().any(char::is_control) {
        return Err(AnswerError::ReasonUnprintable { what: what() });
    }
    Ok(())
}
