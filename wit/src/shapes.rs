//! The types of the contract as data, generated from the WIT: for JSON schemas, and for messages that say which field
//! of a file is wrong and what was expected there.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::{
    file::{FORMAT_VERSION, FileContent},
    json::Json,
    lengths,
};

/// What a value looks like in JSON.
enum Shape {
    /// `true` or `false`.
    Boolean,
    /// A whole number from 0.
    Number { most: u64 },
    /// A text.
    Text,
    /// A list.
    List(&'static Shape),
    /// A value, or none.
    Optional(&'static Shape),
    /// A type of [`TYPES`].
    Named(&'static str),
    /// An object with these fields and no other.
    Record(&'static [Field]),
    /// One of these texts.
    Enum(&'static [&'static str]),
    /// `"case"`, or `{"case": content}`.
    Variant(&'static [Case]),
}

/// A field of a record.
struct Field {
    name: &'static str,
    about: &'static str,
    shape: Shape,
    required: bool,
}

/// A case of a variant.
struct Case {
    name: &'static str,
    about: &'static str,
    content: Option<Shape>,
}

// `TYPES`: name, comment and shape of each type, in the order of the names.
include!(concat!(env!("OUT_DIR"), "/shapes.rs"));

fn of_type(name: &str) -> Option<(&'static str, &'static Shape)> {
    let at = TYPES.binary_search_by(|(found, _, _)| (*found).cmp(name)).ok()?;
    TYPES.get(at).map(|(_, about, shape)| (*about, shape))
}

/// A value that does not fit its field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mismatch(String);

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Finds the first value of a file that does not fit its field, in the order of the file.
pub(crate) fn mismatch<T: FileContent>(content: &Json) -> Option<Mismatch> {
    read(&Shape::Named(T::NAME), content, "", Form::File).err()
}

/// Reads settings: any of them, with lengths of time as numbers or texts. Returns lengths of time as numbers.
pub(crate) fn settings(given: &Json) -> Result<Value, Mismatch> {
    read(&Shape::Named("settings"), given, "", Form::PartOfSettings)
}

/// How strictly a value is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// In a file that a program wrote, or that has the same format.
    File,
    /// In a settings file, where missing fields have their defaults.
    PartOfSettings,
    /// In a list or an optional part of a settings file, where fields have no defaults.
    WholeOfSettings,
}

impl Form {
    /// Of the parts of a value that has no default.
    fn within(self) -> Form {
        match self {
            Form::PartOfSettings => Form::WholeOfSettings,
            other => other,
        }
    }
}

/// Values of a type that a field of the settings does not take, by the name of the field: an Application Load Balancer has no
/// address type without IPv4, a target group has only one of the two, and Gateway Load Balancers are only observed.
const NOT_IN_SETTINGS: [(&str, &[&str]); 3] = [
    ("ip-address-type", &["ipv6"]),
    ("target-ip-address-type", &["dualstack", "dualstack-without-public-ipv4"]),
    ("default-kind", &["gateway"]),
];

/// The values of an enum that a field takes. `path` ends with the name of the field.
fn allowed<'a>(names: &[&'a str], path: &str, form: Form) -> Vec<&'a str> {
    let field = path.rsplit('.').next().unwrap_or(path);
    let excluded = NOT_IN_SETTINGS.iter().filter(|(name, _)| form != Form::File && *name == field);
    let excluded: Vec<&str> = excluded.flat_map(|(_, values)| values.iter().copied()).collect();
    names.iter().copied().filter(|name| !excluded.contains(name)).collect()
}

fn read(shape: &Shape, json: &Json, path: &str, form: Form) -> Result<Value, Mismatch> {
    let wrong = || Mismatch(format!("{} is {json}, expected {}", subject(path), expected(shape, path, form)));
    Ok(match (shape, json) {
        (Shape::Named(name @ ("seconds" | "short-seconds")), Json::Text(text)) if form != Form::File => {
            let (_, shape) = of_type(name).ok_or_else(wrong)?;
            let seconds = lengths::parse(text).ok_or_else(wrong)?;
            read(shape, &Json::Number(seconds.into()), path, form).map_err(|_| wrong())?
        }
        (Shape::Named(name), _) => {
            let (_, shape) = of_type(name).ok_or_else(wrong)?;
            return read(shape, json, path, form).map_err(|mismatch| match shape {
                Shape::Number { .. } => wrong(),
                _ => mismatch,
            });
        }
        (Shape::Optional(_), Json::Null) => Value::Null,
        (Shape::Optional(content), _) => read(content, json, path, form.within())?,
        (Shape::Boolean, Json::Boolean(value)) => Value::Bool(*value),
        (Shape::Text, Json::Text(text)) => Value::String(text.clone()),
        (Shape::Number { most }, Json::Number(number)) => {
            let fits = number.as_u64().is_some_and(|number| number <= *most);
            if fits { Value::Number(number.clone()) } else { return Err(wrong()) }
        }
        (Shape::List(item), Json::List(items)) => {
            let form = form.within();
            let items = items.iter().enumerate();
            items
                .map(|(at, json)| read(item, json, &format!("{path}[{at}]"), form))
                .collect::<Result<_, _>>()?
        }
        (Shape::Record(fields), Json::Object(entries)) => read_record(fields, entries, path, form)?,
        (Shape::Enum(names), Json::Text(text)) if allowed(names, path, form).contains(&text.as_str()) => {
            Value::String(text.clone())
        }
        (Shape::Variant(cases), _) => {
            let (name, content) = match json {
                Json::Text(name) => (name, None),
                Json::Object(entries) => match entries.as_slice() {
                    [(name, content)] => (name, Some(content)),
                    _ => return Err(wrong()),
                },
                _ => return Err(wrong()),
            };
            let case = cases.iter().find(|case| case.name == name).ok_or_else(wrong)?;
            match (&case.content, content) {
                (None, None) => Value::String(name.clone()),
                (Some(shape), Some(content)) => {
                    json!({ name: read(shape, content, &join(path, name), form)? })
                }
                _ => return Err(wrong()),
            }
        }
        _ => return Err(wrong()),
    })
}

fn read_record(
    fields: &[Field],
    entries: &[(String, Json)],
    path: &str,
    form: Form,
) -> Result<Value, Mismatch> {
    let within = if path.is_empty() { String::new() } else { format!(" in {path}") };
    let mut object = Map::new();
    for (name, json) in entries {
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
            let names = names.join(", ");
            return Err(Mismatch(format!("unknown field `{name}`{within}, expected one of {names}")));
        };
        object.insert(name.clone(), read(&field.shape, json, &join(path, name), form)?);
    }
    let missing = fields.iter().find(|field| field.required && !object.contains_key(field.name));
    match missing.filter(|_| form != Form::PartOfSettings) {
        Some(field) => {
            let (name, expected) = (field.name, expected(&field.shape, field.name, form));
            Err(Mismatch(format!("missing field `{name}`{within}, expected {expected}")))
        }
        None => Ok(Value::Object(object)),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn subject(path: &str) -> &str {
    if path.is_empty() { "the content" } else { path }
}

/// In words, the values that a field accepts.
fn expected(shape: &Shape, path: &str, form: Form) -> String {
    match shape {
        Shape::Boolean => "true or false".to_owned(),
        Shape::Number { most } => format!("a whole number from 0 to {most}"),
        Shape::Text => "a text in quotes".to_owned(),
        Shape::List(item) => format!("a list such as [{}]", example(item)),
        Shape::Optional(content) => expected(content, path, form),
        Shape::Named("seconds" | "short-seconds") if form != Form::File => {
            format!("a length of time: seconds as a number, or a text such as {}", lengths::EXAMPLES)
        }
        Shape::Named("timestamp") => "a time: seconds since 1970 as a number".to_owned(),
        Shape::Named(name) => {
            of_type(name).map_or_else(String::new, |(_, shape)| expected(shape, path, form))
        }
        Shape::Record(fields) if form == Form::PartOfSettings => {
            let names = fields.iter().map(|field| format!("`{}`", field.name));
            format!("an object with any of {}", any_of(names))
        }
        Shape::Record(_) => format!("an object such as {}", example(shape)),
        Shape::Enum(names) => {
            any_of(allowed(names, path, form).into_iter().map(|name| format!("\"{name}\"")))
        }
        Shape::Variant(cases) => any_of(cases.iter().map(|case| match case.content {
            Some(_) => format!("{{\"{}\": …}}", case.name),
            None => format!("\"{}\"", case.name),
        })),
    }
}

/// `a, b or c`.
fn any_of(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    match names.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// An example of a value: for a record its required fields, one level deep.
fn example(shape: &Shape) -> String {
    match shape {
        Shape::Boolean => "true".to_owned(),
        Shape::Number { .. } => "0".to_owned(),
        Shape::Text => "\"…\"".to_owned(),
        Shape::List(_) => "[…]".to_owned(),
        Shape::Optional(content) => example(content),
        Shape::Named(name) => of_type(name).map_or_else(String::new, |(_, shape)| example(shape)),
        Shape::Enum(names) => names.first().map_or_else(String::new, |name| format!("\"{name}\"")),
        Shape::Variant(_) => "{…}".to_owned(),
        Shape::Record(fields) => {
            let needed: Vec<String> =
                fields.iter().filter(|field| field.required).map(example_of_field).collect();
            format!("{{{}}}", if needed.is_empty() { "…".to_owned() } else { needed.join(", ") })
        }
    }
}

fn example_of_field(field: &Field) -> String {
    let mut shape = &field.shape;
    while let Shape::Named(name) = shape
        && let Some((_, named)) = of_type(name)
    {
        shape = named;
    }
    let value = match shape {
        Shape::Record(_) => "{…}".to_owned(),
        Shape::Enum(names) => any_of(names.iter().map(|name| format!("\"{name}\""))),
        other => example(other),
    };
    format!("\"{}\": {value}", field.name)
}

/// The JSON schema of a file with its envelope, such as an inventory.
pub fn schema_of_file<T: FileContent>() -> Value {
    let mut definitions = Map::new();
    let content = reference(T::NAME, Form::File, &mut definitions);
    json!({
        "$schema": DIALECT,
        "title": format!("Albatross: {}", T::NAME),
        "type": "object",
        "properties": { "format-version": { "const": FORMAT_VERSION }, T::NAME: content },
        "required": ["format-version", T::NAME],
        "additionalProperties": false,
        "$defs": definitions,
    })
}

/// The JSON schema of a settings file.
pub fn schema_of_settings() -> Value {
    let mut definitions = Map::new();
    let content = reference("settings", Form::PartOfSettings, &mut definitions);
    json!({
        "$schema": DIALECT,
        "title": "Albatross: settings",
        "$ref": content["$ref"],
        "$defs": definitions,
    })
}

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A reference to the definition of a type, which is added unless it is there.
fn reference(name: &str, form: Form, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(name)
        && let Some((about, shape)) = of_type(name)
    {
        // A type may contain itself.
        definitions.insert(name.to_owned(), Value::Null);
        let mut schema = match name {
            "seconds" | "short-seconds" if form != Form::File => {
                let number = schema(shape, "", form, definitions);
                json!({ "anyOf": [number, { "type": "string", "pattern": lengths::PATTERN }] })
            }
            _ => schema(shape, "", form, definitions),
        };
        describe(&mut schema, about);
        definitions.insert(name.to_owned(), schema);
    }
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// `field`: the name of the field that has this shape, or nothing.
fn schema(shape: &Shape, field: &str, form: Form, definitions: &mut Map<String, Value>) -> Value {
    match shape {
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Number { most } => json!({ "type": "integer", "minimum": 0, "maximum": most }),
        Shape::Text => json!({ "type": "string" }),
        Shape::List(item) => {
            json!({ "type": "array", "items": schema(item, "", form.within(), definitions) })
        }
        Shape::Optional(content) => {
            json!({ "anyOf": [schema(content, field, form.within(), definitions), { "type": "null" }] })
        }
        Shape::Named(name) => match of_type(name) {
            Some((_, shape @ Shape::Enum(names))) if allowed(names, field, form).len() < names.len() => {
                schema(shape, field, form, definitions)
            }
            _ => reference(name, form, definitions),
        },
        Shape::Enum(names) => json!({ "enum": allowed(names, field, form) }),
        Shape::Record(fields) => {
            let mut properties = Map::new();
            for field in *fields {
                let mut property = schema(&field.shape, field.name, form, definitions);
                describe(&mut property, field.about);
                properties.insert(field.name.to_owned(), property);
            }
            let required = |field: &&Field| field.required && form != Form::PartOfSettings;
            let required: Vec<&str> = fields.iter().filter(required).map(|field| field.name).collect();
            json!({
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": false,
            })
        }
        Shape::Variant(cases) => {
            let mut alternatives = Vec::new();
            for case in *cases {
                let mut alternative = match &case.content {
                    None => json!({ "const": case.name }),
                    Some(content) => json!({
                        "type": "object",
                        "properties": { case.name: schema(content, "", form, definitions) },
                        "required": [case.name],
                        "additionalProperties": false,
                    }),
                };
                describe(&mut alternative, case.about);
                alternatives.push(alternative);
            }
            json!({ "oneOf": alternatives })
        }
    }
}

fn describe(schema: &mut Value, about: &str) {
    if let (Value::Object(schema), false) = (schema, about.is_empty()) {
        schema.insert("description".to_owned(), about.into());
    }
}
