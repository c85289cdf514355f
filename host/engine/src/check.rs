//! Checks of what policies answer, before the planner sees it.
//!
//! An answer that fails one of them is not repaired: whoever wrote the policy meant something else, and nobody knows
//! what.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    CertificateAnswer, CertificateInput, GroupingAnswer, GroupingInput, SubnetAnswer, SubnetInput,
};

/// Longest key of a group, in characters: the contract's bound, half of what a tag holds.
pub const KEY_LENGTH: usize = 128;

/// Longest reason, in characters: what a Kubernetes Event takes (its note has 1,024 bytes; most texts are ASCII).
pub const REASON_LENGTH: usize = 1_024;

/// Why an answer is not usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// An index for which there is nothing in the question.
    #[error("{what} {index} does not exist: there are {count}, and the first is 0")]
    OutOfRange {
        /// What is counted.
        what: &'static str,
        /// The index.
        index: u32,
        /// How many there are.
        count: usize,
    },
    /// An Ingress that is in two groups, in one group twice, or in a group and rejected.
    #[error("{ingress} has two places: {first} and {second}")]
    MemberTwice {
        /// `namespace/name`.
        ingress: String,
        /// Its first place.
        first: String,
        /// Its second place.
        second: String,
    },
    /// An Ingress that is in no group and not rejected.
    #[error("{ingress} is in no group and not rejected")]
    MemberMissing {
        /// `namespace/name`.
        ingress: String,
    },
    /// A key of two groups.
    #[error("two groups have the key {key:?}")]
    KeyTwice {
        /// The key.
        key: String,
    },
    /// A key with no or too many characters.
    #[error("the key of group {group} has {length} characters: it needs 1 to {KEY_LENGTH}")]
    KeyLength {
        /// Index of the group.
        group: usize,
        /// Its length in characters.
        length: usize,
    },
    /// A key that the value of an AWS tag cannot hold.
    #[error(
        "the key {key:?} cannot be the value of an AWS tag: that takes letters, digits, inner spaces and _ . : / = + - @, and does not begin with aws:"
    )]
    KeyUnprintable {
        /// The key.
        key: String,
    },
    /// A reason that cannot be shown.
    #[error(
        "the reason for {what} cannot be shown: it needs at most {REASON_LENGTH} characters, without control characters"
    )]
    ReasonUnprintable {
        /// What it is the reason for.
        what: String,
    },
    /// A subnet that was chosen twice.
    #[error("{subnet} is chosen twice")]
    SubnetTwice {
        /// Its id.
        subnet: String,
    },
    /// Two subnets of one zone; a load balancer has one in each.
    #[error("{first} and {second} are both in zone {zone}: a load balancer has one subnet in each")]
    ZoneTwice {
        /// Name of the zone.
        zone: String,
        /// A subnet by id.
        first: String,
        /// Another.
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

/// Checks the answer of a grouping policy: every member in exactly one group or rejected; keys that are unique and fit
/// into a tag.
///
/// # Errors
/// The first thing that is wrong.
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
        for member in &group.members {
            place(*member, format!("group {:?}", group.key))?;
        }
    }
    for rejection in &answer.rejected {
        place(rejection.member, "rejected".to_owned())?;
        reason(&rejection.reason, || format!("the rejection of member {}", rejection.member))?;
    }
    match (0..).zip(&input.members).find(|(index, _)| !places.contains_key(index)) {
        None => Ok(()),
        Some((_, member)) => Err(AnswerError::MemberMissing { ingress: member.object.to_string() }),
    }
}

/// Checks the answer of a subnet policy: each subnet once, and at most one for each zone.
///
/// # Errors
/// The first thing that is wrong.
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

/// Checks the answer of a certificate policy: at most one certificate for each host, and one that covers it.
///
/// # Errors
/// The first thing that is wrong.
pub fn certificates(input: &CertificateInput, answer: &CertificateAnswer) -> Result<(), AnswerError> {
    let mut hosts = BTreeSet::new();
    for choice in &answer.choices {
        let host = item("host", &input.hosts, choice.host)?;
        let certificate = item("certificate", &input.certificates, choice.certificate)?;
        if !hosts.insert(choice.host) {
            return Err(AnswerError::HostTwice { host: host.clone() });
        }
        if !certificate.names.iter().any(|name| covers(name, host)) {
            return Err(AnswerError::NotCovering {
                host: host.clone(),
                certificate: certificate.arn.clone(),
            });
        }
        reason(&choice.reason, || format!("the certificate of {host}"))?;
    }
    Ok(())
}

/// Whether a name of a certificate covers a host: the very name, or a wildcard that stands for exactly one label
/// (RFC 6125, 6.4.3). A host that is a wildcard itself needs that very name. Case does not count.
fn covers(name: &str, host: &str) -> bool {
    if name.eq_ignore_ascii_case(host) {
        return true;
    }
    match (name.strip_prefix("*."), host.split_once('.')) {
        (Some(parent), Some((label, rest))) => {
            !label.is_empty() && label != "*" && parent.eq_ignore_ascii_case(rest)
        }
        _ => false,
    }
}

fn item<'a, T>(what: &'static str, items: &'a [T], index: u32) -> Result<&'a T, AnswerError> {
    usize::try_from(index).ok().and_then(|index| items.get(index)).ok_or(AnswerError::OutOfRange {
        what,
        index,
        count: items.len(),
    })
}

/// A key is kept as the value of the tag `albatross/group`. What that holds: Elastic Load Balancing API, `Tag`
/// (`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`) and its notes on `aws:` and on spaces at either end.
fn key(group: usize, key: &str) -> Result<(), AnswerError> {
    let length = key.chars().count();
    if length == 0 || length > KEY_LENGTH {
        return Err(AnswerError::KeyLength { group, length });
    }
    let character = |c: char| c.is_alphanumeric() || " _.:/=+-@".contains(c);
    let reserved = key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"));
    if reserved || key.trim() != key || !key.chars().all(character) {
        return Err(AnswerError::KeyUnprintable { key: key.to_owned() });
    }
    Ok(())
}

fn reason(reason: &str, what: impl FnOnce() -> String) -> Result<(), AnswerError> {
    if reason.chars().count() > REASON_LENGTH || reason.chars().any(char::is_control) {
        return Err(AnswerError::ReasonUnprintable { what: what() });
    }
    Ok(())
}
