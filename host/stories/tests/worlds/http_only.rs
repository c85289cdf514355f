//! No host that has a certificate is without one at any call, except on a load balancer whose Ingress asks for HTTP only.

use std::{cell::Cell, collections::BTreeSet};

use albatross_contract::*;
use albatross_embedded_cloud::{AwsError, Cloud, EmbeddedCloud, execution};
use albatross_stories::{
    Controller, WAITING, certificates_on,
    generated::{Dice, change_one, generate, http_only},
};

use crate::{for_all, services::name};

/// An Ingress, and a host that the load balancer in its status serves with a certificate.
type Secure = (String, String);

/// A cloud in which no call takes the certificate of a host.
struct Watched<'a> {
    cloud: &'a mut EmbeddedCloud,
    ingresses: Vec<Ingress>,
}

impl Cloud for Watched<'_> {
    fn execute(&mut self, operation: &Operation) -> Result<Option<String>, AwsError> {
        let before = secure(self.cloud, &self.ingresses);
        let answer = Cloud::execute(self.cloud, operation);
        let after = secure(self.cloud, &self.ingresses);
        assert_eq!(before.difference(&after).next(), None, "{operation:#?}");
        answer
    }

    fn wait(&mut self) {
        Cloud::wait(self.cloud);
    }
}

/// The hosts in proxy mode that load balancers serve with certificates.
fn secure(cloud: &mut EmbeddedCloud, ingresses: &[Ingress]) -> BTreeSet<Secure> {
    let inventory = cloud.inventory();
    let names_on = |found: &LoadBalancer| -> Vec<String> {
        let there = certificates_on(found);
        let certificates = inventory.certificates.iter().filter(|it| there.contains(&it.arn));
        certificates.flat_map(|it| it.names.clone()).collect()
    };
    let mut secure = BTreeSet::new();
    for ingress in ingresses.iter().filter(|ingress| ingress.ingress_class_name.is_none()) {
        let hostname = ingress.status.first().and_then(|entry| entry.hostname.as_deref());
        let found = inventory.load_balancers.iter().find(|found| Some(found.dns_name.as_str()) == hostname);
        let names = found.map(names_on).unwrap_or_default();
        let hosts = ingress.rules.iter().filter_map(|rule| rule.host.as_deref());
        let covered = hosts.filter(|host| names.iter().any(|name| covers(name, host)));
        secure.extend(covered.map(|host| (name(ingress), host.to_owned())));
    }
    secure
}

/// Whether a name of a certificate covers a host.
fn covers(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
        None => name == host,
    }
}

/// One pass, watched. Returns the hosts that lost HTTPS since their Ingress asked for that, and those that got it.
pub fn watched_pass(story: &mut Controller) -> (usize, usize) {
    let plan = story.plan();
    let ingresses = story.cluster.cluster().ingresses.clone();
    let mut watched = Watched { cloud: &mut story.cloud, ingresses };
    execution::execute(&mut watched, &plan, &mut |_, _| {});
    let before = secure(&mut story.cloud, &story.cluster.cluster().ingresses);
    story.cluster.write_statuses(&plan);
    let after = secure(&mut story.cloud, &story.cluster.cluster().ingresses);
    let lost: Vec<&Secure> = before.difference(&after).collect();
    for (name, host) in &lost {
        assert!(
            http_only::asks(&story.ingress(name).metadata.annotations),
            "{name} does not ask for HTTP only, and {host} has no HTTPS"
        );
    }
    let counts = (lost.len(), after.difference(&before).count());
    story.wait(WAITING);
    counts
}

/// Something changes that concerns HTTP only, for one Ingress or for many.
fn change(story: &mut Controller, dice: &mut Dice) {
    if dice.percent(30) {
        change_one(story, dice);
        return;
    }
    let mut ingresses = story.cluster.cluster().ingresses.clone();
    let share = *dice.pick(&[20, 50, 100]);
    for ingress in ingresses.iter_mut().filter(|it| it.ingress_class_name.is_none()) {
        if dice.percent(share) {
            http_only::ask(ingress, dice);
        }
    }
    story.apply_all(ingresses);
}

#[test]
fn no_call_takes_the_certificate_of_a_host_and_no_status_unless_its_ingress_asks_for_http_only() {
    let (gave_up, got_back) = (Cell::new(0), Cell::new(0));
    for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        for _ in 0..6 {
            for _ in 0..4 {
                let (lost, got) = watched_pass(&mut story);
                gave_up.set(gave_up.get() + lost);
                got_back.set(got_back.get() + got);
            }
            change(&mut story, &mut dice);
        }
    });
    println!("{} hosts gave HTTPS up, {} got it", gave_up.get(), got_back.get());
    assert!(gave_up.get() > 0 && got_back.get() > 0, "both happens");
}
