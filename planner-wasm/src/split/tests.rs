use albatross_contract::{ClassSetting, Diagnostic, DiagnosticCode, Mode, Scheme};

use crate::{
    grouping::Share,
    testing::{Scene, World, dns_name},
};

/// A world in route mode, in which a load balancer can have ten rules, each for one host and path.
fn world() -> World {
    World::new().with(|it| {
        it.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
        it.settings.allow_group_split = true;
        it.inventory.quotas.rules_per_load_balancer = 10;
        it.inventory.quotas.condition_values_per_rule = 2;
    })
}

/// A member of the group `shop` with some hosts, each with four rules, and the load balancer that serves it.
fn member(world: World, name: &str, age: u64, hosts: &[&str], served_by: &str) -> World {
    let world =
        world.ingress(name, hosts).annotated("alb.ingress.kubernetes.io/group.name", "shop").with(|it| {
            let ingress = it.cluster.ingresses.last_mut().unwrap();
            ingress.metadata.created_at = Some(age);
            for rule in &mut ingress.rules {
                let path = |number: u32| {
                    serde_json::json!({
                        "path": format!("/{number}"),
                        "path-type": "exact",
                        "backend": { "service": { "name": "web", "port": { "number": 80 } } },
                    })
                };
                rule.paths = (0..4).map(|number| serde_json::from_value(path(number)).unwrap()).collect();
            }
        });
    match served_by {
        "" => world,
        id => world.status(&dns_name(id)),
    }
}

/// A load balancer of the group.
fn part(world: World, id: &str, group: &str) -> World {
    world
        .load_balancer(id, &[])
        .tagged("albatross/group", group)
        .tagged("albatross/mode", "route")
        .which(|found| found.scheme = Scheme::Internal)
}

fn shares(scene: &Scene) -> Vec<(&'static str, Share)> {
    let members = scene.members();
    members.into_iter().map(|member| (member.claim.object.name, member.share)).collect()
}

/// The part of each member.
fn parts(world: World) -> Vec<(&'static str, u32)> {
    shares(&world.read()).into_iter().map(|(name, share)| (name, share.part)).collect()
}

fn told(world: World, name: &str) -> Vec<Diagnostic> {
    let shares = shares(&world.read());
    shares.into_iter().find(|(it, _)| *it == name).map(|(_, share)| share.told).unwrap()
}

#[test]
fn a_group_that_fits_has_one_part() {
    let world = member(member(world(), "a", 1, &["a.org"], ""), "b", 2, &["b.org"], "");
    assert_eq!(parts(world), [("a", 1), ("b", 1)]);
}

#[test]
fn units_that_do_not_fit_go_to_further_parts_oldest_first() {
    let mut world = world();
    for (name, age, host) in
        [("a", 5, "a.org"), ("b", 4, "b.org"), ("c", 3, "c.org"), ("d", 2, "d.org"), ("e", 1, "a.org")]
    {
        world = member(world, name, age, &[host], "");
    }
    // The rules of a and e for the same host and paths are the same rules.
    assert_eq!(parts(world), [("a", 1), ("b", 2), ("c", 2), ("d", 1), ("e", 1)]);
}

#[test]
fn without_the_setting_newcomers_stay_without_room_and_are_told_what_would_happen() {
    let mut world = world().with(|it| it.settings.allow_group_split = false);
    for (name, age) in [("a", 1), ("b", 2), ("c", 3)] {
        world = member(world, name, age, &[&format!("{name}.org")], "");
    }
    let scene = world.read();
    let shares = shares(&scene);
    assert!(shares.iter().all(|(_, share)| share.part == 1));
    assert_eq!((shares[0].1.told.len(), shares[1].1.told.len(), shares[2].1.told.len()), (0, 0, 1));
    let told = &shares[2].1.told[0];
    assert_eq!(told.code, DiagnosticCode::QuotaExhausted);
    for text in
        ["a load balancer can have 10 rules", "allow-group-split", "shop/c would go to load balancer 2"]
    {
        assert!(told.message.contains(text), "{}", told.message);
    }
}

#[test]
fn members_stay_on_their_part_however_the_others_change() {
    let world = member(member(world(), "a", 1, &["a.org"], "two"), "b", 2, &["b.org"], "");
    let world = part(part(world, "one", "shop"), "two", "shop/2");
    assert_eq!(parts(world), [("a", 2), ("b", 2)], "a newcomer joins the part that is in use");
}

#[test]
fn a_unit_that_has_grown_moves_with_all_its_members() {
    let mut it = world();
    for (name, age, hosts) in
        [("a", 1, vec!["a.org", "x.org"]), ("b", 2, vec!["b.org"]), ("c", 3, vec!["b.org", "c.org"])]
    {
        it = member(it, name, age, &hosts, "one");
    }
    let world = part(it, "one", "shop");
    assert_eq!(parts(world), [("a", 1), ("b", 2), ("c", 2)]);
}

#[test]
fn a_unit_that_is_too_large_for_any_load_balancer_stays() {
    let world = member(world(), "a", 1, &["a.org", "b.org", "c.org"], "one");
    let world = part(member(world, "b", 2, &["d.org"], ""), "one", "shop");
    assert_eq!(parts(world), [("a", 1), ("b", 1)]);
}

#[test]
fn a_wildcard_host_is_in_the_unit_of_the_hosts_that_it_matches() {
    let mut it = world();
    for (name, age, host) in [("a", 1, "a.example.org"), ("b", 2, "b.org"), ("c", 3, "*.example.org")] {
        it = member(it, name, age, &[host], "");
    }
    assert_eq!(parts(it), [("a", 1), ("b", 2), ("c", 1)]);
}

#[test]
fn a_newcomer_with_hosts_on_two_parts_goes_where_its_first_host_is() {
    let both = || {
        let there = member(member(world(), "a", 1, &["a.org"], "one"), "b", 2, &["b.org"], "two");
        let world = member(there, "c", 3, &["b.org", "a.org"], "");
        part(part(world, "one", "shop"), "two", "shop/2")
    };
    let shares = shares(&both().read());
    assert_eq!((shares[2].1.part, shares[2].1.elsewhere.as_slice()), (2, ["a.org".to_owned()].as_slice()));
    let told = told(both(), "c");
    assert_eq!(told[0].code, DiagnosticCode::HostSplit);
    assert!(told[0].message.contains("a.org is on load balancer 1"), "{}", told[0].message);
}

#[test]
fn a_member_that_is_deleted_or_cannot_be_read_keeps_its_unit_where_it_is() {
    for break_it in [
        |it: &mut albatross_contract::Ingress| it.metadata.deleted_at = Some(1),
        |it: &mut albatross_contract::Ingress| {
            it.metadata.annotations.push(crate::identity::tag("alb.ingress.kubernetes.io/group.order", "x"));
        },
    ] {
        let mut it = member(world(), "a", 1, &["a.org", "x.org"], "one");
        it = member(it, "b", 2, &["b.org"], "one")
            .with(|it| break_it(it.cluster.ingresses.last_mut().unwrap()));
        it = member(it, "c", 3, &["b.org", "c.org"], "one");
        assert_eq!(parts(part(it, "one", "shop")), [("a", 2), ("b", 1), ("c", 1)]);
    }
}

#[test]
fn the_same_members_in_another_order_get_the_same_parts() {
    let names = ["a", "b", "c", "d", "e"];
    let make = |order: &[usize]| {
        let mut it = world();
        for number in order {
            it = member(it, names[*number], 10 - *number as u64, &[&format!("{}.org", names[*number])], "");
        }
        let mut parts = parts(it);
        parts.sort_unstable();
        parts
    };
    assert_eq!(make(&[0, 1, 2, 3, 4]), make(&[3, 1, 4, 0, 2]));
}
