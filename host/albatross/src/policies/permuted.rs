//! The same question with its items in another order.

use albatross_contract::{
    CertificateChoice, CertificateInput, GroupingInput, GroupingMember, PolicyQuestion, SubnetInput,
};

/// The orders in which a question is asked again: the reverse one, and some that are shuffled.
pub fn orders() -> impl Iterator<Item = Order> {
    std::iter::once(Order::Reverse).chain((1..=4).map(Order::Shuffled))
}

/// An order of items.
#[derive(Clone, Copy)]
pub enum Order {
    /// The last first.
    Reverse,
    /// Shuffled, always in the same way for the same seed.
    Shuffled(u64),
}

/// The question with its members and load balancers, candidates, or hosts and certificates in another order. The lists within
/// an item keep their order, which the contract defines. A policy that now decides otherwise depends on places in a list, which
/// change whenever an item comes or goes.
pub fn permuted(question: &PolicyQuestion, order: Order) -> PolicyQuestion {
    match question {
        PolicyQuestion::Grouping(input) => PolicyQuestion::Grouping(grouping(input, order)),
        PolicyQuestion::Subnets(input) => PolicyQuestion::Subnets(subnets(input, order)),
        PolicyQuestion::Certificates(input) => PolicyQuestion::Certificates(certificates(input, order)),
    }
}

fn grouping(input: &GroupingInput, order: Order) -> GroupingInput {
    let (members, load_balancers) =
        (Places::new(input.members.len(), order), Places::new(input.load_balancers.len(), order));
    let moved = |member: GroupingMember| {
        let load_balancer = member.load_balancer.map(|index| load_balancers.of(index));
        GroupingMember { load_balancer, ..member }
    };
    GroupingInput {
        settings: input.settings.clone(),
        members: members.arrange(&input.members).into_iter().map(moved).collect(),
        load_balancers: load_balancers.arrange(&input.load_balancers),
    }
}

fn subnets(input: &SubnetInput, order: Order) -> SubnetInput {
    let places = Places::new(input.candidates.len(), order);
    let mut by_default: Vec<u32> = input.by_default.iter().map(|index| places.of(*index)).collect();
    by_default.sort_unstable();
    SubnetInput { candidates: places.arrange(&input.candidates), by_default, ..input.clone() }
}

fn certificates(input: &CertificateInput, order: Order) -> CertificateInput {
    let hosts = Places::new(input.hosts.len(), order);
    let certificates = Places::new(input.certificates.len(), order);
    let moved = |choice: &CertificateChoice| CertificateChoice {
        host: hosts.of(choice.host),
        certificate: certificates.of(choice.certificate),
        reason: choice.reason.clone(),
    };
    let mut by_default: Vec<CertificateChoice> = input.by_default.iter().map(moved).collect();
    by_default.sort_by_key(|choice| choice.host);
    CertificateInput {
        hosts: hosts.arrange(&input.hosts),
        certificates: certificates.arrange(&input.certificates),
        by_default,
        ..input.clone()
    }
}

/// Where the items of a list are in another order.
struct Places {
    /// For each place in the other order, the place of the same item in the list.
    from: Vec<usize>,
    /// For each place in the list, the place of the same item in the other order.
    to: Vec<u32>,
}

impl Places {
    fn new(count: usize, order: Order) -> Places {
        let mut from: Vec<usize> = (0..count).collect();
        match order {
            Order::Reverse => from.reverse(),
            Order::Shuffled(seed) => shuffle(&mut from, seed),
        }
        let mut to = vec![0; count];
        for (place, item) in (0..).zip(&from) {
            to[*item] = place;
        }
        Places { from, to }
    }

    /// The index of an item in the other order. An index out of range stays as it is.
    fn of(&self, index: u32) -> u32 {
        self.to.get(index as usize).copied().unwrap_or(index)
    }

    /// The list in the other order.
    fn arrange<T: Clone>(&self, list: &[T]) -> Vec<T> {
        self.from.iter().filter_map(|item| list.get(*item).cloned()).collect()
    }
}

/// Shuffles as Fisher and Yates do, with the numbers of a linear congruential generator (Knuth's MMIX).
fn shuffle(items: &mut [usize], seed: u64) {
    let mut state = seed;
    for last in (1..items.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = usize::try_from(state >> 33).unwrap_or_default() % (last + 1);
        items.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_name_the_same_items_in_every_order() {
        for order in orders() {
            let list: Vec<u32> = (0..7).collect();
            let places = Places::new(list.len(), order);
            let arranged = places.arrange(&list);
            assert_ne!(arranged, list);
            assert!(list.iter().all(|index| arranged[places.of(*index) as usize] == *index));
        }
    }
}
