//! Classes: which Ingresses are ours, and a wrong class filter.

use albatross_contract::{
    ANNOTATION_CLASS, ANNOTATION_DEFAULT_CLASS, ANNOTATION_SCHEME, Budget, ClassSetting, Cluster,
    DiagnosticCode, IngressClass, Metadata, Mode, OutcomeState, Scheme, StatusChange, Tag,
};
use albatross_stories::{
    Controller, actions, annotated, certificate, certificates_on, ingress, is_unneeded, of_nginx,
    take_something_away, withheld, world,
};

#[test]
fn a_wrong_filter_with_fifteen_members_changes_nothing_and_the_message_says_how_to_allow_it() {
    let mut story = shops(15);

    set_the_filter_wrong(&mut story);

    let passes = story.converge();
    assert!(actions(&passes).next().is_none());
    assert_eq!(published(&story), 15, "no status is emptied");
    let pass = story.pass();
    let held_back = withheld(&pass.plan, Budget::Release).expect("the budget holds back");
    assert_eq!((held_back.count, held_back.total, held_back.limit), (15, 15, 3));
    assert!(held_back.message.contains("--allow-release with the 15 ids "), "{}", held_back.message);
    assert_eq!(pass.outcome("shop-00").unwrap().state, OutcomeState::Held);
    assert!(pass.tells("shop-00", DiagnosticCode::WithheldRelease));

    story.settings.classes = albatross_contract::Settings::default().classes;
    let pass = story.pass();
    assert!(
        pass.plan.actions.is_empty() && pass.statuses.is_empty(),
        "corrected, it is as if nothing had been"
    );
}

#[test]
fn a_wrong_filter_with_three_members_changes_nothing() {
    let mut story = shops(3);

    set_the_filter_wrong(&mut story);

    story.converge();
    assert_eq!(published(&story), 3);
    let plan = story.plan();
    let held_back = withheld(&plan, Budget::Release).unwrap();
    assert_eq!(held_back.limit, 1, "never more than half");
    let flag = "If this is intended: --allow-release=shop/shop-00,shop/shop-01,shop/shop-02";
    assert!(held_back.message.ends_with(flag), "{}", held_back.message);
}

#[test]
fn the_only_member_is_released() {
    let mut story = shops(1);

    set_the_filter_wrong(&mut story);

    let pass = story.pass();
    assert_eq!(pass.outcome("shop-00").unwrap().state, OutcomeState::Released);
    assert_eq!(pass.outcome("shop-00").unwrap().status, StatusChange::Withdraw);
    assert!(pass.tells("shop-00", DiagnosticCode::ClassNotOurs), "who loses its name is told why");
    assert_eq!(published(&story), 0);
    story.converge();
    assert!(is_unneeded(&story.load_balancers()[0]), "its load balancer has its grace");
}

#[test]
fn corrected_within_the_grace_even_the_only_member_gets_its_name_back() {
    let mut story = shops(1);
    let name = story.hostname("shop-00");
    set_the_filter_wrong(&mut story);
    story.converge();

    story.settings.classes = albatross_contract::Settings::default().classes;

    story.converge();
    assert_eq!(story.hostname("shop-00"), name);
}

#[test]
fn allowed_in_full_all_are_released() {
    let mut story = shops(15);
    set_the_filter_wrong(&mut story);

    story.settings.allowances.release = (0..15).map(|number| format!("shop/{}", shop(number))).collect();

    story.converge();
    assert_eq!(published(&story), 0);
}

#[test]
fn allowed_in_part_only_that_part_is_released() {
    let mut story = shops(15);
    set_the_filter_wrong(&mut story);

    story.settings.allowances.release = vec!["shop/shop-03".into(), "shop/shop-04".into()];

    story.converge();
    assert_eq!(published(&story), 13);
    assert_eq!(story.hostname("shop-03"), None);
    assert_eq!(story.hostname("shop-04"), None);
    let held_back = story.plan();
    assert_eq!(withheld(&held_back, Budget::Release).unwrap().count, 13, "the others are still held back");
}

#[test]
fn three_of_fifteen_that_change_their_class_are_released_and_the_others_stay() {
    let mut story = shops(15);

    for number in 0..3 {
        story.edit(&shop(number), of_nginx);
    }

    let passes = story.converge();
    assert!(!take_something_away(&passes));
    assert_eq!(published(&story), 12);
}

#[test]
fn a_released_ingress_keeps_its_certificate_for_the_grace() {
    let mut story = shops(4);
    story.edit("shop-00", of_nginx);
    story.converge();
    let load_balancer = story.serving("shop-01");
    assert_eq!(certificates_on(&load_balancer).len(), 4);
    assert_eq!(albatross_stories::unneeded_certificates(&load_balancer), 1);

    story.wait_for_the_grace();

    story.converge();
    assert_eq!(certificates_on(&story.serving("shop-01")).len(), 3);
}

#[test]
fn an_ingress_is_ours_by_field_by_annotation_by_default_class_or_by_the_settings() {
    let hosts = ["shop.example.org"];
    let mut by_field = ingress("by-field", &hosts);
    by_field.ingress_class_name = Some("albatross".into());
    let mut of_another = ingress("of-another", &hosts);
    of_another.ingress_class_name = Some("nginx".into());
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![
            by_field,
            annotated(ingress("by-annotation", &hosts), ANNOTATION_CLASS, "albatross"),
            ingress("without-class", &hosts),
            of_another,
        ],
    );
    let classes =
        vec![class("albatross", "albatross/ingress", false), class("nginx", "k8s.io/ingress-nginx", true)];
    with_classes(&mut story, classes);

    let pass = story.pass();

    let state = |name: &str| pass.outcome(name).unwrap().state;
    assert_eq!(state("by-field"), OutcomeState::Placed);
    assert_eq!(state("by-annotation"), OutcomeState::Placed);
    assert_eq!(state("without-class"), OutcomeState::Placed, "the settings list the lack of a class");
    assert_eq!(state("of-another"), OutcomeState::Ignored);

    story.settings.classes.clear();
    let plan = story.plan();
    let outcome = albatross_stories::outcome(&plan, "without-class").unwrap();
    assert_eq!(
        outcome.state,
        OutcomeState::Ignored,
        "else the default class counts, and that is another one"
    );

    with_classes(&mut story, vec![class("albatross", "albatross/ingress", true)]);
    let plan = story.plan();
    assert_eq!(albatross_stories::outcome(&plan, "without-class").unwrap().state, OutcomeState::Placed);
}

#[test]
fn a_member_that_changes_to_route_mode_keeps_its_name_while_its_new_load_balancer_has_no_targets() {
    let mut story = shops(2);
    story.settings.classes.push(ClassSetting { name: "route".into(), mode: Mode::Route });
    let before = story.hostname("shop-00");

    story.edit("shop-00", |mut ingress| {
        ingress.ingress_class_name = Some("route".into());
        ingress
    });

    story.converge();
    assert_eq!(story.load_balancers().len(), 2);
    assert_eq!(story.hostname("shop-00"), before);
    assert_eq!(story.hostname("shop-01"), before);
}

#[test]
fn members_whose_change_to_route_mode_is_withheld_keep_their_certificates_for_good() {
    let mut story = shops(15);
    let certificates = certificates_on(&story.serving("shop-00"));
    story.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];

    for _ in 0..3 {
        let passes = story.converge();
        assert!(!take_something_away(&passes));
        story.wait_for_the_grace();
    }

    assert!(withheld(&story.plan(), Budget::NameChanges).is_some());
    assert_eq!(certificates_on(&story.serving("shop-00")), certificates);
}

fn shops(count: u32) -> Controller {
    let host = |number| format!("{}.example.org", shop(number));
    let certificates = (0..count).map(|number| certificate(number, &[&host(number)])).collect();
    let ingresses = (0..count).map(|number| ingress(&shop(number), &[&host(number)])).collect();
    let mut story = Controller::new(world(), certificates, ingresses);
    story.converge();
    story
}

fn shop(number: u32) -> String {
    format!("shop-{number:02}")
}

/// The operator lists another class than the one that the Ingresses have.
fn set_the_filter_wrong(story: &mut Controller) {
    story.settings.classes = vec![ClassSetting { name: "albatros".into(), mode: Mode::Proxy }];
}

fn published(story: &Controller) -> usize {
    story.cluster.cluster().ingresses.iter().filter(|ingress| !ingress.status.is_empty()).count()
}

fn class(name: &str, controller: &str, default: bool) -> IngressClass {
    let annotations = match default {
        true => vec![Tag { key: ANNOTATION_DEFAULT_CLASS.into(), value: "true".into() }],
        false => Vec::new(),
    };
    IngressClass {
        metadata: Metadata {
            namespace: None,
            name: name.into(),
            uid: None,
            created_at: None,
            deleted_at: None,
            annotations,
            labels: Vec::new(),
        },
        controller: controller.into(),
        parameters: None,
    }
}

fn with_classes(story: &mut Controller, ingress_classes: Vec<IngressClass>) {
    let manifests = Cluster { ingress_classes, ..story.cluster.cluster().clone() };
    story.cluster.apply(manifests, story.cloud.now());
}

/// If it were released, it would lose its hostname, and external-dns its record, while somebody replaces the class.
#[test]
fn an_ingress_whose_class_is_deleted_is_served_as_before_until_the_class_is_back() {
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], Vec::new());
    let class = |name: &str| -> IngressClass {
        let class = serde_json::json!({"metadata": {"name": name}, "controller": "albatross/ingress"});
        serde_json::from_value(class).unwrap()
    };
    story.cluster.cluster_mut().ingress_classes.push(class("edge"));
    let mut shop = ingress("checkout", &["shop.example.org"]);
    shop.ingress_class_name = Some("edge".into());
    story.apply(shop);
    story.converge();
    let name = story.hostname("checkout");
    assert!(name.is_some());

    story.cluster.cluster_mut().ingress_classes.clear();
    let passes = story.converge();

    assert!(actions(&passes).next().is_none(), "nothing changes");
    assert_eq!(story.hostname("checkout"), name);
    let pass = story.pass();
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Held);
    assert!(pass.tells("checkout", DiagnosticCode::ClassMissing));

    story.cluster.cluster_mut().ingress_classes.push(class("edge"));
    assert_eq!(story.pass().outcome("checkout").unwrap().state, OutcomeState::Placed);
}

#[test]
fn ingresses_without_a_class_are_counted_where_another_controller_has_one() {
    let mut story = shops(3);
    let class = serde_json::json!({"metadata": {"name": "nginx"}, "controller": "k8s.io/ingress-nginx"});
    story.cluster.cluster_mut().ingress_classes.push(serde_json::from_value(class).unwrap());

    let pass = story.pass();

    let told = pass.plan.diagnostics.iter().find(|it| it.code == DiagnosticCode::ClassNone).unwrap();
    assert!(told.message.starts_with("3 Ingresses without a class are ours"), "{}", told.message);
    assert!(told.message.ends_with("(nginx)"), "{}", told.message);
}

#[test]
fn the_scheme_of_the_other_controller_counts_where_ours_is_absent() {
    const THEIRS: &str = "alb.ingress.kubernetes.io/scheme";
    let shop = || ingress("checkout", &["shop.example.org"]);
    let both = annotated(annotated(shop(), THEIRS, "internal"), ANNOTATION_SCHEME, "internet-facing");
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], Vec::new());
    story.apply(annotated(
        annotated(shop(), THEIRS, "internal"),
        "alb.ingress.kubernetes.io/group.name",
        "a",
    ));
    story.converge();

    assert_eq!(story.serving("checkout").scheme, Scheme::Internal, "it is not exposed");
    let pass = story.pass();
    assert!(pass.tells("checkout", DiagnosticCode::AnnotationUnknown), "the others do nothing");

    story.apply(both);
    let pass = story.pass();
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Held, "the two differ");
    assert!(pass.tells("checkout", DiagnosticCode::AnnotationInvalid));
    assert_eq!(story.serving("checkout").scheme, Scheme::Internal);
}

#[test]
fn an_ingress_that_is_being_deleted_gets_nothing_new_and_keeps_its_place_until_it_is_gone() {
    let mut story = shops(2);
    story.apply(ingress("new", &["shop-00.example.org"]));
    for ingress in &mut story.cluster.cluster_mut().ingresses {
        if ["new", "shop-00"].contains(&ingress.metadata.name.as_str()) {
            ingress.metadata.deleted_at = Some(1);
        }
    }

    let passes = story.converge();

    assert!(actions(&passes).next().is_none(), "nothing is made");
    assert_eq!(story.hostname("new"), None);
    assert!(story.hostname("shop-00").is_some(), "it is served until it is gone");
    let pass = story.pass();
    assert!(pass.tells("new", DiagnosticCode::ObjectDeleting));
    assert_eq!(pass.outcome("shop-00").unwrap().state, OutcomeState::Placed);
}
