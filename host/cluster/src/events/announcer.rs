//! The news in a plan for the owners of Ingresses.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use albatross_contract::{
    ActionResult, Certificate, Cluster, DiagnosticCode, ObjectName, Outcome, OutcomeState, Plan,
    SourceObject, StatusChange, Timestamp,
};

use super::{
    failures::Failures,
    notice::{Notice, Regarding, Severity},
    words,
};
use crate::{StatusFailure, StatusReport};

/// What a plan was made for.
pub struct Seen<'a> {
    /// The objects of the cluster.
    pub cluster: &'a Cluster,
    /// The certificates of the account.
    pub certificates: &'a [Certificate],
    /// The time of the snapshot.
    pub time: Timestamp,
    /// The policies that failed, each with the reason, in words.
    pub failed_policies: &'a [String],
    /// Whether some actions were left to the next plan: what was said of them still holds.
    pub is_superseded: bool,
}

/// How long an Ingress that has a name waits for a part of the view before its owner is told, in seconds. The owner can do
/// nothing about a short failure, which may concern every Ingress.
const PATIENCE: u64 = 300;

/// Compares each plan with the plan before and returns what is new.
///
/// It remembers only what this process has announced. After a start, problems are announced again, since Events are kept
/// for an hour only; Ingresses without problems are not.
#[derive(Default)]
pub struct Announcer {
    /// What was announced last, by namespace and name of the Ingress.
    said: BTreeMap<ObjectName, Said>,
    /// What was announced last about the controller.
    said_of_controller: BTreeSet<Notice>,
}

/// What was announced last about an Ingress: digests of its notices, since thousands of notices would be most of the
/// memory that the program uses. If two notices had the same digest, one Event would be missing.
struct Said {
    notices: Box<[u64]>,
    /// The notice among them that says which load balancer serves the Ingress.
    state: Option<u64>,
    /// Whether the load balancer of the Ingress was known in an earlier plan. The first time, only problems are news.
    is_seen: bool,
    /// Since when the Ingress waits for a part of the view in every plan.
    waits_since: Option<Timestamp>,
}

impl Announcer {
    /// The news about a plan that was executed and whose statuses were written. `results` are the results of the actions,
    /// `statuses` reports the writing of statuses.
    pub fn news(
        &mut self,
        seen: &Seen<'_>,
        plan: &Plan,
        results: &[ActionResult],
        statuses: &StatusReport,
    ) -> Vec<Notice> {
        let failures = Failures::new(plan, results);
        let sources: BTreeMap<ObjectName, SourceObject<'_>> =
            seen.cluster.sources().map(|source| (ObjectName::of(source), source)).collect();
        let mut news = Vec::new();
        let mut said = BTreeMap::new();
        for outcome in &plan.outcomes {
            // An object that is gone gets no Events.
            let Some(source) = sources.get(&outcome.object).copied() else { continue };
            if outcome.state == OutcomeState::Ignored {
                continue;
            }
            let uid = source.metadata().uid.clone();
            let regarding = Regarding::Object { name: outcome.object.clone(), uid };
            let before = self.said.get(&outcome.object);
            let was_said =
                |notice: &Notice| before.is_some_and(|before| before.notices.contains(&digest(notice)));
            let was_seen = before.is_some_and(|before| before.is_seen);
            let is_unsure = is_unsure(outcome);
            let object = &outcome.object;
            let is_of_it = |it: &&StatusFailure| it.object == *object;
            let unwritten = statuses.failed.iter().find(is_of_it);
            let state = state(&regarding, outcome, seen.certificates, plan)
                .filter(|_| !is_unsure && unwritten.is_none());
            let waited_since = before.and_then(|before| before.waits_since).unwrap_or(seen.time);
            let waits_since = waits_for_a_part(outcome).then_some(waited_since);
            let waits_long = waits_since.is_some_and(|since| seen.time.saturating_sub(since) >= PATIENCE);
            let mut saying = problems(&regarding, outcome, !keeps_name(outcome, source, plan) || waits_long);
            saying.extend(unwritten.map(|failure| {
                let note =
                    format!("the status could not be written: {}. Albatross will retry", failure.error);
                Notice::new(&regarding, Severity::Warning, "StatusNotWritten", note)
            }));
            saying.extend(failures.of_object(object, &regarding));
            let worth_saying = was_seen || outcome.status != StatusChange::Keep;
            let said_of_state = state.iter().filter(|state| worth_saying && !was_said(state));
            news.extend(said_of_state.map(|state| because_of_its_group(state, outcome, plan)));
            news.extend(saying.iter().filter(|problem| !was_said(problem)).cloned());
            // While the load balancer is not known, what was announced before still counts.
            let state = if is_unsure { before.and_then(|it| it.state) } else { state.as_ref().map(digest) };
            let earlier =
                before.filter(|_| seen.is_superseded).into_iter().flat_map(|it| it.notices.iter().copied());
            let notices = saying.iter().map(digest).chain(state).chain(earlier).collect();
            said.insert(
                object.clone(),
                Said { notices, state, is_seen: was_seen || !is_unsure, waits_since },
            );
        }
        self.said = said;
        let of_nobody = failures.of_nobody(|object| sources.contains_key(object));
        news.extend(self.news_of_controller(plan, of_nobody, seen));
        news
    }

    /// The notice that there is no plan, unless it was announced since the last plan.
    pub fn no_plan(&mut self, why: &str) -> Vec<Notice> {
        let note = format!("nothing is changed until there is a plan again: {why}");
        let notice = Notice::new(&Regarding::Controller, Severity::Warning, "NoPlan", note);
        let is_new = self.said_of_controller.insert(notice.clone());
        is_new.then_some(notice).into_iter().collect()
    }

    fn news_of_controller(
        &mut self,
        plan: &Plan,
        failures: BTreeSet<Notice>,
        seen: &Seen<'_>,
    ) -> Vec<Notice> {
        // What is expected to be unknown for a while, such as whether the cluster has RouteGroups, is no news.
        let is_expected = |it: &&albatross_contract::Diagnostic| {
            it.code == DiagnosticCode::ViewIncomplete && it.severity == albatross_contract::Severity::Info
        };
        let diagnostics = plan
            .diagnostics
            .iter()
            .filter(|it| !is_expected(it))
            .map(|diagnostic| Notice::of_diagnostic(&Regarding::Controller, diagnostic, None));
        let withheld = plan.withheld.iter().map(|withheld| {
            let reason = words::withheld(withheld.budget);
            Notice::new(&Regarding::Controller, Severity::Warning, reason, withheld.message.clone())
        });
        let policies = seen.failed_policies.iter().map(|failure| {
            let note = format!("{failure}. Existing decisions are kept, and new Ingresses wait");
            Notice::new(&Regarding::Controller, Severity::Warning, "PolicyFailed", note)
        });
        let saying: BTreeSet<Notice> = diagnostics.chain(withheld).chain(policies).chain(failures).collect();
        let news = saying.difference(&self.said_of_controller).cloned().collect();
        match seen.is_superseded {
            true => self.said_of_controller.extend(saying),
            false => self.said_of_controller = saying,
        }
        news
    }
}

/// The digest of a notice, which is the same as long as the program runs.
fn digest(notice: &Notice) -> u64 {
    let mut hasher = DefaultHasher::new();
    notice.hash(&mut hasher);
    hasher.finish()
}

/// The reason of the Event that says which load balancer serves an Ingress.
const PLACED: &str = "Placed";

/// Whether a part of AWS could not be read that decides about the load balancer and the certificates of the Ingress.
fn is_unsure(outcome: &Outcome) -> bool {
    outcome.status == StatusChange::Keep
        && outcome.diagnostics.iter().any(|diagnostic| diagnostic.code == DiagnosticCode::ViewIncomplete)
}

/// Whether a part of the view is missing that decides about the Ingress, which is not served as asked until then.
fn waits_for_a_part(outcome: &Outcome) -> bool {
    outcome.state != OutcomeState::Placed
        && outcome.diagnostics.iter().any(|diagnostic| diagnostic.code == DiagnosticCode::ViewIncomplete)
}

/// Why an Ingress that should be served over HTTPS has no certificate. An Ingress that asks for HTTP only is told none of these.
const WITHOUT_CERTIFICATES: [DiagnosticCode; 4] = [
    DiagnosticCode::CertificateNone,
    DiagnosticCode::CertificateMissing,
    DiagnosticCode::CertificateUnusable,
    DiagnosticCode::CapacityExceeded,
];

/// The notice about the load balancer that serves the Ingress, once the status names it; `None` before.
fn state(
    regarding: &Regarding,
    outcome: &Outcome,
    certificates: &[Certificate],
    plan: &Plan,
) -> Option<Notice> {
    let hostname = match (outcome.state, &outcome.status) {
        (OutcomeState::Released, _) => {
            let note = words::released(outcome);
            return Some(Notice::new(regarding, Severity::Normal, "Released", note));
        }
        (_, StatusChange::Publish(hostname)) => hostname,
        (OutcomeState::Placed, StatusChange::Keep) => {
            outcome.hostname.as_ref().filter(|hostname| is_at(outcome, hostname, plan))?
        }
        _ => return None,
    };
    let says_why = |code: &DiagnosticCode| WITHOUT_CERTIFICATES.contains(code);
    let lacks_certificates = outcome.diagnostics.iter().any(|it| says_why(&it.code));
    Some(if outcome.certificates.is_empty() && lacks_certificates {
        let note = words::placed_in_vain(outcome, hostname, plan);
        Notice::new(regarding, Severity::Warning, PLACED, note)
    } else {
        let note = words::placed(outcome, hostname, certificates, plan);
        Notice::new(regarding, Severity::Normal, PLACED, note)
    })
}

/// The notice that an Ingress is placed, with the reason that a grouping policy gave for its group. The reason alone is no news:
/// in a plan for which the policy is not asked there is none.
fn because_of_its_group(notice: &Notice, outcome: &Outcome, plan: &Plan) -> Notice {
    let mut notice = notice.clone();
    if let Some(found) = words::load_balancer(outcome, plan).filter(|_| notice.reason == PLACED)
        && let (Some(key), Some(reason)) = (&found.group, &found.group_reason)
    {
        notice.add(&format!("; group {key}: {reason}"));
    }
    notice
}

/// Whether the load balancer of the outcome has this hostname.
fn is_at(outcome: &Outcome, hostname: &str, plan: &Plan) -> bool {
    words::load_balancer(outcome, plan)
        .and_then(|load_balancer| load_balancer.dns_name.as_deref())
        .is_some_and(|name| name.eq_ignore_ascii_case(hostname))
}

/// Whether the Ingress is placed on a load balancer whose name its status does not have.
fn is_elsewhere(outcome: &Outcome, plan: &Plan) -> bool {
    let name = words::load_balancer(outcome, plan).and_then(|found| found.dns_name.as_deref());
    name.is_some() && !outcome.hostname.as_ref().is_some_and(|hostname| is_at(outcome, hostname, plan))
}

/// Whether the Ingress has a name and waits for no other name.
fn keeps_name(outcome: &Outcome, source: SourceObject<'_>, plan: &Plan) -> bool {
    !source.status().is_empty() && !is_elsewhere(outcome, plan)
}

/// The problems of an Ingress, each with its consequence. That an Ingress is held is said once.
///
/// `with_gaps`: also the parts of the view that are missing. A list that cannot be read concerns every Ingress, so it is
/// announced with the Lease, and logged; it is announced for an Ingress that keeps its name only if the Ingress waits for it, and
/// only after [`PATIENCE`].
fn problems(regarding: &Regarding, outcome: &Outcome, with_gaps: bool) -> BTreeSet<Notice> {
    let mut held = outcome.state == OutcomeState::Held;
    let problems = outcome.diagnostics.iter().filter(|it| match it.code {
        DiagnosticCode::ClassNotOurs => false,
        DiagnosticCode::ViewIncomplete => with_gaps,
        _ => true,
    });
    problems
        .map(|diagnostic| {
            // An annotation that Albatross does not read is not the cause of the state.
            let is_reason = diagnostic.code != DiagnosticCode::AnnotationUnknown;
            let consequence = match outcome.state {
                _ if !is_reason => None,
                OutcomeState::Rejected => Some("not served"),
                OutcomeState::Held if held => Some("still served as before"),
                _ => None,
            };
            let mut notice = Notice::of_diagnostic(regarding, diagnostic, consequence);
            if is_reason && std::mem::take(&mut held) {
                "Held".clone_into(&mut notice.reason);
            }
            notice
        })
        .collect()
}

#[cfg(test)]
mod tests;
