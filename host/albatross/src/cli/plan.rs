//! `albatross plan`: what would change, and why.

use std::io::Read;

use albatross_contract::file;

use super::{
    Verdict,
    arguments::{CommentFormat, PlanArguments},
    console::Console,
    messages::{remark, report},
    planning,
};
use crate::{
    error::Error,
    policies::fixture,
    recorder::record,
    render::{
        markdown::plan::{Comment, no_plan},
        message::{Message, messages},
        plan::{Origin, plan},
        summary::Summary,
    },
};

/// Runs the command.
///
/// # Errors
/// No plan can be made, or the input or an output file cannot be used.
pub fn run(
    arguments: &PlanArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let answer = answer(arguments, standard_input, console);
    if let (Err(error), CommentFormat::Markdown) = (&answer, arguments.output.output) {
        // A comment on a pull request says why there is no plan.
        console.write(&no_plan(&error.to_string()));
    }
    answer
}

fn answer(
    arguments: &PlanArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let planning = planning::read(&arguments.inputs, &arguments.components, standard_input, console)?;
    remark(&planning.remarks, console);
    let makers = &planning.makers;
    let pass = match makers.pass(planning.snapshot) {
        Ok(pass) => pass,
        Err(error) => {
            // Input that could not be read is often the cause.
            report(&planning.problems, &planning.unread, &[], console);
            return Err(error);
        }
    };
    if let Some(path) = &arguments.record {
        record(path, makers, &pass, Vec::new())?;
    }
    if let Some(folder) = &arguments.record_questions {
        fixture::write(folder, &makers.calls_of(&pass)?)?;
    }
    let origin = |took| Origin { planner: makers.planner(), policies: makers.policy_identities(), took };
    match arguments.output.output {
        CommentFormat::Json => console.write_json(&file::write(&pass.plan)?),
        CommentFormat::Text => {
            let text = plan(&pass.snapshot, &pass.plan, &origin(Some(pass.took)), console.style());
            console.write(&text);
        }
        CommentFormat::Markdown => {
            let mut messages = messages(&planning.problems, &planning.unread, &pass.failures);
            messages.extend(planning.remarks.iter().cloned().map(Message::Warning));
            let comment = Comment {
                snapshot: &pass.snapshot,
                plan: &pass.plan,
                origin: &origin(None),
                messages: &messages,
            };
            console.write(&comment.markdown());
        }
    }
    let verdict = report(&planning.problems, &planning.unread, &pass.failures, console);
    let summary = Summary::new(&pass.snapshot, &pass.plan);
    // An Ingress that is not served as asked counts as a change, even where nothing can be done about it.
    let changes = !summary.is_empty() || summary.unserved();
    Ok(match verdict {
        Verdict::Fine if changes && arguments.detailed_exitcode => Verdict::Changes,
        verdict => verdict,
    })
}
