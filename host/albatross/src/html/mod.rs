//! HTML that is escaped by construction: names of elements and attributes are literals of the program, and everything else is
//! text. Only literals of the program can be written as they are.

pub mod frame;
pub mod table;

use crate::render::style::printable;

/// Elements that have neither content nor an end tag.
const VOID: [&str; 4] = ["br", "input", "link", "meta"];

/// An element with all that is in it.
#[derive(Clone, Debug)]
pub struct Element {
    name: &'static str,
    attributes: String,
    content: String,
}

/// An element without attributes and content.
pub fn element(name: &'static str) -> Element {
    Element { name, attributes: String::new(), content: String::new() }
}

/// An element that holds a text.
pub fn text(name: &'static str, text: &str) -> Element {
    element(name).text(text)
}

impl Element {
    /// With an attribute.
    pub fn attribute(mut self, name: &'static str, value: &str) -> Element {
        self.attributes.push_str(&format!(" {name}=\"{}\"", escape(value)));
        self
    }

    /// With an attribute whose presence is its value, such as `open`.
    pub fn flag(mut self, name: &'static str) -> Element {
        self.attributes.push_str(&format!(" {name}"));
        self
    }

    /// With a class.
    pub fn class(self, name: &'static str) -> Element {
        self.attribute("class", name)
    }

    /// With a text.
    pub fn text(mut self, text: &str) -> Element {
        self.content.push_str(&escape(text));
        self
    }

    /// With a text of several lines.
    pub fn lines(mut self, text: &str) -> Element {
        for line in text.lines() {
            self.content.push_str(&escape(line));
            self.content.push('\n');
        }
        self
    }

    /// With an element.
    pub fn with(mut self, element: Element) -> Element {
        element.write(&mut self.content);
        self
    }

    /// With elements.
    pub fn with_all(self, elements: impl IntoIterator<Item = Element>) -> Element {
        elements.into_iter().fold(self, Element::with)
    }

    /// With a style sheet or a script of the program, as it is.
    pub fn literal(mut self, literal: &'static str) -> Element {
        self.content.push_str(literal);
        self
    }

    /// How many bytes it has.
    pub fn size(&self) -> usize {
        2 * self.name.len() + "<></>".len() + self.attributes.len() + self.content.len()
    }

    /// A whole document with this element as its root.
    pub fn document(self) -> String {
        let mut out = String::with_capacity(self.size() + 32);
        out.push_str("<!DOCTYPE html>\n");
        self.write(&mut out);
        out.push('\n');
        out
    }

    fn write(self, out: &mut String) {
        let Element { name, attributes, content } = self;
        out.push_str(&format!("<{name}{attributes}>"));
        if !VOID.contains(&name) {
            out.push_str(&content);
            out.push_str(&format!("</{name}>"));
        }
    }
}

/// A text in which nothing is markup, neither in an element nor in an attribute in double quotes, and in which no character is
/// invisible or changes the direction of others.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_never_markup() {
        let hostile = "</script><img src=x onerror='alert(1)'>\"&\u{202e}\n";
        let written = element("p").attribute("title", hostile).text(hostile).document();
        let shown = "&lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&quot;&amp;\u{fffd}\u{fffd}";
        assert_eq!(written, format!("<!DOCTYPE html>\n<p title=\"{shown}\">{shown}</p>\n"));
    }

    #[test]
    fn elements_are_nested_and_void_elements_have_no_end() {
        let list =
            element("ul").flag("hidden").with_all([text("li", "a"), element("li").with(element("br"))]);
        assert_eq!(list.clone().document(), "<!DOCTYPE html>\n<ul hidden><li>a</li><li><br></li></ul>\n");
        let lines = element("pre").lines("a <b>\r\n  c").document();
        assert_eq!(lines, "<!DOCTYPE html>\n<pre>a &lt;b&gt;\n  c\n</pre>\n");
        let size = list.size();
        assert_eq!(list.document().len(), "<!DOCTYPE html>\n".len() + size + 1);
    }
}
