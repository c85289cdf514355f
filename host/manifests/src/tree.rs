//! A tree of values with their lines, into which YAML and JSON are read.

use std::{collections::BTreeMap, rc::Rc};

/// The weight of a value besides its text: about the memory that it takes in an object of the contract.
pub(crate) const NODE_WEIGHT: usize = 16;

/// A value and where it begins.
#[derive(Debug)]
pub(crate) struct Node {
    /// The line in the file, from 1.
    pub(crate) line: usize,
    pub(crate) value: Value,
    /// Its share of the allowance when an alias repeats it.
    pub(crate) weight: usize,
}

/// A value. Tags other than `!!str` do not matter for manifests.
#[derive(Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    /// Its value, and how it is written: in YAML 1.1 `y` and `off` are booleans.
    Boolean(bool, &'static str),
    Integer(i64),
    /// A number that is not a 64-bit integer, as written.
    Number(String),
    Text(String),
    List(Vec<Rc<Node>>),
    Mapping(BTreeMap<String, Rc<Node>>),
}

impl Node {
    /// The tree of a JSON value, which has no lines.
    pub(crate) fn of_json(value: serde_json::Value) -> Node {
        use serde_json::Value as Json;
        let value = match value {
            Json::Null => Value::Null,
            Json::Bool(true) => Value::Boolean(true, "true"),
            Json::Bool(false) => Value::Boolean(false, "false"),
            Json::Number(number) => {
                number.as_i64().map_or_else(|| Value::Number(number.to_string()), Value::Integer)
            }
            Json::String(text) => Value::Text(text),
            Json::Array(items) => {
                Value::List(items.into_iter().map(|item| Rc::new(Node::of_json(item))).collect())
            }
            Json::Object(entries) => Value::Mapping(
                entries.into_iter().map(|(key, value)| (key, Rc::new(Node::of_json(value)))).collect(),
            ),
        };
        Node { line: 0, value, weight: NODE_WEIGHT } // JSON has no aliases
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Node) -> bool {
        self.value == other.value
    }
}
