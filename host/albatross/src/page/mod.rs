//! The page: what a controller or a simulation sees and plans, for people with a browser. It changes nothing, loads nothing from
//! elsewhere, and needs no script. All its links are relative, so that it works behind a proxy that gives it a path.

mod address;
mod board;
mod changes;
mod explain;
mod fleet;
mod flow;
mod history;
mod load_balancer;
mod server;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use albatross_contract::{ActionResult, Plan, Snapshot};

use crate::{
    difference::Side,
    html::{
        Element,
        frame::{Forms, Frame, Head, Link},
    },
    pass::Makers,
    render::{
        plan::{Origin, contents, introduction},
        style::Style,
        time::moment,
    },
};
pub use board::Board;
pub use history::{History, Past};
pub use server::serve;

/// The last pass, and what led to it.
pub struct Shown {
    /// What was planned for.
    pub snapshot: Snapshot,
    /// The plan.
    pub plan: Plan,
    /// What its execution came to.
    pub results: Vec<ActionResult>,
    /// The planner and the policies.
    pub makers: Arc<Makers>,
    /// What a person should know about the pass: policies that failed, manifests that cannot be read.
    pub messages: Vec<String>,
}

/// What the page shows.
#[derive(Default)]
pub struct Page {
    /// The last pass. Absent: there was none yet.
    pub shown: Option<Arc<Shown>>,
    /// The passes before it, and it.
    pub history: History,
}

/// An answer: a document of HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// The document.
    pub document: String,
}

/// The pages to which the navigation leads: address and title.
const PAGES: [(&str, &str); 4] =
    [("./", "Fleet"), ("plan", "Last plan"), ("explain", "Explain"), ("history", "History")];

impl Page {
    /// Answers a request for a path, with the query of its URL. This may plan, which takes seconds with 10,000 Ingresses.
    pub fn answer(&self, path: &str, query: &str) -> Answer {
        let query = address::read(query);
        let Some(shown) = &self.shown else { return nothing_yet() };
        match path {
            "/" => fleet::page(shown),
            "/plan" => changes::page(shown),
            "/explain" => explain::page(shown, &query),
            "/history" => history::page(shown, &self.history),
            "/load-balancer" => {
                load_balancer::page(shown, address::value(&query, "name").unwrap_or_default())
            }
            _ => not_found("There is no such page."),
        }
    }
}

impl Shown {
    fn side(&self) -> Side<'_> {
        Side { snapshot: Some(&self.snapshot), plan: &self.plan }
    }

    /// What is at the top of every page.
    fn head(&self, title: &str, verdict: String, is_problem: bool) -> Head {
        let origin =
            Origin { planner: self.makers.planner(), policies: self.makers.policy_identities(), took: None };
        let identity = &self.snapshot.settings.identity;
        let inventory = &self.snapshot.inventory;
        let facts = vec![
            ("Cluster", identity.cluster_id.clone()),
            ("AWS", format!("{}, {}", inventory.region, inventory.vpc.id)),
            ("Last pass", format!("{} UTC: {}", moment(self.snapshot.time), contents(&self.snapshot))),
            ("Planned with", introduction(&origin, Style::plain()).trim().to_owned()),
        ];
        Head { title: title.to_owned(), verdict, is_problem, facts }
    }
}

/// A page with the navigation.
fn document(head: Head, current: &str, content: Vec<Element>) -> String {
    let link = |(to, title): (&str, &str)| Link::new(title, to).current(to == current);
    Frame {
        head,
        navigation: ("Pages", PAGES.map(link).into_iter().collect()),
        content,
        script: None,
        forms: Forms::ToOwnServer,
    }
    .document()
}

fn ok(document: String) -> Answer {
    Answer { status: 200, document }
}

/// A page that says only one thing.
fn plain(status: u16, title: &str, verdict: &str) -> Answer {
    let head =
        Head { title: title.to_owned(), verdict: verdict.to_owned(), is_problem: true, facts: Vec::new() };
    Answer { status, document: document(head, "", Vec::new()) }
}

fn not_found(verdict: &str) -> Answer {
    plain(404, "Not found", verdict)
}

fn nothing_yet() -> Answer {
    plain(
        503,
        "No plan yet",
        "No pass has ended yet, or this replica does not lead: then ask the replica that holds the Lease.",
    )
}
