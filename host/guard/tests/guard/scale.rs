//! The guard runs in each pass: its time grows linearly with the snapshot, not quadratically.

use std::time::Instant;

use albatross_guard::check;

use crate::world::*;

/// 25 load balancers with 20 certificates each, shared by `members`, a tenth of which are published in this plan.
fn large(members: usize) -> World {
    let mut world = World::with(&[20; 25]);
    for member in 500..members {
        let number = member % 25;
        let shared = number * 20 + member % 20;
        let host = host(shared);
        let mut newcomer = ingress(member, &host, &dns_name(number));
        let mut placed = outcome(shared, &host, number);
        placed.object.name = format!("app-{member}");
        if member % 10 == 0 {
            newcomer.status.clear();
            placed.status = albatross_contract::StatusChange::Publish(dns_name(number));
        }
        world.snapshot.cluster.ingresses.push(newcomer);
        world.plan.outcomes.push(placed);
    }
    for number in 0..25 {
        let new = certificate(1_000 + number, &format!("new-{number}.example.org"));
        world.act(&format!("add-{number}"), add_certificate(number, &new.arn));
        world.snapshot.inventory.certificates.push(new);
    }
    world
}

#[test]
fn ten_times_the_ingresses_take_about_ten_times_as_long() {
    let time = |members, times| {
        let World { snapshot, plan } = large(members);
        let best = (0..10).map(|_| {
            let start = Instant::now();
            (0..times).for_each(|_| assert_eq!(check(&snapshot, &plan), Ok(())));
            start.elapsed()
        });
        best.min().unwrap_or_default()
    };
    // Both take about the same time, so that other load on the machine disturbs both equally.
    let (small, big) = (time(1_000, 10), time(10_000, 1));
    println!("ten times 1,000 Ingresses: {small:?}, 10,000: {big:?}, 525 certificates, 25 load balancers");
    assert!(big < small * 4, "ten times 1,000 Ingresses: {small:?}, 10,000: {big:?}");
}
