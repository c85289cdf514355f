//! A cursor in a tree of values that knows its path, so that errors have a path and a line.

use std::{fmt::Write, rc::Rc};

use albatross_contract::{ServicePortReference, Tag};

use crate::{
    failure::Failure,
    tree::{Node, Value},
};

/// A field of an object, present or not. `null` counts as absent, as in the API.
pub(crate) struct Field<'a> {
    node: Option<&'a Node>,
    /// The line of the value; for an absent value, the line of the value that should contain it.
    line: usize,
    parent: Option<&'a Field<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    /// A document.
    Root,
    /// A field of a record.
    Field(&'a str),
    /// A key of a mapping that people name, such as an annotation.
    Key(&'a str),
    /// An item of a list.
    Item(usize),
}

impl<'a> Field<'a> {
    pub(crate) fn root(node: &'a Node) -> Field<'a> {
        Field { node: Some(node), line: node.line, parent: None, step: Step::Root }
    }

    /// The value, if the field is present.
    pub(crate) fn node(&self) -> Option<&'a Node> {
        self.node
    }

    pub(crate) fn line(&self) -> usize {
        self.line
    }

    pub(crate) fn is_present(&self) -> bool {
        self.value().is_some()
    }

    fn value(&self) -> Option<&'a Value> {
        self.node.map(|node| &node.value).filter(|value| **value != Value::Null)
    }

    fn child<'b>(&'b self, node: Option<&'b Rc<Node>>, step: Step<'b>) -> Field<'b> {
        let node = node.map(Rc::as_ref);
        Field { node, line: node.map_or(self.line, |node| node.line), parent: Some(self), step }
    }

    /// A field of this record. All fields of an absent record are absent.
    pub(crate) fn get<'b>(&'b self, name: &'b str) -> Result<Field<'b>, Failure> {
        match self.value() {
            None => Ok(self.child(None, Step::Field(name))),
            Some(Value::Mapping(entries)) => Ok(self.child(entries.get(name), Step::Field(name))),
            Some(_) => Err(self.wrong_type("a mapping")),
        }
    }

    /// The items of this list; no items if it is absent.
    pub(crate) fn items(&self) -> Result<Vec<Field<'_>>, Failure> {
        match self.value() {
            None => Ok(Vec::new()),
            Some(Value::List(items)) => Ok(items
                .iter()
                .enumerate()
                .map(|(index, item)| self.child(Some(item), Step::Item(index)))
                .collect()),
            Some(_) => Err(self.wrong_type("a list")),
        }
    }

    /// A text. An empty text counts as absent, as for the fields of the contract.
    pub(crate) fn text(&self) -> Result<Option<&'a str>, Failure> {
        match self.value() {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(Value::Boolean(_, written)) => {
                Err(self.wrong_type(&format!("a string: put it in quotes, {written:?}")))
            }
            Some(Value::Integer(_) | Value::Number(_)) => Err(self.wrong_type("a string: put it in quotes")),
            Some(_) => Err(self.wrong_type("a string")),
        }
    }

    /// [`Self::text`], owned.
    pub(crate) fn owned_text(&self) -> Result<Option<String>, Failure> {
        Ok(self.text()?.map(str::to_owned))
    }

    /// A text that must be present.
    pub(crate) fn required_text(&self) -> Result<&'a str, Failure> {
        self.text()?.ok_or_else(|| self.fail("is missing"))
    }

    pub(crate) fn boolean(&self) -> Result<Option<bool>, Failure> {
        match self.value() {
            None => Ok(None),
            Some(Value::Boolean(boolean, _)) => Ok(Some(*boolean)),
            Some(_) => Err(self.wrong_type("true or false")),
        }
    }

    /// A port. 0 means no port, as in the Go types of the API.
    pub(crate) fn port(&self) -> Result<Option<u16>, Failure> {
        match self.value() {
            None | Some(Value::Integer(0)) => Ok(None),
            Some(Value::Integer(number)) => u16::try_from(*number)
                .map(Some)
                .map_err(|_| self.fail(&format!("{number} is not a port: 1 to 65535"))),
            Some(_) => Err(self.wrong_type("a port number")),
        }
    }

    /// A port by number or by name (`IntOrString`).
    pub(crate) fn port_reference(&self) -> Result<Option<ServicePortReference>, Failure> {
        Ok(match self.value() {
            Some(Value::Text(_)) => self.owned_text()?.map(ServicePortReference::Name),
            _ => self.port()?.map(ServicePortReference::Number),
        })
    }

    /// A mapping of strings, in the order of its keys.
    pub(crate) fn tags(&self) -> Result<Vec<Tag>, Failure> {
        let entries = match self.value() {
            None => return Ok(Vec::new()),
            Some(Value::Mapping(entries)) => entries,
            Some(_) => return Err(self.wrong_type("a mapping")),
        };
        let mut tags = Vec::with_capacity(entries.len());
        for (key, node) in entries {
            let value = self.child(Some(node), Step::Key(key)).text()?.unwrap_or_default();
            tags.push(Tag { key: key.clone(), value: value.to_owned() });
        }
        Ok(tags)
    }

    /// One of the words that the API has for this field, if the field is present.
    pub(crate) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<Option<T>, Failure> {
        let Some(text) = self.text()? else { return Ok(None) };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(Some(*value));
        }
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        Err(self.fail(&format!("{} is not one of {}", shown(text), words.join(", "))))
    }

    /// An error in this field.
    pub(crate) fn fail(&self, what: &str) -> Failure {
        let path = self.path();
        let message = if path.is_empty() { what.to_owned() } else { format!("{path}: {what}") };
        Failure { line: self.line, message }
    }

    fn wrong_type(&self, expected: &str) -> Failure {
        let found = match self.value() {
            None => "nothing".to_owned(),
            Some(Value::Text(text)) => format!("{} is a string", shown(text)),
            Some(Value::Boolean(_, word @ ("true" | "false"))) => format!("{word} is a boolean"),
            Some(Value::Boolean(value, word)) => {
                format!("{word} without quotes is the boolean {value} in YAML")
            }
            Some(Value::Integer(number)) => format!("{number} is a number"),
            Some(Value::Number(number)) => format!("{number} is a number"),
            Some(Value::List(_)) => "this is a list".to_owned(),
            Some(Value::Mapping(_)) => "this is a mapping".to_owned(),
            Some(Value::Null) => "this is null".to_owned(),
        };
        self.fail(&format!("{found}, expected {expected}"))
    }

    /// Such as `spec.rules[0].http.paths[1].pathType`.
    fn path(&self) -> String {
        let mut path = self.parent.map(Field::path).unwrap_or_default();
        // Writing into a String cannot fail.
        let _ = match self.step {
            Step::Root => Ok(()),
            Step::Field(name) if path.is_empty() => write!(path, "{name}"),
            Step::Field(name) => write!(path, ".{name}"),
            Step::Key(key) => write!(path, "[{key:?}]"),
            Step::Item(index) => write!(path, "[{index}]"),
        };
        path
    }
}

/// A text as messages show it: in quotes, and cut if it is long.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}
