use albatross_contract::{ClassSetting, Mode};

use crate::testing::{World, dns_name};

const OURS: &str = "alb.ingress.kubernetes.io/";

/// The members of the group `shop` (name, age in seconds since the epoch, clients, whether a load balancer serves it), and
/// those of them that are held or rejected.
fn refused<'a>(
    members: &[(&'a str, u64, &str, bool)],
    settings: impl FnOnce(World) -> World,
) -> Vec<&'a str> {
    let mut world = World::new().with(|it| {
        it.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
    });
    for (name, age, clients, is_served) in members {
        world = world
            .ingress(name, &[])
            .annotated(&format!("{OURS}group.name"), "shop")
            .with(|it| it.cluster.ingresses.last_mut().unwrap().metadata.created_at = Some(*age));
        if !clients.is_empty() {
            world = world.annotated(&format!("{OURS}inbound-cidrs"), clients);
        }
        if *is_served {
            world = world.status(&dns_name("one"));
        }
    }
    let world =
        world.load_balancer("one", &[]).tagged("albatross/group", "shop").tagged("albatross/mode", "route");
    let scene = settings(world).read();
    let names = members.iter().map(|(name, ..)| *name);
    names.filter(|name| !scene.claim(name).diagnostics.is_empty()).collect()
}

#[test]
fn a_member_that_admits_fewer_clients_than_the_first_member_is_refused() {
    let of = |members: &[(&'static str, u64, &str, bool)]| refused(members, |world| world);
    assert_eq!(of(&[("a", 1, "0.0.0.0/0", false), ("b", 2, "10.0.0.0/8", false)]), ["b"]);
    assert_eq!(of(&[("a", 1, "10.0.0.0/8", false), ("b", 2, "0.0.0.0/0", false)]), [""; 0]);
    assert_eq!(of(&[("a", 1, "10.0.0.0/8", false), ("b", 2, "10.0.0.0/9,10.128.0.0/9", false)]), [""; 0]);
    assert_eq!(
        of(&[("a", 1, "10.0.0.0/8", false), ("b", 2, "192.0.2.0/24", true)]),
        [""; 0],
        "b is served, a is not"
    );
    assert_eq!(of(&[("a", 1, "10.0.0.0/8", true), ("b", 2, "192.0.2.0/24", true)]), ["b"]);
    assert_eq!(of(&[("a", 1, "", true), ("b", 2, "192.0.2.0/24", true)]), [""; 0], "a has no wish");
}

#[test]
fn where_the_settings_name_security_groups_no_member_is_refused() {
    let members = [("a", 1, "0.0.0.0/0", false), ("b", 2, "10.0.0.0/8", false)];
    let named = |world: World| world.with(|it| it.settings.security_groups = vec!["sg-1".into()]);
    assert_eq!(refused(&members, named), [""; 0]);
}
