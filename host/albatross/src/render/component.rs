//! What a component is, for people.

use super::style::{Style, Tint, printable};
use crate::policies::{
    inspection::{Inspected, Made, Named},
    settings_schema,
};

/// A table of what a component is and says of itself.
pub fn component(inspected: &Inspected, style: Style) -> String {
    let title = match &inspected.description {
        Some(it) => format!("{} {}: {}", it.name, it.version, it.summary),
        None => inspected.file.clone(),
    };
    let mut out = format!("{}\n", style.paint(Tint::Name, &printable(&title)));
    for (name, lines) in rows(inspected) {
        let mut name = name;
        for line in lines {
            out.push_str(&format!("  {name:<10}{}\n", printable(&line)));
            name = "";
        }
    }
    out
}

/// The rows, each with its lines.
fn rows(inspected: &Inspected) -> Vec<(&'static str, Vec<String>)> {
    let one = |text: String| vec![text];
    let (size, limit) = (inspected.size.div_ceil(1_024), inspected.size_limit.div_ceil(1_024));
    let mut rows = vec![
        ("decides", one(or_none(&inspected.decides))),
        ("size", one(format!("{size} KiB of at most {limit} KiB"))),
        ("sha256", one(inspected.sha256.clone())),
        ("contract", one(or_none(&inspected.contracts))),
        ("imports", names(&inspected.imports)),
        ("exports", names(&inspected.exports)),
        ("made with", one(or_none(&inspected.producers.iter().map(made).collect::<Vec<String>>()))),
    ];
    if let Some(description) = &inspected.description {
        rows.push(("settings", settings(description.settings_schema.as_ref())));
    }
    if let Some(unfit) = &inspected.unfit {
        rows.push(("unfit", one(unfit.clone())));
    }
    rows
}

fn or_none<S: AsRef<str>>(all: &[S]) -> String {
    match all {
        [] => "none".to_owned(),
        all => all.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", "),
    }
}

/// A line for each interface.
fn names(all: &[Named]) -> Vec<String> {
    if all.is_empty() {
        return vec!["none".to_owned()];
    }
    let line = |named: &Named| match named.functions.as_slice() {
        [] => named.name.clone(),
        functions => format!("{} ({})", named.name, functions.join(", ")),
    };
    all.iter().map(line).collect()
}

/// `Rust 1.95`. The commit and date that compilers add in brackets are left out.
fn made(made: &Made) -> String {
    let version = made.version.split(" (").next().unwrap_or_default();
    format!("{} {version}", made.name).trim_end().to_owned()
}

fn settings(schema: Option<&serde_json::Value>) -> Vec<String> {
    let Some(schema) = schema.map(ToString::to_string) else {
        return vec!["it does not describe them".to_owned()];
    };
    match settings_schema::lines(&schema) {
        Some(lines) if lines.is_empty() => vec!["none".to_owned()],
        Some(lines) => lines,
        None => vec![schema],
    }
}
