//! What the log says about a pass.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use albatross_aws::Progress;
use albatross_contract::{Action, ActionResult, ActionState, Diagnostic, OutcomeState, Plan, Severity};

use super::{executed::Executed, written::Written};
use crate::{
    pass::Pass,
    render::{progress::Progress as ActionWords, style::printable, summary::Summary, words::first_of},
};

/// How many subjects of a message are named.
const NAMED: usize = 5;

/// Logs what passes do, and each complaint once when it appears, with all its subjects.
pub struct PassLog {
    /// The complaints of the last pass.
    said: BTreeSet<Complaint>,
    /// Whether cluster and account could be read completely for the last pass.
    was_whole: bool,
    /// Whether there was no time to read all of AWS for the last pass.
    was_behind: bool,
}

impl Default for PassLog {
    fn default() -> Self {
        PassLog { said: BTreeSet::new(), was_whole: true, was_behind: false }
    }
}

/// Logs the actions of a plan while they are executed, each when it begins and when it is done.
pub struct ActionLog<'a> {
    plan: &'a Plan,
    words: ActionWords<'a>,
    /// When each action began, by its id.
    begun: BTreeMap<String, Instant>,
    over: &'a AtomicUsize,
}

impl<'a> ActionLog<'a> {
    /// For a plan that is executed from now on. `over` counts the actions that are over.
    pub fn new(pass: &'a Pass, over: &'a AtomicUsize) -> ActionLog<'a> {
        let plan = &pass.plan;
        if !plan.actions.is_empty() {
            tracing::info!(actions = plan.actions.len(), "executing the plan");
        }
        let words = ActionWords::new(&pass.snapshot.inventory, plan);
        ActionLog { plan, words, begun: BTreeMap::new(), over }
    }

    /// An action has begun or is over.
    pub fn action(&mut self, action: &Action, progress: Progress<'_>) {
        match progress {
            Progress::Begun => {
                self.begun.insert(action.id.clone(), Instant::now());
                tracing::info!(
                    action = action.id,
                    load_balancer = name_of(&action.load_balancer, self.plan),
                    what = printable(&self.words.row(action).subject),
                    reason = printable(&action.reason),
                    "begun"
                );
            }
            Progress::Over { result, waited } => {
                let over = self.over.fetch_add(1, Ordering::Relaxed) + 1;
                let took = self.begun.remove(&action.id).map_or(Duration::ZERO, |begun| begun.elapsed());
                // Actions that failed are logged when the pass is over, with the Ingresses that wait for them.
                if result.state == ActionState::Done {
                    tracing::info!(
                        action = action.id,
                        load_balancer = name_of(&action.load_balancer, self.plan),
                        what = printable(&self.words.row(action).subject),
                        progress = format!("{over} of {}", self.plan.actions.len()),
                        took = ?to_milliseconds(took),
                        ?waited,
                        "done"
                    );
                }
            }
        }
    }
}

/// A duration without the digits that nobody reads.
fn to_milliseconds(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
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
    pub fn pass(&mut self, executed: &Executed, written: &Written) {
        summary(executed, written);
        for write in &written.gates.written {
            tracing::info!(
                pod = write.pod,
                ready = write.condition.status,
                reason = write.condition.message,
                "condition written"
            );
        }
        for write in &written.statuses.written {
            tracing::info!(
                object = %write.object,
                before = write.before,
                after = write.after,
                "status written"
            );
        }
        let complaints = complaints(executed, written);
        for (Words { is_error, message, remedy }, subjects) in by_words(complaints.difference(&self.said)) {
            let subject = printable(&first_of(&subjects, NAMED));
            let (message, remedy) = (printable(message), remedy.as_deref().map(printable));
            if *is_error {
                tracing::error!(subject, remedy, "{message}");
            } else {
                tracing::warn!(subject, remedy, "{message}");
            }
        }
        match executed.is_superseded {
            // What was said of actions that were left still holds.
            true => self.said.extend(complaints),
            false => self.said = complaints,
        }
        let is_whole = executed.is_whole();
        if is_whole && !self.was_whole {
            tracing::info!("AWS and the cluster can be read completely again");
        }
        self.was_whole = is_whole;
        if executed.is_behind != self.was_behind {
            let told = match executed.is_behind {
                true => "catching up: AWS is read in several passes, as the rate budget allows",
                false => "all of AWS has been read",
            };
            tracing::info!("{told}");
        }
        self.was_behind = executed.is_behind;
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

fn summary(executed: &Executed, written: &Written) {
    let (snapshot, plan) = (&executed.pass.snapshot, &executed.pass.plan);
    let count = |state| executed.results.iter().filter(|result| result.state == state).count();
    let line = Summary::new(snapshot, plan).line(snapshot, plan);
    let (done, failed) = (count(ActionState::Done), count(ActionState::Failed));
    if done == 0 && written.statuses.written.is_empty() {
        tracing::debug!(failed, "{line}");
    } else {
        let (skipped, statuses) = (count(ActionState::Skipped), written.statuses.written.len());
        tracing::info!(done, failed, skipped, statuses, "{line}");
    }
    if executed.is_superseded {
        tracing::info!("the cluster has changed: what was skipped is left to the next plan");
    }
}

fn complaints(executed: &Executed, written: &Written) -> BTreeSet<Complaint> {
    let plan = &executed.pass.plan;
    // What is left to the next plan is no reason to worry.
    let is_told = |result: &ActionResult| !executed.is_superseded || result.state != ActionState::Skipped;
    let results = plan.actions.iter().zip(&executed.results).filter(|(_, result)| is_told(result));
    let of_actions = results.filter_map(|(action, result)| failed(action, result));
    let of_gates = written.gates.failed.iter().map(|failure| {
        let subject = format!("Pod {}", failure.pod);
        Complaint::new(true, &subject, format!("its condition could not be written: {}", failure.error))
    });
    let of_statuses = written.statuses.failed.iter().map(|failure| {
        let subject = failure.object.to_string();
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
        .chain(of_gates)
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

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use albatross_contract::{Cluster, Disruption, Operation, ResourceReference};

    use super::*;
    use crate::{example, inputs::snapshot};

    const ARN: &str =
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/albatross-1-a1/73e2d6bc24d8a067";

    /// Keeps what is logged.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A pass whose plan deletes a target group.
    fn pass() -> Pass {
        let action = Action {
            id: "1/target-group/delete".to_owned(),
            depends_on: Vec::new(),
            load_balancer: "1".to_owned(),
            objects: Vec::new(),
            reason: "its load balancer is gone".to_owned(),
            disruption: Disruption::None,
            operation: Operation::DeleteTargetGroup(ResourceReference::Existing(ARN.to_owned())),
        };
        let plan = Plan { actions: vec![action], ..Plan::default() };
        let (cloud, settings) = (example::cloud().unwrap(), example::settings().unwrap());
        let snapshot = snapshot(Cluster::default(), cloud, settings, None);
        let (took, guarded) = (Duration::ZERO, Duration::ZERO);
        Pass { snapshot, plan, policies: Vec::new(), failures: Vec::new(), took, guarded }
    }

    /// The lines about the execution of a plan whose only action begins and ends in this state.
    fn logged(state: ActionState) -> Vec<String> {
        let (pass, over, log) = (pass(), AtomicUsize::new(0), Log::default());
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).without_time();
        let subscriber = subscriber.with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            let action = &pass.plan.actions[0];
            let result = ActionResult { action: action.id.clone(), state, error: None };
            let mut log = ActionLog::new(&pass, &over);
            log.action(action, Progress::Begun);
            log.action(action, Progress::Over { result: &result, waited: Duration::from_millis(1_500) });
        });
        let bytes = log.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn an_action_is_logged_when_it_begins_and_when_it_is_done_with_its_wait_for_the_rate_budget() {
        let lines = logged(ActionState::Done);
        let [executing, begun, done] = lines.as_slice() else { panic!("three lines: {lines:#?}") };
        assert!(executing.ends_with("executing the plan actions=1"), "{executing}");
        let what = r#"action="1/target-group/delete" load_balancer="1" what="- target group albatross-1-a1""#;
        let expected = format!(r#": begun {what} reason="its load balancer is gone""#);
        assert!(begun.ends_with(&expected), "{begun}");
        assert!(done.contains(&format!(r#": done {what} progress="1 of 1" took="#)), "{done}");
        assert!(done.ends_with(" waited=1.5s"), "{done}");
    }

    #[test]
    fn an_action_that_failed_is_logged_with_the_pass_and_not_as_done() {
        assert_eq!(logged(ActionState::Failed).len(), 2);
    }
}
