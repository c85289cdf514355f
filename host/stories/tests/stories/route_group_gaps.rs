//! While RouteGroups cannot be read, nobody knows which load balancers they use and what they ask of them.

use albatross_contract::{
    ANNOTATION_SHARED, DiagnosticCode, IncompletePart, OutcomeState, Snapshot, StatusChange, TAG_HTTP_ONLY,
    TAG_INGRESS, TAG_RETAIN, Tag, ViewPart,
};
use albatross_stories::{
    Controller, actions, alone, ingress, is_unneeded, make_a_load_balancer, outcome, route_group, tag, tells,
    warns,
};

use crate::{
    gaps::{plan, plan_without},
    route_groups::{CHECKOUT, MADE, SHOP, annotated, one, only, shared},
};

/// What an Ingress may ask of its load balancer.
const WISHES: [(&str, &str); 5] = [
    ("zalando.org/aws-load-balancer-http2", "false"),
    ("zalando.org/aws-load-balancer-ssl-policy", "ELBSecurityPolicy-FS-1-2-Res-2020-10"),
    ("zalando.org/aws-waf-web-acl-id", "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/1a2b"),
    ("zalando.org/aws-load-balancer-security-group", "sg-operator"),
    (ANNOTATION_SHARED, "false"),
];

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

/// From now on the RouteGroups cannot be read.
pub fn forbid(story: &mut Controller) {
    let seen = unreadable(story, "the list is forbidden").cluster;
    let cluster = story.cluster.cluster_mut();
    (cluster.route_groups, cluster.incomplete) = (seen.route_groups, seen.incomplete);
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
fn while_route_groups_cannot_be_read_the_grace_of_a_load_balancer_does_not_end_in_its_deletion() {
    let mut story = one();
    story.apply_route_groups(Some(Vec::new()));
    story.converge();
    story.wait_for_the_grace();
    assert!(!story.plan().actions.is_empty(), "with the whole view it goes");
    assert!(plan(&unreadable(&mut story, "forbidden")).actions.is_empty());
}

#[test]
fn while_route_groups_cannot_be_read_the_setting_removes_nothing() {
    let mut story = one();
    story.settings.proxy.route_groups = Some(false);
    let snapshot = unreadable(&mut story, "forbidden");
    assert!(plan(&snapshot).actions.is_empty());
}
