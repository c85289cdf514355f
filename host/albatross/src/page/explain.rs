//! Why an Ingress is served as it is, and what answers a request that a person types.

use albatross_contract::{Candidate, Decision, Explanation, HttpRequest, ObjectName, Question, Tag};

use super::{
    Answer, Shown,
    address::{Query, value},
    document, ok,
};
use crate::{
    html::{
        Element, element,
        frame::Section,
        table::{cell, column, left_out, table, title},
        text,
    },
    render::words::short_id,
    request::{Url, header, method, url},
};

/// The most candidates of a decision.
const CANDIDATES: usize = 200;
/// The most objects that are offered while a name is typed.
const OFFERED: usize = 2_000;

/// The page.
pub fn page(shown: &Shown, query: &Query) -> Answer {
    let (verdict, is_problem, answer) = match question(query) {
        None => ("Name an Ingress, or describe a request.".to_owned(), false, Vec::new()),
        Some(Err(problem)) => (problem, true, Vec::new()),
        Some(Ok(question)) => match shown.makers.explain(shown.snapshot.clone(), &question) {
            Ok(explained) => {
                let Explanation { headline, decisions } = explained.explanation;
                (headline, false, decisions.iter().enumerate().map(decision).collect())
            }
            Err(error) => (error.to_string(), true, Vec::new()),
        },
    };
    let mut content = answer;
    content.push(
        Section::new("object", "Why is an Ingress served so?", vec![object_form(shown, query)]).element(),
    );
    content.push(Section::new("request", "What answers a request?", vec![request_form(query)]).element());
    ok(document(shown.head("Explain", verdict, is_problem), "explain", content))
}

/// The question of a query. `None`: it asks nothing.
fn question(query: &Query) -> Option<Result<Question, String>> {
    let given = |name| value(query, name).filter(|value| !value.is_empty());
    if let Some(name) = given("object") {
        let expected = || {
            format!(
                "{name:?} names no object: write namespace/name of an Ingress, such as shop/checkout, or RouteGroup:shop/checkout"
            )
        };
        return Some(ObjectName::parse(name).map(Question::Object).ok_or_else(expected));
    }
    given("url").map(|text| {
        let Url { scheme, host, port, path, query: of_url } =
            url(text).map_err(|expected| format!("{text:?} is no URL: {expected}"))?;
        let asked = given("method").unwrap_or("GET");
        let method = method(asked).map_err(|expected| format!("{asked:?} is no method: {expected}"))?;
        let headers: Result<Vec<Tag>, String> = given("header")
            .into_iter()
            .map(|text| header(text).map_err(|expected| format!("{text:?} is no header: {expected}")))
            .collect();
        let request = HttpRequest {
            method,
            scheme,
            host,
            port,
            path,
            query: of_url,
            headers: headers?,
            source_address: None,
        };
        Ok(Question::Request(request))
    })
}

fn decision((at, decision): (usize, &Decision)) -> Element {
    let row = |candidate: &Candidate| {
        let name =
            if candidate.name.starts_with("arn:") { short_id(&candidate.name) } else { &candidate.name };
        vec![cell(if candidate.chosen { "chosen" } else { "" }), title(name), cell(&candidate.reason)]
    };
    let candidates = &decision.candidates;
    let rows: Vec<Vec<Element>> = candidates.iter().take(CANDIDATES).map(row).collect();
    let heading = format!("decision-{at}");
    let content = if rows.is_empty() {
        text("p", "There was nothing to choose from.").class("note")
    } else {
        table("Candidates", vec![column("chosen"), column("candidate"), column("why")], rows)
    };
    element("section")
        .attribute("aria-labelledby", &heading)
        .with(text("h2", &decision.title).attribute("id", &heading))
        .with(content)
        .with_all(left_out(candidates.len().saturating_sub(CANDIDATES), "candidate", ""))
}

fn field(label: &str, name: &str, example: &str, given: &str) -> Element {
    let input = element("input")
        .attribute("name", name)
        .attribute("placeholder", example)
        .attribute("value", given)
        .attribute("autocomplete", "off");
    element("label").with(text("span", label)).with(input)
}

fn form(fields: Vec<Element>) -> Element {
    element("form")
        .attribute("method", "get")
        .attribute("action", "explain")
        .with_all(fields)
        .with(text("button", "Explain"))
}

fn object_form(shown: &Shown, query: &Query) -> Element {
    let names = shown.plan.outcomes.iter().take(OFFERED).map(|outcome| outcome.object.to_string());
    let options = names.map(|name| element("option").attribute("value", &name));
    let given = value(query, "object").unwrap_or_default();
    let input = element("input")
        .attribute("name", "object")
        .attribute("list", "objects")
        .attribute("placeholder", "shop/checkout")
        .attribute("value", given)
        .attribute("autocomplete", "off");
    form(vec![
        element("label").with(text("span", "Namespace and name")).with(input),
        element("datalist").attribute("id", "objects").with_all(options),
    ])
}

fn request_form(query: &Query) -> Element {
    let given = |name| value(query, name).unwrap_or_default();
    form(vec![
        field("Method", "method", "GET", given("method")),
        field("URL", "url", "https://shop.example.org/cart", given("url")),
        field("Header (optional)", "header", "X-Canary: yes", given("header")),
    ])
}
