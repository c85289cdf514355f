//! A member of a question.

use std::ops::Deref;

use albatross_contract::{GroupingInput, GroupingLoadBalancer, GroupingMember, ObjectKind, ObjectName, Tag};

/// An object that is to be placed: an Ingress or a RouteGroup. Its fields are those of `grouping-member` in the contract.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    index: u32,
    member: &'a GroupingMember,
    input: &'a GroupingInput,
}

impl<'a> Member<'a> {
    pub(super) fn new(index: u32, input: &'a GroupingInput) -> Self {
        Member { index, member: &input.members[index as usize], input }
    }

    /// Its index in the question.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Its namespace.
    pub fn namespace(&self) -> &'a str {
        &self.member.object.namespace
    }

    /// Its name.
    pub fn name(&self) -> &'a str {
        &self.member.object.name
    }

    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<&'a str> {
        value(&self.member.labels, key)
    }

    /// The value of an annotation.
    pub fn annotation(&self, key: &str) -> Option<&'a str> {
        value(&self.member.annotations, key)
    }

    /// Whether a group counts for it. It does not for a member that wants a load balancer of its own, which only a rejection
    /// keeps from it, nor for one whose annotations name its group, nor for one that stays where it is or gets no load balancer
    /// anyway. Such a member
    /// may still stand on the load balancer of a group ([`Member::current_key`]) and take a place there: an Ingress with a misspelt
    /// annotation stays until somebody corrects it, and then counts again.
    pub fn counts(&self) -> bool {
        self.member.settled.is_none()
    }

    /// Orders members by age: the oldest first, those of unknown age last, and those of one age by their names. The order of the
    /// question plays no part in it.
    pub fn age(&self) -> (u64, &'a str, &'a str, ObjectKind) {
        let ObjectName { namespace, name, kind } = &self.member.object;
        (self.member.created_at.unwrap_or(u64::MAX), namespace, name, *kind)
    }

    /// The load balancer that serves it. `None`: it is new.
    pub fn current(&self) -> Option<&'a GroupingLoadBalancer> {
        self.input.load_balancers.get(self.member.load_balancer? as usize)
    }

    /// The key of the group on whose load balancer it is. `None`: it is new, or the load balancer has no key.
    pub fn current_key(&self) -> Option<&'a str> {
        self.current()?.group.as_deref()
    }
}

impl Deref for Member<'_> {
    type Target = GroupingMember;

    fn deref(&self) -> &GroupingMember {
        self.member
    }
}

fn value<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str())
}
