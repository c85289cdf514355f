use albatross_contract::{IncompletePart, PolicyPoint, ViewPart};

use super::{Completeness, Concern};
use crate::testing::World;

fn completeness(world: World) -> Completeness {
    Completeness::new(world.read().snapshot)
}

#[test]
fn what_is_known_as_a_whole_blocks_nothing() {
    let all = completeness(World::new());
    assert!(all.allows(Concern::Write) && all.allows(Concern::Remove) && all.knows_statuses());
    assert_eq!((all.missing().count(), all.explain(Concern::Write)), (0, None));
}

#[test]
fn a_missing_part_blocks_what_needs_it_and_nothing_else() {
    use Concern::*;
    for (part, blocked, free) in [
        (
            ViewPart::Tags,
            &[Write, Release, Remove, ChangeName, MakeTargetGroup][..],
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
        (ViewPart::IngressClasses, &[Release, Remove], &[BelieveGone]),
        (ViewPart::Services, &[], &[Write, Remove]),
    ] {
        let completeness = completeness(World::new().missing(part));
        assert!(blocked.iter().all(|concern| !completeness.allows(*concern)), "{part:?}");
        assert!(free.iter().all(|concern| completeness.allows(*concern)), "{part:?}");
    }
}

#[test]
fn what_lacks_is_told_with_its_reason() {
    let missing = completeness(World::new().missing(ViewPart::Instances));
    let told = missing.explain(Concern::CallNodeless);
    assert_eq!(told.as_deref(), Some("not all instances are known (throttled)"));
    assert_eq!(missing.missing_for(Concern::CallNodeless), Some((ViewPart::Instances, "throttled")));
}

#[test]
fn of_several_reasons_the_first_in_order_is_told_whatever_their_order() {
    let reasons = |first: &str, second: &str| {
        let part = |reason: &str| IncompletePart { part: ViewPart::Tags, reason: reason.into() };
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
