//! RouteGroups (`zalando.org/v1`) are served like Ingresses in proxy mode.

use albatross_contract::{
    ANNOTATION_CLASS, ANNOTATION_SHARED, Budget, ClassSetting, DiagnosticCode, Mode, OutcomeState,
    RouteGroup, SecurityGroup, StatusChange, TAG_INGRESS, Tag, ViewPart,
};
use albatross_stories::{
    Certificates, Controller, Pass, actions, alone, ancestor::Stack, certificate, certificates_on, ingress,
    is_unneeded, make_a_load_balancer, route_group, tag, take_something_away, tells, unneeded_certificates,
    withheld, world,
};

use crate::{adoption::account, gaps::plan_without, one_shop::one_shop};

/// The host of the RouteGroup `checkout`.
pub const SHOP: &str = "shop.example.org";
/// Its name.
pub const CHECKOUT: &str = "RouteGroup:shop/checkout";

/// The RouteGroup with an annotation.
pub fn annotated(mut route_group: RouteGroup, key: &str, value: &str) -> RouteGroup {
    route_group.metadata.annotations.push(Tag { key: key.to_owned(), value: value.to_owned() });
    route_group
}

/// A cluster with certificates for `*.example.org` and `*.example.net`, in which only these RouteGroups are served.
pub fn only(route_groups: Vec<RouteGroup>) -> Controller {
    let certificates = vec![certificate(1, &["*.example.org"]), certificate(2, &["*.example.net"])];
    let mut story = Controller::new(world(), certificates, Vec::new());
    story.apply_route_groups(Some(route_groups));
    story
}

/// The RouteGroup `shop/checkout`, served.
pub fn one() -> Controller {
    let mut story = only(vec![route_group("checkout", &[SHOP])]);
    let inventory = story.cloud.inventory_mut();
    let (id, name) = ("sg-operator".to_owned(), "operator".to_owned());
    let of_operator = SecurityGroup { id, name, tags: Vec::new(), ..inventory.security_groups[0].clone() };
    inventory.security_groups.push(of_operator);
    story.converge();
    story
}

/// After this many seconds a load balancer counts as made.
pub const MADE: u64 = 1_000;

/// The Ingress `blog` and the RouteGroup `checkout` on one load balancer.
pub fn shared() -> Controller {
    let mut story = one();
    story.apply(ingress("blog", &["blog.example.org"]));
    story.converge();
    assert_eq!(story.hostname("blog"), story.hostname(CHECKOUT));
    story.wait(MADE);
    story
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
