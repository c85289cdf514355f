//! The places of rules on a listener: new rules are put between those that are there, whose order does not change.

use std::collections::BTreeSet;

use albatross_contract::{Rule, RuleCondition};

use super::{
    priorities::{self, LARGEST, STEP},
    specificity,
};

/// A wanted rule, in the order of the wanted rules.
pub struct Wanted<'b> {
    /// Its conditions.
    pub conditions: &'b [RuleCondition],
    /// Its present priority; these priorities increase. `None`: it is created.
    pub priority: Option<u32>,
}

/// Priorities of the rules of a listener.
pub struct Places {
    /// Of the wanted rules.
    pub wanted: Vec<u32>,
    /// Of the other rules of ours.
    pub others: Vec<u32>,
}

/// Gives a priority to every wanted rule. `others` are the other rules of ours in the order of their priorities; they keep
/// their places among the existing rules. `taken` has the priorities of rules that are not ours.
pub fn arrange(wanted: &[Wanted<'_>], others: &[&Rule], taken: &BTreeSet<u32>) -> Places {
    let order = order(wanted, others);
    let there: Vec<Option<u32>> = order
        .iter()
        .map(|it| match it {
            Element::Wanted(place) => wanted[*place].priority,
            Element::Other(place) => Some(others[*place].priority),
        })
        .collect();
    let mut places = Places { wanted: vec![0; wanted.len()], others: vec![0; others.len()] };
    for (element, priority) in order.into_iter().zip(priorities::assign(&there, taken)) {
        match element {
            Element::Wanted(place) => places.wanted[place] = priority,
            Element::Other(place) => places.others[place] = priority,
        }
    }
    places
}

#[derive(Clone, Copy)]
enum Element {
    Wanted(usize),
    Other(usize),
}

/// All rules in one order. A new rule follows the wanted rule before it, and those of the other rules there that are more
/// specific.
fn order(wanted: &[Wanted<'_>], others: &[&Rule]) -> Vec<Element> {
    let mut order = Vec::with_capacity(wanted.len() + others.len());
    let mut next = 0;
    for (place, rule) in wanted.iter().enumerate() {
        let end = wanted[place..].iter().find_map(|it| it.priority).unwrap_or(LARGEST + 1);
        let own = rule.priority.is_none().then(|| specificity::of(rule.conditions));
        while let Some(other) = others.get(next).filter(|other| other.priority < end)
            && own.is_none_or(|own| specificity::of(&other.conditions) < own)
        {
            order.push(Element::Other(next));
            next += 1;
        }
        order.push(Element::Wanted(place));
    }
    order.extend((next..others.len()).map(Element::Other));
    order
}

/// Priorities behind a first one for rules with these priorities, in the same order. Rules that are behind it already stay.
pub fn behind(first: u32, there: &[u32], taken: &BTreeSet<u32>) -> Vec<u32> {
    let mut last = first;
    let next = there.iter().map(|priority| {
        if *priority <= last {
            let free = (last.saturating_add(STEP)..=LARGEST).find(|it| !taken.contains(it));
            last = free.unwrap_or(*priority);
        } else {
            last = *priority;
        }
        last
    });
    next.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use albatross_contract::{Rule, RuleCondition, TextMatch};

    use super::{Wanted, arrange, behind};

    fn path(path: &str) -> Vec<RuleCondition> {
        let values = vec![path.to_owned()];
        vec![RuleCondition::PathPattern(TextMatch { values, regular_expressions: Vec::new() })]
    }

    fn rule(priority: u32, of: &str) -> Rule {
        Rule {
            arn: format!("arn:{priority}"),
            priority,
            conditions: path(of),
            actions: Vec::new(),
            tags: Vec::new(),
            transforms: Vec::new(),
        }
    }

    fn arranged(wanted: &[(&str, Option<u32>)], others: &[(u32, &str)]) -> (Vec<u32>, Vec<u32>) {
        let conditions: Vec<_> = wanted.iter().map(|(of, _)| path(of)).collect();
        let wanted = wanted.iter().zip(&conditions);
        let wanted: Vec<_> =
            wanted.map(|((_, priority), conditions)| Wanted { conditions, priority: *priority }).collect();
        let others: Vec<Rule> = others.iter().map(|(priority, of)| rule(*priority, of)).collect();
        let places = arrange(&wanted, &others.iter().collect::<Vec<_>>(), &BTreeSet::new());
        (places.wanted, places.others)
    }

    #[test]
    fn a_new_rule_comes_behind_the_more_specific_rules_of_a_member_that_cannot_be_read() {
        assert_eq!(arranged(&[("/*", None)], &[(100, "/cart")]), (vec![200], vec![100]));
        assert_eq!(arranged(&[("/cart", None)], &[(100, "/*")]), (vec![50], vec![100]));
        assert_eq!(
            arranged(&[("/a", Some(100)), ("/b", None), ("/*", Some(300))], &[(200, "/b*")]),
            (vec![100, 150, 300], vec![200])
        );
    }

    #[test]
    fn existing_rules_keep_their_order_when_a_gap_is_used_up() {
        let (wanted, others) = arranged(&[("/a", Some(1)), ("/b", None), ("/c", Some(2))], &[(3, "/c*")]);
        assert!(
            wanted[0] < wanted[1] && wanted[1] < wanted[2] && wanted[2] < others[0],
            "{wanted:?} {others:?}"
        );
    }

    #[test]
    fn rules_move_behind_all_others_only_if_they_are_not_there_already() {
        assert_eq!(behind(500, &[100, 200], &BTreeSet::new()), [600, 700]);
        assert_eq!(behind(500, &[100, 650, 900], &BTreeSet::from([600])), [601, 650, 900]);
        assert_eq!(behind(500, &[100, 550], &BTreeSet::new()), [600, 700]);
        assert_eq!(behind(50_000, &[100], &BTreeSet::new()), [100]);
    }
}
