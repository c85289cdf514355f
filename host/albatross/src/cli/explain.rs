//! `albatross explain`: why an Ingress is served as it is.

use std::io::Read;

use albatross_contract::{ObjectName, Question};
use albatross_manifests::Problem;

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
    let is_known = planning
        .snapshot
        .cluster
        .ingresses
        .iter()
        .any(|ingress| ObjectName::of_ingress(ingress) == arguments.name);
    let explained = match planning.makers.explain(planning.snapshot, &question) {
        Ok(explained) => explained,
        Err(error) => {
            report(&planning.problems, &planning.unread, &[], console);
            return Err(match unread(&arguments.name, &planning.problems) {
                Some(reason) if !is_known => reason,
                _ => error,
            });
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

/// Why an object is not in the snapshot, if its document could not be read, or if this is not known.
fn unread(name: &ObjectName, problems: &[Problem]) -> Option<Error> {
    let object = format!("Ingress {}/{}", name.namespace, name.name);
    let its = problems.iter().find(|problem| problem.object.as_ref() == Some(&object));
    if let Some(problem) = its {
        return Some(Error::ObjectUnread { object, place: problem.place.to_string() });
    }
    let problem = problems.iter().find(|problem| problem.object.is_none())?;
    Some(Error::ObjectPerhapsUnread { object, place: problem.place.to_string() })
}
