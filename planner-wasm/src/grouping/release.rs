//! Releases: the status of an object names a load balancer of ours, but the object is no longer ours, or it needs no load
//! balancer since all its hosts are cluster-local.

use albatross_contract::{ANNOTATION_PAUSED, Budget, Diagnostic, DiagnosticCode, ObjectKind, Withheld};

use crate::{
    budgets::{Request, release_limit},
    diagnostics::{Details, Subject, info, warning},
    observed::{Concern, Observed, Owned},
    source::{Claim, Class, SWITCH_OF_ROUTE_GROUPS},
};

/// What happens to an object that is not ours but whose status names a load balancer of ours.
pub struct Release<'a> {
    /// The object.
    pub claim: &'a Claim<'a>,
    /// The load balancer that its status names.
    pub load_balancer: &'a Owned<'a>,
    /// Whether its status is emptied now; otherwise it is kept.
    pub now: bool,
    /// The diagnostic for the object.
    pub diagnostic: Diagnostic,
}

/// Why an object is not released now.
enum Obstacle {
    /// Not everything is known: in words, what is missing.
    Unknown(String),
    /// Its class no longer exists, perhaps only for a moment: the object does not belong to another controller.
    ClassMissing,
    /// A budget holds it back.
    HeldBack,
    /// An annotation pauses it.
    Paused,
}

/// Decides which objects are released now. A wrong class filter would release all objects at once; the budget holds all
/// of them back.
pub fn decide<'a>(
    claims: &'a [Claim<'a>],
    observed: &'a Observed<'a>,
) -> (Vec<Release<'a>>, Option<Withheld>) {
    let published = claims.iter().filter_map(|claim| Some((claim, observed.published(claim)?)));
    let published: Vec<(&Claim<'_>, &Owned<'_>)> = published.collect();
    let members = published.len();
    let leaving = published.into_iter().filter(|(claim, _)| !claim.is_ours());
    let leaving: Vec<(&Claim<'_>, &Owned<'_>)> = leaving.collect();
    let released = leaving.iter().filter(|(claim, _)| claim.class != Class::Missing && !claim.is_paused);
    let withheld = Request {
        budget: Budget::Release,
        flag: "--allow-release",
        message: |ids: &[String]| {
            format!(
                "{} of {members} Ingresses that we serve still exist but are no longer ours, and would lose their \
                 published name",
                ids.len()
            )
        },
        ids: released.map(|(claim, _)| claim.object.to_string()).collect(),
        allowed: &observed.settings.allowances.release,
        total: members,
        limit: release_limit(members),
    }
    .judge();
    // There may be thousands of ids if the class filter is wrong; `judge` has sorted them.
    let is_held_back = |claim: &Claim<'_>| {
        let held_back = withheld.as_ref().map(|withheld| &withheld.ids);
        held_back.is_some_and(|ids| ids.binary_search(&claim.object.to_string()).is_ok())
    };
    let incomplete =
        |claim: &Claim<'_>, owned| observed.completeness.explain_for(concern(claim.object.kind), owned);
    let obstacle = |claim: &Claim<'_>, owned| match (incomplete(claim, owned), claim.class) {
        (Some(missing), _) => Some(Obstacle::Unknown(missing)),
        (None, _) if claim.is_paused => Some(Obstacle::Paused),
        (None, _) if is_held_back(claim) => Some(Obstacle::HeldBack),
        (None, Class::Missing) => Some(Obstacle::ClassMissing),
        (
            None,
            Class::Ours(_) | Class::NotOurs | Class::SwitchedOff | Class::ClusterLocal | Class::Refused,
        ) => None,
    };
    let releases = leaving.into_iter().map(|(claim, load_balancer)| {
        let obstacle = obstacle(claim, load_balancer);
        Release { claim, load_balancer, now: obstacle.is_none(), diagnostic: tell(claim, obstacle) }
    });
    (releases.collect(), withheld)
}

const fn concern(kind: ObjectKind) -> Concern {
    match kind {
        ObjectKind::RouteGroup => Concern::ReleaseRouteGroup,
        ObjectKind::Ingress | ObjectKind::HttpRoute => Concern::ReleaseIngress,
    }
}

fn tell(claim: &Claim<'_>, obstacle: Option<Obstacle>) -> Diagnostic {
    let is_local = claim.class == Class::ClusterLocal;
    let (field, why) = match claim.class {
        Class::ClusterLocal => (claim.object.hosts_field(), "all its hosts are cluster-local"),
        Class::SwitchedOff => (SWITCH_OF_ROUTE_GROUPS, "RouteGroups are switched off"),
        Class::Refused => (claim.object.class_field(), "the tenancy settings refuse it"),
        _ => (claim.object.class_field(), "it is no longer ours"),
    };
    let say = |code, message: String| warning(code, Subject::Object(claim.object), message).field(field);
    let still = |reason: &str| format!("{why}, but it is still served as before: {reason}");
    match obstacle {
        None if is_local => cluster_local(claim, "its status is emptied"),
        None if let Some(refusal) = claim.diagnostics.first() => refusal.clone(),
        None => say(DiagnosticCode::ClassNotOurs, why_not_ours(claim)),
        Some(Obstacle::Unknown(missing)) => say(DiagnosticCode::ViewIncomplete, still(&missing)),
        Some(Obstacle::HeldBack) => {
            let diagnostic =
                say(DiagnosticCode::WithheldRelease, still("too many Ingresses would be released at once"));
            diagnostic.remedy(format!("--allow-release={}", claim.object))
        }
        Some(Obstacle::Paused) => {
            say(DiagnosticCode::Paused, still(&format!("annotation {ANNOTATION_PAUSED} pauses it")))
                .remedy("remove the annotation to go on")
        }
        Some(Obstacle::ClassMissing) => {
            let class = claim.class_name.unwrap_or_default();
            let message = format!("its class {class} does not exist, but it is still served as before");
            let diagnostic = say(DiagnosticCode::ClassMissing, message);
            diagnostic.remedy("create the IngressClass again, or name another class")
        }
    }
}

/// The diagnostic for an Ingress all of whose hosts are cluster-local, with what happens to it.
pub fn cluster_local(claim: &Claim<'_>, consequence: &str) -> Diagnostic {
    let message =
        format!("all its hosts are below domains of the setting cluster-local-domains, so {consequence}");
    info(DiagnosticCode::HostNone, Subject::Object(claim.object), message)
        .field(claim.object.hosts_field())
        .remedy(format!(
            "name another host, or a certificate in {}, if it needs a load balancer",
            claim.certificate_annotation()
        ))
}

/// In words, why an Ingress is not ours and loses its published name.
fn why_not_ours(claim: &Claim<'_>) -> String {
    let why = match claim.class_name {
        _ if claim.class == Class::SwitchedOff => {
            format!("the setting {SWITCH_OF_ROUTE_GROUPS} switches RouteGroups off")
        }
        Some(class) if !class.is_empty() => format!("its class {class} is not ours"),
        _ => "it has no class, and without a class it is not ours".to_owned(),
    };
    format!("{why}, so its status is emptied")
}

#[cfg(test)]
mod tests;
