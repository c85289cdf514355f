use albatross_contract::{IncompletePart, PolicyPoint, ViewPart};

use super::{Completeness, Concern};
use crate::testing::{World, load_balancer_arn, target_group_arn};

fn completeness(world: World) -> Completeness {
    Completeness::new(world.read().snapshot)
}

#[test]
fn a_complete_view_blocks_nothing() {
    let all = completeness(World::new());
    assert!(all.allows(Concern::Write) && all.allows(Concern::Remove) && all.knows_statuses());
    assert_eq!((all.missing().count(), all.explain(Concern::Write)), (0, None));
}

#[test]
fn a_missing_part_blocks_only_the_concerns_that_need_it() {
    use Concern::*;
    for (part, blocked, free) in [
        (
            ViewPart::Tags,
            &[Write, ReleaseIngress, ReleaseRouteGroup, Remove, ChangeName, MakeTargetGroup][..],
            &[CallUncovered, CallNodeless][..],
        ),
        (ViewPart::Rules, &[Remove], &[RemoveCertificate, ChangeListeners]),
        (ViewPart::CertificatesIam, &[CallUncovered, RemoveCertificate], &[Remove, OpenLoadBalancer]),
        (
            ViewPart::Listeners,
            &[CallUnserved, ChangeListeners, EmptyTargetGroup],
            &[LetTargetsLeave, ChangeTargets],
        ),
        (ViewPart::TargetHealth, &[LetTargetsLeave, ChangeName], &[ChangeTargets]),
        (ViewPart::AutoScalingGroups, &[ChangeTargets, OpenLoadBalancer], &[ChangeListeners]),
        (ViewPart::Subnets, &[OpenLoadBalancer, ChangeSubnets], &[ChangeSecurityGroups]),
        (ViewPart::IngressClasses, &[ReleaseIngress, ReleaseRouteGroup, Remove], &[BelieveGone]),
        (ViewPart::Ingresses, &[ReleaseIngress, Remove], &[ReleaseRouteGroup]),
        (ViewPart::RouteGroups, &[ReleaseRouteGroup, Remove], &[ReleaseIngress]),
        (ViewPart::IngressStatuses, &[Remove], &[ReleaseIngress, ReleaseRouteGroup]),
        (ViewPart::Services, &[], &[Write, Remove]),
    ] {
        let completeness = completeness(World::new().missing(part));
        assert!(blocked.iter().all(|concern| !completeness.allows(*concern)), "{part:?}");
        assert!(free.iter().all(|concern| completeness.allows(*concern)), "{part:?}");
    }
}

#[test]
fn a_missing_part_is_reported_with_its_reason() {
    let missing = completeness(World::new().missing(ViewPart::Instances));
    let told = missing.explain(Concern::CallNodeless);
    assert_eq!(told.as_deref(), Some("not all instances are known (throttled)"));
    assert_eq!(missing.missing_for(Concern::CallNodeless), Some((ViewPart::Instances, "throttled")));
}

#[test]
fn of_several_reasons_the_alphabetically_first_is_reported() {
    let reasons = |first: &str, second: &str| {
        let part = |reason: &str| IncompletePart {
            part: ViewPart::Tags,
            resource: None,
            reason: reason.into(),
            expected: None,
        };
        let world = World::new().with(|it| it.inventory.incomplete = vec![part(first), part(second)]);
        completeness(world).explain(Concern::Write)
    };
    assert_eq!(reasons("b", "a"), reasons("a", "b"));
    assert!(reasons("", "a").unwrap().ends_with("(a)"));
}

#[test]
fn with_certificates_known_a_person_can_allow_removal_without_statuses() {
    let unknown = |prune: bool, parts: &[ViewPart]| {
        let world = World::new().missing(ViewPart::IngressStatuses);
        let world = parts.iter().fold(world, |world, part| world.missing(*part));
        completeness(world.with(|it| it.settings.allowances.prune = prune))
    };
    assert!(!unknown(false, &[]).allows(Concern::Remove));
    let allowed = unknown(true, &[]);
    assert!(allowed.allows(Concern::Remove) && !allowed.knows_statuses());
    assert!(!unknown(true, &[ViewPart::CertificatesAcm]).allows(Concern::Remove));
}

#[test]
fn while_the_certificate_policy_is_not_asked_no_certificate_is_unneeded() {
    let frozen = completeness(World::new().with(|it| it.frozen.push(PolicyPoint::Certificates)));
    assert!(!frozen.allows(Concern::RemoveCertificate) && frozen.allows(Concern::Remove));
}

#[test]
fn a_part_that_is_missing_for_one_load_balancer_blocks_only_that_load_balancer() {
    let world = World::new().load_balancer("one", &["a"]).load_balancer("two", &["a"]);
    let scene = world.missing_of(ViewPart::Listeners, &load_balancer_arn("one")).read();
    let completeness = &scene.observed.completeness;
    let owned = |id| scene.observed.owned_by_id(id);
    let allows = |concern, id| completeness.allows_for(concern, owned(id));

    for concern in
        [Concern::ChangeListeners, Concern::Remove, Concern::RemoveCertificate, Concern::ChangeName]
    {
        assert!(completeness.allows(concern), "as a whole nothing is missing");
        assert_eq!((allows(concern, "one"), allows(concern, "two")), (false, true), "{concern:?}");
        assert!(completeness.allows_for(concern, None), "nothing can be missing for a new resource");
    }
    assert!(allows(Concern::ChangeSubnets, "one"));
    assert!(!completeness.allows_on(Concern::ChangeListeners, &load_balancer_arn("one")));
    assert_eq!(
        completeness.explain_for(Concern::Remove, owned("one").unwrap()).as_deref(),
        Some("the listeners of albatross-one are not known (throttled)")
    );
    assert_eq!(completeness.explain_for(Concern::Remove, owned("two").unwrap()), None);
    let told: Vec<_> = completeness.missing_of_resources().into_iter().collect();
    assert_eq!(told, [((ViewPart::Listeners, "throttled"), vec!["albatross-one"])]);
}

#[test]
fn a_part_that_is_missing_for_a_target_group_blocks_its_load_balancer() {
    let world = World::new().load_balancer("one", &["a"]).load_balancer("two", &["a"]);
    let scene = world.missing_of(ViewPart::TargetHealth, &target_group_arn("one")).read();
    let allows =
        |id| scene.observed.completeness.allows_for(Concern::ChangeName, scene.observed.owned_by_id(id));

    assert_eq!((allows("one"), allows("two")), (false, true));
}

#[test]
fn a_gap_counts_for_all_if_its_resource_is_not_known() {
    let one = || World::new().load_balancer("one", &["a"]);
    let arn = load_balancer_arn("one");
    for (why, world) in [
        ("the resource is not there", one().missing_of(ViewPart::Tags, "arn:another")),
        ("the part is not read one by one", one().missing_of(ViewPart::Ingresses, &arn)),
        ("without statuses", one().missing(ViewPart::IngressStatuses).missing_of(ViewPart::Tags, &arn)),
    ] {
        assert!(!completeness(world).allows(Concern::ReleaseIngress), "{why}");
    }
    assert!(completeness(one().missing_of(ViewPart::Tags, &arn)).allows(Concern::ReleaseIngress));
}
