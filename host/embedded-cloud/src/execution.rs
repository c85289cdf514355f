//! Execution of a plan.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{Action, ActionResult, ActionState, Operation, Plan, references::resolve};

use crate::AwsError;

/// What a plan can be executed on.
pub trait Cloud {
    /// Does one thing. Gives the ARN or id of what was made; nothing for operations that make nothing.
    ///
    /// # Errors
    /// The cloud's refusal.
    fn execute(&mut self, operation: &Operation) -> Result<Option<String>, AwsError>;

    /// Lets a moment pass, in which target groups that are being attached or detached become so.
    fn wait(&mut self);
}

/// Executes the actions of a plan in its order and tells `progress` the result of each at once.
///
/// An action is skipped when one that it depends on is not done; nothing else is held up by a failure. Where the cloud has
/// too much under way, it is given a moment. References to
/// what another action of the plan makes are filled in from the answers.
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
