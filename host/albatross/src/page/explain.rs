//! Why an Ingress is served as it is, and what answers a request that a person types.

use std::net::IpAddr;

use albatross_contract::{Candidate, Decision, Explanation, HttpRequest, Question, Tag};

use super::{
    Answer, Page, Shown,
    address::{Query, value},
    document, ok,
};
use crate::{
    html::{
        Element, element,
        frame::Section,
        table::{cell, column, left_out, table},
        text,
    },
    render::{message::messages, words::short_id},
    request::{Url, header, method, object, url},
};

/// The most candidates of a decision.
const CANDIDATES: usize = 200;
/// The most objects that are offered while a name is typed.
const OFFERED: usize = 1_000;

/// What came of a question.
struct Answered {
    title: String,
    verdict: String,
    is_problem: bool,
    content: Vec<Element>,
}

/// The page.
pub fn page(page: &Page, shown: &Shown, query: &Query) -> Answer {
    let problem = |title: &str, verdict: String| Answered {
        title: title.to_owned(),
        verdict,
        is_problem: true,
        content: Vec::new(),
    };
    let Answered { title, verdict, is_problem, mut content } = match question(query) {
        None => Answered {
            title: "Explain".to_owned(),
            verdict: "Name an Ingress, or describe a request.".to_owned(),
            is_problem: false,
            content: Vec::new(),
        },
        Some((title, Ok(question))) => {
            answered(shown, &title, &question).unwrap_or_else(|verdict| problem(&title, verdict))
        }
        Some((title, Err(verdict))) => problem(&title, verdict),
    };
    let forms = [
        ("object", "Why is an Ingress served so?", object_form(shown, query)),
        ("request", "What answers a request?", request_form(query)),
    ];
    content.extend(forms.map(|(id, title, form)| {
        Section::new(id, title, vec![form.attribute("aria-labelledby", &format!("{id}-title"))]).element()
    }));
    ok(document(page.head(shown, &title, &verdict, is_problem), "explain", content))
}

fn answered(shown: &Shown, title: &str, question: &Question) -> Result<Answered, String> {
    let explained =
        shown.makers.explain(shown.snapshot.clone(), question).map_err(|error| error.to_string())?;
    let Explanation { headline, decisions } = explained.explanation;
    // What policies that fail would have decided is not known.
    let failures = messages(&[], &[], &explained.failures);
    let mut content = Vec::new();
    if !failures.is_empty() {
        let items = failures.iter().map(|message| text("li", message.text()));
        content.push(element("ul").class("problems").with_all(items));
    }
    content.extend(decisions.iter().enumerate().map(decision));
    Ok(Answered {
        title: format!("Explain {title}"),
        verdict: headline,
        is_problem: !failures.is_empty(),
        content,
    })
}

/// The question of a query, with what it is about. `None`: it asks nothing.
fn question(query: &Query) -> Option<(String, Result<Question, String>)> {
    let given = |name| value(query, name).filter(|value| !value.is_empty());
    if let Some(name) = given("object") {
        let question = object(name).map(Question::Object);
        return Some((name.to_owned(), question.map_err(|expected| format!("{name:?}: {expected}"))));
    }
    let address = given("url")?;
    let of = |name: &str, text: &str, expected: String| format!("{name} {text:?}: {expected}");
    let request = || {
        let Url { scheme, host, port, path, query } =
            url(address).map_err(|expected| of("URL", address, expected))?;
        let asked = given("method").unwrap_or("GET");
        let method = method(asked).map_err(|expected| of("method", asked, expected))?;
        let headers: Result<Vec<Tag>, String> = given("header")
            .into_iter()
            .map(|text| header(text).map_err(|expected| of("header", text, expected)))
            .collect();
        let source_address = match given("from") {
            Some(text) => {
                let expected = || of("client", text, "expected an IP address such as 203.0.113.7".to_owned());
                Some(text.parse::<IpAddr>().map_err(|_| expected())?.to_string())
            }
            None => None,
        };
        Ok(HttpRequest { method, scheme, host, port, path, query, headers: headers?, source_address })
    };
    Some((address.to_owned(), request().map(Question::Request)))
}

fn decision((at, decision): (usize, &Decision)) -> Element {
    let row = |candidate: &Candidate| {
        let Candidate { chosen, name, id, reason } = candidate;
        let short = if name.starts_with("arn:") { short_id(name) } else { name };
        // The shortened name, or what stands for it in AWS.
        let id = id.as_deref().or((short != name).then_some(name));
        let subject = element("th")
            .attribute("scope", "row")
            .with(text("div", short))
            .with_all(id.map(|id| text("div", id).class("faint")));
        vec![cell(if *chosen { "chosen" } else { "" }), subject, cell(reason)]
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
    element("label").with(text("span", label)).with(input(name, example, given))
}

fn input(name: &str, example: &str, given: &str) -> Element {
    element("input")
        .attribute("name", name)
        .attribute("placeholder", example)
        .attribute("value", given)
        .attribute("autocomplete", "off")
}

fn form(fields: Vec<Element>, button: &str) -> Element {
    element("form")
        .attribute("method", "get")
        .attribute("action", "explain")
        .with_all(fields)
        .with(text("button", button))
}

fn object_form(shown: &Shown, query: &Query) -> Element {
    let names = shown.plan.outcomes.iter().take(OFFERED).map(|outcome| outcome.object.to_string());
    let options = names.map(|name| element("option").attribute("value", &name));
    let input = input("object", "shop/checkout", value(query, "object").unwrap_or_default())
        .attribute("list", "objects");
    form(
        vec![
            element("label").with(text("span", "Namespace and name")).with(input),
            element("datalist").attribute("id", "objects").with_all(options),
        ],
        "Explain the Ingress",
    )
}

fn request_form(query: &Query) -> Element {
    let given = |name| value(query, name).unwrap_or_default();
    form(
        vec![
            field("Method", "method", "GET", given("method")),
            field("URL", "url", "https://shop.example.org/cart", given("url")),
            field("Header (optional)", "header", "X-Canary: yes", given("header")),
            field("Address of the client (optional)", "from", "203.0.113.7", given("from")),
        ],
        "Explain the request",
    )
}
