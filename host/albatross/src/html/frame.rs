//! The frame of every page: a document that loads nothing, with a heading, what came of it, links and parts.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::{Element, element, text};

const STYLE: &str = include_str!("style.css");

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

    /// The part on a page.
    pub fn element(self) -> Element {
        let Section { id, title, content, .. } = self;
        let heading = format!("{id}-title");
        element("section")
            .attribute("id", id)
            .attribute("aria-labelledby", &heading)
            .with(text("h2", &title).attribute("id", &heading))
            .with_all(content)
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

/// A link in the navigation.
pub struct Link {
    text: String,
    to: String,
    is_current: bool,
}

impl Link {
    /// A link to another page, or to a part of this one.
    pub fn new(text: impl Into<String>, to: impl Into<String>) -> Link {
        Link { text: text.into(), to: to.into(), is_current: false }
    }

    /// A link to the page on which it is, if this is so.
    pub fn current(self, is_current: bool) -> Link {
        Link { is_current, ..self }
    }

    fn element(self) -> Element {
        let link = text("a", &self.text).attribute("href", &self.to);
        element("li").with(if self.is_current { link.attribute("aria-current", "page") } else { link })
    }
}

/// Where forms of a page may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forms {
    /// Nowhere: the script of the page answers.
    None,
    /// To the server of the page.
    ToOwnServer,
}

/// A page.
pub struct Frame {
    /// What is at the top.
    pub head: Head,
    /// What the navigation is called, and its links.
    pub navigation: (&'static str, Vec<Link>),
    /// What is below.
    pub content: Vec<Element>,
    /// A script of the program. Without it everything can be read.
    pub script: Option<&'static str>,
    /// Where its forms may be sent.
    pub forms: Forms,
}

impl Frame {
    /// The document.
    pub fn document(self) -> String {
        let Frame { head, navigation: (label, links), content, script, forms } = self;
        let document_head = document_head(&head.title, script, forms);
        let navigation = (!links.is_empty()).then(|| {
            let links = links.into_iter().map(Link::element);
            element("nav").attribute("aria-label", label).with(element("ul").with_all(links))
        });
        let body = element("body")
            .with(text("a", "Skip to the content").class("skip").attribute("href", "#content"))
            .with(header(head))
            .with_all(navigation)
            .with(element("main").attribute("id", "content").with_all(content))
            .with_all(script.map(|script| element("script").literal(script)));
        element("html").attribute("lang", "en").with(document_head).with(body).document()
    }
}

fn header(Head { title, verdict, is_problem, facts }: Head) -> Element {
    let fact = |(title, fact): (&'static str, String)| {
        element("div").with(text("dt", title)).with(text("dd", &fact))
    };
    element("header")
        .with(text("p", "Albatross").class("brand"))
        .with(text("h1", &title))
        .with(text("p", &verdict).class(if is_problem { "verdict problem" } else { "verdict" }))
        .with_all(
            (!facts.is_empty()).then(|| element("dl").class("facts").with_all(facts.into_iter().map(fact))),
        )
}

fn document_head(title: &str, script: Option<&str>, forms: Forms) -> Element {
    let meta = |name, content: &str| element("meta").attribute("name", name).attribute("content", content);
    element("head")
        .with(element("meta").attribute("charset", "utf-8"))
        .with(
            element("meta")
                .attribute("http-equiv", "Content-Security-Policy")
                .attribute("content", &security_policy(script, forms)),
        )
        .with(meta("viewport", "width=device-width, initial-scale=1"))
        .with(meta("color-scheme", "light dark"))
        .with(meta("referrer", "no-referrer"))
        .with(text("title", &format!("{title} · Albatross")))
        .with(element("style").literal(STYLE))
}

/// The page loads nothing, and only the script and the style of the program count.
pub fn security_policy(script: Option<&str>, forms: Forms) -> String {
    let hash = |content: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(content)));
    let script = script.map_or_else(|| "'none'".to_owned(), hash);
    let forms = match forms {
        Forms::None => "'none'",
        Forms::ToOwnServer => "'self'",
    };
    format!(
        "default-src 'none'; style-src {}; script-src {script}; base-uri 'none'; form-action {forms}",
        hash(STYLE)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_holds_no_markup_and_refers_to_nothing_outside() {
        assert!(!STYLE.contains('<'), "the style would end early");
        for outside in ["http:", "https:", "url(", "@import"] {
            assert!(!STYLE.contains(outside), "{outside}");
        }
    }
}
