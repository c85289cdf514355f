//! Rules spread over several security groups, since AWS limits the rules of each.

use albatross_contract::{SecurityGroup, SecurityGroupPeer, SecurityGroupRule};

use super::{admits_the_same, inbound};

/// How many rules a rule for a prefix list is taken for. AWS counts as many as the list may have entries, which is not
/// observed; the largest list of AWS counts 55 (VPC user guide, "AWS-managed prefix lists").
const PREFIX_LIST: usize = 55;

/// What AWS allows.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Inbound rules of a security group.
    pub rules: usize,
    /// Security groups.
    pub groups: usize,
}

/// A security group and its rules.
pub struct Share<'a> {
    /// The security group. `None`: it is created.
    pub there: Option<&'a SecurityGroup>,
    /// The rules that we want in it.
    pub wanted: Vec<SecurityGroupRule>,
    /// How many rules it has before any is removed.
    count: usize,
    /// The same, as AWS counts them at most.
    weight: usize,
}

impl<'a> Share<'a> {
    fn of(there: Option<&'a SecurityGroup>) -> Self {
        let rules = || there.into_iter().flat_map(inbound);
        Share { there, wanted: Vec::new(), count: rules().count(), weight: rules().map(weight).sum() }
    }

    fn add(&mut self, rule: SecurityGroupRule) {
        self.count += 1;
        self.weight += weight(&rule);
        self.wanted.push(rule);
    }
}

/// The security groups with their rules, at least one, and the rules that do not fit. A rule stays in the security group that
/// has it; a new rule is added to the first security group with room.
pub fn spread<'a>(
    rules: Vec<SecurityGroupRule>,
    there: &[&'a SecurityGroup],
    limits: Limits,
) -> (Vec<Share<'a>>, Vec<SecurityGroupRule>) {
    let mut shares: Vec<Share<'a>> = there.iter().map(|group| Share::of(Some(group))).collect();
    if shares.is_empty() {
        shares.push(Share::of(None));
    }
    let mut new = Vec::new();
    for rule in rules {
        let has = |share: &&mut Share<'_>| {
            share.there.is_some_and(|group| inbound(group).any(|it| admits_the_same(it, &rule)))
        };
        match shares.iter_mut().find(has) {
            Some(share) => share.wanted.push(rule),
            None => new.push(rule),
        }
    }
    let mut left = Vec::new();
    for rule in new {
        let has_room = |share: &&mut Share<'_>| share.weight + weight(&rule) <= limits.rules;
        if let Some(share) = shares.iter_mut().find(has_room) {
            share.add(rule);
        } else if shares.len() < limits.groups {
            let mut share = Share::of(None);
            share.add(rule);
            shares.push(share);
        } else if let Some(share) = for_prefix_list(&rule, &mut shares, limits) {
            share.add(rule);
        } else {
            left.push(rule);
        }
    }
    (shares, left)
}

/// The security group with the smallest weight, for a prefix list that may be small.
fn for_prefix_list<'a, 'b>(
    rule: &SecurityGroupRule,
    shares: &'b mut [Share<'a>],
    limits: Limits,
) -> Option<&'b mut Share<'a>> {
    let is_list = matches!(rule.peer, SecurityGroupPeer::PrefixList(_));
    let shares = shares.iter_mut().filter(|share| is_list && share.count < limits.rules);
    shares.min_by_key(|share| share.weight)
}

fn weight(rule: &SecurityGroupRule) -> usize {
    match rule.peer {
        SecurityGroupPeer::PrefixList(_) => PREFIX_LIST,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::{SecurityGroup, SecurityGroupPeer, SecurityGroupRule};

    use super::{
        super::{OF_CLIENTS, rule},
        Limits, spread,
    };
    use crate::testing::leak;

    fn block(number: usize) -> SecurityGroupRule {
        rule((80, 80), SecurityGroupPeer::Ipv4(format!("10.0.{number}.0/24")), OF_CLIENTS)
    }

    fn list(number: usize) -> SecurityGroupRule {
        rule((80, 80), SecurityGroupPeer::PrefixList(format!("pl-{number}")), OF_CLIENTS)
    }

    fn group(rules: Vec<SecurityGroupRule>) -> &'static SecurityGroup {
        leak(SecurityGroup {
            id: "sg-1".into(),
            vpc_id: "vpc-1".into(),
            name: "front".into(),
            description: String::new(),
            rules,
            tags: Vec::new(),
        })
    }

    /// The number of rules in each security group, and of the rules that do not fit.
    fn counts(
        rules: Vec<SecurityGroupRule>,
        there: &[&'static SecurityGroup],
        (rules_each, groups): (usize, usize),
    ) -> (Vec<usize>, usize) {
        let (shares, left) = spread(rules, there, Limits { rules: rules_each, groups });
        (shares.iter().map(|share| share.wanted.len()).collect(), left.len())
    }

    #[test]
    fn rules_fill_one_security_group_after_the_other() {
        assert_eq!(counts(Vec::new(), &[], (60, 4)), (vec![0], 0));
        assert_eq!(counts((0..60).map(block).collect(), &[], (60, 4)), (vec![60], 0));
        assert_eq!(counts((0..130).map(block).collect(), &[], (60, 4)), (vec![60, 60, 10], 0));
        assert_eq!(counts((0..130).map(block).collect(), &[], (60, 2)), (vec![60, 60], 10));
    }

    #[test]
    fn a_rule_stays_where_it_is_and_rules_that_are_about_to_go_take_room() {
        let full = group((0..3).map(block).collect());
        assert_eq!(counts(vec![block(0), block(7)], &[full], (3, 4)), (vec![1, 1], 0));
        assert_eq!(counts(vec![block(0), block(7)], &[full], (4, 4)), (vec![2], 0));
    }

    #[test]
    fn large_prefix_lists_get_a_security_group_each_as_long_as_there_are_enough() {
        assert_eq!(counts(vec![list(1), list(2), block(1)], &[], (60, 4)), (vec![2, 1], 0));
        assert_eq!(counts((0..4).map(list).collect(), &[], (60, 2)), (vec![2, 2], 0));
    }
}
