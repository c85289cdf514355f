//! Reads YAML into a tree of values with their lines.
//!
//! JSON is YAML and is read in the same way. Values that an alias repeats are shared, so that a YAML bomb costs nothing to
//! read; the size of what aliases expand to is limited all the same, since objects are copied out of the tree.

use std::{
    collections::{BTreeMap, btree_map},
    rc::Rc,
};

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Tag};

use crate::{
    failure::Failure,
    field::shown,
    scalar,
    tree::{NODE_WEIGHT, Node, Value},
};

/// The size to which the aliases of one file may expand: bytes of text, and [`NODE_WEIGHT`] for each value. This limits
/// the nesting of aliases as well.
pub(crate) const ALIAS_ALLOWANCE: usize = 16 << 20;

/// A document that is not valid YAML.
pub(crate) struct Broken {
    pub(crate) failure: Failure,
    /// The entries of its outermost mapping before the error. They often tell which object it is.
    pub(crate) beginning: Option<Node>,
}

/// Reads the documents of a text that begins at `first_line` of its file, without empty documents. `allowance` is the size
/// to which the remaining aliases of the file may expand. The broken document, if there is one, is after the last document.
pub(crate) fn parse(text: &str, first_line: usize, allowance: &mut usize) -> (Vec<Rc<Node>>, Option<Broken>) {
    let mut documents = Vec::new();
    let mut builder = Builder::new(*allowance);
    let mut options = granit_parser::Options::default();
    options.set_emit_comments(false);
    // YAML limits a key to 1,024 characters, but JSON does not.
    options.simple_key_max_lookahead = 1 << 16;
    for next in Parser::new_from_str_with_options(text, options) {
        let line = |marker: granit_parser::Marker| first_line + marker.line() - 1;
        let outcome = match next {
            Err(error) => Err(Failure {
                line: line(*error.marker()),
                message: format!(
                    "not valid YAML: {} (column {})",
                    unquoted(&error, text).unwrap_or_else(|| error.info()),
                    error.marker().col() + 1
                ),
            }),
            Ok((Event::DocumentEnd, _)) => {
                *allowance = builder.allowance;
                if let Some(root) = std::mem::replace(&mut builder, Builder::new(*allowance)).root
                    && root.value != Value::Null
                {
                    documents.push(root);
                }
                Ok(())
            }
            Ok((event, span)) => builder
                .take(event, line(span.start))
                .map_err(|message| Failure { line: line(span.start), message }),
        };
        if let Err(failure) = outcome {
            return (documents, Some(Broken { failure, beginning: builder.beginning() }));
        }
    }
    (documents, None)
}

/// What to tell of a text that begins with `*`, such as a wildcard host, and is not in quotes: YAML takes it for an alias.
fn unquoted(error: &ScanError, text: &str) -> Option<String> {
    if !matches!(error.kind(), ErrorKind::UnknownAnchor | ErrorKind::MissingAnchorOrAliasName) {
        return None;
    }
    let line = text.lines().nth(error.marker().line().checked_sub(1)?)?;
    let begins = |at: &usize| line[..*at].chars().next_back().is_none_or(|before| " \t[,{".contains(before));
    let at = line.match_indices('*').map(|(at, _)| at).find(begins)?;
    let value = line[at..].split([' ', '\t', ',', ']', '}']).next()?;
    Some(format!(
        "{value} is without quotes, so YAML takes it for an alias; put it in quotes: {}",
        shown(value)
    ))
}

/// Builds the tree of one document from its events.
struct Builder {
    root: Option<Rc<Node>>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Rc<Node>>,
    allowance: usize,
}

/// A list or mapping whose end has not been read.
struct Open {
    line: usize,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Rc<Node>>),
    Mapping { entries: BTreeMap<String, Rc<Node>>, key: Option<Key>, merged: Vec<Rc<Node>> },
}

enum Key {
    Text(String),
    /// `<<`: the entries of another mapping, or of a list of them.
    Merge,
}

impl Builder {
    fn new(allowance: usize) -> Builder {
        Builder { root: None, open: Vec::new(), anchors: BTreeMap::new(), allowance }
    }

    /// The entries of the outermost mapping so far.
    fn beginning(self) -> Option<Node> {
        let Open { line, content, .. } = self.open.into_iter().next()?;
        match content {
            Content::Mapping { entries, .. } => {
                Some(Node { line, value: Value::Mapping(entries), weight: NODE_WEIGHT })
            }
            Content::List(_) => None,
        }
    }

    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                if self.expects_key() && plain && text == "<<" {
                    return self.key(Key::Merge);
                }
                let is_text = !plain
                    || tag.is_some_and(|tag: std::borrow::Cow<'_, Tag>| tag.core_suffix() == Some("str"));
                let weight = NODE_WEIGHT + text.len();
                // A key is always a text: the API has mappings with strings as keys only.
                let value = if is_text || self.expects_key() {
                    Value::Text(text.into_owned())
                } else {
                    scalar::resolve(&text)
                };
                self.place(Node { line, value, weight }, anchor)
            }
            Event::Alias(anchor) => {
                let node =
                    self.anchors.get(&anchor).ok_or("an alias refers to the value that contains it")?;
                let node = Rc::clone(node);
                self.allowance = self.allowance.checked_sub(node.weight).ok_or_else(|| {
                    format!(
                        "the aliases of this file expand to more than {} MiB, as in a YAML bomb: write the values out",
                        ALIAS_ALLOWANCE >> 20
                    )
                })?;
                self.place_shared(node)
            }
            Event::SequenceStart(_, anchor, _) => self.begin(line, anchor, Content::List(Vec::new())),
            Event::MappingStart(_, anchor, _) => {
                let content = Content::Mapping { entries: BTreeMap::new(), key: None, merged: Vec::new() };
                self.begin(line, anchor, content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            _ => Ok(()), // starts and ends of streams and documents
        }
    }

    fn expects_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Mapping { key: None, .. }, .. }))
    }

    fn begin(&mut self, line: usize, anchor: usize, content: Content) -> Result<(), String> {
        if self.expects_key() {
            return Err("the key of a mapping is a list or a mapping (an unrendered template?)".to_owned());
        }
        self.open.push(Open { line, anchor, content });
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let Some(Open { line, anchor, content }) = self.open.pop() else { return Ok(()) };
        let value = match content {
            Content::List(items) => Value::List(items),
            Content::Mapping { mut entries, merged, .. } => {
                merged.iter().for_each(|mapping| merge(&mut entries, mapping));
                Value::Mapping(entries)
            }
        };
        let children: usize = match &value {
            Value::List(items) => items.iter().map(|node| node.weight).sum(),
            Value::Mapping(entries) => entries.iter().map(|(key, node)| key.len() + node.weight).sum(),
            _ => 0,
        };
        self.place(Node { line, value, weight: NODE_WEIGHT + children }, anchor)
    }

    fn place(&mut self, node: Node, anchor: usize) -> Result<(), String> {
        let node = Rc::new(node);
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.place_shared(node)
    }

    fn key(&mut self, new: Key) -> Result<(), String> {
        if let Some(Open { content: Content::Mapping { entries, key, .. }, .. }) = self.open.last_mut() {
            if let Key::Text(text) = &new
                && entries.contains_key(text)
            {
                return Err(format!("the key {text:?} is in this mapping twice"));
            }
            *key = Some(new);
        }
        Ok(())
    }

    fn place_shared(&mut self, node: Rc<Node>) -> Result<(), String> {
        if self.expects_key() {
            return match &node.value {
                Value::Text(text) => self.key(Key::Text(text.clone())),
                _ => Err("the key of a mapping is not a string".to_owned()),
            };
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Mapping { entries, key, merged }) => match key.take() {
                Some(Key::Text(key)) => {
                    entries.insert(key, node);
                }
                Some(Key::Merge) | None if is_mergeable(&node.value) => merged.push(node),
                Some(Key::Merge) | None => return Err("<< takes a mapping or a list of mappings".to_owned()),
            },
        }
        Ok(())
    }
}

/// Whether a value can stand after `<<`.
fn is_mergeable(value: &Value) -> bool {
    let is_mapping = |value: &Value| matches!(value, Value::Mapping(_));
    match value {
        Value::List(mappings) => mappings.iter().all(|mapping| is_mapping(&mapping.value)),
        other => is_mapping(other),
    }
}

/// Adds the entries of a merged mapping. Existing entries take precedence, as YAML specifies for the merge key.
fn merge(entries: &mut BTreeMap<String, Rc<Node>>, from: &Node) {
    match &from.value {
        Value::Mapping(more) => {
            for (key, node) in more {
                if let btree_map::Entry::Vacant(vacant) = entries.entry(key.clone()) {
                    vacant.insert(Rc::clone(node));
                }
            }
        }
        Value::List(mappings) => mappings.iter().for_each(|mapping| merge(entries, mapping)),
        _ => {}
    }
}
