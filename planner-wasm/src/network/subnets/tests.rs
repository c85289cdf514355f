use std::{cell::RefCell, collections::BTreeSet};

use albatross_contract::{
    CertificateAnswer, CertificateInput, GroupingAnswer, GroupingInput, IpAddressType, PolicyError,
    PolicyPoint, PolicySetting, Scheme, Subnet, SubnetAnswer, SubnetInput, ViewPart, ZoneKind,
};

use super::{Subnets, too_few, too_few_remedy};
use crate::{
    identity::tag,
    kind::Kind,
    policies::{NoPolicies, Points, Policies},
    testing::{World, leak},
};

/// The chosen subnets, and the reasons why others were not chosen.
fn chosen(world: World) -> (Vec<&'static str>, Vec<String>) {
    let scene = world.read();
    let choice = scene.choices().of(Scheme::InternetFacing);
    let lost = choice.lost.iter().map(|(subnet, reason)| format!("{}: {reason}", subnet.id));
    (choice.chosen.iter().map(|subnet| subnet.id.as_str()).collect(), lost.collect())
}

/// Adds a subnet like `subnet-a` to its zone.
fn another(id: &str, change: impl FnOnce(&mut Subnet)) -> World {
    World::new().with(|snapshot| {
        let mut subnet = snapshot.inventory.subnets[0].clone();
        subnet.id = id.into();
        change(&mut subnet);
        snapshot.inventory.subnets.push(subnet);
    })
}

/// Changes the subnet `subnet-a`, and returns why it was not chosen.
fn lost(change: impl FnOnce(&mut Subnet)) -> Vec<String> {
    chosen(World::new().with(|snapshot| change(&mut snapshot.inventory.subnets[0]))).1
}

#[test]
fn each_zone_has_one_subnet() {
    assert_eq!(chosen(World::new()).0, ["subnet-a", "subnet-b"]);
    let (subnets, lost) = chosen(another("subnet-0", |_| ()));
    assert_eq!(subnets, ["subnet-0", "subnet-b"]);
    assert_eq!(lost, ["subnet-a: has the larger id; subnet-0 is chosen in this zone"]);
}

#[test]
fn a_subnet_with_the_role_tag_is_better_and_then_one_with_the_clusters_tag() {
    let without_role = chosen(another("subnet-0", |subnet| subnet.tags.clear()));
    assert_eq!(without_role.1, ["subnet-0: lacks the role tag; subnet-a is chosen in this zone"]);
    let with_cluster =
        another("subnet-z", |subnet| subnet.tags.push(tag("kubernetes.io/cluster/test", "owned")));
    assert_eq!(
        chosen(with_cluster).1,
        ["subnet-a: lacks the cluster's tag; subnet-z is chosen in this zone"]
    );
}

#[test]
fn subnets_that_cannot_be_used_are_not_chosen() {
    assert_eq!(lost(|subnet| subnet.free_addresses = 8), [""; 0]);
    assert_eq!(lost(|subnet| subnet.free_addresses = 7), ["subnet-a: 7 free addresses, 8 are needed"]);
    let other = lost(|subnet| subnet.tags.push(tag("kubernetes.io/cluster/other", "owned")));
    assert_eq!(other, ["subnet-a: tagged for another cluster, kubernetes.io/cluster/other"]);
    assert_eq!(lost(|subnet| subnet.outpost_arn = Some("arn:x".into())).len(), 1);
    assert_eq!(lost(|subnet| subnet.vpc_id = "vpc-2".into()), [""; 0], "it is none of ours");
    let private = World::new().with(|it| {
        it.inventory.route_tables[0].routes[0].target = "nat-1".into();
        it.inventory.subnets.iter_mut().for_each(|subnet| subnet.tags.clear());
    });
    let reason = "no route to an internet gateway: its default route leads to nat-1";
    assert_eq!(chosen(private), (vec![], vec![format!("subnet-a: {reason}"), format!("subnet-b: {reason}")]));
    let local = World::new().with(|it| it.inventory.zones[0].kind = ZoneKind::LocalZone);
    assert_eq!(chosen(local).0, ["subnet-b"]);
}

/// Three zones and IPv6; the subnets with these ids have an IPv6 block.
fn dual_stack(with: &[&str], change: impl FnOnce(&mut Vec<Subnet>)) -> (Vec<&'static str>, Vec<String>) {
    chosen(another("subnet-c", |subnet| subnet.zone = "zone-c".into()).with(|it| {
        it.settings.ip_address_type = IpAddressType::Dualstack;
        change(&mut it.inventory.subnets);
        let all = it.inventory.subnets.iter_mut();
        all.filter(|subnet| with.contains(&subnet.id.as_str()))
            .for_each(|subnet| subnet.ipv6_cidr_blocks = vec!["2001:db8::/64".into()]);
    }))
}

#[test]
fn with_ipv6_a_zone_without_it_is_left_out_if_enough_zones_remain() {
    let (subnets, lost) = dual_stack(&["subnet-a", "subnet-b"], |_| ());
    assert_eq!(
        (subnets, lost),
        (vec!["subnet-a", "subnet-b"], vec!["subnet-c: has no IPv6 block".to_owned()])
    );
    assert_eq!(dual_stack(&["subnet-a"], |_| ()).0, ["subnet-a", "subnet-b", "subnet-c"]);
    assert_eq!(dual_stack(&[], |_| ()).0, ["subnet-a", "subnet-b", "subnet-c"]);
    let without_public_ipv4 =
        World::new().with(|it| it.settings.ip_address_type = IpAddressType::DualstackWithoutPublicIpv4);
    assert_eq!(chosen(without_public_ipv4).0, [""; 0]);
}

#[test]
fn a_load_balancer_that_could_have_ipv6_gets_no_subnet_without_it() {
    let world = |with: &'static [&str]| {
        another("subnet-c", |subnet| subnet.zone = "zone-c".into()).with(|it| {
            it.settings.ip_address_type = IpAddressType::Dualstack;
            let all = it.inventory.subnets.iter_mut();
            all.filter(|subnet| with.contains(&subnet.id.as_str()))
                .for_each(|subnet| subnet.ipv6_cidr_blocks = vec!["2001:db8::/64".into()]);
        })
    };
    assert_eq!(kept(world(&["subnet-a", "subnet-b"]), &["zone-c"]), ["subnet-a", "subnet-b"]);
    assert_eq!(kept(world(&["subnet-a"]), &["zone-c"]), ["subnet-a", "subnet-b", "subnet-c"]);
}

#[test]
fn the_role_tag_counts_more_than_ipv6_and_ipv6_more_than_the_clusters_tag() {
    let twin = |change: fn(&mut Subnet)| {
        move |subnets: &mut Vec<Subnet>| {
            let mut twin = subnets[0].clone();
            twin.id = "subnet-z".into();
            change(&mut twin);
            subnets.push(twin);
        }
    };
    let unmarked = dual_stack(&["subnet-z"], twin(|subnet| subnet.tags.clear()));
    assert!(unmarked.1.contains(&"subnet-z: lacks the role tag; subnet-a is chosen in this zone".to_owned()));
    let alike = dual_stack(&["subnet-z"], twin(|_| ()));
    assert!(alike.1.contains(&"subnet-a: has no IPv6 block; subnet-z is chosen in this zone".to_owned()));
}

#[test]
fn named_subnets_are_the_only_ones() {
    let named = World::new().with(|it| it.settings.subnets = vec!["subnet-b".into()]);
    let (subnets, lost) = chosen(named);
    assert_eq!(
        (subnets, lost),
        (vec!["subnet-b"], vec!["subnet-a: not in the list of the settings".to_owned()])
    );
}

/// The subnets that the load balancer `one` keeps, with nodes in these zones.
fn kept(world: World, zones: &[&str]) -> Vec<&'static str> {
    let scene = world.load_balancer("one", &[]).read();
    let found = scene.owned("one").load_balancer.unwrap();
    let zones: BTreeSet<&str> = zones.iter().copied().collect();
    let subnets = leak(Subnets::new(scene.observed));
    subnets.keep(found, &zones, scene.choices().of(Scheme::InternetFacing), scene.observed)
}

#[test]
fn a_load_balancer_keeps_its_subnets_except_deleted_ones() {
    let third = |snapshot: &mut albatross_contract::Snapshot| {
        let mut subnet = snapshot.inventory.subnets[0].clone();
        (subnet.id, subnet.zone) = ("subnet-c".into(), "zone-c".into());
        snapshot.inventory.subnets.push(subnet);
    };
    assert_eq!(kept(World::new().with(third), &["zone-a"]), ["subnet-a", "subnet-b"]);
    let gone = || World::new().with(third).with(|it| drop(it.inventory.subnets.remove(0)));
    assert_eq!(kept(gone(), &["zone-c"]), ["subnet-b", "subnet-c"]);
    assert_eq!(kept(gone(), &[]), ["subnet-a", "subnet-b"], "one zone alone is too few");
    assert_eq!(kept(gone().missing(ViewPart::Subnets), &["zone-c"]), ["subnet-a", "subnet-b"]);
    let named =
        World::new().with(third).with(|it| it.settings.subnets = vec!["subnet-b".into(), "subnet-c".into()]);
    assert_eq!(kept(named, &[]), ["subnet-b", "subnet-c"]);
}

#[test]
fn too_few_subnets_are_reported_with_the_reasons_and_a_remedy() {
    let told = |world: World| {
        let scene = world.read();
        let choice = scene.choices().of(Scheme::InternetFacing);
        (
            too_few(Kind::APPLICATION, choice, scene.observed),
            too_few_remedy(Kind::APPLICATION, choice, scene.observed),
        )
    };
    let (message, remedy) = told(World::new().with(|it| it.inventory.subnets[0].free_addresses = 0));
    let expected = "of the 2 subnets of vpc-1, 1 can be used, 1 cannot (0 free addresses, 8 are needed)";
    assert_eq!(message, format!("it needs subnets in 2 zones; {expected}"));
    assert_eq!(remedy, "make subnets in 2 zones usable, or name usable subnets in the settings");
    let none = told(World::new().with(|it| it.inventory.subnets.clear()));
    assert_eq!(none.0, "it needs subnets in 2 zones; vpc-1 has no subnets");
    let elsewhere = told(World::new().with(|it| {
        it.inventory
            .subnets
            .iter_mut()
            .for_each(|subnet| subnet.tags = vec![tag("kubernetes.io/cluster/other", "")]);
    }));
    assert!(elsewhere.1.starts_with("check the cluster id (test)"), "{}", elsewhere.1);
}

#[test]
fn a_subnet_is_public_by_its_own_route_table_or_else_by_the_main_one() {
    let routed = |change: fn(&mut albatross_contract::RouteTable)| {
        let world = World::new().with(|snapshot| {
            snapshot.inventory.subnets.iter_mut().for_each(|subnet| subnet.tags.clear());
            let mut own = snapshot.inventory.route_tables[0].clone();
            (own.main, own.subnets) = (false, vec!["subnet-a".into()]);
            change(&mut own);
            snapshot.inventory.route_tables.push(own);
        });
        chosen(world).0
    };
    assert_eq!(routed(|_| ()), ["subnet-a", "subnet-b"]);
    assert_eq!(routed(|own| own.routes[0].target = "nat-1".into()), ["subnet-b"]);
    assert_eq!(routed(|own| own.routes[0].active = false), ["subnet-b"]);
}

#[test]
fn an_internal_load_balancer_prefers_private_subnets() {
    let world = another("subnet-z", |_| ()).with(|snapshot| {
        let mut private = snapshot.inventory.route_tables[0].clone();
        (private.main, private.subnets) = (false, vec!["subnet-z".into()]);
        private.routes[0].target = "nat-1".into();
        snapshot.inventory.route_tables.push(private);
    });
    let scene = world.read();
    let chosen = scene.choices().of(Scheme::Internal).chosen.iter().map(|subnet| subnet.id.as_str());
    assert_eq!(chosen.collect::<Vec<_>>(), ["subnet-z", "subnet-b"]);
}

#[test]
fn a_zone_that_has_a_subnet_gets_no_second_one() {
    let better = another("subnet-0", |_| ());
    assert_eq!(kept(better, &["zone-a", "zone-b"]), ["subnet-a", "subnet-b"]);
}

#[test]
fn a_persons_choice_of_a_subnet_counts_more_than_its_routes() {
    for target in ["vpce-1", "nat-1", "tgw-1"] {
        let led_to = |change: fn(&mut albatross_contract::Snapshot)| {
            let world = World::new().with(|it| it.inventory.route_tables[0].routes[0].target = target.into());
            chosen(world.with(change)).0
        };
        assert_eq!(led_to(|_| ()), ["subnet-a", "subnet-b"], "{target}: by their role tags");
        let named = led_to(|it| {
            it.inventory.subnets.iter_mut().for_each(|subnet| subnet.tags.clear());
            it.settings.subnets = vec!["subnet-a".into(), "subnet-b".into()];
        });
        assert_eq!(named, ["subnet-a", "subnet-b"], "{target}: by name");
    }
}

#[test]
fn a_subnet_that_is_not_public_is_reported_with_its_default_route() {
    use albatross_contract::Severity;
    let told = |change: fn(&mut albatross_contract::Route)| {
        let scene = World::new().with(|it| change(&mut it.inventory.route_tables[0].routes[0])).read();
        let told = leak(Subnets::new(scene.observed)).tell_not_public("subnet-a");
        told.map(|it| (it.severity, it.message.rsplit(": ").next().unwrap_or_default().to_owned()))
    };
    let tell = |severity, way: &str| Some((severity, way.to_owned()));
    assert_eq!(told(|_| ()), None);
    assert_eq!(
        told(|it| it.target = "vpce-1".into()),
        tell(Severity::Info, "its default route leads to vpce-1"),
        "a firewall is how it should be"
    );
    assert_eq!(
        told(|it| it.target = "nat-1".into()),
        tell(Severity::Warning, "its default route leads to nat-1")
    );
    assert_eq!(
        told(|it| it.active = false),
        tell(Severity::Warning, "its default route, to igw-1, is a blackhole")
    );
    assert_eq!(
        told(|it| (it.destination, it.target) = ("10.0.0.0/8".into(), "tgw-1".into())),
        tell(Severity::Warning, "it has no default route")
    );
}

/// A subnet policy that chooses what the planner chooses without it, and keeps the ids of the candidates.
#[derive(Default)]
struct ByDefault(RefCell<Vec<Vec<String>>>);

impl Policies for ByDefault {
    fn certificates(&self, input: &CertificateInput) -> Result<CertificateAnswer, PolicyError> {
        NoPolicies.certificates(input)
    }
    fn subnets(&self, input: &SubnetInput) -> Result<SubnetAnswer, PolicyError> {
        self.0.borrow_mut().push(input.candidates.iter().map(|candidate| candidate.id.clone()).collect());
        Ok(SubnetAnswer { subnets: input.by_default.clone(), reason: "by default".into() })
    }
    fn grouping(&self, input: &GroupingInput) -> Result<GroupingAnswer, PolicyError> {
        NoPolicies.grouping(input)
    }
}

/// The candidates of internet-facing load balancers, and those that the policy `ByDefault` chooses.
fn asked_for(address_type: IpAddressType) -> (Vec<String>, Vec<&'static str>) {
    let world = World::new().with(|it| {
        let policy = PolicySetting { point: PolicyPoint::Subnets, settings: String::new() };
        (it.settings.policies, it.settings.ip_address_type) = (vec![policy], address_type);
    });
    let scene = world.read();
    let policy = leak(ByDefault::default());
    let points = leak(Points::new(scene.snapshot, policy));
    let chosen = Subnets::new(scene.observed).choose(Scheme::InternetFacing, scene.observed, points).unwrap();
    let candidates = policy.0.borrow_mut().remove(0);
    (candidates, chosen.chosen.iter().map(|subnet| subnet.id.as_str()).collect())
}

#[test]
fn a_policy_may_choose_every_subnet_that_the_planner_could_choose() {
    for address_type in [IpAddressType::Ipv4, IpAddressType::Dualstack] {
        let (candidates, chosen) = asked_for(address_type);
        assert_eq!(
            (candidates, chosen),
            (vec!["subnet-a".into(), "subnet-b".into()], vec!["subnet-a", "subnet-b"])
        );
    }
    let without_ipv4 = asked_for(IpAddressType::DualstackWithoutPublicIpv4);
    assert_eq!(without_ipv4, (vec![], vec![]), "AWS would refuse subnets without IPv6");
}
