//! Records in Route 53 for the hosts of route mode.

use std::collections::BTreeSet;

use albatross_contract::{
    AliasTarget, Budget, ClassSetting, Cluster, DiagnosticCode, HostedZone, HostedZoneVpc, IncompletePart,
    Ingress, IngressBackend, IngressPath, IpAddressType, Mode, Operation, PathType, RecordSet,
    Route53Settings, ServiceBackend, ServicePortReference, ViewPart,
};
use albatross_stories::{
    Controller, Pass, WAITING, actions, annotated, ingress, service, warns, withheld, world,
};

const SCHEME: &str = "alb.ingress.kubernetes.io/scheme";
const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
const OURS: &str = "\"heritage=albatross,cluster-id=harbour,cluster-uid=11111111-2222-4333-8444-555555555555,controller-id=albatross\"";

fn zone(id: &str, name: &str, private: bool) -> HostedZone {
    let vpc = HostedZoneVpc { vpc_id: "vpc-1".into(), region: "eu-central-1".into() };
    HostedZone {
        id: id.into(),
        name: name.into(),
        private_zone: private,
        vpcs: if private { vec![vpc] } else { Vec::new() },
        ..HostedZone::default()
    }
}

/// The Service `web`, and Ingresses in route mode. The public hosted zones are `example.org` and `dev.example.org`; there is a
/// private hosted zone `example.org` too.
fn story(ingresses: Vec<Ingress>) -> Controller {
    let mut story = Controller::new(world(), Vec::new(), Vec::new());
    story.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
    story.settings.route53 = Some(Route53Settings { zones: Vec::new(), domains: Vec::new(), role: None });
    story.cloud.inventory_mut().hosted_zones = Some(vec![
        zone("ZPUBLIC", "example.org", false),
        zone("ZDEV", "dev.example.org", false),
        zone("ZPRIVATE", "example.org", true),
    ]);
    let web = service("web", 30_080);
    let now = story.cloud.now();
    story.cluster.apply(Cluster { ingresses, services: vec![web], ..Cluster::default() }, now);
    story
}

/// An internet-facing Ingress whose hosts all go to the Service `web`.
fn shop(name: &str, hosts: &[&str]) -> Ingress {
    let mut shop = ingress(name, hosts);
    for rule in &mut shop.rules {
        rule.paths = vec![IngressPath {
            path: Some("/".into()),
            path_type: PathType::Prefix,
            backend: IngressBackend::Service(ServiceBackend {
                name: "web".into(),
                port: ServicePortReference::Number(80),
            }),
        }];
    }
    annotated(shop, SCHEME, "internet-facing")
}

fn member(name: &str, host: &str) -> Ingress {
    annotated(shop(name, &[host]), GROUP, "shop")
}

/// The records of a hosted zone: names, types, and where they point.
fn records(story: &mut Controller, zone: &str) -> Vec<String> {
    let zones = story.cloud.inventory().hosted_zones.as_ref().unwrap();
    let found = zones.iter().find(|it| it.id == zone).unwrap();
    let told = found.record_sets.iter().map(|record| {
        let to = match &record.alias_target {
            Some(alias) => alias.dns_name.clone(),
            None => record.values.join(" "),
        };
        format!("{} {} {to}", record.name, record.record_type)
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    told
}

/// The records that a host should have, with the status of an Ingress.
fn expected(story: &Controller, name: &str, host: &str) -> [String; 2] {
    let hostname = story.hostname(name).unwrap();
    [format!("_albatross.{host} TXT {OURS}"), format!("{host} A {hostname}")]
}

fn put(story: &mut Controller, zone: &str, record: RecordSet) {
    let zones = story.cloud.inventory_mut().hosted_zones.as_mut().unwrap();
    zones.iter_mut().find(|it| it.id == zone).unwrap().record_sets.push(record);
}

fn address(name: &str, value: &str) -> RecordSet {
    RecordSet {
        name: name.into(),
        record_type: "A".into(),
        ttl: Some(60),
        values: vec![value.into()],
        ..RecordSet::default()
    }
}

fn change_records(passes: &[Pass]) -> usize {
    actions(passes).filter(|action| matches!(action.operation, Operation::ChangeRecordSets(_))).count()
}

fn is_converged(story: &mut Controller) {
    let plan = story.plan();
    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
}

#[test]
fn a_host_gets_an_alias_and_an_ownership_record_in_the_most_specific_zone_when_its_status_is_written() {
    let mut story = story(vec![shop("shop", &["shop.dev.example.org"])]);

    let first = story.pass();
    assert_eq!((change_records(&[first]), records(&mut story, "ZDEV").len()), (0, 0), "no status yet");
    story.cloud.advance(WAITING);
    let passes = story.converge();

    assert_eq!(change_records(&passes), 1, "one batch for the zone");
    let wanted = expected(&story, "shop", "shop.dev.example.org");
    assert_eq!(records(&mut story, "ZDEV"), wanted);
    assert!(records(&mut story, "ZPUBLIC").is_empty() && records(&mut story, "ZPRIVATE").is_empty());
    is_converged(&mut story);
}

#[test]
fn without_the_setting_no_record_is_changed() {
    let mut story = story(vec![shop("shop", &["shop.example.org"])]);
    story.settings.route53 = None;
    assert_eq!(change_records(&story.converge()), 0);
}

#[test]
fn an_ingress_in_proxy_mode_gets_no_record() {
    let mut story = story(vec![ingress("shop", &["shop.example.org"])]);
    story.settings.classes[0].mode = Mode::Proxy;
    story.add_certificate(albatross_stories::certificate(1, &["shop.example.org"]));
    assert_eq!(change_records(&story.converge()), 0);
    assert!(story.hostname("shop").is_some());
}

#[test]
fn wildcards_and_the_apex_of_a_zone_have_records() {
    let mut story = story(vec![shop("shop", &["example.org", "*.example.org"])]);
    story.converge();
    let hostname = story.hostname("shop").unwrap();
    assert_eq!(
        records(&mut story, "ZPUBLIC"),
        [
            format!("*.example.org A {hostname}"),
            format!("_albatross-wildcard.example.org TXT {OURS}"),
            format!("_albatross.example.org TXT {OURS}"),
            format!("example.org A {hostname}"),
        ]
    );
    is_converged(&mut story);
}

#[test]
fn a_dual_stack_load_balancer_has_records_for_both_address_families() {
    let mut story = story(vec![shop("shop", &["shop.example.org"])]);
    story.converge();
    let hostname = story.hostname("shop").unwrap();
    story.in_the_console(&hostname, |found| found.ip_address_type = IpAddressType::Dualstack);
    let kinds = |story: &mut Controller| {
        let all = records(story, "ZPUBLIC");
        all.iter()
            .filter(|it| it.ends_with(".amazonaws.com"))
            .map(|it| it.split(' ').nth(1).unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    story.pass();
    assert_eq!(kinds(&mut story), ["A", "AAAA"]);
}

#[test]
fn an_internal_load_balancer_has_its_records_in_the_private_zone() {
    let mut story = story(vec![annotated(shop("shop", &["shop.example.org"]), SCHEME, "internal")]);
    story.converge();
    let wanted = expected(&story, "shop", "shop.example.org");
    assert_eq!(records(&mut story, "ZPRIVATE"), wanted);
    assert!(records(&mut story, "ZPUBLIC").is_empty());
}

#[test]
fn when_the_scheme_changes_the_records_move_with_the_status() {
    let mut story = story(vec![shop("shop", &["shop.example.org"])]);
    story.converge();
    story.annotate("shop", SCHEME, "internal");

    for _ in 0..6 {
        let before = expected(&story, "shop", "shop.example.org");
        let all = [records(&mut story, "ZPUBLIC"), records(&mut story, "ZPRIVATE")].concat();
        assert!(before.iter().all(|it| all.contains(it)), "{all:?} has no {before:?}");
        story.pass();
        story.cloud.advance(WAITING);
    }

    let wanted = expected(&story, "shop", "shop.example.org");
    assert_eq!(records(&mut story, "ZPRIVATE"), wanted);
    assert!(records(&mut story, "ZPUBLIC").is_empty());
}

#[test]
fn a_record_does_not_wait_in_its_old_zone_for_a_name_that_other_people_have_in_the_new_zone() {
    let mut story = story(vec![shop("shop", &["shop.example.org"])]);
    story.converge();
    put(&mut story, "ZPRIVATE", address("shop.example.org", "10.0.0.1"));
    story.annotate("shop", SCHEME, "internal");
    let before = story.hostname("shop");
    while story.hostname("shop") == before {
        assert_eq!(records(&mut story, "ZPUBLIC").len(), 2, "clients still use the old load balancer");
        story.pass();
        story.cloud.advance(WAITING);
    }
    story.converge();
    assert!(records(&mut story, "ZPUBLIC").is_empty(), "it would point to a load balancer that is left");
    assert_eq!(records(&mut story, "ZPRIVATE"), ["shop.example.org A 10.0.0.1"]);
}

#[test]
fn a_host_moves_to_a_more_specific_zone_when_its_record_is_there() {
    let mut story = story(vec![shop("shop", &["shop.new.example.org"])]);
    story.converge();
    assert_eq!(records(&mut story, "ZPUBLIC").len(), 2);

    let zones = story.cloud.inventory_mut().hosted_zones.as_mut().unwrap();
    zones.push(zone("ZNEW", "new.example.org", false));
    story.pass();
    assert_eq!((records(&mut story, "ZNEW").len(), records(&mut story, "ZPUBLIC").len()), (2, 2));
    story.pass();
    assert_eq!((records(&mut story, "ZNEW").len(), records(&mut story, "ZPUBLIC").len()), (2, 0));
}

#[test]
fn a_host_moves_to_a_more_specific_zone_while_another_ingress_with_the_host_has_no_hostname() {
    let mut story = story(vec![shop("shop", &["shop.new.example.org"])]);
    story.converge();
    let zones = story.cloud.inventory_mut().hosted_zones.as_mut().unwrap();
    zones.push(zone("ZNEW", "new.example.org", false));
    story.apply(shop("another", &["shop.new.example.org"]));
    story.pass();
    story.pass();
    assert_eq!(story.hostname("another"), None);
    assert_eq!((records(&mut story, "ZNEW").len(), records(&mut story, "ZPUBLIC").len()), (2, 0));
}

#[test]
fn a_record_of_somebody_else_is_not_touched_and_its_ingress_is_told() {
    let mut story = story(vec![shop("shop", &["shop.example.org", "cart.example.org"])]);
    let theirs = address("shop.example.org", "192.0.2.1");
    put(&mut story, "ZPUBLIC", theirs);

    let passes = story.converge();

    assert!(passes.iter().any(|pass| pass.tells("shop", DiagnosticCode::RecordTaken)));
    let wanted = expected(&story, "shop", "cart.example.org");
    let found = records(&mut story, "ZPUBLIC");
    assert!(wanted.iter().all(|it| found.contains(it)), "the other host has its record: {found:?}");
    assert!(found.contains(&"shop.example.org A 192.0.2.1".to_owned()) && found.len() == 3, "{found:?}");
    let told = story.plan();
    let told = albatross_stories::outcome(&told, "shop").unwrap();
    let told = told.diagnostics.iter().find(|it| it.code == DiagnosticCode::RecordTaken).unwrap();
    assert_eq!(
        told.message,
        "the record of shop.example.org is not changed: hosted zone ZPUBLIC has a record of type A for this name, and no TXT \
         record _albatross.shop.example.org that says that it is ours"
    );

    // An operator follows the remedy.
    let mark = RecordSet {
        name: "_albatross.shop.example.org".into(),
        record_type: "TXT".into(),
        ttl: Some(60),
        values: vec![OURS.into()],
        ..RecordSet::default()
    };
    put(&mut story, "ZPUBLIC", mark);
    story.converge();
    let wanted = expected(&story, "shop", "shop.example.org");
    let found = records(&mut story, "ZPUBLIC");
    assert!(wanted.iter().all(|it| found.contains(it)), "{found:?}");
}

#[test]
fn a_cname_under_a_name_of_ours_and_the_records_of_another_cluster_stay() {
    for (name, kind, value) in [
        ("shop.example.org", "CNAME", "elsewhere.example.net"),
        ("_albatross.shop.example.org", "TXT", "\"heritage=albatross,cluster-id=other\""),
    ] {
        let mut story = story(vec![shop("shop", &["shop.example.org"])]);
        let theirs = RecordSet { record_type: kind.into(), ..address(name, value) };
        put(&mut story, "ZPUBLIC", theirs);
        let passes = story.converge();
        assert!(passes.iter().any(|pass| pass.tells("shop", DiagnosticCode::RecordTaken)));
        assert_eq!(records(&mut story, "ZPUBLIC"), [format!("{name} {kind} {value}")]);
    }
}

#[test]
fn a_record_that_somebody_changed_or_deleted_is_repaired() {
    let mut story = story(vec![shop("shop", &["shop.example.org"])]);
    story.converge();
    let wanted = expected(&story, "shop", "shop.example.org");
    let spoil: [fn(&mut Vec<RecordSet>); 3] = [
        |records| records.retain(|it| it.record_type != "A"),
        |records| {
            records.retain(|it| it.record_type != "A");
            records.push(address("shop.example.org", "192.0.2.1"));
        },
        |records| {
            let elsewhere = AliasTarget {
                hosted_zone_id: "Z2".into(),
                dns_name: "elsewhere.example.net".into(),
                evaluate_target_health: true,
            };
            records
                .iter_mut()
                .filter(|it| it.record_type == "A")
                .for_each(|it| it.alias_target = Some(elsewhere.clone()));
        },
    ];
    for spoil in spoil {
        let zones = story.cloud.inventory_mut().hosted_zones.as_mut().unwrap();
        spoil(&mut zones[0].record_sets);
        story.pass();
        assert_eq!(records(&mut story, "ZPUBLIC"), wanted);
    }
    is_converged(&mut story);
}

#[test]
fn the_records_of_a_deleted_ingress_go_with_its_load_balancer_and_before_it() {
    let mut story = story(vec![shop("shop", &["shop.example.org"])]);
    story.converge();

    story.delete("shop");
    story.converge();
    assert_eq!(records(&mut story, "ZPUBLIC").len(), 2, "the load balancer is in its grace period");
    story.wait_for_the_grace();
    let plan = story.plan();
    let delete = plan.actions.iter().find(|it| matches!(it.operation, Operation::DeleteLoadBalancer(_)));
    assert_eq!(delete.unwrap().depends_on, ["hosted-zone/ZPUBLIC/records"]);
    story.converge();

    assert!(records(&mut story, "ZPUBLIC").is_empty() && story.load_balancers().is_empty());
}

#[test]
fn a_member_that_leaves_takes_its_record_and_no_other() {
    let mut story = story(vec![member("cart", "cart.example.org"), member("pay", "pay.example.org")]);
    story.converge();
    assert_eq!(records(&mut story, "ZPUBLIC").len(), 4);

    story.delete("pay");
    story.converge();

    let wanted = expected(&story, "cart", "cart.example.org");
    assert_eq!(records(&mut story, "ZPUBLIC"), wanted);
}

#[test]
fn a_host_that_its_ingress_no_longer_names_loses_its_record() {
    let mut story = story(vec![shop("shop", &["old.example.org", "shop.example.org"])]);
    story.converge();
    story.edit("shop", |before| Ingress { rules: vec![before.rules[1].clone()], ..before });
    story.converge();
    let wanted = expected(&story, "shop", "shop.example.org");
    assert_eq!(records(&mut story, "ZPUBLIC"), wanted);
}

#[test]
fn of_two_ingresses_with_one_host_the_older_has_the_record_and_the_other_is_told() {
    let mut story = story(vec![shop("older", &["shop.example.org"])]);
    story.converge();
    story.apply(shop("another", &["shop.example.org"]));
    let passes = story.converge();

    assert_ne!(story.hostname("older"), story.hostname("another"));
    let wanted = expected(&story, "older", "shop.example.org");
    assert_eq!(records(&mut story, "ZPUBLIC"), wanted);
    let told = passes.last().unwrap().outcome("another").unwrap().diagnostics.iter().any(|it| {
        it.code == DiagnosticCode::HostDuplicate
            && it.message.contains("points to the load balancer of shop/older")
    });
    assert!(told);

    story.delete("older");
    story.converge();
    let wanted = expected(&story, "another", "shop.example.org");
    assert_eq!(records(&mut story, "ZPUBLIC"), wanted);
}

#[test]
fn a_host_outside_of_all_hosted_zones_is_reported() {
    let mut story = story(vec![shop("shop", &["shop.example.net"])]);
    let passes = story.converge();
    assert!(passes.last().unwrap().tells("shop", DiagnosticCode::HostedZoneNone));
    assert_eq!(change_records(&passes), 0);
}

#[test]
fn settings_limit_the_hosted_zones() {
    let mut story = story(vec![shop("shop", &["shop.example.org", "shop.dev.example.org"])]);
    let route53 = Route53Settings { zones: Vec::new(), domains: vec!["dev.example.org".into()], role: None };
    story.settings.route53 = Some(route53);
    story.converge();
    assert_eq!((records(&mut story, "ZDEV").len(), records(&mut story, "ZPUBLIC").len()), (2, 0));

    let route53 = Route53Settings { zones: vec!["Z9".into()], domains: Vec::new(), role: None };
    story.settings.route53 = Some(route53);
    let plan = story.plan();
    assert!(warns(&plan, DiagnosticCode::SettingInvalid) && plan.actions.is_empty());
}

#[test]
fn in_a_zone_whose_records_are_not_known_nothing_is_changed() {
    let gap = |part, resource: Option<&str>| IncompletePart {
        part,
        resource: resource.map(str::to_owned),
        reason: "AccessDenied".into(),
        expected: None,
    };
    for (gap, expected) in [
        (gap(ViewPart::RecordSets, Some("ZDEV")), (2, 0)),
        (gap(ViewPart::RecordSets, None), (0, 0)),
        (gap(ViewPart::HostedZones, None), (0, 0)),
        (gap(ViewPart::Ingresses, None), (0, 0)),
    ] {
        let mut story = story(vec![shop("shop", &["shop.example.org", "shop.dev.example.org"])]);
        story.pass();
        story.cloud.advance(WAITING);
        story.cloud.inventory_mut().incomplete = vec![gap.clone()];
        story.pass();
        let found = (records(&mut story, "ZPUBLIC").len(), records(&mut story, "ZDEV").len());
        assert_eq!(found, expected, "{gap:?}");
    }
}

#[test]
fn records_of_many_ingresses_that_are_gone_at_once_are_withheld() {
    let hosts: Vec<String> = (0..8).map(|number| format!("host-{number}.example.org")).collect();
    let members = hosts.iter().enumerate().map(|(number, host)| member(&format!("app-{number}"), host));
    let mut story = story(members.collect());
    story.converge();
    assert_eq!(records(&mut story, "ZPUBLIC").len(), 16);

    (0..6).for_each(|number| story.delete(&format!("app-{number}")));
    let plan = story.plan();
    assert_eq!(withheld(&plan, Budget::UnneededRecords).map(|it| it.count), Some(6));
    story.converge();
    assert_eq!(records(&mut story, "ZPUBLIC").len(), 16);

    story.settings.allowances.unneeded = hosts[..6].to_vec();
    story.converge();
    assert_eq!(records(&mut story, "ZPUBLIC").len(), 4);
}

#[test]
fn records_whose_creation_had_no_answer_are_found_again_by_their_ownership_record() {
    let mut story = story(vec![shop("shop", &["shop.example.org"])]);
    story.pass();
    story.cloud.advance(WAITING);
    let next = story.cloud.calls().writes + 1;
    story.cloud.faults_mut().lose_answer(next);
    let pass = story.pass();
    assert!(pass.results[0].action == "hosted-zone/ZPUBLIC/records" && pass.results[0].error.is_some());
    story.converge();
    let wanted = expected(&story, "shop", "shop.example.org");
    assert_eq!(records(&mut story, "ZPUBLIC"), wanted);
    is_converged(&mut story);
}

#[test]
fn the_records_of_a_thousand_hosts_are_changed_in_several_calls_and_those_of_a_host_in_one() {
    let hosts: Vec<String> = (0..100).map(|number| format!("host-{number:03}.example.org")).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let names = (0..8).map(|number| format!("app-{number}"));
    // Every Ingress has other hosts, and all of them wait for their first record.
    let ingresses = names.map(|name| {
        let own: Vec<String> = hosts.iter().map(|host| format!("{name}-{host}")).collect();
        shop(&name, &own.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let mut story = story(ingresses.collect());
    story.cloud.inventory_mut().quotas.rules_per_load_balancer = 200;
    story.pass();
    story.cloud.advance(WAITING);
    let pass = story.pass();

    let batches = pass.plan.actions.iter().filter_map(|action| match &action.operation {
        Operation::ChangeRecordSets(change) => Some(change.changes.len()),
        _ => None,
    });
    let batches: Vec<usize> = batches.collect();
    assert_eq!(batches.iter().sum::<usize>(), 1_600);
    assert!(batches.len() > 1 && batches.iter().all(|count| count % 2 == 0), "{batches:?}");
    assert!(pass.results.iter().all(|result| result.error.is_none()), "the quotas of a call are kept");
    assert_eq!(records(&mut story, "ZPUBLIC").len(), 1_600);
    is_converged(&mut story);
}

#[test]
fn a_batch_names_the_ingresses_whose_records_change_and_no_other() {
    let mut story = story(vec![member("one", "one.example.org"), member("two", "two.example.org")]);
    story.converge();
    story.apply(member("three", "three.example.org"));
    story.edit("two", |before| Ingress { rules: member("two", "other.example.org").rules, ..before });
    let passes = story.converge();
    let batches = actions(&passes).filter(|it| matches!(it.operation, Operation::ChangeRecordSets(_)));
    let named: BTreeSet<&str> =
        batches.flat_map(|action| &action.objects).map(|object| object.name.as_str()).collect();
    assert_eq!(named, BTreeSet::from(["three", "two"]));
}
