//! Walks through the texts of a file, led by its JSON schema.

use std::collections::{BTreeMap, HashMap};

use albatross_contract::TAG_UNNEEDED;
use serde_json::Value;

use super::kinds::{self, Kind};

/// What a value looks like.
#[derive(Clone, Debug)]
enum Node {
    /// A number, true or false, or one of a few words.
    Harmless,
    Text(Kind),
    List(Box<Node>),
    /// A record, or a variant: what its fields or cases hold.
    Object(HashMap<String, Node>),
    Named(String),
}

/// The texts of a file.
#[derive(Debug)]
pub(super) struct Shape {
    types: BTreeMap<String, Node>,
    /// Text fields of which nobody has said what they hold.
    pub unknown: Vec<String>,
}

/// Is told of a text what it is, and may change it.
pub(super) type Visit<'a> = dyn FnMut(Kind, &mut String) + 'a;

impl Shape {
    /// Reads a JSON schema as [`albatross_contract::shapes::schema_of_file`] writes it.
    pub fn new(schema: &Value) -> Shape {
        let mut shape = Shape { types: BTreeMap::new(), unknown: Vec::new() };
        for (name, schema) in schema["$defs"].as_object().into_iter().flatten() {
            let node = shape.node(schema, name);
            shape.types.insert(name.clone(), node);
        }
        shape
    }

    fn node(&mut self, schema: &Value, place: &str) -> Node {
        let first = |key: &str| schema[key].as_array().and_then(|all| all.first()).cloned();
        if let Some(reference) = schema["$ref"].as_str() {
            return Node::Named(reference.rsplit('/').next().unwrap_or(reference).to_owned());
        }
        if let Some(content) = first("anyOf") {
            return self.node(&content, place);
        }
        match schema["type"].as_str() {
            Some("string") => Node::Text(kinds::kind(place).unwrap_or_else(|| {
                self.unknown.push(place.to_owned());
                Kind::Name
            })),
            Some("array") => Node::List(Box::new(self.node(&schema["items"], place))),
            Some("object") => Node::Object(self.fields(schema, place)),
            _ => {
                let cases = schema["oneOf"].as_array().into_iter().flatten();
                let fields: HashMap<String, Node> = cases.flat_map(|case| self.fields(case, place)).collect();
                if fields.is_empty() { Node::Harmless } else { Node::Object(fields) }
            }
        }
    }

    fn fields(&mut self, schema: &Value, name: &str) -> HashMap<String, Node> {
        let fields = schema["properties"].as_object().into_iter().flatten();
        fields.map(|(field, schema)| (field.clone(), self.node(schema, &format!("{name}.{field}")))).collect()
    }

    /// Visits all texts of a value of a type.
    pub fn visit(&self, name: &str, value: &mut Value, visit: &mut Visit<'_>) {
        if let Some(node) = self.types.get(name) {
            self.visit_node(node, name == "tag", value, visit);
        }
    }

    fn visit_node(&self, node: &Node, is_tag: bool, value: &mut Value, visit: &mut Visit<'_>) {
        match (node, value) {
            (Node::Text(kind), Value::String(text)) => visit(*kind, text),
            (Node::List(item), Value::Array(values)) => {
                for value in values {
                    self.visit_node(item, false, value, visit);
                }
            }
            (Node::Object(fields), Value::Object(values)) => {
                // The value is a time.
                let is_mark = is_tag
                    && values
                        .get("key")
                        .and_then(Value::as_str)
                        .is_some_and(|key| key.starts_with(TAG_UNNEEDED))
                    && values.get("value").and_then(Value::as_str).is_some_and(is_number);
                for (name, value) in values {
                    if let Some(node) = fields.get(name).filter(|_| !(is_mark && name == "value")) {
                        self.visit_node(node, false, value, visit);
                    }
                }
            }
            (Node::Named(name), value) => self.visit(name, value, visit),
            _ => {}
        }
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use albatross_contract::{Bundle, shapes};

    use super::*;

    #[test]
    fn of_every_text_it_is_known_what_it_holds() {
        let shape = Shape::new(&shapes::schema_of_file::<Bundle>());
        assert!(shape.types.len() > 100, "the contract has many types");
        assert_eq!(shape.unknown, Vec::<String>::new(), "add them to the list in kinds.rs");
    }
}
