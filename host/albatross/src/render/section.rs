//! A section of a plan: a load balancer with its changes, or other resources with theirs. It is made once, and written as text
//! or as Markdown.

use super::{
    columns::{Row, Sign, write},
    style::{Style, Tint},
};

/// A section.
pub struct Section {
    /// Whether the resource is added, changed or removed.
    pub sign: Sign,
    /// The name of the load balancer, or what else the section is about.
    pub name: String,
    /// What it is.
    pub facts: Facts,
    /// Its changes.
    pub rows: Vec<Row>,
}

/// What a section is about.
pub enum Facts {
    /// The key figures of a load balancer.
    OfLoadBalancer(Vec<String>),
    /// A few words on other resources; may be empty.
    Words(&'static str),
}

impl Facts {
    /// All in one line; may be empty.
    pub fn line(&self) -> String {
        match self {
            Facts::OfLoadBalancer(facts) => facts.join(" · "),
            Facts::Words(words) => (*words).to_owned(),
        }
    }
}

/// Writes a section as text, after an empty line.
pub fn write_section(section: &Section, style: Style, out: &mut String) {
    out.push('\n');
    match &section.facts {
        Facts::Words(words) => {
            write(&[Row::signed(0, section.sign, section.name.as_str(), *words)], style, out);
        }
        Facts::OfLoadBalancer(_) => write_title(section, style, out),
    }
    write(&section.rows, style, out);
}

/// The key figures are in the line of the name if there is room, else below it.
fn write_title(section: &Section, style: Style, out: &mut String) {
    out.push_str(&style.paint(section.sign.tint(), section.sign.text()));
    out.push(' ');
    out.push_str(&style.paint(Tint::Name, &section.name));
    let facts = section.facts.line();
    let start = 2 + section.name.chars().count();
    if start + 3 + facts.chars().count() <= style.width() {
        out.push_str(&format!("   {facts}\n"));
    } else {
        out.push('\n');
        write(&[Row::plain(4, facts, "")], style, out);
    }
}
