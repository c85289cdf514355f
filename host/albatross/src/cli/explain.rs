//! `albatross explain`: why an Ingress is served as it is.

use std::io::Read;

use albatross_contract::Question;

use super::{
    Verdict,
    arguments::{ExplainIngressArguments, OutputFormat},
    console::Console,
    messages::{remark, report},
    planning,
};
use crate::{error::Error, json, render::explanation::explanation};

/// Runs `explain ingress`.
///
/// # Errors
/// There is no explanation, because the Ingress does not exist for example.
pub fn run(
    arguments: &ExplainIngressArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let planning = planning::read(&arguments.inputs, &arguments.components, standard_input)?;
    remark(&planning.remarks, console);
    let question = Question::Object(arguments.name.clone());
    let explained = match planning.makers.explain(planning.snapshot, &question) {
        Ok(explained) => explained,
        Err(error) => {
            report(&planning.problems, &planning.unread, &[], console);
            return Err(error);
        }
    };
    match arguments.output.output {
        OutputFormat::Json => {
            console.write_json(&json::write("explanation", &explained.explanation)?);
        }
        OutputFormat::Text => {
            let text = explanation(&explained.explanation, console.style());
            console.write(&text);
        }
    }
    Ok(report(&planning.problems, &planning.unread, &explained.failures, console))
}
