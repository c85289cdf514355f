use albatross_contract::{ClassSetting, Cluster, Mode, Settings, SourceObject};

use super::{Class, Classes};
use crate::{
    identity::tag,
    testing::{ingress, settings},
};

fn class(name: &str, controller: &str, is_default: bool) -> albatross_contract::IngressClass {
    let mut class: albatross_contract::IngressClass =
        serde_json::from_value(serde_json::json!({"metadata": {"name": name}, "controller": controller}))
            .unwrap();
    if is_default {
        class.metadata.annotations.push(tag(albatross_contract::ANNOTATION_DEFAULT_CLASS, "true"));
    }
    class
}

fn mode(
    settings: &Settings,
    classes: Vec<albatross_contract::IngressClass>,
    name: Option<&str>,
) -> Option<Mode> {
    let cluster = Cluster { ingress_classes: classes, ..Cluster::default() };
    let mut ingress = ingress("x", &[]);
    ingress.ingress_class_name = name.map(str::to_owned);
    ingress.metadata.uid = Some("uid".into());
    Classes::new(settings, &cluster).mode(SourceObject::Ingress(&ingress))
}

const OURS: &str = "albatross/ingress";

#[test]
fn an_ingress_is_ours_by_the_settings_or_by_the_controller_of_its_class() {
    let settings = settings();
    for (classes, name, expected) in [
        (vec![], None, Some(Mode::Proxy)),
        (vec![], Some(""), Some(Mode::Proxy)),
        (vec![], Some("other"), None),
        (vec![class("ours", OURS, false)], Some("ours"), Some(Mode::Proxy)),
        (vec![class("other", "nginx", false)], Some("other"), None),
    ] {
        assert_eq!(mode(&settings, classes, name), expected, "{name:?}");
    }
}

#[test]
fn without_a_class_the_default_one_counts() {
    let mut settings = settings();
    settings.classes = vec![ClassSetting { name: "route".into(), mode: Mode::Route }];
    assert_eq!(mode(&settings, vec![class("a", OURS, false)], None), None);
    assert_eq!(mode(&settings, vec![class("a", OURS, true)], None), Some(Mode::Proxy));
    assert_eq!(mode(&settings, vec![class("route", OURS, true)], None), Some(Mode::Route), "as it is listed");
    let two = vec![class("b", OURS, true), class("a", "nginx", true)];
    assert_eq!(mode(&settings, two, None), None, "the first by name");
    assert_eq!(mode(&settings, vec![], Some("route")), Some(Mode::Route));
}

#[test]
fn an_ingress_that_is_not_applied_yet_gets_the_default_class() {
    let mode = |uid: Option<&str>, controller: &str| {
        let cluster = Cluster { ingress_classes: vec![class("a", controller, true)], ..Cluster::default() };
        let mut ingress = ingress("x", &[]);
        ingress.metadata.uid = uid.map(str::to_owned);
        Classes::new(&settings(), &cluster).mode(SourceObject::Ingress(&ingress))
    };
    assert_eq!((mode(None, "nginx"), mode(Some("uid"), "nginx")), (None, Some(Mode::Proxy)));
    assert_eq!(mode(None, OURS), Some(Mode::Proxy));
}

#[test]
fn a_missing_class_is_distinguished_from_a_class_of_another_controller() {
    let of = |name: &str, classes: Vec<albatross_contract::IngressClass>| {
        let cluster = Cluster { ingress_classes: classes, ..Cluster::default() };
        let mut ingress = ingress("x", &[]);
        ingress.ingress_class_name = Some(name.into());
        Classes::new(&settings(), &cluster).of(SourceObject::Ingress(&ingress))
    };
    assert_eq!(of("gone", vec![class("other", "nginx", false)]), Class::Missing);
    assert_eq!(of("other", vec![class("other", "nginx", false)]), Class::NotOurs);
    assert_eq!(of("ours", vec![class("ours", OURS, false)]), Class::Ours(Mode::Proxy));
}
