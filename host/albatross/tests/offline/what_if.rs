//! `albatross what-if`: more or fewer nodes and Ingresses, a lost zone, renewed certificates.

use std::{collections::BTreeSet, fs};

use albatross::what_if::Change;
use albatross_contract::{Bundle, Operation, OutcomeState, file};
use serde_json::{Value, json};

use crate::program::{
    Answer, quickstart, run,
    world::{World, ingress},
};

/// The quickstart's cloud with a certificate for one host alone, and two Ingresses at rest.
fn world(name: &str) -> World {
    let mut world = World::new(name, vec![ingress("shop/a", &["a.example.org"])]);
    world.add_certificate(7, "only.example.net");
    world.ingresses.push(ingress("shop/b", &["only.example.net"]));
    world.come_to_rest();
    world
}

fn what_if(world: &World, change: &[&str]) -> Value {
    let answer = world.run(&["what-if"], &[change, &["--output", "json"]].concat());
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{change:?}");
    serde_json::from_str::<Value>(&answer.stdout).expect("it is JSON")["what-if"].take()
}

/// The bundle with the changed snapshot and its plan.
fn recorded(world: &World, change: &[&str]) -> Bundle {
    let path = world.path("changed.json");
    let answer = world.run(&["what-if"], &[change, &["--record", &path]].concat());
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{change:?}");
    file::read(&fs::read(path).unwrap()).expect("it is a bundle")
}

fn quota<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let quotas = answer["quotas"].as_array().expect("a list");
    quotas
        .iter()
        .find(|quota| quota["quota"] == name)
        .unwrap_or_else(|| panic!("{name} is not in {quotas:?}"))
}

fn told(answer: &Answer) -> String {
    answer.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

const TARGETS: &str = "targets of an Application Load Balancer";

#[test]
fn new_nodes_are_spread_over_zones_and_auto_scaling_groups_as_the_present_ones_are() {
    let world = world("what-if-nodes");
    let before: Vec<String> = Vec::from_iter(
        world.inventory["instances"].as_array().unwrap().iter().map(|it| it["zone"].to_string()),
    );
    let bundle = recorded(&world, &["--nodes", "+18"]);
    let inventory = &bundle.snapshot.inventory;
    assert_eq!(inventory.instances.len(), 27);
    for zone in ["eu-central-1a", "eu-central-1b", "eu-central-1c"] {
        let then = inventory.instances.iter().filter(|it| it.zone == zone).count();
        assert_eq!(then, 3 * before.iter().filter(|it| it.contains(zone)).count(), "{zone}");
    }
    let ids: BTreeSet<&str> = inventory.instances.iter().map(|it| it.id.as_str()).collect();
    let addresses: BTreeSet<&str> =
        inventory.instances.iter().filter_map(|it| it.private_ip.as_deref()).collect();
    assert_eq!((ids.len(), addresses.len()), (27, 27), "each has an id and an address of its own");
    let in_groups: usize = inventory.auto_scaling_groups.iter().map(|group| group.instances.len()).sum();
    assert_eq!(in_groups, 24, "as before, all but one of nine are in groups");
    assert_eq!(bundle.plan.load_balancers[0].target_groups[0].nodes, 27);
}

#[test]
fn a_subnet_without_addresses_for_all_new_nodes_is_hit_when_it_is_full() {
    const ADDRESSES: &str = "addresses in a subnet";
    let mut world = world("what-if-full-subnet");
    for subnet in world.inventory["subnets"].as_array_mut().unwrap() {
        if subnet["id"].as_str().unwrap().contains("200000") {
            subnet["free-addresses"] = json!(30);
        }
    }
    // 991 more targets fit, and 90 addresses are left: six in eleven nodes find none.
    let answer = what_if(&world, &["--nodes", "+1000"]);
    let addresses = quota(&answer, ADDRESSES);
    let of = |which: &str, what: &str| addresses[which][what].as_u64().unwrap();
    assert_eq!(of("before", "used") + 30, of("before", "limit"), "{addresses}");
    assert!(of("after", "used") > of("after", "limit") + 200, "{addresses}");
    assert_eq!(answer["first-hit"], ADDRESSES, "{answer}");
}

#[test]
fn twenty_thousand_more_nodes_and_ingresses_have_names_and_addresses_of_their_own() {
    let world = world("what-if-many");
    let Bundle { mut snapshot, plan, .. } = recorded(&world, &["--nodes", "+1"]);
    for subnet in &mut snapshot.inventory.subnets {
        subnet.cidr_block = Some("10.64.0.0/12".to_owned());
        subnet.free_addresses = 1_000_000;
    }
    let change = Change { nodes: Some(20_000), ingresses: Some(20_000), ..Change::default() };
    let changed = change.apply(snapshot, &plan).expect("there is something to make more of");
    let instances = &changed.inventory.instances;
    let addresses: BTreeSet<&str> = instances.iter().filter_map(|it| it.private_ip.as_deref()).collect();
    assert_eq!((instances.len(), addresses.len(), changed.cluster.ingresses.len()), (20_010, 20_010, 20_002));
}

#[test]
fn a_change_of_a_changed_world_reuses_no_name_and_no_address() {
    let world = world("what-if-twice");
    let change = ["--nodes", "+9", "--ingresses", "+3"];
    let first = world.path("first.json");
    let answer = world.run(&["what-if"], &[&change[..], &["--record", &first]].concat());
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let second = world.path("second.json");
    let answer = run(&[&["what-if", "--snapshot", &first, "--record", &second], &change[..]].concat());
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let bundle: Bundle = file::read(&fs::read(second).unwrap()).expect("it is a bundle");
    let snapshot = &bundle.snapshot;
    let hosts: Vec<&str> = snapshot
        .cluster
        .ingresses
        .iter()
        .flat_map(|it| it.rules.iter().filter_map(|rule| rule.host.as_deref()))
        .collect();
    assert_eq!((hosts.len(), hosts.iter().collect::<BTreeSet<_>>().len()), (8, 8), "{hosts:?}");
    let inventory = &snapshot.inventory;
    let ids: BTreeSet<&str> = inventory.instances.iter().map(|it| it.id.as_str()).collect();
    let addresses: BTreeSet<&str> =
        inventory.instances.iter().filter_map(|it| it.private_ip.as_deref()).collect();
    assert_eq!((inventory.instances.len(), ids.len(), addresses.len()), (27, 27, 27));
    let arns: BTreeSet<&str> = inventory.certificates.iter().map(|it| it.arn.as_str()).collect();
    assert_eq!(arns.len(), inventory.certificates.len());
}

#[test]
fn the_quota_that_is_hit_is_named_with_what_is_left_before_and_after() {
    let world = world("what-if-quota");
    let answer = what_if(&world, &["--nodes", "+1000"]);
    assert_eq!(answer["first-hit"], TARGETS, "{answer}");
    assert_eq!(quota(&answer, TARGETS)["before"]["used"], 9);
    assert_eq!(quota(&answer, TARGETS)["after"]["used"], 1_009);
    let text = told(&world.run(&["what-if"], &["--nodes", "+1000"]));
    assert!(
        text.contains("The first quota that is hit: targets of an Application Load Balancer (albatross-"),
        "{text}"
    );
    assert!(text.contains("), 1000: 991 left now, 9 too many then."), "{text}");
    let few = what_if(&world, &["--nodes", "+1"]);
    assert_eq!(few.get("first-hit"), None);
    let text = told(&world.run(&["what-if"], &["--nodes", "+1"]));
    assert!(text.contains("No quota is hit. The nearest: "), "{text}");
}

#[test]
fn nodes_that_go_leave_the_others_and_one_at_least() {
    let world = world("what-if-fewer");
    let bundle = recorded(&world, &["--nodes", "-3"]);
    assert_eq!(bundle.snapshot.inventory.instances.len(), 6);
    let zones: BTreeSet<&str> =
        bundle.snapshot.inventory.instances.iter().map(|it| it.zone.as_str()).collect();
    assert_eq!(zones.len(), 3, "they go evenly");
    let answer = world.run(&["what-if"], &["--nodes", "-9"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert_eq!(
        answer.stderr,
        "error: --nodes: the snapshot has 9 running nodes, and at least one must stay\n"
    );
}

#[test]
fn new_ingresses_have_hosts_of_their_own_and_a_certificate_where_no_wildcard_covers_them() {
    let world = world("what-if-ingresses");
    let bundle = recorded(&world, &["--ingresses", "+10"]);
    let hosts: BTreeSet<&str> = bundle.snapshot.cluster.sources().flat_map(|source| source.hosts()).collect();
    assert_eq!(hosts.len(), 12, "{hosts:?}");
    assert!(bundle.plan.outcomes.iter().all(|outcome| outcome.state == OutcomeState::Placed));
    let new = bundle.snapshot.inventory.certificates.iter().filter(|it| it.arn.contains("what-if"));
    assert_eq!(new.count(), 5, "for those like shop/b; *.example.org covers the hosts of those like shop/a");
    let answer = what_if(&world, &["--ingresses", "+10"]);
    assert_eq!((&answer["before"]["placed"], &answer["after"]["placed"]), (&json!(2), &json!(12)));
    let fewer = what_if(&world, &["--ingresses", "-1"]);
    assert_eq!(fewer["after"]["placed"], 1, "{fewer}");
}

#[test]
fn new_ingresses_in_route_mode_have_services_and_fill_the_rules_of_their_group() {
    let mut world = World::new("what-if-routes", Vec::new());
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]},
    });
    let mut grouped = ingress("shop/web", &["web.example.org"]);
    grouped["metadata"]["annotations"] = json!({
        "kubernetes.io/ingress.class": "alb", "alb.ingress.kubernetes.io/group.name": "shop",
        "alb.ingress.kubernetes.io/scheme": "internet-facing",
    });
    grouped["spec"]["rules"][0]["http"] = json!({"paths": [{
        "path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}
    }]});
    world.ingresses = vec![grouped, service];
    let settings = json!({
        "identity": {"cluster-id": "quickstart", "cluster-uid": "6f1d9c1e-6a0b-4b52-9d0e-3c8f5a7b2d41"},
        "classes": [{"name": "alb", "mode": "route"}],
    });
    world.flags = vec!["--settings".to_owned(), world.file("settings.json", settings.to_string())];
    let answer = what_if(&world, &["--ingresses", "+20"]);
    let before = answer["before"]["rules"].as_u64().unwrap();
    assert_eq!(answer["after"]["rules"].as_u64().unwrap(), 21 * before, "{answer}");
    let bundle = recorded(&world, &["--ingresses", "+20"]);
    let ports: BTreeSet<u16> = bundle
        .snapshot
        .cluster
        .services
        .iter()
        .flat_map(|service| service.ports.iter().filter_map(|port| port.node_port))
        .collect();
    assert_eq!(ports.len(), 21, "each Service has a node port of its own");
    let answer = what_if(&world, &["--ingresses", "+110"]);
    let problems = answer["problems"].to_string();
    assert!(
        problems.contains("rules") || problems.contains("target groups"),
        "they do not all fit: {answer}"
    );
    assert_eq!(answer["after"]["without-room"], 12, "one rule is kept free: {answer}");
    assert_eq!(answer["first-hit"], "rules on an Application Load Balancer", "{answer}");
}

#[test]
fn a_zone_goes_with_its_nodes_and_subnets() {
    let world = world("what-if-zone");
    let bundle = recorded(&world, &["--without-zone", "eu-central-1a"]);
    let inventory = &bundle.snapshot.inventory;
    assert!(inventory.instances.iter().all(|it| it.zone != "eu-central-1a"));
    assert!(inventory.subnets.iter().all(|it| it.zone != "eu-central-1a"));
    let sets = bundle.plan.actions.iter().filter_map(|action| match &action.operation {
        Operation::SetSubnets(set) => Some(set.subnets.len()),
        _ => None,
    });
    assert_eq!(sets.collect::<Vec<_>>(), [2], "the load balancer leaves the zone: {:?}", bundle.plan.actions);
    for (zone, expected) in [
        (
            "eu-west-1a",
            "the snapshot has no subnet in eu-west-1a, but in eu-central-1a, eu-central-1b, eu-central-1c",
        ),
        ("", "the snapshot has no subnet in "),
    ] {
        let answer = world.run(&["what-if"], &["--without-zone", zone]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
        assert!(
            answer.stderr.starts_with(&format!("error: --without-zone: {expected}")),
            "{}",
            answer.stderr
        );
    }
    let all = [
        "--without-zone",
        "eu-central-1a",
        "--without-zone",
        "eu-central-1b",
        "--without-zone",
        "eu-central-1c",
    ];
    let answer = world.run(&["what-if"], &all);
    assert_eq!(answer.stderr, "error: --without-zone: eu-central-1c is the only zone of the snapshot\n");
}

#[test]
fn renewed_certificates_take_the_place_of_the_old_ones_and_the_names_stay() {
    let world = world("what-if-renewal");
    let bundle = recorded(&world, &["--certificate-renewal", "all"]);
    let added = bundle.plan.actions.iter().filter_map(|action| match &action.operation {
        Operation::AddListenerCertificate(add) => Some(add.certificate.as_str()),
        Operation::ModifyListener(modify) => modify.default_certificate.as_deref(),
        _ => None,
    });
    let added: BTreeSet<&str> = added.collect();
    assert_eq!(added.iter().filter(|arn| arn.contains("what-if")).count(), 2, "{added:?}");
    assert!(
        bundle
            .plan
            .outcomes
            .iter()
            .all(|it| it.certificates.iter().all(|it| it.certificate.contains("what-if")))
    );
    let arn = bundle.snapshot.inventory.certificates[0].arn.clone();
    let one = recorded(&world, &["--certificate-renewal", &arn]);
    let new = one.snapshot.inventory.certificates.iter().filter(|it| it.arn.contains("what-if"));
    assert_eq!(new.count(), 1);
    let answer = world.run(&["what-if"], &["--certificate-renewal", "arn:aws:acm:nothing"]);
    assert_eq!(answer.code, 1);
    assert!(
        answer.stderr.contains("no certificate arn:aws:acm:nothing that can be used"),
        "{}",
        answer.stderr
    );
}

#[test]
fn changes_can_be_combined_and_shown_in_each_format() {
    let world = world("what-if-combined");
    let change = [
        "--nodes",
        "+6",
        "--ingresses",
        "+4",
        "--without-zone",
        "eu-central-1a",
        "--certificate-renewal",
        "all",
    ];
    let answer = what_if(&world, &change);
    assert_eq!(answer["after"]["placed"], 6, "{answer}");
    let text = world.run(&["what-if"], &change).stdout;
    let said = "6 more nodes, 4 more Ingresses, zone eu-central-1a is gone, all certificates are renewed under new ARNs";
    assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(said), "{text}");
    let markdown = world.run(&["what-if"], &[&change[..], &["--output", "markdown"]].concat()).stdout;
    assert!(markdown.starts_with("### Albatross: what if 6 more nodes, 4 more Ingresses"), "{markdown}");
    assert!(markdown.contains("| Quotas | now | then | |\n"), "{markdown}");
    assert_eq!(what_if(&world, &change), answer, "the same change gives the same answer");
}

#[test]
fn a_policy_that_fails_is_told_in_every_format_and_is_no_success() {
    let world = world("what-if-policy");
    let refuses = albatross_test_guests::guests::refuses("not today");
    let policy = world.file("policy.wasm", refuses);
    for format in ["text", "markdown", "json"] {
        let answer = world.run(&["what-if", "--nodes", "+1"], &["--policy", &policy, "--output", format]);
        assert_eq!(answer.code, 1, "{format}: {}", answer.stdout);
        let told = if format == "text" { &answer.stderr } else { &answer.stdout };
        assert!(told.contains("not today"), "{format}: {told}");
    }
}

#[test]
fn ingresses_that_lose_their_load_balancer_are_counted_before_any_quota() {
    // A load balancer that is there would stay; a new one needs two zones.
    let world = World::new("what-if-unplaced", vec![ingress("shop/a", &["a.example.org"])]);
    let zones = ["--without-zone", "eu-central-1a", "--without-zone", "eu-central-1b"];
    let answer = world.run(&["what-if"], &zones);
    let told = told(&answer);
    assert!(told.contains("would be without a load balancer"), "{told}");
}

#[test]
fn a_value_that_cannot_be_used_is_named_with_what_is_expected() {
    let inputs = [
        "--manifests",
        &quickstart("first"),
        "--cloud",
        &quickstart("cloud.json"),
        "--settings",
        &quickstart("settings.json"),
    ];
    for (arguments, expected) in [
        (vec!["--nodes", "200"], "expected +N for more or -N for fewer, such as +200"),
        (vec!["--nodes", "+0"], "nothing changes"),
        (vec!["--ingresses", "+1000000"], "at most 20000"),
        (vec!["--ingresses", "many"], "expected +N for more or -N for fewer, such as +200"),
        (vec!["--certificate-renewal", "some"], "expected all, or the ARN of a certificate"),
        (vec![], "--nodes"),
        (vec!["--ingresses", "+1"], "no Ingress of the snapshot has a load balancer"),
    ] {
        let empty = ["--ingresses", "+1"] == arguments[..];
        let manifest =
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {rules: []}\n";
        let answer = if empty {
            let folder = crate::program::Folder::new("what-if-no-ingress");
            let manifests = folder.file("a.yaml", manifest);
            run(&[&["what-if", "--manifests", &manifests], &inputs[2..], &arguments[..]].concat())
        } else {
            run(&[&["what-if"], &inputs[..], &arguments[..]].concat())
        };
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{arguments:?}");
        assert!(answer.stderr.contains(expected), "{arguments:?}: {}", answer.stderr);
    }
}
