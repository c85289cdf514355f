//! Handing over: load balancers that become ours because a person names them, and load balancers that are ours no longer. Only
//! tags change, so no request is answered in another way. A plan that hands anything over does nothing else. As long as a load
//! balancer that is named cannot be adopted, a plan does nothing at all: its Ingresses would get another load balancer.
//!
//! A load balancer is ours when it carries our tags. When it is adopted, its target groups get the tags first; when it is
//! forgotten, they lose them last. In between, target groups of ours belong to a load balancer that is not ours: nobody else gets
//! their id ([`Observed::is_handed_over`]), they are not removed while that load balancer uses them, and the next attempt
//! completes the change.

mod adoption;
mod forgetting;

use std::collections::BTreeSet;

use albatross_contract::{Diagnostic, DiagnosticCode, LoadBalancer, Plan, Severity, Tag, TargetGroup};

use crate::{
    diagnostics::{Details, Subject, WAIT},
    diff,
    observed::{Concern, Observed},
    source::Claim,
    standstill,
};

/// What is handed over.
pub struct Handover<'a> {
    /// Load balancers that are adopted.
    pub adopted: Vec<Adopted<'a>>,
    /// Load balancers that are forgotten.
    pub forgotten: Vec<Forgotten<'a>>,
    /// Whether a load balancer cannot be adopted yet: its Ingresses would get another one otherwise.
    waits: bool,
    diagnostics: Vec<Diagnostic>,
}

/// A load balancer that is adopted, with its wanted tags.
pub struct Adopted<'a> {
    /// Our id.
    pub id: String,
    /// The load balancer.
    pub load_balancer: &'a LoadBalancer,
    /// Its target groups that become ours with it, in the order of their ARNs.
    pub target_groups: Vec<&'a TargetGroup>,
    /// The tags of its owner, for all of them.
    pub ownership: Vec<Tag>,
    /// The tags that say which Ingress alone it serves, and that it serves HTTP only.
    pub terms: Vec<Tag>,
}

/// A load balancer that is forgotten.
pub struct Forgotten<'a> {
    /// Our id.
    pub id: &'a str,
    /// The load balancer.
    pub load_balancer: &'a LoadBalancer,
    /// Its target groups that are ours, in the order of their ARNs.
    pub target_groups: Vec<&'a TargetGroup>,
    /// Our controller id, the value of a tag that goes too.
    pub controller: &'a str,
}

impl<'a> Handover<'a> {
    /// Decides for all load balancers that the settings name.
    pub fn decide(claims: &[Claim<'_>], observed: &'a Observed<'a>) -> Self {
        let allowances = &observed.settings.allowances;
        let [adopt, forget] =
            [&allowances.adopt, &allowances.forget].map(|names| names.as_deref().unwrap_or_default());
        let mut handover =
            Handover { adopted: Vec::new(), forgotten: Vec::new(), waits: false, diagnostics: Vec::new() };
        if adopt.is_empty() && forget.is_empty() {
            return handover;
        }
        // What can be handed over, by the names that a person gave.
        let mut ready: Vec<(DiagnosticCode, &str)> = Vec::new();
        let forgotten: BTreeSet<&str> = forget.iter().map(String::as_str).collect();
        for name in forgotten.iter().copied() {
            match find(name, observed).and_then(|found| forgetting::judge(found, observed)) {
                Ok(forgotten) => {
                    ready.push((DiagnosticCode::ForgetRefused, name));
                    handover.forgotten.push(forgotten);
                }
                Err(refusal) => handover.diagnostics.push(refusal.tell(DiagnosticCode::ForgetRefused, name)),
            }
        }
        for name in adopt.iter().map(String::as_str).collect::<BTreeSet<_>>() {
            let judged = find(name, observed).and_then(|found| {
                if forgotten.iter().any(|name| found.is_named(name)) {
                    return Err(Refusal::new(
                        "the settings also say that it is forgotten",
                        "name it in one of the two lists",
                    ));
                }
                adoption::judge(found, &handover.adopted, claims, observed)
            });
            match judged {
                Ok(adopted) => {
                    ready.push((DiagnosticCode::AdoptionRefused, name));
                    handover.adopted.push(adopted);
                }
                Err(refusal) => {
                    handover.waits |= refusal.severity == Severity::Error;
                    handover.diagnostics.push(refusal.tell(DiagnosticCode::AdoptionRefused, name));
                }
            }
        }
        if handover.waits {
            handover
                .diagnostics
                .extend(ready.iter().map(|(code, name)| Refusal::waiting().tell(*code, name)));
        }
        // Two names may mean one load balancer.
        handover.forgotten.sort_by(|left, right| left.load_balancer.arn.cmp(&right.load_balancer.arn));
        handover.forgotten.dedup_by(|left, right| left.load_balancer.arn == right.load_balancer.arn);
        handover
    }

    /// Puts the changes into a plan, instead of everything else in it.
    pub fn apply(self, plan: &mut Plan) {
        let actions = diff::hand_over(&self);
        if self.waits {
            standstill::stop(plan);
        } else if !actions.is_empty() {
            standstill::stop(plan);
            plan.diagnostics.clear();
            plan.outcomes.iter_mut().for_each(|outcome| outcome.diagnostics.clear());
            plan.actions = actions;
        }
        plan.diagnostics.extend(self.diagnostics);
    }
}

/// Why a load balancer is not handed over.
struct Refusal {
    severity: Severity,
    message: String,
    remedy: Option<String>,
}

impl Refusal {
    fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Refusal { severity: Severity::Error, message: message.into(), remedy: Some(remedy.into()) }
    }

    /// It does not exist, so it serves nobody.
    fn unknown(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Refusal { severity: Severity::Warning, ..Refusal::new(message, remedy) }
    }

    /// It could be handed over, but another load balancer cannot be adopted.
    fn waiting() -> Self {
        let message =
            "it waits for another load balancer, which the settings name and which cannot be adopted";
        let remedy =
            "mend what keeps that load balancer from being adopted, or take its name out of the settings";
        Refusal { severity: Severity::Warning, ..Refusal::new(message, remedy) }
    }

    /// There is nothing to do.
    fn done(message: impl Into<String>) -> Self {
        Refusal { severity: Severity::Info, message: message.into(), remedy: None }
    }

    fn tell(self, code: DiagnosticCode, name: &str) -> Diagnostic {
        let (field, verb) = match code {
            DiagnosticCode::ForgetRefused => ("allowances.forget", "forgotten"),
            _ => ("allowances.adopt", "adopted"),
        };
        let message = match self.severity {
            Severity::Info => self.message,
            _ => format!("it is not {verb}: {}", self.message),
        };
        let diagnostic =
            crate::diagnostics::with_severity(self.severity, code, Subject::Resource(name), message)
                .field(field);
        match self.remedy {
            Some(remedy) => diagnostic.remedy(remedy),
            None => diagnostic,
        }
    }
}

/// The load balancer that a person names.
fn find<'a>(name: &str, observed: &Observed<'a>) -> Result<&'a LoadBalancer, Refusal> {
    let mut named: Vec<&LoadBalancer> =
        observed.inventory.load_balancers.iter().filter(|found| found.is_named(name)).collect();
    named.sort_by(|left, right| left.arn.cmp(&right.arn));
    match (named.as_slice(), observed.completeness.explain(Concern::HandOver)) {
        (_, Some(missing)) => Err(Refusal::new(missing, WAIT)),
        ([], None) => Err(Refusal::unknown(
            "no load balancer of this region has this name, ARN, id or CloudFormation stack",
            "look for the name with `aws elbv2 describe-load-balancers`",
        )),
        ([found], None) => Ok(found),
        ([first, second, ..], None) => Err(Refusal::new(
            format!("it stands for {} load balancers, such as {} and {}", named.len(), first.arn, second.arn),
            "name each load balancer by its ARN",
        )),
    }
}

/// Why something that the decision needs is not known, for a load balancer and its target groups.
fn check_view(
    load_balancer: &LoadBalancer,
    target_groups: &[&TargetGroup],
    observed: &Observed<'_>,
) -> Result<(), Refusal> {
    let mut arns = [&load_balancer.arn].into_iter().chain(target_groups.iter().map(|group| &group.arn));
    match arns.find_map(|arn| observed.completeness.explain_on(Concern::HandOver, arn)) {
        Some(missing) => Err(Refusal::new(missing, WAIT)),
        None => Ok(()),
    }
}

/// The target groups that a load balancer uses, as AWS says, in the order of their ARNs.
fn used_by<'a>(load_balancer: &LoadBalancer, observed: &Observed<'a>) -> Vec<&'a TargetGroup> {
    let all = observed.inventory.target_groups.iter();
    let mut used: Vec<&TargetGroup> =
        all.filter(|group| group.load_balancer_arns.contains(&load_balancer.arn)).collect();
    used.sort_by(|left, right| left.arn.cmp(&right.arn));
    used
}

#[cfg(test)]
mod tests;
