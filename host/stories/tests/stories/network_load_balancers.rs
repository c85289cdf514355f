//! Proxy mode: Network Load Balancers, by annotation or as the default.

use albatross_contract::{
    Budget, DiagnosticCode, Ingress, ListenerAction, LoadBalancer, LoadBalancerKind, NetworkSettings,
    OutcomeState, Protocol, ResourceReference, SecurityGroup, Settings, Subnet, TargetHealth, ZoneAffinity,
};
use albatross_stories::{
    Certificates, Controller, actions, annotated, attribute, certificate, certificates_on, ingress, internal,
    is_unneeded, make_a_load_balancer, outcome, tells, warns, withheld, world,
};

const TYPE: &str = "zalando.org/aws-load-balancer-type";
const SECURITY_GROUP: &str = "zalando.org/aws-load-balancer-security-group";
const HTTP2: &str = "zalando.org/aws-load-balancer-http2";
const WEB_ACL: &str = "zalando.org/aws-waf-web-acl-id";
const ACL: &str = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/1a2b";
const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";
const AFFINITY: &str = "dns_record.client_routing_policy";

fn nlb(ingress: Ingress) -> Ingress {
    annotated(ingress, TYPE, "nlb")
}

/// A converged world with these Ingresses, and certificate 1 for all their hosts.
fn story(ingresses: Vec<Ingress>, change: impl FnOnce(&mut Settings)) -> Controller {
    let (mut settings, inventory) = world();
    change(&mut settings);
    let mut story =
        Controller::new((settings, inventory), vec![certificate(1, &["*.example.org"])], ingresses);
    story.converge();
    story
}

fn shop() -> Ingress {
    ingress("checkout", &["shop.example.org"])
}

fn on_network_load_balancer() -> Controller {
    story(vec![nlb(shop())], |_| ())
}

/// A shop on a Network Load Balancer whose settings are changed later.
fn set(story: &mut Controller, change: impl FnOnce(&mut NetworkSettings)) {
    change(story.settings.proxy.network.get_or_insert_default());
}

/// Port and protocol of the listeners.
fn listens(found: &LoadBalancer) -> Vec<(u16, Protocol)> {
    let mut listeners: Vec<_> = found.listeners.iter().map(|it| (it.port, it.protocol)).collect();
    listeners.sort_unstable();
    listeners
}

fn default_kind(settings: &mut Settings) {
    settings.proxy.default_kind = Some(LoadBalancerKind::Network);
}

#[test]
fn an_ingress_gets_a_network_load_balancer_that_ends_tls_and_forwards_tcp() {
    let mut story = on_network_load_balancer();

    let found = story.serving("checkout");
    assert_eq!((found.kind, found.security_groups.len()), (LoadBalancerKind::Network, 0));
    assert_eq!(listens(&found), [(443, Protocol::Tls)]);
    assert_eq!(certificates_on(&found), [Certificates::arn(1)].into());
    let policy = found.listeners[0].ssl_policy.as_deref();
    assert_eq!(policy, Some("ELBSecurityPolicy-TLS13-1-2-Res-2021-06"));
    assert_eq!(attribute(&found.attributes, CROSS_ZONE), Some("false"));
    let groups = story.target_groups_of(&found);
    let [group] = groups.as_slice() else { panic!("{groups:#?}") };
    assert_eq!((group.protocol, group.port), (Protocol::Tcp, Some(9999)));
    let check = &group.health_check;
    assert_eq!((check.protocol, check.path.as_deref()), (Protocol::Http, Some("/kube-system/healthz")));
    assert_eq!((check.healthy_threshold, check.unhealthy_threshold), (3, 3));
    assert!(group.targets.iter().all(|target| target.health == TargetHealth::Healthy));
    assert_eq!(outcome(&story.plan(), "checkout").unwrap().diagnostics, []);
}

#[test]
fn ingresses_of_both_kinds_do_not_share_a_load_balancer() {
    let others = vec![
        shop(),
        nlb(ingress("tools", &["tools.example.org"])),
        nlb(ingress("wiki", &["wiki.example.org"])),
    ];
    let mut story = story(others, |_| ());

    assert_eq!(story.load_balancers().len(), 2);
    assert_eq!(story.hostname("tools"), story.hostname("wiki"));
    assert_ne!(story.hostname("tools"), story.hostname("checkout"));
}

#[test]
fn an_ingress_moves_to_the_other_kind_and_back_and_is_served_all_the_time() {
    let mut story = story(vec![shop()], |_| ());
    let before = story.serving("checkout");

    story.annotate("checkout", TYPE, "nlb");
    let first = story.pass();
    assert!(make_a_load_balancer(&[first]));
    assert_eq!(
        story.hostname("checkout").as_deref(),
        Some(before.dns_name.as_str()),
        "until the other serves"
    );
    story.converge();
    let after = story.serving("checkout");
    assert_eq!(after.kind, LoadBalancerKind::Network);
    let old = story.load_balancers().into_iter().find(|found| found.arn == before.arn).unwrap();
    assert!(is_unneeded(&old), "other people's names may still lead to it");

    story.annotate("checkout", TYPE, "alb");
    story.converge();
    assert_eq!(story.serving("checkout").arn, before.arn, "it is still there, so it is taken again");
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(story.load_balancers().len(), 1);
}

#[test]
fn the_default_kind_counts_for_ingresses_that_a_network_load_balancer_can_serve() {
    let web_acl = annotated(ingress("guarded", &["guarded.example.org"]), WEB_ACL, ACL);
    let grouped = annotated(ingress("grouped", &["grouped.example.org"]), SECURITY_GROUP, "sg-1");
    let named = annotated(ingress("named", &["named.example.org"]), TYPE, "alb");
    let inside = internal(ingress("inside", &["inside.example.org"]));
    let mut story = story(vec![shop(), web_acl, grouped, named, inside], default_kind);

    let mut kind = |name: &str| story.serving(name).kind;
    assert_eq!(kind("checkout"), LoadBalancerKind::Network);
    for name in ["guarded", "grouped", "named", "inside"] {
        assert_eq!(kind(name), LoadBalancerKind::Application, "{name}");
    }
}

#[test]
fn an_internal_ingress_may_ask_for_a_network_load_balancer() {
    let mut story = story(vec![nlb(internal(shop()))], |_| ());
    assert_eq!(story.serving("checkout").kind, LoadBalancerKind::Network);
}

/// kube-ingress-aws-controller drops such an Ingress as if it were deleted (defect 22 of the list of its defects).
#[test]
fn an_ingress_that_asks_for_a_web_acl_too_is_held_and_told_which_of_the_two_to_drop() {
    let mut story = on_network_load_balancer();
    let before = story.serving("checkout");

    story.annotate("checkout", WEB_ACL, ACL);
    story.apply(annotated(nlb(ingress("wiki", &["wiki.example.org"])), WEB_ACL, ACL));

    assert_eq!(story.converge().len(), 0);
    story.wait_for_the_grace();
    let pass = story.pass();
    assert!(pass.plan.actions.is_empty(), "nothing of it becomes unneeded: {:#?}", pass.plan.actions);
    assert_eq!(story.serving("checkout"), before);
    let held = pass.outcome("checkout").unwrap();
    assert_eq!(
        (held.state, pass.outcome("wiki").unwrap().state),
        (OutcomeState::Held, OutcomeState::Rejected)
    );
    let told = &held.diagnostics[0];
    assert_eq!(told.code, DiagnosticCode::AnnotationInvalid);
    assert_eq!(
        told.message,
        "annotation zalando.org/aws-load-balancer-type is \"nlb\", but a Network Load Balancer cannot have the web ACL that \
         annotation zalando.org/aws-waf-web-acl-id names"
    );
    let remedy = "remove zalando.org/aws-waf-web-acl-id, or set zalando.org/aws-load-balancer-type to alb";
    assert_eq!(told.remedy.as_deref(), Some(remedy));

    story.annotate("checkout", TYPE, "alb");
    story.converge();
    assert_eq!(story.serving("checkout").kind, LoadBalancerKind::Application);
}

#[test]
fn a_kind_that_does_not_exist_is_told_and_nothing_changes() {
    let mut story = on_network_load_balancer();
    story.annotate("checkout", TYPE, "elb");

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty());
    let held = pass.outcome("checkout").unwrap();
    assert_eq!(held.state, OutcomeState::Held);
    assert_eq!(held.diagnostics[0].remedy.as_deref(), Some("set it to alb or nlb, or remove it"));
}

#[test]
fn http_on_port_80_comes_and_goes_with_the_setting() {
    let mut story = on_network_load_balancer();
    let before = story.serving("checkout");

    set(&mut story, |network| network.http = Some(true));
    story.settings.proxy.redirect_http = true;
    let passes = story.converge();
    assert_eq!(actions(&passes).count(), 1);
    let after = story.serving("checkout");
    assert_eq!(listens(&after), [(80, Protocol::Tcp), (443, Protocol::Tls)], "TCP cannot be redirected");
    assert_eq!(after.listeners[0].default_actions, before.listeners[0].default_actions);

    set(&mut story, |network| network.http = None);
    story.converge();
    assert_eq!(listens(&story.serving("checkout")), [(443, Protocol::Tls)]);
}

#[test]
fn a_listener_of_somebody_else_on_port_80_stays() {
    let mut story = on_network_load_balancer();
    set(&mut story, |network| network.http = Some(true));
    story.converge();
    let name = story.hostname("checkout").unwrap();
    story.in_the_console(&name, |found| {
        let plain = found.listeners.iter_mut().find(|it| it.port == 80).unwrap();
        let Some(ListenerAction::Forward(forward)) = plain.default_actions.first_mut() else {
            panic!("{plain:?}")
        };
        forward.target_groups[0].target_group =
            ResourceReference::Existing("arn:aws:elasticloadbalancing:::targetgroup/theirs/0a".to_owned());
    });

    set(&mut story, |network| network.http = None);
    assert_eq!(story.converge().len(), 0);
    assert_eq!(story.serving("checkout").listeners.len(), 2);
}

#[test]
fn attributes_and_the_health_check_change_in_place() {
    let mut story = on_network_load_balancer();
    let before = story.serving("checkout");

    set(&mut story, |network| {
        network.cross_zone = Some(true);
        network.zone_affinity = Some(ZoneAffinity::PartialAvailabilityZoneAffinity);
        network.threshold = Some(2);
    });
    story.settings.idle_timeout = 120;
    let passes = story.converge();
    assert_eq!(actions(&passes).count(), 2, "the idle timeout is one of Application Load Balancers");
    let after = story.serving("checkout");
    assert_eq!(
        (after.arn.as_str(), after.dns_name.as_str()),
        (before.arn.as_str(), before.dns_name.as_str())
    );
    assert_eq!(attribute(&after.attributes, CROSS_ZONE), Some("true"));
    assert_eq!(attribute(&after.attributes, AFFINITY), Some("partial_availability_zone_affinity"));
    assert_eq!(story.target_groups_of(&after)[0].health_check.unhealthy_threshold, 2);

    story.settings.proxy.network = None;
    story.converge();
    let again = story.serving("checkout");
    assert_eq!(attribute(&again.attributes, AFFINITY), Some("any_availability_zone"));
}

#[test]
fn a_new_subnet_is_added_in_place() {
    let (settings, mut inventory) = world();
    let missing: Vec<Subnet> =
        inventory.subnets.extract_if(.., |subnet| subnet.id == "subnet-public-c").collect();
    let certificates = vec![certificate(1, &["*.example.org"])];
    let mut story = Controller::new((settings, inventory), certificates, vec![nlb(shop())]);
    story.converge();
    let before = story.serving("checkout");

    story.cloud.inventory_mut().subnets.extend(missing);
    let passes = story.converge();
    let after = story.serving("checkout");
    assert_eq!((after.arn, after.subnets.len()), (before.arn, 3));
    assert_eq!(actions(&passes).count(), 1);
}

/// kube-ingress-aws-controller cannot remove a subnet from a Network Load Balancer, or replaces it (defect 20 of the list of its
/// defects).
#[test]
fn subnets_are_exchanged_in_place_one_zone_after_the_other() {
    let mut story = on_network_load_balancer();
    let before = story.serving("checkout");
    let inventory = story.cloud.inventory_mut();
    let others: Vec<Subnet> = ["a", "b", "c"]
        .iter()
        .map(|zone| {
            let name = format!("subnet-public-{zone}");
            let mut other = inventory.subnets.iter().find(|subnet| subnet.id == name).unwrap().clone();
            other.id = format!("subnet-other-{zone}");
            other
        })
        .collect();
    inventory.subnets.extend(others);
    inventory.route_tables[1].subnets.extend(["a", "b", "c"].map(|zone| format!("subnet-other-{zone}")));

    story.settings.subnets = ["a", "b", "c"].map(|zone| format!("subnet-other-{zone}")).to_vec();
    for _ in 0..10 {
        story.pass();
        story.wait(180);
        let found = story.serving("checkout");
        let healthy = |target: &albatross_contract::Target| target.health == TargetHealth::Healthy;
        let groups = story.target_groups_of(&found);
        assert!(groups[0].targets.iter().any(healthy), "it serves all the time: {:?}", found.subnets);
    }
    let after = story.serving("checkout");
    assert_eq!(after.dns_name, before.dns_name);
    assert_eq!(after.subnets, ["subnet-other-a", "subnet-other-b", "subnet-other-c"]);
    assert!(story.pass().plan.actions.is_empty());
}

#[test]
fn the_subnet_of_the_only_healthy_zone_stays() {
    let mut story = on_network_load_balancer();
    for id in ["i-1", "i-2", "i-4", "i-5"] {
        story.cloud.faults_mut().unhealthy_target(id);
    }
    story.wait(600);

    story.settings.subnets = vec!["subnet-public-b".into(), "subnet-public-c".into()];
    story.converge();
    assert_eq!(story.serving("checkout").subnets, ["subnet-public-a", "subnet-public-b", "subnet-public-c"]);
    assert!(warns(&story.plan(), DiagnosticCode::WithheldTargets));
}

/// Adds a security group to AWS.
fn add_security_group(story: &mut Controller, id: &str) {
    let inventory = story.cloud.inventory_mut();
    let group = SecurityGroup {
        id: id.to_owned(),
        name: id.to_owned(),
        tags: Vec::new(),
        ..inventory.security_groups[0].clone()
    };
    inventory.security_groups.push(group);
}

#[test]
fn an_ingress_that_begins_to_ask_for_security_groups_moves_since_aws_cannot_add_them() {
    let mut story = on_network_load_balancer();
    let before = story.serving("checkout");
    add_security_group(&mut story, "sg-2");

    story.annotate("checkout", SECURITY_GROUP, "sg-2");
    story.converge();
    let after = story.serving("checkout");
    assert_eq!(
        (after.kind, after.security_groups.as_slice()),
        (LoadBalancerKind::Network, &["sg-2".to_owned()][..])
    );
    assert_ne!(after.arn, before.arn);

    story.annotate("checkout", SECURITY_GROUP, "sg-1");
    story.converge();
    let again = story.serving("checkout");
    assert_eq!((again.arn, again.security_groups), (after.arn, vec!["sg-1".to_owned()]), "that is possible");
}

#[test]
fn security_groups_of_the_settings_are_those_of_all_network_load_balancers() {
    let mut story = story(vec![nlb(shop())], |settings| {
        let security_groups = vec!["sg-1".to_owned()];
        settings.proxy.network = Some(NetworkSettings { security_groups, ..NetworkSettings::default() });
    });
    assert_eq!(story.serving("checkout").security_groups, ["sg-1"]);
    add_security_group(&mut story, "sg-2");
    set(&mut story, |network| network.security_groups = vec!["sg-2".into()]);

    let passes = story.converge();
    assert_eq!(actions(&passes).count(), 1);
    assert_eq!(story.serving("checkout").security_groups, ["sg-2"]);

    set(&mut story, |network| network.security_groups = vec!["sg-9".into()]);
    assert_eq!(story.converge().len(), 0);
    assert!(warns(&story.plan(), DiagnosticCode::SettingInvalid));
}

#[test]
fn another_target_port_is_served_without_a_gap() {
    let mut story = on_network_load_balancer();
    story.settings.proxy.target_port = 8080;
    for _ in 0..6 {
        story.pass();
        story.wait(180);
    }
    let found = story.serving("checkout");
    let groups = story.target_groups_of(&found);
    let used = groups.iter().find(|group| group.load_balancer_arns == [found.arn.clone()]).unwrap();
    assert_eq!((used.port, used.protocol), (Some(8080), Protocol::Tcp));
}

#[test]
fn where_actions_have_no_weights_the_target_group_stays_and_the_operator_is_told() {
    let mut story = on_network_load_balancer();
    story.cloud.inventory_mut().quotas.target_groups_per_network_load_balancer_action = 1;
    story.settings.proxy.target_port = 8080;

    assert_eq!(story.converge().len(), 0);
    assert!(warns(&story.plan(), DiagnosticCode::QuotaExhausted));
}

#[test]
fn http2_is_no_property_of_a_network_load_balancer() {
    let without = annotated(nlb(ingress("tools", &["tools.example.org"])), HTTP2, "false");
    let mut story = story(vec![nlb(shop()), without], |_| ());
    assert_eq!(story.load_balancers().len(), 1);
    assert!(!tells(outcome(&story.plan(), "tools").unwrap(), DiagnosticCode::AnnotationInvalid));
}

#[test]
fn each_kind_has_its_own_quota() {
    let (settings, mut inventory) = world();
    inventory.quotas.network_load_balancers = 0;
    let certificates = vec![certificate(1, &["*.example.org"])];
    let ingresses = vec![shop(), nlb(ingress("tools", &["tools.example.org"]))];
    let mut story = Controller::new((settings, inventory), certificates, ingresses);
    story.converge();
    assert!(story.hostname("checkout").is_some() && story.hostname("tools").is_none());
    let plan = story.plan();
    let told = &outcome(&plan, "tools").unwrap().diagnostics[0];
    assert_eq!(told.code, DiagnosticCode::QuotaExhausted);
    assert_eq!(
        told.message,
        "no further internet-facing network load balancer can be created: the account already has 0 Network Load Balancers, \
         which is the quota"
    );
}

/// Seven shops.
fn shops(change: fn(Ingress) -> Ingress) -> Vec<Ingress> {
    (0..7)
        .map(|number| change(ingress(&format!("shop-{number}"), &[&format!("s{number}.example.org")])))
        .collect()
}

#[test]
fn security_groups_in_the_settings_move_no_more_ingresses_than_the_budget_allows() {
    let mut story = story(shops(nlb), |_| ());
    set(&mut story, |network| network.security_groups = vec!["sg-1".into()]);

    assert_eq!(story.converge().len(), 0);
    assert_eq!(withheld(&story.plan(), Budget::NameChanges).unwrap().count, 7);
}

#[test]
fn ingresses_that_ask_for_another_kind_move_however_many_they_are() {
    let mut story = story(shops(|shop| shop), |_| ());
    story.apply_all(shops(nlb));

    story.converge();
    assert_eq!(story.serving("shop-6").kind, LoadBalancerKind::Network);
    assert_eq!(story.hostname("shop-0"), story.hostname("shop-6"));
}
