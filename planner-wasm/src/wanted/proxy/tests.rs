use albatross_contract::{
    ANNOTATION_HTTP_ONLY, ANNOTATION_SCHEME, ANNOTATION_SHARED, Disruption, LoadBalancerFate,
    LoadBalancerState, Protocol, Scheme, TAG_HTTP_ONLY, TAG_REPLACES, TAG_UNNEEDED, ViewPart,
};

use crate::{
    identity::{load_balancer_name, tag, tag_value},
    lifecycle::Retirement,
    testing::{Decided, GRACE, NOW, World, id_of, settings, target_group},
    wanted::{Answer, Destination, LoadBalancer},
};

/// Certificate `a` on the load balancer `one`.
fn world() -> World {
    World::new().certificate("a", &["a.org"]).load_balancer("one", &["a"])
}

fn decided(world: World) -> Decided {
    world.read().decide()
}

/// The load balancer that is opened.
fn opened(decided: &Decided) -> &LoadBalancer<'static> {
    decided.wanted.load_balancers.iter().find(|wanted| wanted.opened.is_some()).unwrap()
}

#[test]
fn a_new_load_balancer_is_described_completely() {
    let decided = decided(World::new().certificate("a", &["a.org"]).ingress("x", &["a.org"]));
    let new = opened(&decided);
    assert_eq!((new.fate, new.is_managed), (LoadBalancerFate::Create, true));
    assert_eq!(new.id, id_of(Scheme::InternetFacing, 0));
    assert_eq!(new.name, load_balancer_name(&settings().identity, &new.id));
    assert_eq!(
        (new.subnets.as_slice(), new.security_groups.as_slice()),
        (&["subnet-a", "subnet-b"][..], &["sg-1"][..])
    );
    let listeners: Vec<_> = new
        .listeners
        .iter()
        .map(|it| (it.port, it.protocol, it.there.is_some(), it.default_certificate))
        .collect();
    let arn = Some("arn:certificate/a");
    assert_eq!(listeners, [(80, Protocol::Http, false, None), (443, Protocol::Https, false, arn)]);
    assert_eq!(new.listeners[1].ssl_policy, Some(crate::settings::SSL_POLICY_OF_NEW_LISTENERS));
    let group = &new.target_groups[0];
    assert!(group.there.is_none() && group.is_current && group.form.is_some());
    assert_eq!(group.targets.register[0].id, "i-1");
    assert_eq!(new.forwards_to[0].to, Destination::Made(group.name.clone()));
    assert!(new.ownership.iter().all(|tag| new.tags.all.contains(tag)));
}

#[test]
fn the_reason_for_a_new_load_balancer_names_its_oldest_member() {
    let new = || World::new().certificate("a", &["a.org"]).ingress("x", &["a.org"]);
    let beside = |world: World| world.certificate("a", &["a.org"]).load_balancer("one", &["a"]);
    let shared_elsewhere = || beside(World::new().published("old", &["a.org"], "one"));
    let own = |world: World| world.annotated(ANNOTATION_SHARED, "false");
    let full = |world: World| {
        let world = world.certificate("b", &["b.org"]).ingress("x", &["b.org"]);
        world.with(|it| it.inventory.quotas.certificates_per_load_balancer = 2)
    };
    let failed = || {
        beside(World::new().published("x", &["a.org"], "one"))
            .which(|found| found.state = LoadBalancerState::Failed)
    };
    for (world, expected, disruption) in [
        (
            new(),
            "shop/x names no scheme, so the default applies, and no internet-facing load balancer exists",
            Disruption::None,
        ),
        (own(new()), "shop/x asks for a load balancer of its own", Disruption::None),
        (
            shared_elsewhere().ingress("x", &["a.org"]).annotated(ANNOTATION_HTTP_ONLY, "true"),
            "shop/x asks for HTTP only, and no shared internet-facing load balancer serves only HTTP",
            Disruption::None,
        ),
        (
            full(shared_elsewhere()),
            "shop/x needs certificates for which no internet-facing load balancer has room",
            Disruption::None,
        ),
        (
            own(World::new().published("old", &["a.org"], "one"))
                .certificate("a", &["a.org"])
                .load_balancer("one", &["a"])
                .ingress("x", &["a.org"]),
            "shop/x may share a load balancer, but each internet-facing one serves another Ingress exclusively",
            Disruption::None,
        ),
        (failed(), "it takes over from a load balancer that can no longer serve shop/x", Disruption::Name),
        (
            beside(World::new().published("x", &["a.org"], "one").annotated(ANNOTATION_SCHEME, "internal"))
                .with(|it| {
                    it.inventory.subnets.iter_mut().for_each(|subnet| subnet.tags.clear());
                }),
            "shop/x asks for scheme internal, and no internal load balancer exists",
            Disruption::Name,
        ),
    ] {
        let decided = decided(world);
        let creation = opened(&decided).creation.as_ref().unwrap();
        assert_eq!((creation.reason.as_str(), creation.disruption), (expected, disruption));
    }
}

#[test]
fn one_that_takes_over_says_from_which() {
    let world =
        world().published("x", &["a.org"], "one").which(|found| found.state = LoadBalancerState::Failed);
    assert_eq!(tag_value(&opened(&decided(world)).tags.all, TAG_REPLACES), Some("one"));
}

#[test]
fn listeners_are_only_described_where_something_can_be_said_of_them() {
    let ports = |world: World| {
        let decided = decided(world);
        let wanted = decided.load_balancer("one");
        wanted.listeners.iter().map(|listener| listener.port).collect::<Vec<_>>()
    };
    let served = |world: World| world.published("x", &["a.org"], "one");
    assert_eq!(ports(served(world())), [80, 443]);
    assert_eq!(ports(served(world()).missing(ViewPart::Listeners)), [0; 0]);
    let bare = || World::new().certificate("a", &["a.org"]).load_balancer("one", &[]);
    assert_eq!(ports(served(bare())), [80, 443], "the second listener is created");
    let without = |world: World| world.which(|found| found.listeners.clear());
    assert_eq!(ports(without(bare())), [0; 0], "nobody needs any");
    let uncovered = bare().published("x", &["unknown.org"], "one");
    assert_eq!(ports(without(uncovered)), [80], "there is no certificate for the other one");
}

#[test]
fn a_load_balancer_that_serves_http_only_has_one_listener_and_never_redirects() {
    let world = World::new().ingress("x", &["a.org"]).annotated(ANNOTATION_HTTP_ONLY, "true");
    let decided = decided(world.with(|snapshot| {
        snapshot.settings.proxy.redirect_http = true;
        snapshot.settings.proxy.http_target_port = Some(9_998);
    }));
    let new = opened(&decided);
    let [listener] = new.listeners.as_slice() else { panic!("{} listeners", new.listeners.len()) };
    assert_eq!(
        (listener.port, listener.protocol, listener.reason),
        (80, Protocol::Http, "its Ingresses ask for HTTP only")
    );
    assert!(matches!(listener.answer, Some(Answer::Forward { .. })));
    let [group] = new.target_groups.as_slice() else { panic!("{} target groups", new.target_groups.len()) };
    assert_eq!(group.form.map(|form| form.port), Some(9_998));
    assert_eq!(tag_value(&new.tags.all, TAG_HTTP_ONLY), Some("true"));
}

#[test]
fn http_redirects_where_the_https_listener_can_answer() {
    let redirects = |world: World| {
        let decided = world.with(|it| it.settings.proxy.redirect_http = true).read().decide();
        let plain = decided.load_balancer("one").listeners.iter().find(|listener| listener.port == 80);
        matches!(plain.unwrap().answer, Some(Answer::Redirect(_)))
    };
    let served = |world: World| world.published("x", &["a.org"], "one");
    assert!(redirects(served(world())));
    let newcomer = served(world()).certificate("b", &["b.org"]).published("y", &["b.org"], "one");
    assert!(!redirects(newcomer), "the certificate for b.org is added first");
    let without_https = World::new().certificate("a", &["a.org"]).load_balancer("one", &[]);
    assert!(!redirects(served(without_https)), "the HTTPS listener is created first");
    let elsewhere = served(world()).which(|found| found.listeners[1].port = 8443);
    assert!(!redirects(elsewhere), "the HTTPS listener has another port");
    let secure = served(world()).which(|found| found.listeners[0].protocol = Protocol::Https);
    assert!(!redirects(secure), "the listener on port 80 speaks HTTPS");
}

#[test]
fn deleted_and_unmanaged_load_balancers_are_described_unchanged() {
    let marked = world().tagged(TAG_UNNEEDED, &(NOW - GRACE).to_string());
    let unknown = world().published("x", &["a.org"], "one").missing(ViewPart::Tags);
    for (world, fate, can_write) in
        [(marked, LoadBalancerFate::Delete, true), (unknown, LoadBalancerFate::Keep, false)]
    {
        let decided = decided(world);
        let wanted = decided.load_balancer("one");
        assert_eq!((wanted.fate, wanted.is_managed, decided.wanted.can_write), (fate, false, can_write));
        assert_eq!((wanted.listeners.len(), wanted.tags.all.len(), wanted.target_groups.len()), (0, 0, 1));
        assert!(wanted.target_groups[0].form.is_none());
        assert_eq!(wanted.subnets, ["subnet-a", "subnet-b"]);
    }
}

#[test]
fn a_target_group_that_no_listener_names_retires() {
    let second = |change: fn(&mut albatross_contract::TargetGroup)| {
        world().published("x", &["a.org"], "one").with(|snapshot| {
            let mut group = target_group("one");
            (group.arn, group.port) = ("arn:old".into(), Some(80));
            group.load_balancer_arns.clear();
            change(&mut group);
            snapshot.inventory.target_groups.push(group);
        })
    };
    let retired = |world: World| {
        let decided = decided(world);
        let retired =
            decided.load_balancer("one").retired.iter().map(|(group, it)| (group.arn.as_str(), *it));
        (retired.collect::<Vec<_>>(), decided.wanted.next_change_at)
    };
    let until = NOW + GRACE;
    assert_eq!(retired(second(|_| ())), (vec![("arn:old", Retirement::Marked { until })], Some(until)));
    let over = second(|group| group.tags.push(tag(TAG_UNNEEDED, &(NOW - GRACE).to_string())));
    assert_eq!(retired(over), (vec![("arn:old", Retirement::Over { since: NOW - GRACE })], None));
    assert_eq!(retired(second(|_| ()).missing(ViewPart::Rules)).0, []);
    assert_eq!(retired(second(|group| group.load_balancer_arns = vec!["arn:other".into()])).0, []);
    let in_a_rule = second(|_| ()).which(|found| {
        let forward = crate::testing::forward(&[("arn:old", 0)]);
        let rule = serde_json::json!({"arn": "arn:rule", "priority": 1, "actions": [forward]});
        found.listeners[0].rules.push(serde_json::from_value(rule).unwrap());
    });
    assert_eq!(retired(in_a_rule).0, []);
}

#[test]
fn leftover_target_groups_are_marked_or_deleted() {
    let left = |mark: Option<u64>| {
        World::new().load_balancer("one", &[]).with(|it| it.inventory.load_balancers.clear()).targets(
            |group| {
                group.load_balancer_arns.clear();
                group.tags.extend(mark.map(|since| tag(TAG_UNNEEDED, &since.to_string())));
            },
        )
    };
    let told = |world: World| {
        let decided = decided(world);
        decided.wanted.leftovers.iter().map(|it| (it.owned.id, it.goes, it.mark)).collect::<Vec<_>>()
    };
    assert_eq!(told(left(None)), [("one", false, Some(NOW))]);
    assert_eq!(told(left(Some(NOW - GRACE))), [("one", true, Some(NOW - GRACE))]);
    assert_eq!(told(left(None).missing(ViewPart::Rules)), [("one", false, None)]);
    let since = NOW - GRACE;
    assert_eq!(told(left(Some(since)).missing(ViewPart::Rules)), [("one", false, None)]);
}

#[test]
fn load_balancers_are_described_in_the_order_of_their_ids() {
    let decided = decided(
        world().load_balancer("a", &["a"]).ingress("x", &["a.org"]).annotated(ANNOTATION_SHARED, "false"),
    );
    let ids: Vec<&str> = decided.wanted.load_balancers.iter().map(|wanted| wanted.id.as_str()).collect();
    assert!(ids.is_sorted() && ids.len() == 3, "{ids:?}");
    for (id, group) in decided.grouping.groups.numbered() {
        assert_eq!(decided.wanted.of(id).id, group.id());
    }
}
