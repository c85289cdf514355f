//! RouteGroup, the second source. A RouteGroup says which backends the in-cluster proxy chooses, in ways that listener rules do
//! not know, so RouteGroups are served in proxy mode only.

use albatross_contract::{Diagnostic, DiagnosticCode};

use super::ObjectName;
use crate::diagnostics::{Details, Subject, warning};

/// The setting that switches RouteGroups off.
pub const SWITCH: &str = "proxy.route-groups";

/// The diagnostic for a RouteGroup whose class is in route mode.
pub fn in_route_mode(object: ObjectName<'_>, class: Option<&str>) -> Diagnostic {
    let class = match class {
        Some(class) if !class.is_empty() => format!("its class {class} is"),
        _ => "objects without a class are".to_owned(),
    };
    let message = format!("{class} served in route mode, and RouteGroups are served in proxy mode only");
    warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
        .field(object.class_field())
        .remedy("name a class that is served in proxy mode")
}

#[cfg(test)]
mod tests {
    use albatross_contract::{
        ANNOTATION_CLASS, ANNOTATION_DEFAULT_CLASS, ANNOTATION_SHARED, ClassSetting, Mode, RouteGroup,
    };

    use super::*;
    use crate::{
        identity::tag,
        source::{Claim, Class, Wish, read},
        testing::{World, dns_name, leak, route_group},
    };

    fn claim(world: World) -> &'static Claim<'static> {
        world.read().claim("x")
    }

    /// A RouteGroup with an annotation.
    fn with(key: &str, value: &str) -> RouteGroup {
        let mut found = route_group("x", &["b.org", "a.org"]);
        found.metadata.annotations.push(tag(key, value));
        found
    }

    fn world(route_group: RouteGroup) -> World {
        World::new().with(|it| it.cluster.route_groups = Some(vec![route_group]))
    }

    #[test]
    fn a_route_group_asks_like_an_ingress_with_its_hosts_annotations_and_status() {
        let mut asking = with(ANNOTATION_SHARED, "false");
        asking.metadata.created_at = Some(7);
        asking.status.push(serde_json::from_value(serde_json::json!({"hostname": dns_name("one")})).unwrap());
        let scene = world(asking).read();
        let claim = scene.claim("x");
        let hosts: Vec<&str> = claim.hosts.iter().map(|host| scene.observed.hosts.text(*host)).collect();
        assert_eq!(hosts, ["a.org", "b.org"]);
        assert_eq!(
            (claim.class, claim.mode(), claim.created_at),
            (Class::Ours(Mode::Proxy), Mode::Proxy, Some(7))
        );
        assert!(claim.wants_its_own() && claim.diagnostics.is_empty() && claim.remarks.is_empty());
        assert_eq!(claim.published(), Some(dns_name("one").as_str()));
        assert_eq!(claim.object.to_string(), "RouteGroup:shop/x");
    }

    #[test]
    fn an_annotation_that_cannot_be_read_is_a_diagnostic_of_the_route_group() {
        let claim = claim(world(with(ANNOTATION_SHARED, "perhaps")));
        assert_eq!((claim.shared, claim.diagnostics.len()), (Wish::Unreadable, 1));
        assert_eq!(claim.diagnostics[0].code, DiagnosticCode::AnnotationInvalid);
    }

    #[test]
    fn one_whose_name_does_not_fit_into_a_tag_cannot_have_a_load_balancer_of_its_own() {
        // A value has up to 256 characters: the kind with a colon, the namespace `shop`, a slash and the name.
        let claim_of = |length: usize, shared: &str| {
            let mut long = with(ANNOTATION_SHARED, shared);
            long.metadata.name = "x".repeat(length);
            world(long).read().claim(leak("x".repeat(length)))
        };
        assert_eq!(claim_of(240, "false").object.to_string().len(), 256);
        assert!(
            claim_of(240, "false").diagnostics.is_empty() && claim_of(253, "true").diagnostics.is_empty()
        );
        let long = claim_of(241, "false");
        assert_eq!(
            (long.shared, long.diagnostics[0].code),
            (Wish::Unreadable, DiagnosticCode::CapacityExceeded)
        );
    }

    #[test]
    fn its_class_is_the_annotation_and_a_default_class_is_for_ingresses_only() {
        let class = |route_group: RouteGroup, listed: &[&str]| {
            let list = |name: &&str| ClassSetting { name: (*name).to_owned(), mode: Mode::Proxy };
            claim(world(route_group).with(|it| {
                it.settings.classes = listed.iter().map(list).collect();
                let json =
                    serde_json::json!({"metadata": {"name": "ours"}, "controller": "albatross/ingress"});
                it.cluster.ingress_classes = vec![serde_json::from_value(json).unwrap()];
                let annotations = &mut it.cluster.ingress_classes[0].metadata.annotations;
                annotations.push(tag(ANNOTATION_DEFAULT_CLASS, "true"));
            }))
            .class
        };
        let plain = || route_group("x", &[]);
        assert_eq!(class(plain(), &[]), Class::NotOurs);
        assert_eq!(class(plain(), &[""]), Class::Ours(Mode::Proxy));
        assert_eq!(
            class(with(ANNOTATION_CLASS, "ours"), &[]),
            Class::Ours(Mode::Proxy),
            "by the IngressClass"
        );
        assert_eq!(class(with(ANNOTATION_CLASS, "listed"), &["listed"]), Class::Ours(Mode::Proxy));
        assert_eq!(class(with(ANNOTATION_CLASS, "other"), &[""]), Class::NotOurs);
    }

    #[test]
    fn the_setting_switches_off_route_groups_of_every_class_and_no_ingress() {
        let switched = |world: World, serves: Option<bool>| {
            claim(world.with(|it| it.settings.proxy.route_groups = serves)).class
        };
        for class in ["", "other"] {
            let with = || world(with(ANNOTATION_CLASS, class));
            assert_eq!(switched(with(), Some(false)), Class::SwitchedOff, "{class}");
        }
        assert_eq!(switched(world(route_group("x", &[])), Some(true)), Class::Ours(Mode::Proxy));
        let ingress = World::new().ingress("x", &["a.org"]);
        assert_eq!(switched(ingress, Some(false)), Class::Ours(Mode::Proxy));
    }

    #[test]
    fn in_a_class_of_route_mode_it_is_told_that_it_is_served_in_proxy_mode_only() {
        let route = |name: &str| vec![ClassSetting { name: name.to_owned(), mode: Mode::Route }];
        let told = |route_group: RouteGroup, class: &str| {
            let claim = claim(world(route_group).with(|it| it.settings.classes = route(class)));
            assert_eq!((claim.class, claim.mode()), (Class::Ours(Mode::Proxy), Mode::Proxy));
            let [told] = claim.diagnostics.as_slice() else { panic!("{:#?}", claim.diagnostics) };
            assert_eq!(told.field.as_deref(), Some("metadata.annotations[kubernetes.io/ingress.class]"));
            told.message.clone()
        };
        assert_eq!(
            told(with(ANNOTATION_CLASS, "alb"), "alb"),
            "its class alb is served in route mode, and RouteGroups are served in proxy mode only"
        );
        assert_eq!(
            told(route_group("x", &[]), ""),
            "objects without a class are served in route mode, and RouteGroups are served in proxy mode only"
        );
    }

    #[test]
    fn cluster_local_hosts_are_no_hosts_of_a_route_group_either() {
        let local = |hosts: &[&str]| {
            let world = world(route_group("x", hosts));
            claim(world.with(|it| it.settings.cluster_local_domains = vec!["cluster.local".to_owned()]))
        };
        assert_eq!(local(&["x.cluster.local"]).class, Class::ClusterLocal);
        assert_eq!(local(&["x.cluster.local", "a.org"]).hosts.len(), 1);
    }

    #[test]
    fn an_ingress_and_a_route_group_of_one_name_are_two_claims_but_two_route_groups_make_no_plan() {
        let scene = World::new().route_group("x", &["b.org"]).ingress("x", &["a.org"]).read();
        let names: Vec<String> = scene.claims.iter().map(|claim| claim.object.to_string()).collect();
        assert_eq!(names, ["shop/x", "RouteGroup:shop/x"]);
        let mut twice = scene.snapshot.clone();
        twice.cluster.route_groups = Some(vec![route_group("x", &[]), route_group("x", &[])]);
        let error = read(leak(twice)).err().unwrap();
        assert_eq!(error.message, "the snapshot holds the RouteGroup shop/x twice; remove one");
    }
}
