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
    let mut answer = Way { steps: Vec::new(), new_default: None, held_back: Vec::new() };
    let present: BTreeSet<C> = situation.others.iter().copied().chain(situation.default).collect();
    let adds: Vec<C> =
        situation.needed.keys().copied().filter(|certificate| !present.contains(certificate)).collect();
    // Certificates that must be present before `old` may be removed: those that serve the hosts that it covers.
    let replaced_by = |old: C| -> BTreeSet<C> {
        let serves = |hosts: &BTreeSet<H>| hosts.iter().any(|host| covers(old, host));
        situation.needed.iter().filter(|(_, hosts)| serves(hosts)).map(|(needed, _)| *needed).collect()
    };
    if let Some(default) = situation.default
        && situation.expired.contains(&default)
        && replaced_by(default).iter().all(|needed| present.contains(needed))
    {
        let there =
            situation.needed.keys().copied().find(|certificate| situation.others.contains(certificate));
        answer.new_default = there;
    }
    // AWS also lists the default certificate among the others if another certificate was the default before.
    let stays_default =
        |certificate: C| situation.default == Some(certificate) && answer.new_default.is_none();
    let mut removable: Vec<C> = situation
        .expired
        .iter()
        .copied()
        .filter(|certificate| situation.others.contains(certificate) && !stays_default(*certificate))
        .collect();
    let mut added: BTreeMap<C, usize> = BTreeMap::new();
    // Free places: `None` if free from the start, else the step that frees the place. The last place is kept apart.
    let mut free: Vec<Option<usize>> = vec![None; situation.limit.saturating_sub(present.len())];
    let mut last = free.pop();
    removable.retain(|old| {
        let now = replaced_by(*old).iter().all(|needed| present.contains(needed));
        if now {
            answer.steps.push(Step {
                adds: false,
                certificate: *old,
                after: Vec::new(),
                after_default: situation.default == Some(*old),
            });
            let place = Some(answer.steps.len() - 1);
            match last {
                None => last = Some(place),
                Some(_) => free.insert(0, place),
            }
        }
        !now
    });
    // At the limit, unneeded certificates are removed before their grace period is over, the longest unneeded first.
    let mut evictable: Vec<C> = situation
        .unneeded
        .keys()
        .copied()
        .filter(|certificate| {
            situation.others.contains(certificate) && situation.default != Some(*certificate)
        })
        .filter(|certificate| !answer.steps.iter().any(|step| step.certificate == *certificate))
        .collect();
    evictable.sort_by_key(|certificate| (situation.unneeded.get(certificate), *certificate));
    let needless: Vec<C> =
        present.iter().copied().filter(|certificate| !situation.needed.contains_key(certificate)).collect();
    let rescues = |certificate: &C| {
        situation.needed.get(certificate).into_iter().copied().flatten().any(|host| {
            let mut serving = present.iter().filter(|there| covers(**there, host)).peekable();
            serving.peek().is_some() && serving.all(|there| situation.ended.contains(there))
        })
    };
    let mut waiting = adds;
    while !waiting.is_empty() {
        // A certificate that allows an old one to be removed is added first: the next certificate gets the freed place.
        let first_that_lets_go = |old_ones: &[C]| {
            let missing = |needed: &C| !present.contains(needed) && !added.contains_key(needed);
            let alone: BTreeSet<C> = old_ones
                .iter()
                .filter_map(|old| {
                    let mut missing = replaced_by(*old).into_iter().filter(missing);
                    missing.next().filter(|_| missing.next().is_none())
                })
                .collect();
            waiting.iter().position(|certificate| alone.contains(certificate))
        };
        let ready = |old: &&C| {
            replaced_by(**old).iter().all(|needed| present.contains(needed) || added.contains_key(needed))
        };
        let ready = evictable.iter().find(ready).copied();
        let evicting = first_that_lets_go(&evictable);
        let next = evicting.unwrap_or(0);
        // A certificate that stays for now, such as the default, counts too, although it frees no place in this plan.
        let for_last = evicting
            .or(ready.map(|_| next))
            .or_else(|| first_that_lets_go(&needless))
            .or_else(|| waiting.iter().position(rescues));
        let (next, freed_by) = match (free.pop(), last, for_last, ready) {
            (Some(place), ..) => (next, place),
            (None, Some(place), Some(next), _) => {
                last = None;
                (next, place)
            }
            (None, None, _, Some(old)) => {
                evictable.retain(|other| *other != old);
                removable.retain(|other| *other != old);
                let after = replaced_by(old).iter().filter_map(|needed| added.get(needed).copied()).collect();
                answer.steps.push(Step { adds: false, certificate: old, after, after_default: false });
                (next, Some(answer.steps.len() - 1))
            }
            (None, Some(_), None, _) | (None, None, _, None) => break,
        };
        let certificate = waiting.remove(next);
        answer.steps.push(Step {
            adds: true,
            certificate,
            after: freed_by.into_iter().collect(),
            after_default: false,
        });
        added.insert(certificate, answer.steps.len() - 1);
    }
    answer.held_back = waiting;
    for old in removable {
        let needed = replaced_by(old);
        if needed.iter().all(|needed| present.contains(needed) || added.contains_key(needed)) {
            let after = needed.iter().filter_map(|needed| added.get(needed).copied()).collect();
            answer.steps.push(Step {
                adds: false,
                certificate: old,
                after,
                after_default: situation.default == Some(old),
            });
        }
    }
    answer
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
}
