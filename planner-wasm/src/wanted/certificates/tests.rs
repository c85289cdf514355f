use albatross_contract::{CertificateStatus, ViewPart};

use crate::{
    observed::certificate_mark,
    testing::{DAY, GRACE, NOW, World, certificate_arn, listener},
};

struct Told {
    default: Option<&'static str>,
    all: Vec<&'static str>,
    /// Certificates that are added (`+`) and removed (`-`).
    changes: Vec<String>,
    reasons: Vec<String>,
    held_back: Vec<&'static str>,
    nowhere: bool,
}

/// The wanted certificates of the first load balancer.
fn told(world: World) -> Told {
    let scene = world.read();
    let decided = scene.decide();
    let wanted = &decided.wanted.load_balancers[0].certificates;
    let short = |arn: &str| arn.rsplit('/').next().unwrap().to_owned();
    let sign = |adds: bool| if adds { "+" } else { "-" };
    Told {
        default: wanted.default.map(|id| scene.names([&id])[0]),
        all: scene.names(wanted.all.iter().map(|it| &it.id)),
        changes: wanted.changes.iter().map(|it| format!("{}{}", sign(it.adds), short(it.arn))).collect(),
        reasons: wanted.changes.iter().map(|it| it.reason.clone()).collect(),
        held_back: scene.names(&wanted.held_back),
        nowhere: wanted.nowhere,
    }
}

/// Certificates `a` to `c`; the load balancer `one` has some of them.
fn world(there: &[&str]) -> World {
    ["a", "b", "c"]
        .into_iter()
        .fold(World::new(), |world, name| world.certificate(name, &[&format!("{name}.org")]))
        .load_balancer("one", there)
}

#[test]
fn needed_certificates_that_are_present_need_no_change() {
    let told = told(world(&["a", "b"]).published("x", &["a.org", "b.org"], "one"));
    assert_eq!((told.default, told.all, told.changes), (Some("a"), vec!["a", "b"], vec![]));
    assert!(!told.nowhere && told.held_back.is_empty());
}

#[test]
fn needed_certificates_that_are_absent_are_added_with_the_reason() {
    let told = told(world(&["a"]).published("x", &["a.org", "b.org"], "one"));
    assert_eq!((told.all, told.changes), (vec!["a", "b"], vec!["+b".to_owned()]));
    assert_eq!(told.reasons, ["shop/x asks for b.org"]);
}

#[test]
fn a_certificate_that_is_named_is_needed_without_a_host() {
    let pinned = world(&["a"]).published("x", &[], "one");
    let told = told(pinned.annotated(albatross_contract::ANNOTATION_CERTIFICATE, &certificate_arn("c")));
    assert_eq!((told.changes, told.reasons), (vec!["+c".to_owned()], vec!["shop/x names it".to_owned()]));
}

#[test]
fn the_first_certificate_of_a_new_listener_is_that_of_the_oldest_member() {
    let both = || {
        let world = world(&[]).published("x", &["a.org"], "one").published("y", &["b.org"], "one");
        world.with(|snapshot| snapshot.cluster.ingresses[1].metadata.created_at = Some(1))
    };
    let new = told(both());
    assert_eq!((new.default, new.changes), (Some("b"), vec!["+a".to_owned()]));
    // Both certificates are on another listener already, so that no Ingress asks for more.
    let elsewhere = told(both().which(|found| {
        let mut other = listener("one", 443);
        (other.arn, other.port) = ("arn:other".into(), 8443);
        other.certificates = ["a", "b"].map(certificate_arn).into();
        found.listeners.push(other);
    }));
    assert_eq!(elsewhere.default, Some("b"));
    let unknown = told(both().missing(ViewPart::Listeners));
    assert_eq!((unknown.default, unknown.changes), (None, vec![]));
    assert!(told(both().missing(ViewPart::TargetGroups)).nowhere, "nothing can be forwarded to");
}

#[test]
fn a_certificate_is_removed_after_its_grace_period_and_an_unneeded_default_is_replaced() {
    let marked = |there: &[&str], name: &str| {
        let age = (NOW - GRACE).to_string();
        world(there).published("x", &["a.org"], "one").tagged(&certificate_mark(&certificate_arn(name)), &age)
    };
    let gone = told(marked(&["a", "b"], "b"));
    assert_eq!((gone.all, gone.changes), (vec!["a"], vec!["-b".to_owned()]));
    assert_eq!(gone.reasons, ["no Ingress has needed it for 1 h"]);
    let default = told(marked(&["b", "a"], "b"));
    assert_eq!((default.default, default.all, default.changes), (Some("a"), vec!["a"], vec![]));
}

/// The certificate `b` was renewed, and no more certificates fit.
fn full_with_renewal(there: &[&str]) -> World {
    let limit = u32::try_from(there.len()).unwrap();
    let world = world(there).certificate("new", &["b.org"]).published("x", &["a.org", "b.org"], "one");
    world.with(|snapshot| {
        snapshot.inventory.quotas.certificates_per_load_balancer = limit;
        snapshot.inventory.certificates[3].not_before = Some(NOW - DAY);
    })
}

#[test]
fn without_room_a_certificate_is_held_back_and_not_promised() {
    let told = told(full_with_renewal(&["a", "b"]));
    assert_eq!((told.all, told.held_back, told.changes), (vec!["a", "b"], vec!["new"], vec![]));
}

#[test]
fn at_the_limit_unneeded_certificates_are_removed_before_their_grace_period_is_over() {
    let told = told(full_with_renewal(&["a", "b", "c"]));
    assert_eq!((told.changes, told.held_back), (vec!["-c".to_owned(), "+new".to_owned()], vec![]));
    assert_eq!(told.reasons[0], "no Ingress needs it, and another certificate needs its place");
}

#[test]
fn a_host_whose_certificate_has_ended_may_take_the_last_place() {
    let renewed = |ended: bool| {
        let world =
            world(&["a", "b"]).certificate("new", &["b.org"]).published("x", &["a.org", "b.org"], "one");
        world.published("y", &["y.org"], "one").with(|snapshot| {
            snapshot.inventory.quotas.certificates_per_load_balancer = 3;
            // Another Ingress needs the old certificate for its own host.
            snapshot.inventory.certificates[1].names.push("y.org".into());
            snapshot.inventory.certificates[3].not_before = Some(NOW - DAY);
            if ended {
                snapshot.inventory.certificates[1].status = CertificateStatus::Expired;
            }
        })
    };
    assert_eq!(told(renewed(true)).changes, ["+new"]);
    let told = told(renewed(false));
    assert_eq!((told.changes, told.held_back), (vec![], vec!["new"]));
}

#[test]
fn the_certificates_of_a_deleted_load_balancer_do_not_change() {
    let gone = world(&["a", "b"]).tagged(albatross_contract::TAG_UNNEEDED, &(NOW - GRACE).to_string());
    let told = told(gone);
    assert_eq!((told.all, told.changes, told.default), (vec!["a", "b"], vec![], None));
}

/// In route mode the default certificate of the listener on port 8443, and its changes. Its default is `c`, which was unneeded
/// for this time, and `b`, whose grace period is over, is another of its certificates. The listener on port 443 has `a`.
fn other_listener(unneeded_for: u64) -> (Option<&'static str>, Vec<String>) {
    let group = "alb.ingress.kubernetes.io/group.name";
    let ports = "alb.ingress.kubernetes.io/listen-ports";
    let mark = |name: &str| certificate_mark(&certificate_arn(name));
    let world = world(&["a"])
        .published("x", &["a.org"], "one")
        .annotated(group, "shop")
        .annotated(ports, r#"[{"HTTPS": 443}, {"HTTPS": 8443}]"#)
        .tagged("albatross/group", "shop")
        .tagged("albatross/mode", "route")
        .tagged(&mark("c"), &(NOW - unneeded_for).to_string())
        .tagged(&mark("b"), &(NOW - GRACE).to_string())
        .which(|found| {
            found.scheme = albatross_contract::Scheme::Internal;
            let mut other = listener("one", 443);
            (other.arn, other.port) = ("arn:other".into(), 8443);
            other.default_certificate = Some(certificate_arn("c"));
            other.certificates = vec![certificate_arn("b")];
            found.listeners.push(other);
        })
        .with(|snapshot| {
            let entry = serde_json::json!({"name": "", "mode": "route"});
            snapshot.settings.classes = vec![serde_json::from_value(entry).unwrap()];
        });
    let decided = world.read().decide();
    let wanted = &decided.load_balancer("one").listeners;
    let other = wanted.iter().find(|listener| listener.port == 8443).unwrap();
    assert!(!other.has_certificates, "the listener on port 443 decides");
    let short = |arn: &'static str| arn.rsplit('/').next().unwrap();
    let change = |adds: bool, arn| format!("{}{}", if adds { "+" } else { "-" }, short(arn));
    let changes = other.mirrored.iter().map(|it| change(it.adds, it.arn)).collect();
    (other.default_certificate.map(short), changes)
}

#[test]
fn another_https_listener_gets_the_same_certificates_and_keeps_its_own_until_their_grace_periods_end() {
    assert_eq!(other_listener(1), (Some("c"), vec!["+a".to_owned(), "-b".to_owned()]));
    assert_eq!(other_listener(GRACE), (Some("a"), vec!["-b".to_owned()]));
}
