//! What is new in a plan for the people who own the Ingresses.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use albatross_contract::{
    ActionResult, Certificate, Cluster, DiagnosticCode, Ingress, ObjectName, Outcome, OutcomeState, Plan,
    StatusChange,
};

use super::{
    failures::Failures,
    notice::{Notice, Regarding, Severity},
    words,
};
use crate::{StatusFailure, StatusReport};

/// Compares each plan with the one before and says what changed.
///
/// The memory is the process's: after a start nothing is known of what was said before. Then problems are said again,
/// since Events live for an hour only, and what is as it should be is not.
#[derive(Default)]
pub struct Announcer {
    /// What was said last, by namespace and name of the Ingress.
    said: BTreeMap<ObjectName, Said>,
    /// What was said last of the controller.
    said_of_controller: BTreeSet<Notice>,
}

/// What was said last of an Ingress. Digests tell whether it is news, and thousands of notices would be most of what the
/// program keeps; should two have the same one, an Event is missing.
struct Said {
    notices: Box<[u64]>,
    /// The one of them that says where the Ingress is.
    state: Option<u64>,
    /// Whether it was seen where the Ingress is: before, nothing that is as it should be is news.
    is_seen: bool,
}

impl Announcer {
    /// What there is to say about a plan that was executed, and whose statuses were written, that was not so before.
    /// Cluster and certificates are those that were planned for, results what execution gave, statuses what writing them
    /// came to.
    pub fn news(
        &mut self,
        cluster: &Cluster,
        certificates: &[Certificate],
        plan: &Plan,
        results: &[ActionResult],
        statuses: &StatusReport,
    ) -> Vec<Notice> {
        let failures = Failures::new(plan, results);
        let ingresses: BTreeMap<ObjectName, &Ingress> =
            cluster.ingresses.iter().map(|ingress| (ObjectName::of_ingress(ingress), ingress)).collect();
        let mut news = Vec::new();
        let mut said = BTreeMap::new();
        for outcome in &plan.outcomes {
            // Who is gone has no Events.
            let Some(ingress) = ingresses.get(&outcome.object) else { continue };
            if outcome.state == OutcomeState::Ignored {
                continue;
            }
            let regarding = Regarding::Ingress {
                namespace: outcome.object.namespace.clone(),
                name: outcome.object.name.clone(),
                uid: ingress.metadata.uid.clone(),
            };
            let before = self.said.get(&outcome.object);
            let was_said =
                |notice: &Notice| before.is_some_and(|before| before.notices.contains(&digest(notice)));
            let was_seen = before.is_some_and(|before| before.is_seen);
            let is_unsure = is_unsure(outcome);
            let object = &outcome.object;
            let is_of_it =
                |it: &&StatusFailure| (&it.namespace, &it.name) == (&object.namespace, &object.name);
            let unwritten = statuses.failed.iter().find(is_of_it);
            let state = state(&regarding, outcome, ingress, certificates, plan)
                .filter(|_| !is_unsure && unwritten.is_none());
            let mut saying = problems(&regarding, outcome, ingress, plan);
            saying.extend(unwritten.map(|failure| {
                let note = format!("its status could not be written: {}. It is tried again", failure.error);
                Notice::new(&regarding, Severity::Warning, "StatusNotWritten", note)
            }));
            saying.extend(failures.of_object(object, &regarding));
            let worth_saying = was_seen || outcome.status != StatusChange::Keep;
            news.extend(state.iter().filter(|state| worth_saying && !was_said(state)).cloned());
            news.extend(saying.iter().filter(|problem| !was_said(problem)).cloned());
            // What cannot be seen for a while is as it was said to be.
            let state = if is_unsure { before.and_then(|it| it.state) } else { state.as_ref().map(digest) };
            let notices = saying.iter().map(digest).chain(state).collect();
            said.insert(object.clone(), Said { notices, state, is_seen: was_seen || !is_unsure });
        }
        self.said = said;
        let of_nobody = failures.of_nobody(|object| ingresses.contains_key(object));
        news.extend(self.news_of_controller(plan, of_nobody));
        news
    }

    /// What there is to say when there is no plan, unless that was said since the last one.
    pub fn no_plan(&mut self, why: &str) -> Vec<Notice> {
        let note = format!("nothing is changed until there is a plan again: {why}");
        let notice = Notice::new(&Regarding::Controller, Severity::Warning, "NoPlan", note);
        let is_new = self.said_of_controller.insert(notice.clone());
        is_new.then_some(notice).into_iter().collect()
    }

    fn news_of_controller(&mut self, plan: &Plan, failures: BTreeSet<Notice>) -> Vec<Notice> {
        let diagnostics = plan
            .diagnostics
            .iter()
            .map(|diagnostic| Notice::of_diagnostic(&Regarding::Controller, diagnostic, None));
        let withheld = plan.withheld.iter().map(|withheld| {
            let reason = words::withheld(withheld.budget);
            Notice::new(&Regarding::Controller, Severity::Warning, reason, withheld.message.clone())
        });
        let saying: BTreeSet<Notice> = diagnostics.chain(withheld).chain(failures).collect();
        let news = saying.difference(&self.said_of_controller).cloned().collect();
        self.said_of_controller = saying;
        news
    }
}

/// What a notice is known by as long as the program runs.
fn digest(notice: &Notice) -> u64 {
    let mut hasher = DefaultHasher::new();
    notice.hash(&mut hasher);
    hasher.finish()
}

/// The reason of the Event that says where an Ingress is.
const PLACED: &str = "Placed";

/// Whether a part of AWS could not be read that decides where the Ingress is and with which certificates.
fn is_unsure(outcome: &Outcome) -> bool {
    outcome.status == StatusChange::Keep
        && outcome.diagnostics.iter().any(|diagnostic| diagnostic.code == DiagnosticCode::ViewIncomplete)
}

/// Where the Ingress is, once its status says so; nothing while it waits for that.
fn state(
    regarding: &Regarding,
    outcome: &Outcome,
    ingress: &Ingress,
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
    let has_host = ingress.rules.iter().any(|rule| rule.host.as_ref().is_some_and(|host| !host.is_empty()));
    Some(if has_host && outcome.certificates.is_empty() {
        let note = words::placed_in_vain(outcome, hostname, plan);
        Notice::new(regarding, Severity::Warning, PLACED, note)
    } else {
        let note = words::placed(outcome, hostname, certificates, plan);
        Notice::new(regarding, Severity::Normal, PLACED, note)
    })
}

/// Whether a hostname is that of the load balancer of the outcome.
fn is_at(outcome: &Outcome, hostname: &str, plan: &Plan) -> bool {
    words::load_balancer(outcome, plan)
        .and_then(|load_balancer| load_balancer.dns_name.as_deref())
        .is_some_and(|name| name.eq_ignore_ascii_case(hostname))
}

/// Whether the Ingress has a place on another load balancer than the one whose name it has.
fn is_elsewhere(outcome: &Outcome, plan: &Plan) -> bool {
    let name = words::load_balancer(outcome, plan).and_then(|found| found.dns_name.as_deref());
    name.is_some() && !outcome.hostname.as_ref().is_some_and(|hostname| is_at(outcome, hostname, plan))
}

/// What stands in the way, each with what it means for the Ingress. A held one says so once.
///
/// A list of AWS that could not be read is no matter of the Ingress, and would be told to every one: who has a name and
/// waits for no other one is not told. The Lease and the log are.
fn problems(regarding: &Regarding, outcome: &Outcome, ingress: &Ingress, plan: &Plan) -> BTreeSet<Notice> {
    let mut held = outcome.state == OutcomeState::Held;
    let keeps_name = !ingress.status.is_empty() && !is_elsewhere(outcome, plan);
    let problems = outcome.diagnostics.iter().filter(|it| match it.code {
        DiagnosticCode::ClassNotOurs => false,
        DiagnosticCode::ViewIncomplete => !keeps_name,
        _ => true,
    });
    problems
        .map(|diagnostic| {
            // An annotation that nobody reads is not why.
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
