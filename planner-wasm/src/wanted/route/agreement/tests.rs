use albatross_contract::{ClassSetting, Diagnostic, IpAddressType, Mode, Scheme};
use serde_json::{from_value, json};

use crate::{
    identity::tag,
    testing::{Decided, World, id_of},
    wanted::LoadBalancer,
};

/// A Service with a node port; Ingresses without a class are in route mode. Every subnet has an IPv6 block.
fn world() -> World {
    World::new().with(|snapshot| {
        snapshot.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
        let port = json!({"port": 80, "protocol": "tcp", "node-port": 30_080});
        let metadata = json!({"namespace": "shop", "name": "web"});
        let service = json!({"metadata": metadata, "kind": "node-port", "ports": [port]});
        snapshot.cluster.services = vec![from_value(service).unwrap()];
        for subnet in &mut snapshot.inventory.subnets {
            subnet.ipv6_cidr_blocks = vec!["2001:db8::/64".into()];
        }
    })
}

/// A member of the group `shop` with these annotations, `age` seconds old.
fn member(world: World, name: &str, age: u64, annotations: &[(&str, &str)]) -> World {
    world.ingress(name, &[&format!("{name}.org")]).with(|snapshot| {
        let ingress = snapshot.cluster.ingresses.last_mut().unwrap();
        let backend = json!({"service": {"name": "web", "port": {"number": 80}}});
        let path = json!({"path": "/", "path-type": "prefix", "backend": backend});
        ingress.rules[0].paths = vec![from_value(path).unwrap()];
        ingress.metadata.created_at = Some(crate::testing::NOW - age);
        let all = annotations.iter().chain(&[("group.name", "shop")]);
        ingress.metadata.annotations =
            all.map(|(name, value)| tag(&format!("alb.ingress.kubernetes.io/{name}"), value)).collect();
    })
}

/// Moves the last Ingress to another namespace, which has no Service.
fn in_another_namespace(world: World) -> World {
    world.with(|snapshot| {
        let ingress = snapshot.cluster.ingresses.last_mut().unwrap();
        ingress.metadata.namespace = Some("other".into());
        ingress.rules[0].paths.clear();
    })
}

fn internal(decided: &Decided) -> &LoadBalancer<'static> {
    let id = id_of(Scheme::Internal, 0);
    decided.wanted.load_balancers.iter().find(|it| it.id == id).unwrap()
}

/// What an Ingress is told about annotations.
fn told(decided: &Decided, name: &str) -> Vec<Diagnostic> {
    let of_objects = decided.wanted.of_objects.iter();
    let of_object = of_objects.filter(|(object, _)| object.name == name).flat_map(|(_, told)| told);
    of_object.filter(|it| it.field.as_ref().is_some_and(|it| it.contains("annotations"))).cloned().collect()
}

#[test]
fn of_several_values_that_of_the_smallest_order_counts_and_the_others_are_told_with_both_values() {
    let world = member(world(), "old", 20, &[("ip-address-type", "ipv4")]);
    let first = [("ip-address-type", "dualstack"), ("group.order", "-1")];
    let decided = member(world, "first", 10, &first).read().decide();
    assert_eq!(internal(&decided).ip_address_type, IpAddressType::Dualstack);
    let said = told(&decided, "old");
    let expected = "shop/first of the same group sets annotation alb.ingress.kubernetes.io/ip-address-type to \
                    \"dualstack\" and takes precedence, so \"ipv4\" does nothing here";
    assert_eq!(said.iter().map(|it| it.message.as_str()).collect::<Vec<_>>(), [expected]);
    assert!(told(&decided, "first").is_empty());
}

#[test]
fn no_namespace_changes_the_settings_of_another_by_its_order() {
    let world = member(world(), "old", 20, &[("ip-address-type", "dualstack")]);
    let young = [("ip-address-type", "ipv4"), ("group.order", "-1")];
    let decided = in_another_namespace(member(world, "young", 10, &young)).read().decide();
    assert_eq!(internal(&decided).ip_address_type, IpAddressType::Dualstack);
    assert_eq!(told(&decided, "young").len(), 1);
}

#[test]
fn attributes_and_tags_are_merged_key_by_key() {
    let old = [
        ("load-balancer-attributes", "idle_timeout.timeout_seconds=120,routing.http2.enabled=false"),
        ("tags", "team=shop,env=test"),
    ];
    let young = [
        ("load-balancer-attributes", "idle_timeout.timeout_seconds=180,client_keep_alive.seconds=60"),
        ("tags", "team=pay"),
    ];
    let decided = member(member(world(), "old", 20, &old), "young", 10, &young).read().decide();
    let wanted = internal(&decided);
    let attributes: Vec<(&str, &str)> =
        wanted.attributes.iter().map(|it| (it.key.as_ref(), it.value.as_str())).collect();
    assert_eq!(
        attributes,
        [
            ("client_keep_alive.seconds", "60"),
            ("idle_timeout.timeout_seconds", "120"),
            ("routing.http2.enabled", "false")
        ]
    );
    for tags in [&wanted.tags.all, &wanted.target_groups[0].tags] {
        assert!(tags.contains(&tag("team", "shop")) && tags.contains(&tag("env", "test")));
    }
    let said = told(&decided, "young");
    let about = |text: &str| said.iter().any(|it| it.message.contains(text));
    assert_eq!(said.len(), 2);
    assert!(
        about("load-balancer-attributes idle_timeout.timeout_seconds to \"120\"")
            && about("tags team to \"shop\"")
    );
}

#[test]
fn an_attribute_that_nobody_knows_is_left_out_until_aws_lists_it() {
    let asked = [("load-balancer-attributes", "idle_timeout.timeout_second=90")];
    let decided = member(world(), "x", 10, &asked).read().decide();
    assert_eq!(internal(&decided).attributes[0].value, "60", "that of the settings");
    let said = told(&decided, "x");
    assert!(said[0].remedy.as_ref().unwrap().contains("write idle_timeout.timeout_seconds"));

    let asked = [("load-balancer-attributes", "new.key=90")];
    let there = member(world(), "x", 10, &asked)
        .status(&crate::testing::dns_name("one"))
        .load_balancer("one", &[])
        .tagged("albatross/group", "shop")
        .tagged("albatross/mode", "route")
        .which(|found| {
            found.scheme = Scheme::Internal;
            found.attributes = vec![tag("new.key", "1")];
        });
    let decided = there.read().decide();
    let attributes = &decided.load_balancer("one").attributes;
    assert!(attributes.iter().any(|it| it.key == "new.key" && it.value == "90"));
    assert!(told(&decided, "x").is_empty());
}

#[test]
fn an_address_type_that_the_scheme_or_a_subnet_does_not_allow_is_told() {
    let asked = [("ip-address-type", "dualstack-without-public-ipv4")];
    let decided = member(world(), "x", 10, &asked).read().decide();
    assert_eq!(internal(&decided).ip_address_type, IpAddressType::Ipv4);
    assert!(told(&decided, "x")[0].message.contains("only for internet-facing load balancers"));

    let without = world().with(|it| it.inventory.subnets[1].ipv6_cidr_blocks.clear());
    let decided = member(without, "x", 10, &[("ip-address-type", "dualstack")]).read().decide();
    assert_eq!(internal(&decided).ip_address_type, IpAddressType::Ipv4);
    assert!(told(&decided, "x")[0].message.contains("subnet subnet-b has no IPv6 block"));
}

#[test]
fn members_of_a_group_with_different_schemes_are_told_that_there_are_two_load_balancers() {
    let world = member(world(), "public", 20, &[("scheme", "internet-facing")]);
    let decided = member(world, "private", 10, &[("scheme", "internal")]).read().decide();
    assert_eq!(decided.wanted.load_balancers.len(), 2);
    for (name, text) in [
        ("public", "the scheme of this Ingress is internet-facing, that of shop/private is not"),
        ("private", "the scheme of this Ingress is internal, that of shop/public is not"),
    ] {
        assert!(told(&decided, name)[0].message.contains(text), "{:?}", told(&decided, name));
    }
}

#[test]
fn while_a_member_is_held_settings_that_no_other_member_asks_for_stay() {
    let held = [("ip-address-type", "dualstak"), ("security-groups", "sg-9")];
    let there = member(world(), "x", 10, &held)
        .status(&crate::testing::dns_name("one"))
        .load_balancer("one", &[])
        .tagged("albatross/group", "shop")
        .tagged("albatross/mode", "route")
        .which(|found| {
            found.scheme = Scheme::Internal;
            found.ip_address_type = IpAddressType::Dualstack;
            found.security_groups = vec!["sg-7".into()];
        });
    let decided = there.read().decide();
    let wanted = decided.load_balancer("one");
    assert_eq!(
        (wanted.ip_address_type, wanted.security_groups.as_slice()),
        (IpAddressType::Dualstack, ["sg-7"].as_slice())
    );
}

#[test]
fn the_first_member_decides_the_health_check_of_a_target_group_and_the_other_is_told() {
    let world = member(world(), "old", 20, &[("healthcheck-path", "/old")]);
    let decided = member(world, "young", 10, &[("healthcheck-path", "/young")]).read().decide();
    let wanted = internal(&decided);
    assert_eq!(wanted.target_groups.len(), 1);
    let path = wanted.target_groups[0].form.unwrap().health_check.path.as_deref();
    assert_eq!((path, told(&decided, "old").len()), (Some("/old"), 0));
    let said = told(&decided, "young");
    assert_eq!(said.len(), 1);
    let expected = "shop/old uses the same target group (rules forward to port 80 of Service shop/web) with another health check";
    assert!(said[0].message.starts_with(expected), "{}", said[0].message);
}

#[test]
fn tags_beyond_the_quota_are_left_out_and_named() {
    let tags =
        |from: u32| (from..from + 20).map(|number| format!("t{number}=1")).collect::<Vec<_>>().join(",");
    let world = member(world(), "old", 20, &[("tags", &tags(10))]);
    let decided = member(world, "young", 10, &[("tags", &tags(30))]).read().decide();
    let of_people = internal(&decided).tags.all.iter().filter(|tag| tag.key.starts_with('t')).count();
    assert_eq!((of_people, told(&decided, "old").len(), told(&decided, "young").len()), (30, 0, 10));
}

#[test]
fn a_younger_member_displaces_no_tag_of_an_older_one() {
    let tags = |name: &str| (0..20).map(|number| format!("{name}{number}=1")).collect::<Vec<_>>().join(",");
    let world = member(world(), "old", 20, &[("tags", &tags("z"))]);
    let young = [("tags", tags("a")), ("group.order", "-1".to_owned())];
    let young: Vec<(&str, &str)> = young.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let decided = member(world, "young", 10, &young).read().decide();
    let starting =
        |letter: char| internal(&decided).tags.all.iter().filter(|it| it.key.starts_with(letter)).count();
    // Besides the tags of Albatross, which begin with `a` as well.
    assert_eq!((starting('z'), told(&decided, "old").len(), told(&decided, "young").len()), (20, 0, 10));
}

#[test]
fn tags_that_no_annotation_asks_for_any_more_take_room() {
    let tags = (0..10).map(|number| format!("t{number}=1")).collect::<Vec<_>>().join(",");
    let there = member(world(), "x", 10, &[("tags", &tags)])
        .status(&crate::testing::dns_name("one"))
        .load_balancer("one", &[])
        .tagged("albatross/group", "shop")
        .tagged("albatross/mode", "route")
        .tagged("t9", "0")
        .which(|found| {
            found.scheme = Scheme::Internal;
            found.tags.extend((0..27).map(|number| tag(&format!("former{number}"), "1")));
        });
    let decided = there.read().decide();
    let wanted = decided.wanted.load_balancers.iter().find(|it| it.id == "one").unwrap();
    let keys = wanted.tags.all.iter().filter(|it| it.key.starts_with('t')).map(|it| it.key.as_str());
    assert_eq!(keys.collect::<Vec<_>>(), ["t0", "t1", "t9"], "one that is there, and two more");
    let said = told(&decided, "x");
    assert_eq!(said.len(), 7);
    assert!(said[0].message.ends_with("and has 27 tags that no Ingress asks for"), "{}", said[0].message);
}

#[test]
fn tags_of_the_load_balancer_for_which_a_target_group_has_no_room_are_left_out() {
    let tags = |name: &str| (0..30).map(|number| format!("{name}{number}=1")).collect::<Vec<_>>().join(",");
    let world = member(world(), "x", 10, &[("tags", &tags("t"))]).with(|snapshot| {
        let tags = tag("alb.ingress.kubernetes.io/tags", &tags("s"));
        snapshot.cluster.services[0].metadata.annotations = vec![tags];
    });
    let decided = world.read().decide();
    let group = &internal(&decided).target_groups[0];
    let starting = |letter: char| group.tags.iter().filter(|tag| tag.key.starts_with(letter)).count();
    assert_eq!((starting('s'), starting('t')), (30, 0));
}

#[test]
fn ports_beyond_the_quota_of_listeners_have_no_listener_and_their_members_are_told() {
    let ports = |from: u16, to: u16| {
        let all: Vec<String> = (from..=to).map(|port| format!(r#"{{"HTTP":{port}}}"#)).collect();
        format!("[{}]", all.join(","))
    };
    let world = member(world(), "old", 20, &[("listen-ports", &ports(1, 30))]);
    let young = [("listen-ports", ports(20, 60)), ("group.order", "-1".to_owned())];
    let young: Vec<(&str, &str)> = young.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let decided = member(world, "young", 10, &young).read().decide();
    let found: Vec<u16> = internal(&decided).listeners.iter().map(|it| it.port).collect();
    assert_eq!(found, (1..=50).collect::<Vec<u16>>());
    assert!(told(&decided, "old").is_empty());
    let [only] = &told(&decided, "young")[..] else { panic!("one message") };
    assert!(
        only.message.starts_with(
            "a load balancer can have 50 listeners, and other ports of the group come first: ports 51, 52 and 8 more of"
        ),
        "{}",
        only.message
    );
}
