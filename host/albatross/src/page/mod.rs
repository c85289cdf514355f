//! The page: what a controller or a simulation sees and plans, for people with a browser. It changes nothing, loads nothing from
//! elsewhere, and needs no script. All its links are relative, so that it works behind a proxy that gives it a path.

mod address;
mod attention;
mod board;
mod changes;
mod explain;
mod fleet;
mod flow;
mod history;
mod load_balancer;
mod server;
mod shown;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use albatross_contract::Timestamp;

use crate::{
    html::{
        Element,
        frame::{Forms, Frame, Head, Link, security_policy},
    },
    render::time::moment,
};
pub use board::Board;
pub use history::{History, Past};
pub use server::serve;
pub use shown::Shown;

/// What the page shows.
#[derive(Default)]
pub struct Page {
    /// The last pass that had a plan. Absent: there was none yet.
    pub shown: Option<Arc<Shown>>,
    /// The last pass with actions. Absent: none had any.
    pub changing: Option<Arc<Shown>>,
    /// Why there is no plan since then. Absent: the pass is the last one.
    pub trouble: Option<Trouble>,
    /// The passes before it, and it.
    pub history: History,
}

/// A pass without a plan.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// When.
    pub time: Timestamp,
    /// Why.
    pub message: String,
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
    [("./", "Fleet"), ("plan", "Last change"), ("explain", "Explain"), ("history", "History")];

impl Page {
    /// Answers a request for a path, with the query of its URL. This may plan, which takes seconds with a slow policy.
    pub fn answer(&self, path: &str, query: &str) -> Answer {
        let query = address::read(query);
        let name = || address::value(&query, "name").unwrap_or_default();
        match (path, &self.shown) {
            ("/history", _) => history::page(self),
            ("/" | "/plan" | "/explain" | "/load-balancer", None) => self.nothing_yet(),
            ("/", Some(shown)) => fleet::page(self, shown),
            ("/plan", Some(shown)) => changes::page(self, self.changing.as_deref().unwrap_or(shown)),
            ("/explain", Some(shown)) => explain::page(self, shown, &query),
            ("/load-balancer", Some(shown)) => load_balancer::page(self, shown, name()),
            _ => plain(404, "Not found", "There is no such page."),
        }
    }

    /// What is at the top of a page about the last plan: that it is old, if so.
    fn head(&self, shown: &Shown, title: &str, verdict: &str, is_problem: bool) -> Head {
        let verdict = match &self.trouble {
            Some(trouble) => format!("{} This is the pass before it: {verdict}", trouble.sentence()),
            None => verdict.to_owned(),
        };
        let is_problem = is_problem || self.trouble.is_some();
        Head { title: title.to_owned(), verdict, is_problem, facts: shown.facts() }
    }

    fn nothing_yet(&self) -> Answer {
        let verdict = match &self.trouble {
            Some(trouble) => trouble.sentence(),
            None => "No pass has ended yet, or this replica does not lead: then ask the replica that holds the Lease."
                .to_owned(),
        };
        let head = Head { title: "No plan yet".to_owned(), verdict, is_problem: true, facts: Vec::new() };
        Answer { status: 503, document: document(head, "", Vec::new()) }
    }
}

impl Trouble {
    fn sentence(&self) -> String {
        format!("There was no plan at {}: {}.", moment(self.time), self.message.trim_end_matches('.'))
    }
}

/// A page with the navigation.
fn document(head: Head, current: &str, content: Vec<Element>) -> String {
    let link = |(to, title): (&str, &str)| Link::new(title, to).current(to == current);
    frame(head, PAGES.map(link).into_iter().collect(), content)
}

fn frame(head: Head, links: Vec<Link>, content: Vec<Element>) -> String {
    Frame { head, navigation: ("Pages", links), content, script: None, forms: Forms::ToOwnServer }.document()
}

/// What every document may load and where its forms may be sent, as a header.
fn content_security_policy() -> String {
    format!("{}; frame-ancestors 'none'", security_policy(None, Forms::ToOwnServer))
}

fn ok(document: String) -> Answer {
    Answer { status: 200, document }
}

/// A page that says only one thing. It has no links: they would be wrong below another path.
fn plain(status: u16, title: &str, verdict: &str) -> Answer {
    let head =
        Head { title: title.to_owned(), verdict: verdict.to_owned(), is_problem: true, facts: Vec::new() };
    Answer { status, document: frame(head, Vec::new(), Vec::new()) }
}
