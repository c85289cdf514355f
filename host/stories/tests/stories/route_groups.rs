//! RouteGroups (`zalando.org/v1`) are served like Ingresses in proxy mode.

use albatross_contract::{
    ANNOTATION_CLASS, ANNOTATION_SHARED, Budget, ClassSetting, DiagnosticCode, IncompletePart, Mode,
    OutcomeState, RouteGroup, SecurityGroup, Snapshot, StatusChange, TAG_HTTP_ONLY, TAG_INGRESS, TAG_RETAIN,
    Tag, ViewPart,
};
use albatross_stories::{
    Certificates, Controller, Pass, actions, alone, ancestor::Stack, certificate, certificates_on, ingress,
    is_unneeded, make_a_load_balancer, outcome, route_group, tag, take_something_away, tells,
    unneeded_certificates, warns, withheld, world,
};

use crate::{
    adoption::account,
    gaps::{plan, plan_without},
    one_shop::one_shop,
};

const SHOP: &str = "shop.example.org";
const CHECKOUT: &str = "RouteGroup:shop/checkout";

fn annotated(mut route_group: RouteGroup, key: &str, value: &str) -> RouteGroup {
    route_group.metadata.annotations.push(Tag { key: key.to_owned(), value: value.to_owned() });
    route_group
}

/// A cluster with certificates for `*.example.org` and `*.example.net`, in which only these RouteGroups are served.
fn only(route_groups: Vec<RouteGroup>) -> Controller {
    let certificates = vec![certificate(1, &["*.example.org"]), certificate(2, &["*.example.net"])];
    let mut story = Controller::new(world(), certificates, Vec::new());
    story.apply_route_groups(Some(route_groups));
    story
}

/// The RouteGroup `shop/checkout`, served.
fn one() -> Controller {
    let mut story = only(vec![route_group("checkout", &[SHOP])]);
    let inventory = story.cloud.inventory_mut();
    let (id, name) = ("sg-operator".to_owned(), "operator".to_owned());
    let of_operator = SecurityGroup { id, name, tags: Vec::new(), ..inventory.security_groups[0].clone() };
    inventory.security_groups.push(of_operator);
    story.converge();
    story
}

/// The cluster as it is seen while the RouteGroups cannot be read.
fn unreadable(story: &mut Controller, reason: &str) -> Snapshot {
    let mut snapshot = story.snapshot().unwrap();
    snapshot.cluster.route_groups = None;
    let reason = reason.to_owned();
    snapshot.cluster.incomplete.push(IncompletePart {
        part: ViewPart::RouteGroups,
        resource: None,
        reason,
        expected: None,
    });
    snapshot
}

#[test]
fn a_route_group_alone_gets_a_load_balancer_with_the_certificate_of_its_host_and_its_name_in_the_status() {
    let mut story = only(vec![route_group("checkout", &[SHOP])]);

    let passes = story.converge();

    assert!(make_a_load_balancer(&passes));
    let serving = story.serving(CHECKOUT);
    assert_eq!(certificates_on(&serving), [Certificates::arn(1)].into());
    let written: Vec<String> =
        passes.iter().flat_map(|it| &it.statuses).map(|it| it.object.to_string()).collect();
    assert_eq!(written, [CHECKOUT]);
    assert!(story.pass().plan.actions.is_empty());
}

#[test]
fn a_route_group_shares_the_load_balancer_of_ingresses_and_keeps_it_when_they_go() {
    let mut story = one_shop("*.example.org");
    story.apply_route_groups(Some(vec![route_group("blog", &["blog.example.org"])]));

    assert!(!make_a_load_balancer(&story.converge()));

    assert_eq!(story.hostname("RouteGroup:shop/blog"), story.hostname("checkout"));
    story.delete("checkout");
    let passes = story.converge();
    assert!(!take_something_away(&passes));
    let serving = story.serving("RouteGroup:shop/blog");
    assert!(!is_unneeded(&serving) && unneeded_certificates(&serving) == 0, "the RouteGroup needs both");
}

#[test]
fn a_deleted_route_group_leaves_its_load_balancer_unneeded_and_the_grace_counts() {
    let mut story = one();
    story.apply_route_groups(Some(Vec::new()));

    assert!(!take_something_away(&story.converge()));
    assert!(is_unneeded(&story.load_balancers()[0]));

    story.wait_for_the_grace();
    story.converge();
    assert!(story.load_balancers().is_empty());
}

#[test]
fn an_ingress_and_a_route_group_of_one_name_each_have_their_own_load_balancer_and_status() {
    let certificates = vec![certificate(1, &["*.example.org"])];
    let mut story = Controller::new(world(), certificates, vec![alone(ingress("checkout", &[SHOP]))]);
    let blog = route_group("checkout", &["blog.example.org"]);
    story.apply_route_groups(Some(vec![annotated(blog, ANNOTATION_SHARED, "false")]));

    story.converge();

    let (of_ingress, of_route_group) = (story.serving("checkout"), story.serving(CHECKOUT));
    assert_ne!(of_ingress.dns_name, of_route_group.dns_name);
    assert_eq!(tag(&of_ingress.tags, TAG_INGRESS), Some("shop/checkout"));
    assert_eq!(tag(&of_route_group.tags, TAG_INGRESS), Some(CHECKOUT));

    // Somebody empties the statuses: the tags say which load balancer belongs to which of the two.
    story.cluster.cluster_mut().ingresses[0].status.clear();
    story.cluster.cluster_mut().route_groups.iter_mut().flatten().for_each(|found| found.status.clear());
    assert!(!make_a_load_balancer(&story.converge()));
    assert_eq!(
        (story.serving("checkout").arn, story.serving(CHECKOUT).arn),
        (of_ingress.arn, of_route_group.arn.clone())
    );

    story.delete("checkout");
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.serving(CHECKOUT).arn, of_route_group.arn, "it needs no Ingress of its name");
    assert_eq!(story.load_balancers().len(), 1);
}

#[test]
fn while_route_groups_cannot_be_read_nothing_of_theirs_is_removed_and_ingresses_are_served() {
    let mut story = one();
    let before = story.serving(CHECKOUT);
    for reason in [
        "the RouteGroup list cannot be read: list RouteGroups: forbidden (routegroups.zalando.org is forbidden)",
        "the RouteGroup watch fails: no answer from the API server",
    ] {
        story.apply(ingress("blog", &["blog.example.org"]));
        let plan = plan(&unreadable(&mut story, reason));

        assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
        assert!(warns(&plan, DiagnosticCode::ViewIncomplete));
        let newcomer = outcome(&plan, "blog").unwrap();
        assert_eq!(newcomer.state, OutcomeState::Placed);
        assert_eq!(
            newcomer.status,
            StatusChange::Publish(before.dns_name.clone()),
            "on the same load balancer"
        );
        story.delete("blog");
    }
}

#[test]
fn a_load_balancer_stays_as_its_route_groups_asked_while_they_cannot_be_read_and_when_they_are_gone() {
    let asking = annotated(route_group("checkout", &[SHOP]), "zalando.org/aws-load-balancer-http2", "false");
    let web_acl = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/1a2b";
    let asking = annotated(asking, "zalando.org/aws-waf-web-acl-id", web_acl);
    let policy = "ELBSecurityPolicy-FS-1-2-Res-2020-10";
    let mut story = only(vec![annotated(asking, "zalando.org/aws-load-balancer-ssl-policy", policy)]);
    story.converge();
    let served = story.serving(CHECKOUT);
    assert_eq!(served.web_acl.as_deref(), Some(web_acl));
    story.settings.web_acl = Some(web_acl.replace("shop", "default"));
    story.settings.ssl_policy = Some("ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned());

    let unseen = plan(&unreadable(&mut story, "the list is forbidden"));
    assert!(unseen.actions.is_empty(), "{:#?}", unseen.actions);

    story.apply_route_groups(None);
    story.converge();
    let left = &story.load_balancers()[0];
    assert!(is_unneeded(left));
    assert_eq!((&left.web_acl, &left.attributes), (&served.web_acl, &served.attributes));
    let policies = |found: &albatross_contract::LoadBalancer| -> Vec<_> {
        found.listeners.iter().map(|listener| listener.ssl_policy.clone()).collect()
    };
    assert_eq!(policies(left), policies(&served));
}

/// After this many seconds a load balancer counts as made.
const MADE: u64 = 1_000;

/// The Ingress `blog` and the RouteGroup `checkout` on one load balancer.
fn shared() -> Controller {
    let mut story = one();
    story.apply(ingress("blog", &["blog.example.org"]));
    story.converge();
    assert_eq!(story.hostname("blog"), story.hostname(CHECKOUT));
    story.wait(MADE);
    story
}

/// What an Ingress may ask of its load balancer.
const WISHES: [(&str, &str); 5] = [
    ("zalando.org/aws-load-balancer-http2", "false"),
    ("zalando.org/aws-load-balancer-ssl-policy", "ELBSecurityPolicy-FS-1-2-Res-2020-10"),
    ("zalando.org/aws-waf-web-acl-id", "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/1a2b"),
    ("zalando.org/aws-load-balancer-security-group", "sg-operator"),
    (ANNOTATION_SHARED, "false"),
];

#[test]
fn while_route_groups_cannot_be_read_no_ingress_changes_the_load_balancer_that_it_may_share_with_them() {
    for (annotation, value) in WISHES {
        let mut story = shared();
        story.annotate("blog", annotation, value);
        assert!(!story.plan().actions.is_empty(), "{annotation}: with the whole view the Ingress leaves");

        for reason in ["the list is forbidden", "the RouteGroup shop/checkout cannot be read"] {
            let plan = plan(&unreadable(&mut story, reason));

            assert!(plan.actions.is_empty(), "{annotation}: {:#?}", plan.actions);
            let blog = outcome(&plan, "blog").unwrap();
            assert_eq!((blog.state, &blog.status), (OutcomeState::Held, &StatusChange::Keep), "{annotation}");
            let told = blog.diagnostics.iter().find(|told| told.code == DiagnosticCode::ViewIncomplete);
            assert!(told.unwrap().message.contains(reason), "{annotation}: {:#?}", blog.diagnostics);
        }
    }
}

#[test]
fn while_ingresses_cannot_be_read_no_route_group_changes_the_load_balancer_that_it_may_share_with_them() {
    for (annotation, value) in WISHES {
        let mut story = shared();
        story.apply_route_groups(Some(vec![annotated(route_group("checkout", &[SHOP]), annotation, value)]));
        assert!(!story.plan().actions.is_empty(), "{annotation}: with the whole view the RouteGroup leaves");
        let snapshot = story.snapshot().unwrap();

        let plan = plan_without(&snapshot, ViewPart::Ingresses, true);

        assert!(plan.actions.is_empty(), "{annotation}: {:#?}", plan.actions);
        let checkout = outcome(&plan, CHECKOUT).unwrap();
        assert_eq!(checkout.state, OutcomeState::Held, "{annotation}");
        assert!(tells(checkout, DiagnosticCode::ViewIncomplete), "{annotation}");
    }
}

/// From now on the RouteGroups cannot be read.
fn forbid(story: &mut Controller) {
    let seen = unreadable(story, "the list is forbidden").cluster;
    let cluster = story.cluster.cluster_mut();
    (cluster.route_groups, cluster.incomplete) = (seen.route_groups, seen.incomplete);
}

#[test]
fn while_route_groups_cannot_be_read_a_newcomer_that_may_ask_for_what_they_have_waits() {
    for age in [0, MADE] {
        for (annotation, value) in WISHES {
            let mut story = one();
            let before = story.serving(CHECKOUT);
            story.wait(age);
            forbid(&mut story);
            story.apply(ingress("blog", &["blog.example.org"]));
            story.annotate("blog", annotation, value);

            let passes = story.converge();

            let its = tag(&before.tags, albatross_contract::TAG_ID);
            assert!(
                actions(&passes).all(|action| Some(action.load_balancer.as_str()) != its),
                "{annotation} after {age} seconds: {:#?}",
                actions(&passes).collect::<Vec<_>>()
            );
            if annotation == ANNOTATION_SHARED {
                assert_eq!(story.load_balancers().len(), 2, "a tag would say that the other one is for it");
                continue;
            }
            assert_eq!((story.load_balancers().len(), story.hostname("blog")), (1, None), "{annotation}");
            assert!(story.pass().tells("blog", DiagnosticCode::ViewIncomplete), "{annotation}");
        }
    }
}

#[test]
fn while_route_groups_cannot_be_read_no_ingress_takes_over_the_load_balancer_of_a_route_group_alone() {
    let own = annotated(route_group("checkout", &[SHOP]), ANNOTATION_SHARED, "false");
    let mut story = only(vec![own]);
    story.converge();
    let before = story.serving(CHECKOUT);
    forbid(&mut story);
    story.apply(alone(ingress("blog", &["blog.example.org"])));
    story.apply(ingress("wiki", &["wiki.example.org"]));

    story.converge();

    let after = story.load_balancers().into_iter().find(|found| found.arn == before.arn);
    assert_eq!(after, Some(before));
    assert_eq!(story.load_balancers().len(), 3);
}

#[test]
fn while_route_groups_cannot_be_read_newcomers_share_load_balancers_that_have_what_somebody_asks_for() {
    let (acl, web_acl) = WISHES[2];
    for has_known_members in [true, false] {
        for what in [acl, WISHES[1].0, WISHES[3].0] {
            let mut story = one();
            story.settings.web_acl = Some(web_acl.to_owned());
            if has_known_members {
                story.apply(ingress("blog", &["blog.example.org"]));
            }
            story.converge();
            let there = story.serving(CHECKOUT);
            let policy = there.listeners.iter().find_map(|listener| listener.ssl_policy.clone()).unwrap();
            let value = match what {
                _ if what == acl => web_acl,
                _ if what == WISHES[1].0 => &policy,
                _ => &there.security_groups[0],
            };
            story.apply(ingress("asking", &["asking.example.org"]));
            story.annotate("asking", what, value);
            story.converge();
            story.wait(MADE);
            let before = story.load_balancers();
            forbid(&mut story);

            for name in ["docs", "wiki"] {
                story.apply(ingress(name, &[&format!("{name}.example.org")]));
                assert!(!make_a_load_balancer(&story.converge()), "{what}, {has_known_members}");
                assert!(story.hostname(name).is_some(), "{what}, {has_known_members}");
                story.wait(MADE);
            }
            assert_eq!(story.load_balancers(), before, "{what}, {has_known_members}");
        }
    }
}

#[test]
fn while_route_groups_cannot_be_read_a_member_is_content_with_more_than_it_asks_for() {
    let (acl, web_acl) = WISHES[2];
    let mut story = shared();
    story.settings.web_acl = Some(web_acl.to_owned());
    story.converge();
    let there = story.serving("blog");
    let policy = there.listeners.iter().find_map(|listener| listener.ssl_policy.clone()).unwrap();
    story.apply(ingress("asking", &["asking.example.org"]));
    story.annotate("asking", acl, web_acl);
    story.annotate("asking", WISHES[1].0, &policy);
    story.converge();
    story.wait(MADE);
    forbid(&mut story);
    story.annotate("blog", WISHES[1].0, &policy);

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
    let blog = pass.outcome("blog").unwrap();
    assert_eq!((blog.state, blog.diagnostics.len()), (OutcomeState::Placed, 0), "{:#?}", blog.diagnostics);
}

#[test]
fn while_route_groups_cannot_be_read_a_property_that_cannot_be_set_costs_one_load_balancer_and_no_more() {
    let mut story = only(Vec::new());
    forbid(&mut story);
    story.apply(ingress("blog", &["blog.example.org"]));
    story.annotate("blog", WISHES[2].0, WISHES[2].1);
    for _ in 0..6 {
        let pass = story.pass();
        assert_eq!(story.hostname("blog"), None, "{:#?}", pass.plan.actions);
        // AWS refuses the web ACL.
        story.cloud.inventory_mut().load_balancers[0].web_acl = Some(String::new());
        story.wait(MADE);
    }
    assert_eq!(story.load_balancers().len(), 1);
    assert!(story.pass().tells("blog", DiagnosticCode::ViewIncomplete));
}

#[test]
fn while_route_groups_cannot_be_read_whoever_waits_is_told_the_property_that_differs() {
    let old = WISHES[1].1;
    let mut story = shared();
    story.settings.ssl_policy = Some(old.to_owned());
    story.converge();
    story.apply(alone(ingress("asking", &["asking.example.org"])));
    story.annotate("asking", WISHES[1].0, old);
    story.converge();
    story.wait(MADE);
    forbid(&mut story);
    let told = |story: &mut Controller| {
        let plan = story.plan();
        let blog = outcome(&plan, "blog").unwrap();
        assert_eq!(blog.diagnostics.len(), 1, "{:#?}", blog.diagnostics);
        blog.diagnostics[0].message.clone()
    };
    story.settings.ssl_policy = Some("ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned());
    let message = told(&mut story);
    assert!(message.contains("an object that asks for nothing gets a TLS policy"), "{message}");

    story.annotate("blog", WISHES[3].0, WISHES[3].1);
    let message = told(&mut story);
    assert!(message.contains("it asks for security groups that"), "{message}");

    story.annotate("blog", ANNOTATION_SHARED, "false");
    let message = told(&mut story);
    assert!(message.contains("it asks for a load balancer of its own"), "{message}");
}

#[test]
fn tags_that_mean_nothing_are_removed_whoever_is_known() {
    let means_nothing = [(TAG_INGRESS, "checkout"), (TAG_RETAIN, "false")];
    for (key, value) in means_nothing {
        let mut left = one();
        left.apply_route_groups(Some(Vec::new()));
        left.converge();
        let mut unseen = shared();
        forbid(&mut unseen);
        for mut story in [left, shared(), unseen] {
            let name = story.load_balancers()[0].dns_name.clone();
            story.in_the_console(&name, |found| {
                found.tags.push(Tag { key: key.to_owned(), value: value.to_owned() });
            });

            story.converge();

            assert_eq!(tag(&story.load_balancers()[0].tags, key), None);
        }
    }
}

#[test]
fn while_route_groups_cannot_be_read_a_load_balancer_that_has_lost_listeners_keeps_what_its_members_agree_on()
{
    let ports = [vec![80], vec![8443]];
    for (ports, http_only) in ports.into_iter().flat_map(|ports| [(ports.clone(), false), (ports, true)]) {
        let mut story = shared();
        let before = story.serving("blog");
        story.in_the_console(&before.dns_name, |found| {
            found.listeners.iter_mut().for_each(|it| it.port = if it.port == 443 { 8443 } else { it.port });
            found.listeners.retain(|listener| ports.contains(&listener.port));
            let tagged = Tag { key: TAG_HTTP_ONLY.to_owned(), value: "true".to_owned() };
            found.tags.extend(http_only.then_some(tagged));
        });
        forbid(&mut story);
        for (annotation, value) in WISHES {
            story.annotate("blog", annotation, value);
            story.plan();
        }
        story.pass();
        let after = story.load_balancers().into_iter().find(|found| found.arn == before.arn).unwrap();
        assert_eq!(
            (&after.web_acl, &after.security_groups, &after.attributes),
            (&before.web_acl, &before.security_groups, &before.attributes),
            "{ports:?}, HTTP only: {http_only}"
        );
        assert_eq!(tag(&after.tags, TAG_INGRESS), None);
    }
}

#[test]
fn while_route_groups_cannot_be_read_settings_change_only_load_balancers_whose_members_are_all_known() {
    let mut story = shared();
    story.apply(alone(ingress("wiki", &["wiki.example.org"])));
    story.converge();
    let own = tag(&story.serving("wiki").tags, albatross_contract::TAG_ID).unwrap().to_owned();
    story.settings.ssl_policy = Some("ELBSecurityPolicy-FS-1-2-Res-2020-10".to_owned());
    assert_eq!(story.plan().actions.len(), 2, "with the whole view both change");

    let plan = plan(&unreadable(&mut story, "the list is forbidden"));

    let changed: Vec<&str> = plan.actions.iter().map(|action| action.load_balancer.as_str()).collect();
    assert_eq!(changed, [own.as_str()], "the tag says that the other one serves nobody else");
}

#[test]
fn while_route_groups_cannot_be_read_a_load_balancer_that_is_being_made_gets_what_it_was_made_for() {
    let mut story = only(Vec::new());
    let web_acl = WISHES[2];
    let mut asking = ingress("blog", &["blog.example.org"]);
    asking.metadata.annotations.push(Tag { key: web_acl.0.to_owned(), value: web_acl.1.to_owned() });
    story.apply(asking);
    forbid(&mut story);
    story.pass();
    // AWS WAF refuses a load balancer for some time after its creation.
    story.cloud.inventory_mut().load_balancers[0].web_acl = Some(String::new());

    assert!(!make_a_load_balancer(&story.converge()));

    assert_eq!(story.serving("blog").web_acl.as_deref(), Some(web_acl.1));
}

#[test]
fn a_load_balancer_stays_as_it_is_for_a_member_whose_annotation_cannot_be_read() {
    let policy = "zalando.org/aws-load-balancer-ssl-policy";
    let wrong = |key| vec![annotated(route_group("checkout", &[SHOP]), key, "none such")];
    let mut story = shared();
    let before = story.serving(CHECKOUT);
    story.apply_route_groups(Some(wrong(policy)));
    story.annotate("blog", policy, "ELBSecurityPolicy-FS-1-2-Res-2020-10");

    story.converge();

    let after = story.serving(CHECKOUT);
    assert_eq!((&after.arn, &after.listeners), (&before.arn, &before.listeners));
    assert_ne!(story.serving("blog").arn, after.arn, "it asks for something else, so it leaves");
}

#[test]
fn while_route_groups_cannot_be_read_the_grace_of_a_load_balancer_does_not_end_in_its_deletion() {
    let mut story = one();
    story.apply_route_groups(Some(Vec::new()));
    story.converge();
    story.wait_for_the_grace();
    assert!(!story.plan().actions.is_empty(), "with the whole view it goes");
    assert!(plan(&unreadable(&mut story, "forbidden")).actions.is_empty());
}

#[test]
fn when_the_kind_is_removed_from_the_cluster_its_load_balancer_has_the_usual_grace() {
    let mut story = one();
    let before = story.serving(CHECKOUT);
    story.apply_route_groups(None);

    let passes = story.converge();
    assert!(!take_something_away(&passes), "nothing goes at once");
    assert!(is_unneeded(&story.load_balancers()[0]));

    // Installed again within the grace: the RouteGroups have lost their statuses and find their load balancer.
    story.apply_route_groups(Some(vec![route_group("checkout", &[SHOP])]));
    assert!(!make_a_load_balancer(&story.converge()));
    let after = story.serving(CHECKOUT);
    assert_eq!(after.arn, before.arn);
    assert!(!is_unneeded(&after));
}

#[test]
fn the_annotation_is_the_class_of_a_route_group_and_one_of_another_controller_is_left_alone() {
    let theirs = annotated(route_group("theirs", &[SHOP]), ANNOTATION_CLASS, "skipper");
    let mut story = only(vec![theirs]);
    let pass = story.pass();
    assert!(pass.plan.actions.is_empty());
    assert_eq!(pass.outcome("RouteGroup:shop/theirs").unwrap().state, OutcomeState::Ignored);

    story.settings.classes.push(ClassSetting { name: "skipper".to_owned(), mode: Mode::Proxy });
    story.converge();
    let name = story.hostname("RouteGroup:shop/theirs");
    assert!(name.is_some());

    story.settings.classes.pop();
    let pass = story.pass();
    assert_eq!(pass.outcome("RouteGroup:shop/theirs").unwrap().status, StatusChange::Withdraw);
    assert!(pass.tells("RouteGroup:shop/theirs", DiagnosticCode::ClassNotOurs));
}

#[test]
fn a_route_group_that_the_settings_switch_off_is_released_and_its_status_emptied() {
    let mut story = one();
    let before = story.serving(CHECKOUT);
    story.settings.proxy.route_groups = Some(false);

    let pass = story.pass();

    let told = pass.outcome(CHECKOUT).unwrap();
    assert_eq!((told.state, &told.status), (OutcomeState::Released, &StatusChange::Withdraw));
    assert!(tells(told, DiagnosticCode::ClassNotOurs));
    assert_eq!(told.diagnostics[0].field.as_deref(), Some("proxy.route-groups"));
    story.converge();
    assert_eq!(story.hostname(CHECKOUT), None);
    assert!(is_unneeded(&story.load_balancers()[0]));

    story.settings.proxy.route_groups = None;
    assert!(!make_a_load_balancer(&story.converge()));
    assert_eq!(story.serving(CHECKOUT).arn, before.arn);
}

#[test]
fn if_the_settings_switch_off_many_route_groups_they_stay_as_they_are_until_somebody_allows_it() {
    let names: Vec<String> = (0..7).map(|number| format!("shop-{number}")).collect();
    let all = names.iter().map(|name| route_group(name, &[&format!("{name}.example.org")]));
    let mut story = only(all.collect());
    story.converge();
    story.settings.proxy.route_groups = Some(false);

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty() && pass.statuses.is_empty(), "{:#?}", pass.plan.actions);
    let held_back = withheld(&pass.plan, Budget::Release).expect("the budget holds them back");
    assert_eq!(held_back.ids.len(), 7);
    assert!(pass.tells("RouteGroup:shop/shop-0", DiagnosticCode::WithheldRelease));

    story.settings.allowances.release = held_back.ids.clone();
    assert_eq!(story.pass().statuses.len(), 7);
}

#[test]
fn while_route_groups_cannot_be_read_the_setting_removes_nothing() {
    let mut story = one();
    story.settings.proxy.route_groups = Some(false);
    let snapshot = unreadable(&mut story, "forbidden");
    assert!(plan(&snapshot).actions.is_empty());
}

#[test]
fn a_class_that_is_moved_to_route_mode_holds_its_route_groups_where_they_are() {
    let mut story = only(vec![annotated(route_group("checkout", &[SHOP]), ANNOTATION_CLASS, "web")]);
    story.settings.classes = vec![ClassSetting { name: "web".to_owned(), mode: Mode::Proxy }];
    story.converge();
    let before = story.hostname(CHECKOUT);

    story.settings.classes[0].mode = Mode::Route;

    let passes: Vec<Pass> = story.converge();
    assert!(actions(&passes).next().is_none());
    let pass = story.pass();
    assert_eq!(pass.outcome(CHECKOUT).unwrap().state, OutcomeState::Held);
    assert!(pass.tells(CHECKOUT, DiagnosticCode::AnnotationInvalid));
    assert_eq!(story.hostname(CHECKOUT), before);

    let mut newcomer = only(vec![annotated(route_group("checkout", &[SHOP]), ANNOTATION_CLASS, "web")]);
    newcomer.settings.classes = vec![ClassSetting { name: "web".to_owned(), mode: Mode::Route }];
    let pass = newcomer.pass();
    assert_eq!(pass.outcome(CHECKOUT).unwrap().state, OutcomeState::Rejected);
    assert!(pass.plan.actions.is_empty());
}

#[test]
fn a_wrong_annotation_holds_only_its_own_route_group() {
    let mut story = only(vec![route_group("checkout", &[SHOP]), route_group("blog", &["blog.example.net"])]);
    story.converge();
    let wrong = annotated(route_group("checkout", &[SHOP]), ANNOTATION_SHARED, "perhaps");
    story.apply_route_groups(Some(vec![wrong, route_group("blog", &["blog.example.net"])]));

    let pass = story.pass();

    assert_eq!(pass.outcome(CHECKOUT).unwrap().state, OutcomeState::Held);
    assert!(pass.tells(CHECKOUT, DiagnosticCode::AnnotationInvalid));
    let blog = pass.outcome("RouteGroup:shop/blog").unwrap();
    assert_eq!((blog.state, blog.diagnostics.len()), (OutcomeState::Placed, 0));
    assert!(pass.plan.actions.is_empty());
}

#[test]
fn a_host_without_a_certificate_is_told_at_the_field_of_route_groups() {
    let mut story = only(vec![route_group("checkout", &["shop.example.com"])]);
    let pass = story.pass();
    let told = pass.outcome(CHECKOUT).unwrap();
    assert!(tells(told, DiagnosticCode::CertificateNone));
    assert_eq!(told.diagnostics[0].field.as_deref(), Some("spec.hosts"));
}

/// `shop/checkout`, a RouteGroup on a stack of kube-ingress-aws-controller.
fn on_a_stack(stack: &Stack) -> Controller {
    let certificates = vec![certificate(1, &[SHOP])];
    let mut story = Controller::new(account(std::slice::from_ref(stack)), certificates, Vec::new());
    story.apply_route_groups(Some(vec![route_group("checkout", &[SHOP])]));
    stack.publish(&[CHECKOUT], &mut story);
    story
}

fn adopt(story: &mut Controller, stack: &Stack) -> Pass {
    story.settings.allowances.adopt = Some(vec![stack.name()]);
    let pass = story.pass();
    story.settings.allowances.adopt = None;
    pass
}

#[test]
fn a_load_balancer_that_only_route_groups_use_is_adopted_and_afterwards_there_is_nothing_to_do() {
    let stack = Stack::new(1, &[Certificates::arn(1)]);
    let mut story = on_a_stack(&stack);

    assert_eq!(adopt(&mut story, &stack).plan.actions.len(), 2);

    let next = story.pass();
    assert!(next.plan.actions.is_empty() && next.statuses.is_empty(), "{:#?}", next.plan.actions);
    assert_eq!(story.serving(CHECKOUT).arn, stack.load_balancer());
}

#[test]
fn a_dedicated_load_balancer_is_adopted_for_the_object_whose_status_names_it() {
    let stack = Stack { owner: Some("shop/checkout".to_owned()), ..Stack::new(1, &[Certificates::arn(1)]) };
    let mut story = on_a_stack(&stack);
    let own = || annotated(route_group("checkout", &[SHOP]), ANNOTATION_SHARED, "false");
    story.apply_route_groups(Some(vec![own()]));
    story.apply(alone(ingress("checkout", &["blog.example.org"])));
    stack.publish(&[CHECKOUT], &mut story);

    adopt(&mut story, &stack);

    assert_eq!(tag(&story.serving(CHECKOUT).tags, TAG_INGRESS), Some(CHECKOUT));
    let next = story.pass();
    assert!(next.plan.actions.is_empty(), "{:#?}", next.plan.actions);
    assert_eq!(story.serving(CHECKOUT).arn, stack.load_balancer());
}

#[test]
fn a_dedicated_load_balancer_is_adopted_only_while_everybody_is_known_whose_status_may_name_it() {
    let stack = Stack { owner: Some("shop/checkout".to_owned()), ..Stack::new(1, &[Certificates::arn(1)]) };
    let mut story = on_a_stack(&stack);
    story.settings.allowances.adopt = Some(vec![stack.name()]);
    for part in [ViewPart::RouteGroups, ViewPart::Ingresses] {
        for lost in [true, false] {
            let snapshot = story.snapshot().unwrap();
            let plan = plan_without(&snapshot, part, lost);
            assert!(plan.actions.is_empty(), "{part:?}: {:#?}", plan.actions);
            let told = plan.diagnostics.iter().find(|told| told.code == DiagnosticCode::AdoptionRefused);
            assert!(told.unwrap().message.contains("are known"), "{part:?}: {:#?}", plan.diagnostics);
        }
    }
    assert_eq!(story.pass().plan.actions.len(), 2, "then it is adopted");
}
