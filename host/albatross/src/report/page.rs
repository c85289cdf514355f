//! A report: one file that needs nothing else. Everything can be read without its script, which only filters.

use crate::html::frame::{Forms, Frame, Head, Link, Section};

const SCRIPT: &str = include_str!("report.js");

/// The page, whose navigation leads to its parts.
pub fn page(head: Head, sections: Vec<Section>) -> String {
    let sections: Vec<Section> = sections.into_iter().filter(|it| !it.content.is_empty()).collect();
    let link = |section: &Section| Link::new(section.link, format!("#{}", section.id));
    Frame {
        head,
        navigation: ("Parts of this report", sections.iter().map(link).collect()),
        content: sections.into_iter().map(Section::element).collect(),
        script: Some(SCRIPT),
        forms: Forms::None,
    }
    .document()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end tag of a script within it would end it, and the browser hashes what is between the tags.
    #[test]
    fn the_script_holds_no_markup() {
        assert!(!SCRIPT.contains("</") && !SCRIPT.contains("<!--"), "the script would end early");
    }

    #[test]
    fn the_script_refers_to_nothing_outside() {
        for outside in ["http:", "https:", "url(", "@import", "src=", "fetch("] {
            assert!(!SCRIPT.contains(outside), "{outside}");
        }
    }
}
