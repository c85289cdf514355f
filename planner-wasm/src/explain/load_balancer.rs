//! Explanation of a load balancer.

use albatross_contract::{
    Candidate, DesiredCertificate, DesiredLoadBalancer, Explanation, LoadBalancerFate, PlanningError,
};

use super::{candidate, decision, subnets, unknown};
use crate::{observed::Observed, planning::Decided, words};

/// Explains a load balancer, by our id, its name, DNS name or ARN.
pub fn explain(name: &str, decided: &Decided<'_, '_>) -> Result<Explanation, PlanningError> {
    let is_it = |found: &&DesiredLoadBalancer| {
        found.id == name
            || found.name == name
            || found.arn.as_deref() == Some(name)
            || found.dns_name.as_deref() == Some(name.to_ascii_lowercase().as_str())
    };
    let found = decided.plan.load_balancers.iter().find(is_it);
    let found = found.ok_or_else(|| unknown(&format!("load balancer {name} of ours")))?;
    let fate = match found.fate {
        LoadBalancerFate::Create => "is created",
        LoadBalancerFate::Keep => "stays",
        LoadBalancerFate::Unneeded => "is unneeded: it is deleted when its grace period is over",
        LoadBalancerFate::Delete => "is deleted: its grace period is over",
        LoadBalancerFate::Release => {
            "is ours no longer: its grace period is over, and the last Ingress retained it"
        }
    };
    let members = found.members.iter().map(|member| candidate(true, member.to_string(), "is placed here"));
    let certificates = found.certificates.iter().map(|it| certificate(it, decided.observed));
    let decisions = vec![
        decision("Ingresses", members.collect()),
        decision("Certificates", certificates.collect()),
        subnets::decision(found.scheme, Some(found), decided),
    ];
    Ok(Explanation { headline: format!("{} {fate}", found.name), decisions })
}

fn certificate(certificate: &DesiredCertificate, observed: &Observed<'_>) -> Candidate {
    let id = observed.certificates.find(&certificate.arn);
    let known = id.and_then(|id| observed.certificates.known(id));
    let name = known.and_then(|known| known.names.first());
    let reason = match certificate.unneeded_since {
        Some(since) => {
            let unneeded = words::duration(observed.time.saturating_sub(since));
            format!("no Ingress has needed it for {unneeded}")
        }
        None if certificate.hosts.is_empty() => "an Ingress names it, or still needs it".to_owned(),
        None => format!("serves {}", words::list(certificate.hosts.iter().map(String::as_str))),
    };
    Candidate {
        chosen: certificate.unneeded_since.is_none(),
        name: name.cloned().unwrap_or_else(|| certificate.arn.clone()),
        id: Some(certificate.arn.clone()),
        reason,
    }
}
