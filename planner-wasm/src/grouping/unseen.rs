//! Unseen members: while not all Ingresses, RouteGroups or classes are known, a load balancer may serve an object of which
//! nothing is known, not even that it exists. What the members of the load balancer agree on stays as it is until then.

use albatross_contract::periods::HEALTH_TIMEOUT;

use crate::{
    observed::{Concern, Health, Observed, Owned},
    source::ObjectName,
};

/// In words, why a load balancer may serve an object that is not known. `None`: all its members are known. `is_named`: whether
/// the status of a known object names it, or its tag a known object; `is_known`: whether an object of ours is known.
pub fn why(
    owned: &Owned<'_>,
    is_named: bool,
    observed: &Observed<'_>,
    is_known: impl FnOnce(ObjectName<'_>) -> bool,
) -> Option<String> {
    let terms = owned.terms()?;
    let concern = match terms.serves_route_groups() {
        true => Concern::AgreeInProxyMode,
        false => Concern::AgreeInRouteMode,
    };
    let missing = observed.completeness.explain(concern)?;
    // A load balancer that is being made is made for an object that is known, unless it could be published and is not. In route
    // mode it may never have certificates.
    let serves = owned.is_made(observed.time)
        || terms.names_members()
        || (!is_named && could_be_published(owned, observed));
    // What is missing of its listeners may be what it serves.
    let may_serve = serves || !observed.completeness.allows_for(Concern::ChangeListeners, Some(owned));
    (may_serve && !terms.alone.is_some_and(is_known)).then_some(missing)
}

/// Whether a previous pass could have published a load balancer for an object that is not known.
fn could_be_published(owned: &Owned<'_>, observed: &Observed<'_>) -> bool {
    let is_healthy = || owned.target_groups.iter().any(|group| Health::of(group).healthy > 0);
    let knows_health = || observed.completeness.allows_for(Concern::ChangeName, Some(owned));
    owned.listens() && (is_healthy() || !knows_health() || owned.age(observed.time) >= HEALTH_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use albatross_contract::{ANNOTATION_SHARED, TAG_INGRESS, TAG_MODE, ViewPart};

    use super::{HEALTH_TIMEOUT, why};
    use crate::{
        observed::PROVISIONING_TIMEOUT,
        testing::{NOW, World, target},
    };

    /// Whether the load balancer `one`, on which `x` is published, may serve somebody else.
    fn may_serve_others(world: World) -> bool {
        may_serve(world, true)
    }

    /// Whether the load balancer `one` may serve objects that are not known. `is_named`: whether a known status names it.
    fn may_serve(world: World, is_named: bool) -> bool {
        let scene = world.read();
        let is_known = |name: crate::source::ObjectName<'_>| {
            scene.claims.iter().any(|claim| claim.is_ours() && claim.object == name)
        };
        why(scene.owned("one"), is_named, scene.observed, is_known).is_some()
    }

    fn shared() -> World {
        World::new().certificate("a", &["a.org"]).load_balancer("one", &["a"]).published(
            "x",
            &["a.org"],
            "one",
        )
    }

    #[test]
    fn a_shared_load_balancer_may_serve_objects_that_are_not_known() {
        assert!(!may_serve_others(shared()));
        for part in [ViewPart::Ingresses, ViewPart::RouteGroups, ViewPart::IngressClasses] {
            assert!(may_serve_others(shared().missing(part)), "{part:?}");
        }
        assert!(!may_serve_others(shared().missing(ViewPart::Services)));
        assert!(!may_serve_others(shared().missing(ViewPart::IngressStatuses)), "manifests have none");
    }

    #[test]
    fn in_route_mode_there_are_no_route_groups() {
        let routed = || shared().tagged(TAG_MODE, "route");
        assert!(!may_serve_others(routed().missing(ViewPart::RouteGroups)));
        assert!(may_serve_others(routed().missing(ViewPart::Ingresses)));
    }

    #[test]
    fn a_load_balancer_of_one_object_serves_nobody_else_and_it_is_not_known_whether_that_object_exists() {
        let of = |owner: &str| {
            shared()
                .annotated(ANNOTATION_SHARED, "false")
                .tagged(TAG_INGRESS, owner)
                .missing(ViewPart::RouteGroups)
        };
        assert!(!may_serve_others(of("shop/x")));
        assert!(may_serve_others(of("RouteGroup:shop/x")));
    }

    #[test]
    fn a_load_balancer_that_is_being_made_is_made_for_an_object_that_is_known() {
        let unseen = || shared().missing(ViewPart::RouteGroups);
        assert!(!may_serve_others(unseen().which(|found| found.listeners.clear())));
        assert!(!may_serve_others(unseen().which(|found| found.created_at = NOW - PROVISIONING_TIMEOUT)));
        assert!(may_serve_others(unseen().which(|found| found.created_at = NOW - PROVISIONING_TIMEOUT - 1)));
        let unread = unseen().missing(ViewPart::Listeners);
        assert!(may_serve_others(unread.which(|found| found.listeners.clear())));
    }

    #[test]
    fn a_young_load_balancer_may_serve_an_object_that_is_not_known_if_it_could_be_published_and_no_status_names_it()
     {
        let young = |age, health: &str| {
            let world = shared().missing(ViewPart::RouteGroups);
            let world = world.targets(|group| group.targets = vec![target("i-1", health)]);
            world.which(|found| found.created_at = NOW - age)
        };
        for (age, health, expected) in [
            (60, "healthy", true),
            (60, "initial", false),
            (HEALTH_TIMEOUT - 1, "unhealthy", false),
            (HEALTH_TIMEOUT, "unhealthy", true),
        ] {
            assert_eq!(may_serve(young(age, health), false), expected, "{age} seconds, {health}");
            assert!(!may_serve(young(age, health), true), "{age} seconds, {health}: it is completed");
        }
        assert!(may_serve(young(60, "initial").missing(ViewPart::TargetHealth), false));
        let unready = young(60, "healthy").which(|found| found.listeners.clear());
        assert!(!may_serve(unready, false));
    }
}
