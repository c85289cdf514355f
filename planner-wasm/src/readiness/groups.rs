//! The target groups that have Pods as targets, and what is known of a Pod in each of them.

use std::collections::BTreeMap;

use albatross_contract::{LoadBalancerFate, Pod, TargetGroup as ObservedGroup, TargetHealth, TargetType};

use crate::{
    observed::{Concern, Observed},
    wanted::{LoadBalancer, TargetGroup, Wanted},
    words,
};

/// The most target groups that a message names.
const MOST_NAMES: usize = 3;

/// The target groups of the type `ip`.
pub struct Groups<'b> {
    all: Vec<Group<'b>>,
    /// Those that will have an address as a target, by the address.
    by_address: BTreeMap<&'b str, Vec<usize>>,
    /// Why it is not known which target groups there are. `None`: it is known.
    pub gap: Option<String>,
}

/// A target group of Pods.
pub struct Group<'b> {
    /// Its name in AWS.
    pub name: &'b str,
    wanted: &'b TargetGroup<'b>,
    /// Whether its load balancer serves somebody. If not, a Pod waits only until it is registered.
    serves: bool,
    /// Why it is not known which targets it has, or how they are.
    gap: Option<String>,
}

/// A Pod in a target group that has it as a target, or will have it.
pub enum State<'b> {
    /// It is not registered yet.
    Absent,
    /// What AWS says about it, and why.
    Checked(TargetHealth, Option<&'b str>),
    /// Something is not known.
    Unknown(String),
}

impl<'b> Groups<'b> {
    pub fn new(wanted: &'b Wanted<'b>, observed: &Observed<'_>) -> Self {
        let mut found = Groups { all: Vec::new(), by_address: BTreeMap::new(), gap: None };
        for load_balancer in &wanted.load_balancers {
            let (owned, serves) = (load_balancer.owned, serves(load_balancer));
            let gap = owned.and_then(|owned| observed.completeness.explain_for(Concern::JudgeGates, owned));
            for group in load_balancer.target_groups.iter().filter(|group| is_of_addresses(group)) {
                let of_group = group.there.and_then(|there| gap_of(there, observed));
                found.add(group, serves, of_group.or_else(|| gap.clone()));
            }
            found.gap = found.gap.take().or(gap.filter(|_| serves));
        }
        let unread = observed.completeness.any_unknown_owner();
        found.gap = found.gap.or(unread.map(|reason| format!("not all target groups are known ({reason})")));
        found
    }

    fn add(&mut self, wanted: &'b TargetGroup<'b>, serves: bool, gap: Option<String>) {
        let targets = wanted.holds.iter().flat_map(|holds| holds.instances);
        for address in targets {
            self.by_address.entry(address).or_default().push(self.all.len());
        }
        self.all.push(Group { name: &wanted.name, wanted, serves, gap });
    }

    /// The target groups that have a Pod as a target, or will have it, with its state.
    pub fn with<'p>(&'p self, pod: &'p Pod) -> impl Iterator<Item = (&'p Group<'b>, State<'b>)> {
        pod.addresses.iter().flat_map(move |address| {
            let places = self.by_address.get(address.as_str()).map(Vec::as_slice).unwrap_or_default();
            places.iter().filter_map(move |place| Some((&self.all[*place], self.all[*place].state(address)?)))
        })
    }

    /// The target groups of Services, by name, with the Service port as `namespace/name:port`.
    pub fn of_services(&self) -> impl Iterator<Item = (&'b str, &'b str)> {
        let all = self.all.iter().filter(|group| group.serves);
        all.filter_map(|group| Some((group.name, group.wanted.form?.service.as_deref()?)))
    }
}

impl<'b> Group<'b> {
    /// The state of an address. `None`: it does not matter.
    fn state(&self, address: &str) -> Option<State<'b>> {
        let joins = self.wanted.targets.register.iter().any(|joiner| joiner.id == address);
        if !self.serves {
            return joins.then_some(State::Absent);
        }
        Some(match &self.gap {
            Some(gap) => State::Unknown(gap.clone()),
            None => self.known_state(address, joins),
        })
    }

    fn known_state(&self, address: &str, joins: bool) -> State<'b> {
        let Some(there) = self.wanted.there.filter(|_| !joins) else { return State::Absent };
        // An address may be registered on several ports, of which the wanted ones are not about to join.
        let targets = there.targets.iter().filter(|target| target.id == address);
        let mut targets = targets.filter(|target| target.health != TargetHealth::Draining);
        let first = targets.next();
        match first {
            Some(target) => {
                let worst = targets.find(|other| other.health != TargetHealth::Healthy).unwrap_or(target);
                State::Checked(worst.health, worst.reason.as_deref())
            }
            None => State::Absent,
        }
    }
}

/// Whether a load balancer serves somebody, and goes on to do so.
fn serves(load_balancer: &LoadBalancer<'_>) -> bool {
    let stays = matches!(load_balancer.fate, LoadBalancerFate::Create | LoadBalancerFate::Keep);
    stays && !load_balancer.members.is_empty()
}

fn is_of_addresses(group: &TargetGroup<'_>) -> bool {
    let of_form = group.form.map(|form| form.target_type);
    of_form.or(group.there.map(|there| there.target_type)) == Some(TargetType::Ip)
}

fn gap_of(group: &ObservedGroup, observed: &Observed<'_>) -> Option<String> {
    observed.completeness.explain_on(Concern::JudgeGates, &group.arn)
}

/// Target groups by their names, in words.
pub fn in_words(names: &[&str]) -> String {
    let noun = if names.len() == 1 { "target group" } else { "target groups" };
    format!("{noun} {}", words::list_of(names.iter().copied(), MOST_NAMES))
}
