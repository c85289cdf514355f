use albatross_contract::{DiagnosticCode, Mode, PolicyPoint, Scheme, TAG_MODE, TargetHealth, ViewPart};

use super::{Named, Obstacle, Opener, sentence};
use crate::{
    grouping::{Group, Groups},
    kind::Kind,
    terms::Terms,
    testing::{NOW, Scene, World, auto_scaling_group, id_of, instance, leak, load_balancer, target_group},
};

const PUBLIC: Terms<'_> = Terms {
    scheme: Scheme::InternetFacing,
    kind: Kind::APPLICATION,
    mode: Mode::Proxy,
    http_only: false,
    alone: None,
    key: None,
    part: 1,
    wishes: None,
};

fn opener(scene: Scene, groups: &Groups<'static>) -> Opener<'static> {
    let demands = scene.backends().demands(scene.observed);
    Opener::new(scene.observed, groups, demands, scene.choices(), scene.points())
}

fn opened(world: World) -> Result<Group<'static>, Obstacle> {
    let scene = world.read();
    let groups = scene.groups();
    opener(scene, &groups).open(PUBLIC, Named::default(), &groups)
}

fn id(ordinal: u32) -> &'static str {
    leak(id_of(Scheme::InternetFacing, ordinal))
}

/// A load balancer with the id of an ordinal that was created a moment ago, and that is not known to be for any Ingress.
fn half_made(world: World, ordinal: u32) -> World {
    world.load_balancer(id(ordinal), &[]).which(|found| found.created_at = NOW - 60)
}

#[test]
fn the_smallest_ordinal_that_none_has_is_opened() {
    let scene = World::new().load_balancer(id(1), &[]).published("x", &[], id(1)).read();
    let mut groups = scene.groups();
    let mut opener = opener(scene, &groups);
    for expected in [0, 2, 3] {
        let group = opener.open(PUBLIC, Named::default(), &groups).ok().unwrap();
        assert_eq!(group.id(), id(expected));
        assert!(group.owned().is_none());
        groups.insert_opened(group, None);
    }
    let internal =
        opener.open(Terms { scheme: Scheme::Internal, ..PUBLIC }, Named::default(), &groups).ok().unwrap();
    assert_eq!(internal.id(), id_of(Scheme::Internal, 0), "each scheme counts for itself");
}

#[test]
fn a_half_made_load_balancer_with_the_same_id_is_completed() {
    let group = opened(half_made(World::new(), 0)).ok().unwrap();
    assert_eq!((group.id(), group.owned().is_some()), (id(0), true));
    assert!(group.held().is_empty(), "what it has counts for nothing yet");
}

#[test]
fn a_half_made_load_balancer_of_the_other_mode_is_not_completed() {
    let routed = half_made(World::new(), 0).tagged(TAG_MODE, "route");
    assert_eq!(opened(routed).ok().unwrap().id(), id(1));
    let proxied = half_made(World::new(), 0).read();
    let groups = proxied.groups();
    let routed = Terms { mode: Mode::Route, ..PUBLIC };
    assert_eq!(opener(proxied, &groups).open(routed, Named::default(), &groups).ok().unwrap().id(), id(1));
}

#[test]
fn one_that_aws_could_not_make_keeps_its_id() {
    let failed = half_made(World::new(), 0).which(|found| {
        found.state = albatross_contract::LoadBalancerState::Failed;
    });
    assert_eq!(opened(failed).ok().unwrap().id(), id(1));
}

#[test]
fn a_new_load_balancer_needs_all_its_prerequisites() {
    type Spoil = fn(World) -> World;
    let cases: [(Spoil, DiagnosticCode, bool); 7] = [
        (|world| world.missing(ViewPart::LoadBalancers), DiagnosticCode::ViewIncomplete, true),
        (|world| world.with(|it| it.frozen.push(PolicyPoint::Subnets)), DiagnosticCode::PolicyFrozen, true),
        (
            |world| world.with(|it| it.settings.proxy.node_filters = Some("x".into())),
            DiagnosticCode::NodeFiltersInvalid,
            true,
        ),
        (
            |world| world.with(|it| it.inventory.quotas.targets_per_load_balancer = 0),
            DiagnosticCode::QuotaExhausted,
            false,
        ),
        (|world| world.with(|it| it.inventory.subnets.truncate(1)), DiagnosticCode::SubnetsTooFew, false),
        (
            |world| world.with(|it| it.inventory.security_groups.clear()),
            DiagnosticCode::SecurityGroupNone,
            false,
        ),
        (
            |world| world.with(|it| it.inventory.subnets.clear()).missing(ViewPart::Subnets),
            DiagnosticCode::ViewIncomplete,
            true,
        ),
    ];
    for (spoil, code, waits) in cases {
        let obstacle = opened(spoil(World::new())).err().unwrap();
        assert_eq!((obstacle.code, obstacle.waits), (code, waits), "{}", obstacle.message);
    }
}

#[test]
fn a_frozen_subnet_policy_stops_nobody_whose_subnets_are_named() {
    let frozen = || World::new().with(|it| it.frozen.push(PolicyPoint::Subnets));
    let by_settings =
        frozen().with(|it| it.settings.subnets = vec!["subnet-a".to_owned(), "subnet-b".to_owned()]);
    assert!(opened(by_settings).is_ok());
    let scene = frozen().read();
    let groups = scene.groups();
    let named = Named { subnets: true, ..Named::default() };
    assert!(opener(scene, &groups).open(PUBLIC, named, &groups).is_ok(), "by the object");
}

#[test]
fn quotas_of_the_account_are_kept() {
    let used = |world: World, load_balancers, target_groups| {
        world.with(|snapshot| {
            let quotas = &mut snapshot.inventory.quotas;
            quotas.load_balancers = load_balancers;
            quotas.target_groups = target_groups;
        })
    };
    let one = || World::new().load_balancer("other", &[]);
    assert!(opened(used(one(), 2, 2)).is_ok());
    for (world, expected) in [
        (used(one(), 1, 2), "the account already has 1 Application Load Balancers, which is the quota"),
        (used(one(), 2, 1), "the account already has 1 target groups, which is the quota"),
    ] {
        let obstacle = opened(world).err().unwrap();
        assert_eq!((obstacle.message.as_str(), obstacle.waits), (expected, false));
        let told = "no further internet-facing load balancer can be created: ";
        assert_eq!(sentence(&obstacle, &PUBLIC), format!("{told}{expected}"));
    }
    let network = one().which(|found| found.kind = albatross_contract::LoadBalancerKind::Network);
    assert!(opened(used(network, 1, 2)).is_ok(), "other kinds have a quota of their own");
    assert!(opened(used(half_made(World::new(), 0), 1, 1)).is_ok(), "a half-made one is there already");
}

#[test]
fn load_balancers_opened_before_in_the_same_plan_count() {
    let world = World::new().with(|snapshot| snapshot.inventory.quotas.load_balancers = 1);
    let scene = world.read();
    let mut groups = scene.groups();
    let mut opener = opener(scene, &groups);
    let first = opener.open(PUBLIC, Named::default(), &groups).ok().unwrap();
    groups.insert_opened(first, None);
    let obstacle = opener.open(PUBLIC, Named::default(), &groups).err().unwrap();
    assert_eq!(obstacle.code, DiagnosticCode::QuotaExhausted);
}

/// The node `i-1` belongs to an Auto Scaling Group with this many target groups; its quota is two.
fn grouped(world: World, attached: usize) -> World {
    world.with(|snapshot| {
        snapshot.inventory.quotas.target_groups_per_auto_scaling_group = 2;
        snapshot.inventory.instances = vec![instance("i-1", "zone-a", Some("nodes"))];
        let arns = ["arn:x", "arn:y"];
        snapshot.inventory.auto_scaling_groups =
            vec![auto_scaling_group("nodes", &["i-1"], &arns[..attached])];
    })
}

#[test]
fn an_auto_scaling_group_has_room_for_so_many_target_groups() {
    assert!(opened(grouped(World::new(), 1)).is_ok());
    let obstacle = opened(grouped(World::new(), 2)).err().unwrap();
    assert_eq!(obstacle.code, DiagnosticCode::AutoScalingGroupFull);
    assert!(
        obstacle.message.contains("Auto Scaling Group nodes already has 2 target groups"),
        "{}",
        obstacle.message
    );
}

#[test]
fn room_at_an_auto_scaling_group_is_kept_for_load_balancers_that_still_have_to_attach() {
    let pending = World::new().load_balancer("one", &[]).published("x", &[], "one");
    let obstacle = opened(grouped(pending, 1)).err().unwrap();
    assert_eq!(obstacle.code, DiagnosticCode::AutoScalingGroupFull);
}

#[test]
fn new_load_balancers_use_up_the_room_of_an_auto_scaling_group() {
    let scene = grouped(World::new(), 1).read();
    let mut groups = scene.groups();
    let mut opener = opener(scene, &groups);
    let first = opener.open(PUBLIC, Named::default(), &groups).ok().unwrap();
    groups.insert_opened(first, None);
    assert_eq!(
        opener.open(PUBLIC, Named::default(), &groups).err().unwrap().code,
        DiagnosticCode::AutoScalingGroupFull
    );
}

/// The name in AWS of the load balancer with the id of the first ordinal.
fn first_name() -> String {
    crate::identity::load_balancer_name(&crate::testing::settings().identity, id(0))
}

#[test]
fn names_of_resources_that_are_not_ours_are_not_used() {
    let named_load_balancer = World::new().with(|snapshot| {
        let mut foreign = load_balancer("foreign");
        foreign.tags.clear();
        foreign.name = first_name();
        snapshot.inventory.load_balancers.push(foreign);
    });
    let obstacle = opened(named_load_balancer).err().unwrap();
    assert_eq!(obstacle.code, DiagnosticCode::NameTaken);
    assert_eq!(obstacle.message, format!("a load balancer named {} exists and is not ours", first_name()));
    let named_target_group = World::new().with(|snapshot| {
        let mut foreign = target_group("foreign");
        foreign.tags.clear();
        foreign.name = foreign.name.replace("albatross-foreign", &first_name());
        foreign.targets.iter_mut().for_each(|target| target.health = TargetHealth::Unused);
        snapshot.inventory.target_groups.push(foreign);
    });
    let obstacle = opened(named_target_group).err().unwrap();
    assert!(obstacle.message.starts_with("a target group named"), "{}", obstacle.message);
}

#[test]
fn new_load_balancers_complete_half_made_ones_that_no_member_took() {
    // The load balancer with the first id is taken, the third one is half-made, and the second one is opened.
    let world = World::new().load_balancer(id(0), &[]).published("x", &[], id(0));
    let scene = half_made(world, 2).read();
    let mut groups = scene.groups();
    let mut opener = opener(scene, &groups);
    let fresh = opener.open(PUBLIC, Named::default(), &groups).ok().unwrap();
    assert_eq!(fresh.id(), id(1));
    let fresh = groups.insert_opened(fresh, None);
    opener.reuse_half_made(&mut groups);
    assert_eq!(groups.get(fresh).id(), id(2));
    assert_eq!(groups.on(scene.owned(id(2))), Some(fresh));
}

#[test]
fn the_load_balancer_that_was_opened_first_completes_the_half_made_one() {
    let scene = half_made(World::new().load_balancer(id(0), &[]).published("x", &[], id(0)), 3).read();
    let mut groups = scene.groups();
    let mut opener = opener(scene, &groups);
    let mut open = |groups: &mut Groups<'static>| {
        let group = opener.open(PUBLIC, Named::default(), groups).ok().unwrap();
        groups.insert_opened(group, None)
    };
    let (first, second) = (open(&mut groups), open(&mut groups));
    opener.reuse_half_made(&mut groups);
    assert_eq!([first, second].map(|group| groups.get(group).id()), [id(3), id(2)]);
}

#[test]
fn a_half_made_load_balancer_is_not_completed_if_its_name_is_taken() {
    let completed = |foreign: bool| {
        let world = World::new().load_balancer(id(0), &[]).published("x", &[], id(0)).with(|snapshot| {
            let mut left = target_group(id(2));
            left.load_balancer_arns.clear();
            snapshot.inventory.target_groups.push(left);
            let mut named = load_balancer("foreign");
            named.tags.clear();
            if foreign {
                let identity = &crate::testing::settings().identity;
                named.name = crate::identity::load_balancer_name(identity, id(2));
            }
            snapshot.inventory.load_balancers.push(named);
        });
        let scene = world.read();
        let mut groups = scene.groups();
        let mut opener = opener(scene, &groups);
        let fresh = opener.open(PUBLIC, Named::default(), &groups).ok().unwrap();
        let fresh = groups.insert_opened(fresh, None);
        opener.reuse_half_made(&mut groups);
        groups.get(fresh).id().to_owned()
    };
    assert_eq!([completed(false), completed(true)], [id(2), id(1)]);
}
