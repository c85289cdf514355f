//! Execution of a plan.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Action, ActionResult, ActionState, Operation, Plan, references::resolve};

use crate::AwsError;

/// A cloud that can execute a plan.
pub trait Cloud {
    /// Executes an operation. Returns the ARN or id of the created resource; `None` for operations that create nothing.
    ///
    /// # Errors
    /// The cloud's refusal.
    fn execute(&mut self, operation: &Operation) -> Result<Option<String>, AwsError>;

    /// Lets a moment pass, in which attaching and detaching target groups completes.
    fn wait(&mut self);
}

/// Executes the actions of a plan in order and reports each result to `progress` immediately.
///
/// An action is skipped if an action that it depends on is not done; a failure stops no other actions. If the cloud has too
/// many changes in progress, the action is retried a moment later. References to resources of other actions are resolved
/// from the answers.
pub fn execute(
    cloud: &mut impl Cloud,
    plan: &Plan,
    progress: &mut dyn FnMut(&Action, &ActionResult),
) -> Vec<ActionResult> {
    let mut done = BTreeSet::new();
    let mut made = BTreeMap::new();
    let mut results = Vec::with_capacity(plan.actions.len());
    for action in &plan.actions {
        let (state, error) = if action.depends_on.iter().any(|id| !done.contains(id.as_str())) {
            (ActionState::Skipped, None)
        } else {
            match run(cloud, action, &made) {
                Ok(resource) => {
                    done.insert(action.id.as_str());
                    if let Some(resource) = resource {
                        made.insert(action.id.clone(), resource);
                    }
                    (ActionState::Done, None)
                }
                Err(error) => (ActionState::Failed, Some(error)),
            }
        };
        let result = ActionResult { action: action.id.clone(), state, error };
        progress(action, &result);
        results.push(result);
    }
    results
}

fn run(
    cloud: &mut impl Cloud,
    action: &Action,
    made: &BTreeMap<String, String>,
) -> Result<Option<String>, String> {
    let operation = resolve(&action.operation, made).map_err(|error| error.to_string())?;
    let answer = match cloud.execute(&operation) {
        Err(error) if error.says_to_wait() => {
            cloud.wait();
            cloud.execute(&operation)
        }
        answer => answer,
    };
    answer.map_err(|error| error.to_string())
}
