//! Rows that can be filtered, and the form with which they are. Without a script there is no form, and all rows are shown.

use std::collections::BTreeSet;

use serde_json::Value;

use super::rows::{Row, Rows};
use crate::html::{Element, element, text};

/// The most values of a choice.
const VALUES: usize = 1_000;

/// The most values by which a row can be found. An Ingress can have thousands of hosts.
const WORDS: usize = 200;

/// By what a row can be found. The text of the row counts, too.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// What it is about, such as `Ingress`.
    pub kind: String,
    /// The namespaces of the objects.
    pub namespaces: BTreeSet<String>,
    /// The names of the load balancers.
    pub load_balancers: BTreeSet<String>,
    /// The hosts of the objects.
    pub hosts: BTreeSet<String>,
}

impl Keys {
    /// A row with these keys. The script finds them in its attributes: lists of names, which can hold any character, as JSON.
    pub fn row(&self) -> Element {
        let list = |words: &BTreeSet<String>| Value::from_iter(first(words)).to_string();
        let hosts: Vec<&str> = first(&self.hosts).collect();
        element("tr")
            .attribute("data-kind", &self.kind)
            .attribute("data-namespace", &list(&self.namespaces))
            .attribute("data-load-balancer", &list(&self.load_balancers))
            .attribute("data-hosts", &hosts.join(" "))
    }
}

fn first(words: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    words.iter().take(WORDS).map(String::as_str)
}

/// The form for the rows of some tables. It offers what is in the rows that are written, and says how many are not.
pub fn form(tables: &[&Rows]) -> Element {
    let rows: Vec<&Row> = tables.iter().flat_map(|rows| rows.written()).collect();
    let keys = || rows.iter().map(|row| &row.keys);
    let kinds = keys().map(|keys| keys.kind.as_str()).collect();
    let namespaces = keys().flat_map(|keys| first(&keys.namespaces)).collect();
    let load_balancers = keys().flat_map(|keys| first(&keys.load_balancers)).collect();
    let left_out: usize = tables.iter().map(|rows| rows.left_out()).sum();
    let words = element("input").attribute("type", "search").attribute("name", "text");
    let shown = element("p")
        .attribute("id", "shown")
        .attribute("role", "status")
        .attribute("data-left-out", &left_out.to_string());
    element("form")
        .attribute("id", "filter")
        .attribute("role", "search")
        .attribute("aria-label", "Filter what differs")
        .flag("hidden")
        .with(choice("Kind", "kind", kinds))
        .with(choice("Namespace", "namespace", namespaces))
        .with(choice("Load balancer", "load-balancer", load_balancers))
        .with(element("label").with(text("span", "Host, or any text")).with(words))
        .with(text("button", "Show all").attribute("type", "reset"))
        .with(shown)
}

fn choice(title: &str, name: &str, values: BTreeSet<&str>) -> Element {
    let option = |value: &str| text("option", value).attribute("value", value);
    let every = text("option", "all").attribute("value", "");
    let select = element("select")
        .attribute("name", name)
        .with(every)
        .with_all(values.into_iter().take(VALUES).map(option));
    element("label").with(text("span", title)).with(select)
}
