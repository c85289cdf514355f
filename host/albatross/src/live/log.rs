//! What the log says about a pass.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use albatross_cluster::StatusReport;
use albatross_contract::{Action, ActionResult, ActionState, Diagnostic, OutcomeState, Plan, Severity};

use super::executed::Executed;
use crate::{
    pass::Pass,
    render::{progress::Progress, style::printable, summary::Summary, words::first_of},
};

/// How many subjects of a message are named.
const NAMED: usize = 5;

/// Logs what passes do, and each complaint once when it appears, with all its subjects.
pub struct PassLog {
    /// The complaints of the last pass.
    said: BTreeSet<Complaint>,
    /// Whether cluster and account could be read completely for the last pass.
    was_whole: bool,
}

impl Default for PassLog {
    fn default() -> Self {
        PassLog { said: BTreeSet::new(), was_whole: true }
    }
}

/// Logs the actions of a plan while they are executed, each when it is over.
pub struct ActionLog<'a> {
    plan: &'a Plan,
    words: Progress<'a>,
    begin: Instant,
    over: &'a AtomicUsize,
}

impl<'a> ActionLog<'a> {
    /// Of a plan that is executed from now on. `over` counts the actions that are over.
    pub fn new(pass: &'a Pass, over: &'a AtomicUsize) -> ActionLog<'a> {
        let plan = &pass.plan;
        if !plan.actions.is_empty() {
            tracing::info!(actions = plan.actions.len(), "the plan is executed");
        }
        let words = Progress::new(&pass.snapshot.inventory, plan);
        ActionLog { plan, words, begin: Instant::now(), over }
    }

    /// An action is over.
    pub fn over(&mut self, action: &Action, result: &ActionResult) {
        let over = self.over.fetch_add(1, Ordering::Relaxed) + 1;
        // What failed is told once the pass is over, with all that wait for it.
        if result.state != ActionState::Done {
            return;
        }
        tracing::info!(
            action = action.id,
            load_balancer = name_of(&action.load_balancer, self.plan),
            what = printable(&self.words.row(action).subject),
            reason = action.reason,
            progress = format!("{over} of {}", self.plan.actions.len()),
            after = ?Duration::from_millis(u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX)),
            "done"
        );
    }
}

/// Something that a person should look at.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Complaint {
    words: Words,
    /// The subject: an Ingress, an action, a budget.
    subject: String,
}

/// The text of a complaint, which several subjects may share.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Words {
    is_error: bool,
    message: String,
    /// What to do. Absent: the message says so itself.
    remedy: Option<String>,
}

impl PassLog {
    /// Logs a pass.
    pub fn pass(&mut self, executed: &Executed, statuses: &StatusReport) {
        summary(executed, statuses);
        for write in &statuses.written {
            tracing::info!(
                ingress = format!("{}/{}", write.namespace, write.name),
                before = write.before,
                after = write.after,
                "status written"
            );
        }
        let complaints = complaints(executed, statuses);
        for (Words { is_error, message, remedy }, subjects) in by_words(complaints.difference(&self.said)) {
            let subject = printable(&first_of(&subjects, NAMED));
            let (message, remedy) = (printable(message), remedy.as_deref().map(printable));
            if *is_error {
                tracing::error!(subject, remedy, "{message}");
            } else {
                tracing::warn!(subject, remedy, "{message}");
            }
        }
        self.said = complaints;
        let is_whole = executed.is_whole();
        if is_whole && !self.was_whole {
            tracing::info!("AWS and the cluster can be read completely again");
        }
        self.was_whole = is_whole;
    }
}

/// Groups complaints by their text: an outage concerns every Ingress, and is logged once for all of them.
fn by_words<'a>(complaints: impl Iterator<Item = &'a Complaint>) -> BTreeMap<&'a Words, Vec<&'a str>> {
    let mut subjects: BTreeMap<&Words, Vec<&str>> = BTreeMap::new();
    for complaint in complaints {
        subjects.entry(&complaint.words).or_default().push(&complaint.subject);
    }
    subjects
}

/// The name of a load balancer in AWS, as consoles and Events show it.
fn name_of<'a>(id: &'a str, plan: &'a Plan) -> &'a str {
    plan.load_balancers.iter().find(|found| found.id == id).map_or(id, |found| &found.name)
}

fn summary(executed: &Executed, statuses: &StatusReport) {
    let (snapshot, plan) = (&executed.pass.snapshot, &executed.pass.plan);
    let count = |state| executed.results.iter().filter(|result| result.state == state).count();
    let line = Summary::new(snapshot, plan).line(snapshot, plan);
    let (done, failed) = (count(ActionState::Done), count(ActionState::Failed));
    if done == 0 && statuses.written.is_empty() {
        tracing::debug!(failed, "{line}");
    } else {
        let (skipped, statuses) = (count(ActionState::Skipped), statuses.written.len());
        tracing::info!(done, failed, skipped, statuses, "{line}");
    }
}

fn complaints(executed: &Executed, statuses: &StatusReport) -> BTreeSet<Complaint> {
    let plan = &executed.pass.plan;
    let results = plan.actions.iter().zip(&executed.results);
    let of_actions = results.filter_map(|(action, result)| failed(action, result));
    let of_statuses = statuses.failed.iter().map(|failure| {
        let subject = format!("{}/{}", failure.namespace, failure.name);
        Complaint::new(true, &subject, format!("the status could not be written: {}", failure.error))
    });
    let failures = &executed.pass.failures;
    let of_policies = failures.iter().map(|failure| {
        Complaint::new(true, "policy", format!("{failure}: its point is frozen in this pass"))
    });
    let of_budgets =
        plan.withheld.iter().map(|withheld| Complaint::new(false, "budget", withheld.message.clone()));
    let of_ingresses = plan
        .outcomes
        .iter()
        .filter(|outcome| outcome.state != OutcomeState::Ignored)
        .flat_map(|outcome| &outcome.diagnostics);
    let of_plan = plan.diagnostics.iter().chain(of_ingresses).filter(|it| it.severity != Severity::Info);
    of_actions
        .chain(of_statuses)
        .chain(of_policies)
        .chain(of_budgets)
        .chain(of_plan.map(Complaint::of_diagnostic))
        .collect()
}

fn failed(action: &Action, result: &ActionResult) -> Option<Complaint> {
    let (is_error, message) = match (result.state, &result.error) {
        (ActionState::Done, _) => return None,
        (ActionState::Failed, error) => (true, error.as_deref().unwrap_or_default()),
        (ActionState::Skipped, Some(error)) => (false, error.as_str()),
        (ActionState::Skipped, None) => (false, "not tried, since an action before it was not done"),
    };
    let waiting: Vec<String> = action.objects.iter().map(ToString::to_string).collect();
    let waiting = match waiting.as_slice() {
        [] => String::new(),
        objects => format!(" (waiting for this action: {})", objects.join(", ")),
    };
    Some(Complaint::new(is_error, &action.id, format!("{message}{waiting}")))
}

impl Complaint {
    fn new(is_error: bool, subject: &str, message: String) -> Complaint {
        Complaint { words: Words { is_error, message, remedy: None }, subject: subject.to_owned() }
    }

    fn of_diagnostic(diagnostic: &Diagnostic) -> Complaint {
        let is_error = diagnostic.severity == Severity::Error;
        let (message, remedy) = (diagnostic.message.clone(), diagnostic.remedy.clone());
        Complaint { words: Words { is_error, message, remedy }, subject: diagnostic.subject.clone() }
    }
}
