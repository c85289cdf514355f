//! The answer.

use std::collections::BTreeMap;

use albatross_contract::{GROUP_KEY_RULE, GroupingAnswer, MemberGroup, MemberRejection, unfit_group_key};

use super::Member;

/// Where a member should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a load balancer that it shares with all members that have the same key.
    Group {
        /// 1 to 128 ASCII letters, digits, inner spaces and `_ . : / = + - @`: a tag holds it. With any other key the whole
        /// question is refused.
        key: String,
        /// Why, in words for people. The first member of a group says it for all of them.
        reason: String,
    },
    /// Where the planner places it without a policy. It never shares a load balancer with a group.
    Default,
    /// On no load balancer, for this reason, in words for people. If it is served now, it stays served.
    Reject(String),
}

impl Place {
    /// A group.
    pub fn group(key: impl Into<String>, reason: impl Into<String>) -> Place {
        Place::Group { key: key.into(), reason: reason.into() }
    }
}

/// The places of all members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    groups: BTreeMap<String, MemberGroup>,
    rejected: Vec<MemberRejection>,
    by_default: Vec<u32>,
    /// The first key that is none, and its member.
    unfit: Option<String>,
}

impl Answer {
    /// Adds a member. Each member of the question must be added once.
    pub fn add(&mut self, member: &Member<'_>, place: Place) {
        let index = member.index();
        match place {
            Place::Group { key, reason } => {
                if unfit_group_key(&key).is_some() {
                    let message =
                        || format!("{key:?} for {} cannot be a key: use {GROUP_KEY_RULE}", member.object);
                    self.unfit.get_or_insert_with(message);
                }
                let new = || MemberGroup { key: key.clone(), members: Vec::new(), reason };
                self.groups.entry(key.clone()).or_insert_with(new).members.push(index);
            }
            Place::Default => self.by_default.push(index),
            Place::Reject(reason) => self.rejected.push(MemberRejection { member: index, reason }),
        }
    }

    /// The answer as in the contract; groups are in the order of their keys.
    ///
    /// # Errors
    /// A key cannot be one.
    pub fn into_contract(self) -> Result<GroupingAnswer, String> {
        match self.unfit {
            Some(message) => Err(message),
            None => Ok(GroupingAnswer {
                groups: self.groups.into_values().collect(),
                rejected: self.rejected,
                by_default: self.by_default,
            }),
        }
    }
}
