//! `albatross explain`: why an Ingress or RouteGroup is served as it is, and what answers a request.

use std::io::Read;

use albatross_contract::{HttpRequest, ObjectName, Question};
use albatross_manifests::Problem;

use super::{
    Verdict,
    arguments::{ExplainIngressArguments, ExplainRequestArguments, OutputArguments, OutputFormat},
    console::Console,
    messages::{remark, report},
    planning::{self, Planning},
};
use crate::{error::Error, json, render::explanation::explanation, request::Url};

/// Runs `explain ingress`.
///
/// # Errors
/// There is no explanation, because the Ingress does not exist for example.
pub fn ingress(
    arguments: &ExplainIngressArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let planning = planning::read(&arguments.inputs, &arguments.components, standard_input, console)?;
    let is_known = planning.snapshot.cluster.sources().any(|source| ObjectName::of(source) == arguments.name);
    let unread = if is_known { None } else { unread(&arguments.name, &planning.problems) };
    let answer = answer(planning, &Question::Object(arguments.name.clone()), &arguments.output, console);
    answer.map_err(|error| unread.unwrap_or(error))
}

/// Runs `explain request`.
///
/// # Errors
/// There is no explanation, because no Ingress has the host for example.
pub fn request(
    arguments: &ExplainRequestArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let planning = planning::read(&arguments.inputs, &arguments.components, standard_input, console)?;
    let question = Question::Request(asked(arguments));
    answer(planning, &question, &arguments.output, console)
}

/// The request that the arguments describe.
fn asked(arguments: &ExplainRequestArguments) -> HttpRequest {
    let Url { scheme, host, port, path, query } = arguments.url.clone();
    HttpRequest {
        method: arguments.method.clone(),
        scheme,
        host,
        port,
        path,
        query,
        headers: arguments.header.clone(),
        source_address: arguments.source_address.map(|address| address.to_string()),
    }
}

fn answer(
    planning: Planning,
    question: &Question,
    output: &OutputArguments,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let Planning { makers, snapshot, problems, remarks, unread } = planning;
    remark(&remarks, console);
    let explained = match makers.explain(snapshot, question) {
        Ok(explained) => explained,
        Err(error) => {
            report(&problems, &unread, &[], console);
            return Err(error);
        }
    };
    match output.output {
        OutputFormat::Json => {
            console.write_json(&json::write("explanation", &explained.explanation)?);
        }
        OutputFormat::Text => {
            let text = explanation(&explained.explanation, console.style());
            console.write(&text);
        }
    }
    Ok(report(&problems, &unread, &explained.failures, console))
}

/// Why an object is not in the snapshot, if its document could not be read, or if this is not known.
fn unread(name: &ObjectName, problems: &[Problem]) -> Option<Error> {
    let object = name.in_words();
    let its = problems.iter().find(|problem| problem.object.as_ref() == Some(&object));
    if let Some(problem) = its {
        return Some(Error::ObjectUnread { object, place: problem.place.to_string() });
    }
    let problem = problems.iter().find(|problem| problem.object.is_none())?;
    Some(Error::ObjectPerhapsUnread { object, place: problem.place.to_string() })
}
