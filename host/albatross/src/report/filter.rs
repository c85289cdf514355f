//! Rows that can be filtered, and the form with which they are. Without a script there is no form, and all rows are shown.

use std::collections::BTreeSet;

use super::html::{Element, element, text};

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
    /// A row with these keys. The script finds them in its attributes.
    pub fn row(&self) -> Element {
        let words = |words: &BTreeSet<String>| {
            let words: Vec<&str> = words.iter().take(WORDS).map(String::as_str).collect();
            words.join(" ")
        };
        element("tr")
            .attribute("data-kind", &self.kind)
            .attribute("data-namespace", &words(&self.namespaces))
            .attribute("data-load-balancer", &words(&self.load_balancers))
            .attribute("data-hosts", &words(&self.hosts))
    }
}

/// The form for rows with these keys.
pub fn form<'a>(keys: impl Iterator<Item = &'a Keys> + Clone) -> Element {
    let kinds = keys.clone().map(|keys| keys.kind.as_str()).collect();
    let namespaces = keys.clone().flat_map(|keys| keys.namespaces.iter().map(String::as_str)).collect();
    let load_balancers = keys.flat_map(|keys| keys.load_balancers.iter().map(String::as_str)).collect();
    let words = element("input").attribute("type", "search").attribute("name", "text");
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
        .with(element("p").attribute("id", "shown").attribute("role", "status"))
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
