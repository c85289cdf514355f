//! What a claim asks for as a whole that its rule does not allow.

use std::collections::BTreeSet;

use albatross_contract::Scheme;

use crate::source::{
    self, BackendReference, Claim, Ruling, annotation_has_effect, annotation_is_allowed, matches_any,
};

/// Something that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal<'a> {
    /// The class, in the namespace of the object.
    Namespace,
    /// This group.
    Group(&'a str),
    /// This scheme.
    Scheme(Scheme),
    /// The certificate with this ARN.
    Certificate(&'a str),
    /// This annotation, of the object or of this Service.
    Annotation(&'a str, Option<&'a str>),
}

/// All that is not allowed, apart from hosts.
pub fn refusals<'a>(claim: &Claim<'a>, services: &source::Services<'a>) -> Vec<Refusal<'a>> {
    let rule = match claim.ruling {
        Ruling::Free => return Vec::new(),
        Ruling::NoRule(..) => return vec![Refusal::Namespace],
        Ruling::Rule(rule, _) => rule,
    };
    let mut refusals = Vec::new();
    let group = claim.routing.as_ref().and_then(|routing| routing.group);
    let group = group.filter(|group| !matches_any(rule.groups.as_deref(), group));
    refusals.extend(group.map(Refusal::Group));
    let scheme = claim.scheme.value().filter(|scheme| !claim.ruling.allows_scheme(*scheme));
    refusals.extend(scheme.map(Refusal::Scheme));
    let pinned = claim.pinned.iter().filter(|arn| !matches_any(rule.certificates.as_deref(), arn));
    refusals.extend(pinned.map(|arn| Refusal::Certificate(arn)));
    if let Some(allowed) = &rule.annotations {
        let is_refused = |key: &&str| !annotation_is_allowed(key, allowed);
        let given = claim.metadata.annotations.iter().map(|annotation| annotation.key.as_str());
        let of_object: BTreeSet<&str> =
            given.filter(|key| annotation_has_effect(key, claim.mode())).filter(is_refused).collect();
        refusals.extend(of_object.into_iter().map(|key| Refusal::Annotation(key, None)));
        let of_services = annotations_of_services(claim, services).into_iter();
        let of_services = of_services.filter(|(_, key)| is_refused(key));
        refusals.extend(of_services.map(|(service, key)| Refusal::Annotation(key, Some(service))));
    }
    refusals
}

/// The annotations of the Services of a claim in route mode that have an effect: each with the name of its Service.
fn annotations_of_services<'a>(
    claim: &Claim<'a>,
    services: &source::Services<'a>,
) -> BTreeSet<(&'a str, &'a str)> {
    let routes = claim.routing.iter().flat_map(|routing| &routing.routes);
    let backends = routes.flat_map(|route| &route.backends);
    let named = backends.filter_map(|backend| match &backend.to {
        BackendReference::Service { name, .. } => services.get(&(claim.object.namespace, name.as_ref())),
        BackendReference::Invalid(_) => None,
    });
    let given = named.flat_map(|service| {
        let keys = service.metadata.annotations.iter().map(|annotation| annotation.key.as_str());
        keys.map(|key| (service.metadata.name.as_str(), key))
    });
    given.filter(|(_, key)| source::annotation_has_effect_on_service(key)).collect()
}
