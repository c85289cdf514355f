//! The frame of a report: one file that needs nothing else. Everything can be read without its script, which only filters.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::html::{Element, element, text};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// A part of a page with a heading.
pub struct Section {
    /// Its id, to which links lead.
    pub id: &'static str,
    /// What links to it say.
    pub link: &'static str,
    /// Its heading.
    pub title: String,
    /// What is in it.
    pub content: Vec<Element>,
}

impl Section {
    /// A part whose heading is what links say.
    pub fn new(id: &'static str, link: &'static str, content: Vec<Element>) -> Section {
        Section { id, link, title: link.to_owned(), content }
    }

    /// With more in the heading than links say.
    pub fn titled(self, title: String) -> Section {
        Section { title, ..self }
    }
}

/// What is at the top of a page.
pub struct Head {
    /// What the page is about.
    pub title: String,
    /// What came of it, in one sentence.
    pub verdict: String,
    /// Whether a person must look at something.
    pub is_problem: bool,
    /// What was done with what, as pairs of title and text.
    pub facts: Vec<(&'static str, String)>,
}

/// The page.
pub fn page(head: Head, sections: Vec<Section>) -> String {
    let Head { title, verdict, is_problem, facts } = head;
    let sections: Vec<Section> = sections.into_iter().filter(|it| !it.content.is_empty()).collect();
    let links = sections.iter().map(|section| {
        let link = text("a", section.link).attribute("href", &format!("#{}", section.id));
        element("li").with(link)
    });
    let facts =
        facts.into_iter().map(|(title, fact)| element("div").with(text("dt", title)).with(text("dd", &fact)));
    let verdict = text("p", &verdict).class(if is_problem { "verdict problem" } else { "verdict" });
    let header = element("header")
        .with(text("p", "Albatross").class("brand"))
        .with(text("h1", &title))
        .with(verdict)
        .with(element("dl").class("facts").with_all(facts));
    let navigation =
        element("nav").attribute("aria-label", "Parts of this report").with(element("ul").with_all(links));
    let main = element("main").attribute("id", "content").with_all(sections.into_iter().map(section));
    let body = element("body")
        .with(text("a", "Skip to the content").class("skip").attribute("href", "#content"))
        .with(header)
        .with(navigation)
        .with(main)
        .with(element("script").literal(SCRIPT));
    element("html").attribute("lang", "en").with(document_head(&title)).with(body).document()
}

fn document_head(title: &str) -> Element {
    let meta = |name, content: &str| element("meta").attribute("name", name).attribute("content", content);
    element("head")
        .with(element("meta").attribute("charset", "utf-8"))
        .with(
            element("meta")
                .attribute("http-equiv", "Content-Security-Policy")
                .attribute("content", &security_policy()),
        )
        .with(meta("viewport", "width=device-width, initial-scale=1"))
        .with(meta("color-scheme", "light dark"))
        .with(meta("referrer", "no-referrer"))
        .with(text("title", &format!("{title} · Albatross")))
        .with(element("style").literal(STYLE))
}

/// The page loads nothing, and only its own script and style count.
fn security_policy() -> String {
    let hash = |content: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(content)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

fn section(section: Section) -> Element {
    let Section { id, title, content, .. } = section;
    let heading = format!("{id}-title");
    element("section")
        .attribute("id", id)
        .attribute("aria-labelledby", &heading)
        .with(text("h2", &title).attribute("id", &heading))
        .with_all(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end tag of a script within it would end it, and the browser hashes what is between the tags.
    #[test]
    fn style_and_script_hold_no_markup() {
        assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--"), "the script would end early");
        assert!(!STYLE.contains('<'), "the style would end early");
    }

    #[test]
    fn a_page_refers_to_nothing_outside() {
        for outside in ["http:", "https:", "url(", "@import", "src=", "fetch("] {
            assert!(!SCRIPT.contains(outside) && !STYLE.contains(outside), "{outside}");
        }
    }
}
