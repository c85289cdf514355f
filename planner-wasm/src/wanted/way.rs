//! The way from the certificates that a listener has to those that it should have: new certificates are added before old
//! ones are removed, within the limit of the load balancer.
//!
//! The last place is used only if that frees another place: by a renewal, or if a certificate may be removed already.
//! Otherwise a full load balancer could not add a new certificate before the old one is removed. A certificate for a host
//! whose present certificate has expired may use the last place too.

use std::collections::{BTreeMap, BTreeSet};

/// The present and the wanted certificates.
pub struct Situation<'a, C, H> {
    /// The default certificate.
    pub default: Option<C>,
    /// The other certificates on the listener.
    pub others: BTreeSet<C>,
    /// Needed certificates, with the hosts that each of them serves.
    pub needed: BTreeMap<C, &'a BTreeSet<H>>,
    /// Unneeded certificates, with the time since when.
    pub unneeded: &'a BTreeMap<C, u64>,
    /// Unneeded certificates whose grace period is over.
    pub expired: &'a BTreeSet<C>,
    /// Present certificates that are no longer valid.
    pub ended: BTreeSet<C>,
    /// The maximum number of certificates, including the default.
    pub limit: usize,
    /// Whether clients that send no server name are served: then the only needed certificate is the default.
    pub without_sni: bool,
}

/// A step. It comes after the steps that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<C> {
    /// Whether the certificate is added; otherwise it is removed.
    pub adds: bool,
    /// The certificate.
    pub certificate: C,
    /// Indices of steps that come first.
    pub after: Vec<usize>,
    /// Whether another certificate must become the default first.
    pub after_default: bool,
}

/// All steps.
#[derive(Debug, PartialEq, Eq)]
pub struct Way<C> {
    /// The steps, in an order that can be executed.
    pub steps: Vec<Step<C>>,
    /// The certificate that becomes the default.
    pub new_default: Option<C>,
    /// Needed certificates without room.
    pub held_back: Vec<C>,
}

/// Plans the way. `covers` says whether a certificate covers a host.
pub fn way<C: Copy + Ord, H: Ord>(situation: &Situation<'_, C, H>, covers: impl Fn(C, &H) -> bool) -> Way<C> {
    let mut work = Work::new(situation, covers);
    let in_place = work.in_place();
    let new_default = in_place.or_else(|| work.new_default());
    let mut removable = work.removable(new_default);
    work.remove_at_once(&mut removable);
    let held_back = work.add_needed(&mut removable);
    work.remove_at_the_end(&removable);
    Way { steps: work.steps, new_default, held_back }
}

/// A place for a certificate: free from the start (`None`), or freed by the step with this index.
type Place = Option<usize>;

/// The way, while it is being planned.
struct Work<'s, 'a, C, H, F> {
    situation: &'s Situation<'a, C, H>,
    covers: F,
    /// The certificates on the listener, including the default.
    present: BTreeSet<C>,
    /// For each certificate on the listener that is not needed: the needed certificates that serve the hosts that it covers.
    /// They must be present before it may be removed.
    replaced_by: BTreeMap<C, BTreeSet<C>>,
    steps: Vec<Step<C>>,
    /// For each added certificate the index of its step.
    added: BTreeMap<C, usize>,
    free: Vec<Place>,
    /// The last place, which is kept apart.
    last: Option<Place>,
    /// The certificate that is on the listener as soon as it is the default.
    in_place: Option<C>,
}

impl<'s, 'a, C: Copy + Ord, H: Ord, F: Fn(C, &H) -> bool> Work<'s, 'a, C, H, F> {
    fn new(situation: &'s Situation<'a, C, H>, covers: F) -> Self {
        let present: BTreeSet<C> = situation.others.iter().copied().chain(situation.default).collect();
        let replacements = |old: C| -> BTreeSet<C> {
            let serves = |hosts: &BTreeSet<H>| hosts.iter().any(|host| covers(old, host));
            situation.needed.iter().filter(|(_, hosts)| serves(hosts)).map(|(needed, _)| *needed).collect()
        };
        let needless = present.iter().filter(|certificate| !situation.needed.contains_key(certificate));
        let replaced_by = needless.map(|old| (*old, replacements(*old))).collect();
        let mut free = vec![None; situation.limit.saturating_sub(present.len())];
        let last = free.pop();
        Work {
            situation,
            covers,
            present,
            replaced_by,
            steps: Vec::new(),
            added: BTreeMap::new(),
            free,
            last,
            in_place: None,
        }
    }

    /// Without SNI, the only needed certificate, if it is not on the listener yet: it replaces an unneeded default certificate
    /// in one call, so that at every moment there is a certificate.
    fn in_place(&mut self) -> Option<C> {
        let Situation { default, needed, unneeded, without_sni, .. } = self.situation;
        let old = (*default).filter(|old| *without_sni && unneeded.contains_key(old))?;
        let mut needed = needed.keys().copied();
        let new = needed.next().filter(|new| needed.next().is_none() && !self.is_on(*new))?;
        self.present.remove(&old);
        self.present.insert(new);
        self.in_place = Some(new);
        Some(new)
    }

    /// The certificate that becomes the default, if the default's grace period is over and its hosts have other certificates.
    fn new_default(&self) -> Option<C> {
        let default = self.situation.default?;
        let can_change =
            self.situation.expired.contains(&default) && self.replacements(default).all(|it| self.is_on(it));
        let mut needed = self.situation.needed.keys().copied();
        needed.find(|certificate| can_change && self.situation.others.contains(certificate))
    }

    /// Certificates whose grace period is over. AWS also lists the default certificate among the others if another certificate
    /// was the default before.
    fn removable(&self, new_default: Option<C>) -> Vec<C> {
        let Situation { default, others, expired, .. } = self.situation;
        let stays_default = |certificate: C| *default == Some(certificate) && new_default.is_none();
        let expired = expired.iter().copied();
        expired.filter(|certificate| others.contains(certificate) && !stays_default(*certificate)).collect()
    }

    /// Removes the certificates whose hosts have other certificates on the listener already. Each frees a place.
    fn remove_at_once(&mut self, removable: &mut Vec<C>) {
        let (now, later): (Vec<C>, Vec<C>) =
            removable.iter().partition(|old| self.replacements(**old).all(|it| self.is_on(it)));
        for old in now {
            let place = Some(self.remove(old, Vec::new(), self.waits_for_default(old)));
            match self.last {
                None => self.last = Some(place),
                Some(_) => self.free.insert(0, place),
            }
        }
        *removable = later;
    }

    /// Adds the needed certificates as far as there is room. Returns the rest.
    fn add_needed(&mut self, removable: &mut Vec<C>) -> Vec<C> {
        let needed = self.situation.needed.keys().copied();
        let mut waiting: Vec<C> = needed.filter(|certificate| !self.is_on(*certificate)).collect();
        let mut evictable = self.evictable();
        while !waiting.is_empty() {
            let Some((next, place)) = self.next(&waiting, &mut evictable, removable) else { break };
            let certificate = waiting.remove(next);
            let step =
                Step { adds: true, certificate, after: place.into_iter().collect(), after_default: false };
            let index = self.push(step);
            self.added.insert(certificate, index);
        }
        waiting
    }

    /// Certificates that are removed at the limit before their grace period is over, the longest unneeded first.
    fn evictable(&self) -> Vec<C> {
        let Situation { default, others, unneeded, .. } = self.situation;
        let is_removed = |certificate: &C| self.steps.iter().any(|step| step.certificate == *certificate);
        let candidates = unneeded.keys().copied();
        let mut evictable: Vec<C> =
            candidates.filter(|it| others.contains(it) && *default != Some(*it) && !is_removed(it)).collect();
        evictable.sort_by_key(|certificate| (unneeded.get(certificate), *certificate));
        evictable
    }

    /// The index of the waiting certificate that is added next, and its place. A certificate that allows an old one to be
    /// removed is added first: the next certificate gets the freed place.
    fn next(
        &mut self,
        waiting: &[C],
        evictable: &mut Vec<C>,
        removable: &mut Vec<C>,
    ) -> Option<(usize, Place)> {
        let evicting = self.lets_go(waiting, evictable.iter());
        let ready = evictable.iter().copied().find(|old| self.can_go(*old));
        let next = evicting.unwrap_or(0);
        if let Some(place) = self.free.pop() {
            return Some((next, place));
        }
        if self.last.is_some() {
            // A certificate that stays for now, such as the default, counts too, although it frees no place in this plan.
            let next = evicting
                .or(ready.map(|_| next))
                .or_else(|| self.lets_go(waiting, self.replaced_by.keys()))
                .or_else(|| waiting.iter().position(|certificate| self.rescues(*certificate)))?;
            return self.last.take().map(|place| (next, place));
        }
        let old = ready?;
        evictable.retain(|other| *other != old);
        removable.retain(|other| *other != old);
        Some((next, Some(self.remove(old, self.additions_before(old), false))))
    }

    /// The first waiting certificate without which one of these old certificates could go.
    fn lets_go<'o>(&self, waiting: &[C], old_ones: impl Iterator<Item = &'o C>) -> Option<usize>
    where
        C: 'o,
    {
        let alone: BTreeSet<C> = old_ones
            .filter_map(|old| {
                let mut missing = self.replacements(*old).filter(|it| !self.is_or_will_be_on(*it));
                missing.next().filter(|_| missing.next().is_none())
            })
            .collect();
        waiting.iter().position(|certificate| alone.contains(certificate))
    }

    /// Whether a certificate covers a host of which all present certificates have expired.
    fn rescues(&self, certificate: C) -> bool {
        self.situation.needed.get(&certificate).into_iter().copied().flatten().any(|host| {
            let mut serving = self.present.iter().filter(|there| (self.covers)(**there, host)).peekable();
            serving.peek().is_some() && serving.all(|there| self.situation.ended.contains(there))
        })
    }

    /// Removes the other certificates whose hosts have other certificates after the additions.
    fn remove_at_the_end(&mut self, removable: &[C]) {
        for old in removable.iter().copied() {
            if self.can_go(old) {
                self.remove(old, self.additions_before(old), self.waits_for_default(old));
            }
        }
    }

    fn replacements(&self, old: C) -> impl Iterator<Item = C> {
        self.replaced_by.get(&old).into_iter().flatten().copied()
    }

    fn is_on(&self, certificate: C) -> bool {
        self.present.contains(&certificate)
    }

    fn is_or_will_be_on(&self, certificate: C) -> bool {
        self.is_on(certificate) || self.added.contains_key(&certificate)
    }

    fn can_go(&self, old: C) -> bool {
        self.replacements(old).all(|needed| self.is_or_will_be_on(needed))
    }

    /// Whether a certificate is removed only when another one is the default.
    fn waits_for_default(&self, old: C) -> bool {
        self.situation.default == Some(old)
            || self.in_place.is_some_and(|new| self.replacements(old).any(|needed| needed == new))
    }

    fn additions_before(&self, old: C) -> Vec<usize> {
        self.replacements(old).filter_map(|needed| self.added.get(&needed).copied()).collect()
    }

    fn remove(&mut self, certificate: C, after: Vec<usize>, after_default: bool) -> usize {
        self.push(Step { adds: false, certificate, after, after_default })
    }

    /// Adds a step and returns its index.
    fn push(&mut self, step: Step<C>) -> usize {
        self.steps.push(step);
        self.steps.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A load balancer; by default nothing on it is unneeded.
    #[derive(Default)]
    struct World {
        default: &'static str,
        others: Vec<String>,
        needed: BTreeMap<String, BTreeSet<String>>,
        unneeded: BTreeMap<String, u64>,
        expired: BTreeSet<String>,
        ended: BTreeSet<String>,
        limit: usize,
        without_sni: bool,
    }

    /// The steps, the certificates that are held back, and the maximum number of certificates in between. Checks that the
    /// default certificate stays until its hosts are served by another one.
    fn run(world: &World) -> (Vec<String>, Vec<String>, usize) {
        let needed = world.needed.iter().map(|(arn, hosts)| (arn.as_str(), hosts)).collect();
        let unneeded = world.unneeded.iter().map(|(arn, since)| (arn.as_str(), *since)).collect();
        let expired = world.expired.iter().map(String::as_str).collect();
        let situation = Situation {
            default: Some(world.default),
            others: world.others.iter().map(String::as_str).collect(),
            needed,
            unneeded: &unneeded,
            expired: &expired,
            ended: world.ended.iter().map(String::as_str).collect(),
            limit: world.limit,
            without_sni: world.without_sni,
        };
        // A certificate `old-x` or `new-x` covers the host `x`.
        let answer = way(&situation, |arn: &str, host: &String| {
            arn.split_once('-').is_some_and(|(_, name)| name == host)
        });
        if answer.new_default.is_some() {
            let serves = |hosts: &BTreeSet<String>| hosts.iter().any(|host| world.default.ends_with(host));
            let mut instead = world.needed.iter().filter(|(_, hosts)| serves(hosts));
            assert!(instead.all(|(arn, _)| world.others.contains(arn)), "the default one goes too early");
        }
        let mut count = world.others.len() + 1;
        let mut most = count;
        let mut done = BTreeSet::new();
        for (index, step) in answer.steps.iter().enumerate() {
            assert!(step.after.iter().all(|before| done.contains(before)), "{step:?} comes too early");
            done.insert(index);
            count = if step.adds { count + 1 } else { count - 1 };
            most = most.max(count);
        }
        let told = answer
            .steps
            .iter()
            .map(|step| format!("{}{}", if step.adds { "+" } else { "-" }, step.certificate));
        (told.collect(), answer.held_back.iter().map(|arn| (*arn).to_owned()).collect(), most)
    }

    fn hosts(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// Certificates that are needed, each for one host.
    fn needed(certificates: &[(&str, &str)]) -> BTreeMap<String, BTreeSet<String>> {
        certificates.iter().map(|(arn, host)| ((*arn).to_owned(), hosts(&[host]))).collect()
    }

    #[test]
    fn all_certificates_of_a_full_load_balancer_are_renewed_in_one_chain() {
        let names: Vec<String> = (0..24).map(|number| format!("{number:02}")).collect();
        let world = World {
            default: "old-00",
            others: names[1..].iter().map(|name| format!("old-{name}")).collect(),
            needed: names.iter().map(|name| (format!("new-{name}"), hosts(&[name]))).collect(),
            unneeded: names.iter().map(|name| (format!("old-{name}"), 100)).collect(),
            limit: 25,
            ..World::default()
        };
        let (told, held_back, most) = run(&world);
        assert_eq!(held_back, Vec::<String>::new());
        assert_eq!(most, 25, "never more than the limit");
        assert_eq!(told.iter().filter(|step| step.starts_with('+')).count(), 24);
        assert!(!told.contains(&"-old-00".to_owned()), "the default certificate stays for its grace");
        for name in &names[1..] {
            let position = |step: String| told.iter().position(|told| *told == step);
            if let Some(removed) = position(format!("-old-{name}")) {
                assert!(position(format!("+new-{name}")).unwrap() < removed, "{name} is served at any time");
            }
        }
    }

    #[test]
    fn below_the_limit_no_certificate_is_removed_before_its_grace_period_is_over() {
        let world = World {
            default: "old-a",
            others: vec!["old-b".into()],
            needed: needed(&[("old-a", "a"), ("new-b", "b")]),
            unneeded: [("old-b".into(), 100)].into(),
            limit: 25,
            ..World::default()
        };
        assert_eq!(run(&world).0, ["+new-b"]);
    }

    #[test]
    fn an_expired_grace_period_waits_for_the_replacement() {
        let world = World {
            default: "old-a",
            others: vec!["old-b".into(), "old-c".into()],
            needed: needed(&[("old-a", "a"), ("new-b", "b")]),
            unneeded: [("old-b".into(), 1), ("old-c".into(), 1)].into(),
            expired: ["old-b".into(), "old-c".into()].into(),
            limit: 25,
            ..World::default()
        };
        assert_eq!(run(&world).0, ["-old-c", "+new-b", "-old-b"]);
    }

    #[test]
    fn a_default_certificate_stays_after_its_grace_period_while_its_replacement_finds_no_room() {
        let world = World {
            default: "old-a",
            others: vec!["old-b".into(), "old-c".into()],
            needed: needed(&[("new-a", "a"), ("old-b", "b"), ("old-c", "c")]),
            unneeded: [("old-a".into(), 1)].into(),
            expired: ["old-a".into()].into(),
            limit: 3,
            ..World::default()
        };
        assert_eq!(run(&world), (Vec::new(), vec!["new-a".to_owned()], 3));
    }

    #[test]
    fn the_last_place_is_for_a_renewal_even_of_a_certificate_that_stays_for_now() {
        let world = World {
            default: "old-a",
            others: vec!["old-b".into()],
            needed: needed(&[("old-a", "a"), ("new-b", "b"), ("new-c", "c")]),
            limit: 3,
            ..World::default()
        };
        let (told, held_back, _) = run(&world);
        assert_eq!((told, held_back), (vec!["+new-b".to_owned()], vec!["new-c".to_owned()]));
    }

    #[test]
    fn the_last_place_is_for_a_host_whose_certificate_has_expired() {
        // `old-b` has hosts of its own that nothing else covers, so it is needed still.
        let mut world = World {
            default: "old-a",
            others: vec!["old-b".into()],
            needed: needed(&[("old-a", "a"), ("old-b", "c"), ("new-b", "b")]),
            limit: 3,
            ..World::default()
        };
        assert_eq!(run(&world).1, ["new-b"]);
        world.ended.insert("old-b".into());
        assert_eq!(run(&world).0, ["+new-b"]);
    }

    #[test]
    fn any_certificate_may_use_the_last_place_if_another_may_be_removed() {
        let world = World {
            default: "old-a",
            others: vec!["old-b".into()],
            needed: needed(&[("old-a", "a"), ("new-c", "c")]),
            unneeded: [("old-b".into(), 100)].into(),
            limit: 3,
            ..World::default()
        };
        assert_eq!(run(&world).0, ["+new-c"]);
    }

    #[test]
    fn without_room_a_new_certificate_is_held_back() {
        let world = World {
            default: "old-a",
            others: vec!["old-b".into()],
            needed: needed(&[("old-a", "a"), ("old-b", "b"), ("new-c", "c")]),
            limit: 2,
            ..World::default()
        };
        assert_eq!(run(&world).1, ["new-c"]);
    }

    #[test]
    fn without_sni_the_only_needed_certificate_replaces_the_default_in_place() {
        let world = |needed: BTreeMap<String, BTreeSet<String>>, without_sni| World {
            default: "old-a",
            needed,
            unneeded: [("old-a".into(), 100)].into(),
            limit: 25,
            without_sni,
            ..World::default()
        };
        let default = |world: &World| {
            let needed = world.needed.iter().map(|(arn, hosts)| (arn.as_str(), hosts)).collect();
            let unneeded = world.unneeded.iter().map(|(arn, since)| (arn.as_str(), *since)).collect();
            let situation = Situation {
                default: Some(world.default),
                others: BTreeSet::new(),
                needed,
                unneeded: &unneeded,
                expired: &BTreeSet::new(),
                ended: BTreeSet::new(),
                limit: world.limit,
                without_sni: world.without_sni,
            };
            let way = way(&situation, |arn: &str, host: &String| arn.ends_with(host.as_str()));
            (way.new_default.map(str::to_owned), way.steps.len())
        };
        let one = || needed(&[("new-a", "a")]);
        assert_eq!(default(&world(one(), true)), (Some("new-a".to_owned()), 0));
        assert_eq!(default(&world(one(), false)), (None, 1), "with SNI it is added");
        let two = needed(&[("new-a", "a"), ("new-b", "b")]);
        assert_eq!(default(&world(two, true)), (None, 2), "both are needed, so both are added");
        let still = World { unneeded: BTreeMap::new(), ..world(one(), true) };
        assert_eq!(
            default(&still),
            (None, 1),
            "the default stays while an Ingress needs it, or a budget keeps it"
        );
    }

    #[test]
    fn a_certificate_whose_hosts_the_new_default_serves_goes_after_the_default_has_changed() {
        let needed = needed(&[("new-a", "a")]);
        let (a, b): (BTreeSet<&str>, BTreeMap<&str, u64>) =
            (["older-a"].into(), [("old-a", 100), ("older-a", 1)].into());
        let situation = Situation {
            default: Some("old-a"),
            others: a.clone(),
            needed: needed.iter().map(|(arn, hosts)| (arn.as_str(), hosts)).collect(),
            unneeded: &b,
            expired: &a,
            ended: BTreeSet::new(),
            limit: 25,
            without_sni: true,
        };
        let way = way(&situation, |arn: &str, host: &String| arn.ends_with(host.as_str()));
        assert_eq!(way.new_default, Some("new-a"));
        let gone = Step { adds: false, certificate: "older-a", after: Vec::new(), after_default: true };
        assert_eq!(way.steps, [gone]);
    }
}
