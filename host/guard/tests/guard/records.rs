//! Records in Route 53: which may be changed, where they point, and which are needed.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

const OURS: &str = "\"heritage=albatross,cluster-id=aws:1,cluster-uid=uid-1,controller-id=albatross\"";

fn alias(member: usize, number: usize) -> RecordSet {
    RecordSet {
        name: host(member),
        record_type: "A".into(),
        alias_target: Some(AliasTarget {
            hosted_zone_id: "Z215JYRZR1TBD5".into(),
            dns_name: dns_name(number),
            evaluate_target_health: false,
        }),
        ..RecordSet::default()
    }
}

fn ownership(member: usize) -> RecordSet {
    RecordSet {
        name: format!("_albatross.{}", host(member)),
        record_type: "TXT".into(),
        ttl: Some(300),
        values: vec![OURS.into()],
        ..RecordSet::default()
    }
}

fn theirs(name: &str, record_type: &str) -> RecordSet {
    RecordSet {
        name: name.into(),
        record_type: record_type.into(),
        ttl: Some(60),
        values: vec!["192.0.2.1".into()],
        ..RecordSet::default()
    }
}

fn zone(world: &mut World) -> &mut HostedZone {
    &mut world.snapshot.inventory.hosted_zones.as_mut().unwrap()[0]
}

use RecordSetChangeKind::{Create, Delete, Upsert};

fn change(world: &mut World, changes: &[(RecordSetChangeKind, RecordSet)]) {
    let one = |(kind, record_set): &(RecordSetChangeKind, RecordSet)| RecordSetChange {
        kind: *kind,
        record_set: record_set.clone(),
    };
    let changes = changes.iter().map(one).collect();
    world.act("records", Operation::ChangeRecordSets(ChangeRecordSets { hosted_zone: "Z1".into(), changes }));
}

/// The records that the plan changes.
fn planned(world: &mut World) -> &mut ChangeRecordSets {
    match &mut world.plan.actions.last_mut().unwrap().operation {
        Operation::ChangeRecordSets(change) => change,
        other => panic!("{other:?}"),
    }
}

/// Two load balancers in route mode with members 0 to 3, and the hosted zone `example.org`. Members 1 to 3 have records.
fn world() -> World {
    let mut world = World::with(&[2, 2]);
    world.snapshot.settings.route53 =
        Some(Route53Settings { zones: Vec::new(), domains: Vec::new(), role: None });
    (0..2).for_each(|number| world.load_balancer(number).tags.push(tag(TAG_MODE, "route")));
    let mut records = vec![theirs("www.example.org", "A"), theirs("mail.example.org", "CNAME")];
    for (member, number) in [(1, 0), (2, 1), (3, 1)] {
        records.extend([alias(member, number), ownership(member)]);
    }
    world.snapshot.inventory.hosted_zones = Some(vec![HostedZone {
        id: "Z1".into(),
        name: "example.org".into(),
        record_sets: records,
        ..HostedZone::default()
    }]);
    world
}

/// Member 0 gets its first record.
fn first() -> World {
    let mut world = world();
    change(&mut world, &[(Create, alias(0, 0)), (Create, ownership(0))]);
    world
}

/// The record of member 1 was changed by somebody, and is repaired.
fn repaired() -> World {
    let mut world = world();
    let name = host(1);
    zone(&mut world)
        .record_sets
        .iter_mut()
        .filter(|it| it.name == name)
        .for_each(|it| *it = theirs(&name, "A"));
    change(&mut world, &[(Upsert, alias(1, 0))]);
    world
}

/// Member 1 is gone.
fn gone() -> World {
    let mut world = world();
    world.delete(1);
    change(&mut world, &[(Delete, alias(1, 0)), (Delete, ownership(1))]);
    world
}

#[test]
fn records_are_created_repaired_and_deleted() {
    pass(&[
        ("the first record of a host", first),
        ("a repaired record", repaired),
        ("the records of a host that is gone", gone),
        ("the host of a record moves to another hosted zone", || {
            let mut world = world();
            let more = HostedZone {
                id: "Z2".into(),
                name: host(1),
                record_sets: vec![alias(1, 0), ownership(1)],
                ..HostedZone::default()
            };
            world.snapshot.inventory.hosted_zones.as_mut().unwrap().push(more);
            change(&mut world, &[(Delete, alias(1, 0)), (Delete, ownership(1))]);
            world
        }),
        ("an Ingress that is only now published", || {
            let mut world = first();
            world.ingress(0).status.clear();
            world.outcome(0).status = StatusChange::Publish(dns_name(0));
            world
        }),
    ]);
}

#[test]
fn only_free_records_and_our_own_are_changed_and_only_in_known_zones() {
    tell(&[
        Story {
            title: "records are changed without the setting",
            honest: first,
            lie: |world| world.settings().route53 = None,
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "a hosted zone that the settings exclude by id",
            honest: first,
            lie: |world| world.settings().route53.as_mut().unwrap().zones = vec!["Z2".into()],
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "a hosted zone that the settings exclude by domain",
            honest: first,
            lie: |world| world.settings().route53.as_mut().unwrap().domains = vec!["ample.org".into()],
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "a private hosted zone of another VPC",
            honest: first,
            lie: |world| zone(world).private_zone = true,
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "a hosted zone that the inventory lacks",
            honest: first,
            lie: |world| planned(world).hosted_zone = "Z9".into(),
            rule: Rule::Reference,
            action: "records",
        },
        Story {
            title: "the record of somebody else is replaced",
            honest: first,
            lie: |world| {
                let theirs = theirs(&host(0), "A");
                zone(world).record_sets.push(theirs);
                planned(world).changes[0].kind = Upsert;
            },
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "a record is created beside a CNAME",
            honest: first,
            lie: |world| {
                let theirs = theirs(&host(0), "CNAME");
                zone(world).record_sets.push(theirs);
            },
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "an upsert of a free name, which could replace a record that appears meanwhile",
            honest: first,
            lie: |world| planned(world).changes[0].kind = Upsert,
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "a record without an ownership record",
            honest: first,
            lie: |world| _ = planned(world).changes.pop(),
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "an ownership record that names another cluster",
            honest: first,
            lie: |world| {
                planned(world).changes[1].record_set.values = vec![OURS.replace("uid-1", "uid-2")];
            },
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "a host whose ownership record names another cluster",
            honest: gone,
            lie: |world| {
                let other = OURS.replace("uid-1", "uid-2");
                let mark = ownership(1).name;
                zone(world)
                    .record_sets
                    .iter_mut()
                    .filter(|it| it.name == mark)
                    .for_each(|it| it.values = vec![other.clone()]);
                planned(world).changes[1].record_set.values = vec![other];
            },
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "the record of somebody else is deleted",
            honest: gone,
            lie: |world| {
                let theirs = RecordSetChange { kind: Delete, record_set: theirs("www.example.org", "A") };
                planned(world).changes.push(theirs);
            },
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "a CNAME is deleted",
            honest: gone,
            lie: |world| {
                let theirs =
                    RecordSetChange { kind: Delete, record_set: theirs("mail.example.org", "CNAME") };
                planned(world).changes.push(theirs);
            },
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "the ownership record goes and the record stays",
            honest: gone,
            lie: |world| _ = planned(world).changes.remove(0),
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "a deletion of something that is not there like that",
            honest: gone,
            lie: |world| planned(world).changes[0].record_set = alias(1, 1),
            rule: Rule::RecordOwnership,
            action: "records",
        },
        Story {
            title: "a name outside of the hosted zone",
            honest: first,
            lie: |world| zone(world).name = "example.net".into(),
            rule: Rule::RecordOwnership,
            action: "records",
        },
    ]);
}

#[test]
fn a_record_points_only_to_the_load_balancer_of_its_ingress() {
    fn to(world: &mut World, dns_name: &str) {
        planned(world).changes[0].record_set.alias_target.as_mut().unwrap().dns_name = dns_name.into();
    }
    tell(&[
        Story {
            title: "a load balancer of somebody else",
            honest: first,
            lie: |world| to(world, "stranger-1.eu-central-1.elb.amazonaws.com"),
            rule: Rule::RecordTarget,
            action: "records",
        },
        Story {
            title: "a name outside of AWS",
            honest: first,
            lie: |world| to(world, "evil.example.net"),
            rule: Rule::RecordTarget,
            action: "records",
        },
        Story {
            title: "a load balancer that the status does not name",
            honest: first,
            lie: |world| to(world, &dns_name(1)),
            rule: Rule::RecordTarget,
            action: "records",
        },
        Story {
            title: "no alias",
            honest: first,
            lie: |world| planned(world).changes[0].record_set = theirs(&host(0), "A"),
            rule: Rule::RecordTarget,
            action: "records",
        },
        Story {
            title: "a load balancer in proxy mode",
            honest: first,
            lie: |world| world.load_balancer(0).tags.retain(|tag| tag.key != TAG_MODE),
            rule: Rule::RecordTarget,
            action: "records",
        },
        Story {
            title: "a hosted zone in which the load balancer's name does not lie",
            honest: repaired,
            lie: |world| {
                let alias = planned(world).changes[0].record_set.alias_target.as_mut().unwrap();
                alias.hosted_zone_id = "Z1".into();
            },
            rule: Rule::RecordTarget,
            action: "records",
        },
        Story {
            title: "a host that no Ingress has",
            honest: first,
            lie: |world| {
                let changes = &mut planned(world).changes;
                changes[0].record_set.name = "free.example.org".into();
                changes[1].record_set.name = "_albatross.free.example.org".into();
            },
            rule: Rule::RecordTarget,
            action: "records",
        },
    ]);
}

#[test]
fn records_that_an_ingress_needs_stay() {
    tell(&[
        Story {
            title: "the records of a published Ingress are deleted",
            honest: gone,
            lie: |world| {
                *world = {
                    let mut another = self::world();
                    change(&mut another, &[(Delete, alias(1, 0)), (Delete, ownership(1))]);
                    another
                }
            },
            rule: Rule::RecordNeeded,
            action: "records",
        },
        Story {
            title: "all addresses of a published Ingress are deleted",
            honest: gone,
            lie: |world| {
                *world = {
                    let mut another = self::world();
                    change(&mut another, &[(Delete, alias(1, 0))]);
                    another
                }
            },
            rule: Rule::RecordNeeded,
            action: "records",
        },
    ]);
}

#[test]
fn nothing_is_changed_in_an_incomplete_view() {
    for part in [
        ViewPart::HostedZones,
        ViewPart::RecordSets,
        ViewPart::Ingresses,
        ViewPart::IngressStatuses,
        ViewPart::IngressClasses,
        ViewPart::LoadBalancers,
    ] {
        for honest in [first, gone] {
            let mut world = honest();
            world.incomplete(part);
            let refusal = albatross_guard::check(&world.snapshot, &world.plan).unwrap_err();
            assert!(refusal.violations.iter().any(|it| it.rule == Rule::Completeness), "{part:?}: {refusal}");
        }
    }
    let mut world = first();
    let gap = |resource: &str| IncompletePart {
        part: ViewPart::RecordSets,
        resource: Some(resource.into()),
        reason: "AccessDenied".into(),
        expected: None,
    };
    world.snapshot.inventory.incomplete = vec![gap("Z9")];
    assert!(albatross_guard::check(&world.snapshot, &world.plan).is_ok(), "another hosted zone");
    world.snapshot.inventory.incomplete = vec![gap("Z1")];
    assert!(albatross_guard::check(&world.snapshot, &world.plan).is_err());
}

#[test]
fn only_a_few_hosts_lose_their_records_at_once() {
    fn many(count: usize) -> World {
        let mut world = World::with(&[10]);
        world.snapshot.settings.route53 =
            Some(Route53Settings { zones: Vec::new(), domains: Vec::new(), role: None });
        let records = (0..10).flat_map(|member| [alias(member, 0), ownership(member)]).collect();
        world.snapshot.inventory.hosted_zones = Some(vec![HostedZone {
            id: "Z1".into(),
            name: "example.org".into(),
            record_sets: records,
            ..HostedZone::default()
        }]);
        (0..count).for_each(|member| _ = world.delete(member));
        let changes: Vec<_> =
            (0..count).flat_map(|member| [(Delete, alias(member, 0)), (Delete, ownership(member))]).collect();
        change(&mut world, &changes);
        world
    }
    tell(&[Story {
        title: "the records of six of ten hosts",
        honest: || many(5),
        lie: |world| *world = many(6),
        rule: Rule::BudgetUnneededRecords,
        action: "records",
    }]);
    pass(&[("a person allows one of them", || {
        let mut world = many(6);
        world.settings().allowances.unneeded = vec![host(0)];
        world
    })]);
}
