//! JSON in annotations, as the AWS Load Balancer Controller reads it: names of fields are compared without regard to case, and
//! `null` counts as absent. Other than there, unknown fields and fields that are given twice are errors, so that a mistake does
//! not change the routing.

use std::{fmt, ops::RangeInclusive};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, error::Category};

/// How many characters of a text a message shows.
const SHOWN: usize = 60;

/// Why a text cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field, such as `forwardConfig.targetGroups[1].weight`. Empty: the whole annotation.
    pub field: String,
    /// What it is, and what was expected.
    pub message: String,
}

impl Fault {
    fn new(field: &str, message: impl Into<String>) -> Self {
        Fault { field: field.to_owned(), message: message.into() }
    }
}

/// A value and its place in the annotation.
pub struct Field<'v> {
    value: &'v Value,
    place: String,
}

/// An object whose fields are read one by one.
pub struct Fields<'v> {
    fields: &'v Map<String, Value>,
    place: String,
    /// The names of the fields that were asked for.
    known: Vec<&'static str>,
}

/// Parses a text.
pub fn parse(text: &str) -> Result<Value, Fault> {
    serde_json::from_str(text).map(|Once(value)| value).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let message = error.to_string();
        // serde_json puts the place behind its message.
        let message = message.split(" at line ").next().unwrap_or_default();
        Fault::new(
            "",
            match error.classify() {
                Category::Data => format!("{message} (at {place})"),
                _ => format!("is not JSON at {place}: {message}"),
            },
        )
    })
}

/// A value in which no field is given twice.
struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read).map(Once)
    }
}

struct Read;

impl<'de> Visitor<'de> for Read {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Once(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Once(value))) = fields.next_entry::<String, Once>()? {
            if map.contains_key(&name) {
                return Err(A::Error::custom(format_args!("gives the field {name} twice")));
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

impl<'v> Field<'v> {
    /// The value of the whole annotation.
    pub fn whole(value: &'v Value) -> Self {
        Field { value, place: String::new() }
    }

    /// An error about this field.
    pub fn fault(&self, expected: impl fmt::Display) -> Fault {
        Fault::new(&self.place, format!("is {}, expected {expected}", shown(self.value)))
    }

    /// An error about this field, in other words.
    pub fn wrong(&self, message: impl Into<String>) -> Fault {
        Fault::new(&self.place, message)
    }

    /// The fields of an object.
    pub fn fields(&self) -> Result<Fields<'v>, Fault> {
        match self.value {
            Value::Object(fields) => Ok(Fields { fields, place: self.place.clone(), known: Vec::new() }),
            _ => Err(self.fault("an object")),
        }
    }

    /// The items of a list that is not empty.
    pub fn items(&self, expected: &str) -> Result<Vec<Field<'v>>, Fault> {
        match self.value {
            Value::Array(items) if !items.is_empty() => Ok(items
                .iter()
                .enumerate()
                .map(|(number, value)| Field { value, place: format!("{}[{number}]", self.place) })
                .collect()),
            _ => Err(self.fault(expected)),
        }
    }

    /// The texts of a list that is not empty, each accepted by `is_fit`.
    pub fn texts(&self, expected: &str, is_fit: impl Fn(&str) -> bool) -> Result<Vec<String>, Fault> {
        let items = self.items(&format!("a list of texts, each {expected}"))?;
        items.iter().map(|item| item.text(expected, &is_fit).map(str::to_owned)).collect()
    }

    /// A text that `is_fit` accepts.
    pub fn text(&self, expected: &str, is_fit: impl Fn(&str) -> bool) -> Result<&'v str, Fault> {
        self.value.as_str().filter(|text| is_fit(text)).ok_or_else(|| self.fault(expected))
    }

    /// The meaning of a word.
    pub fn choice<T: Copy>(&self, words: &[(&str, T)], expected: &str) -> Result<T, Fault> {
        let meaning = |text: &str| words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        self.value.as_str().and_then(meaning).ok_or_else(|| self.fault(expected))
    }

    /// `true` or `false`.
    pub fn boolean(&self) -> Result<bool, Fault> {
        self.value.as_bool().ok_or_else(|| self.fault("true or false"))
    }

    /// A whole number in a range.
    pub fn number(&self, range: RangeInclusive<u32>) -> Result<u32, Fault> {
        let found = self.value.as_u64().and_then(|number| u32::try_from(number).ok());
        found
            .filter(|number| range.contains(number))
            .ok_or_else(|| self.fault(format_args!("a number from {} to {}", range.start(), range.end())))
    }

    /// The text or the number that it is.
    pub fn word(&self) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl<'v> Fields<'v> {
    /// A field that may be absent.
    pub fn optional(&mut self, name: &'static str) -> Option<Field<'v>> {
        self.known.push(name);
        let mut found = self.fields.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let (_, value) = found.next().filter(|(_, value)| !value.is_null())?;
        Some(Field { value, place: self.place_of(name) })
    }

    /// A field that must be present.
    pub fn required(&mut self, name: &'static str) -> Result<Field<'v>, Fault> {
        self.optional(name).ok_or_else(|| Fault::new(&self.place_of(name), "is missing"))
    }

    /// An error if there is a field that was not asked for.
    pub fn no_others(&self) -> Result<(), Fault> {
        let is_known = |key: &String| self.known.iter().any(|name| key.eq_ignore_ascii_case(name));
        if let Some(key) = self.fields.keys().find(|key| !is_known(key)) {
            let message = format!("is not a known field, expected {}", self.known.join(", "));
            return Err(Fault::new(&self.place_of(key), message));
        }
        let is_twice =
            |name: &&&str| self.fields.keys().filter(|key| key.eq_ignore_ascii_case(name)).count() > 1;
        match self.known.iter().find(is_twice) {
            Some(name) => Err(Fault::new(&self.place_of(name), "is given twice, in different spellings")),
            None => Ok(()),
        }
    }

    fn place_of(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }
}

/// A value as messages show it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Array(items) if items.is_empty() => "an empty list".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > SHOWN => {
            let beginning: String = text.chars().take(SHOWN).collect();
            format!("{beginning:?}…")
        }
        Value::String(text) => format!("{text:?}"),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Field, parse};

    fn fault(field: &str, message: &str) -> Fault {
        Fault { field: field.to_owned(), message: message.to_owned() }
    }

    #[test]
    fn names_of_fields_are_compared_without_regard_to_case_and_null_is_absent() {
        let value = parse(r#"{"Type": "forward", "redirectCONFIG": null}"#).unwrap();
        let mut fields = Field::whole(&value).fields().unwrap();
        assert_eq!(fields.required("type").unwrap().text("a type", |_| true), Ok("forward"));
        assert!(fields.optional("redirectConfig").is_none());
        assert_eq!(fields.no_others(), Ok(()));
        assert_eq!(fields.required("host").err(), Some(fault("host", "is missing")));
    }

    #[test]
    fn an_error_names_the_field_with_its_value_and_what_was_expected() {
        let value = parse(r#"{"list": [{"weight": "7"}], "other": 1}"#).unwrap();
        let mut fields = Field::whole(&value).fields().unwrap();
        let items = fields.required("list").unwrap().items("a list").unwrap();
        let mut inner = items[0].fields().unwrap();
        assert_eq!(
            inner.required("weight").unwrap().number(0..=999),
            Err(fault("list[0].weight", "is \"7\", expected a number from 0 to 999"))
        );
        assert_eq!(fields.no_others(), Err(fault("other", "is not a known field, expected list")));
        let twice = parse(r#"{"a": 1, "A": 2}"#).unwrap();
        let mut fields = Field::whole(&twice).fields().unwrap();
        fields.optional("a");
        assert_eq!(fields.no_others(), Err(fault("a", "is given twice, in different spellings")));
    }

    #[test]
    fn a_text_that_is_not_json_is_an_error_with_its_place() {
        let told = parse("{\"a\": }").unwrap_err();
        assert_eq!(told, fault("", "is not JSON at line 1, column 7: expected value"));
        assert!(parse("[] x").is_err(), "text after the value");
        assert!(parse(&"[".repeat(100_000)).is_err(), "too deep");
    }

    #[test]
    fn a_field_that_is_given_twice_is_an_error() {
        let told = parse(r#"[{"type": "forward", "type": "redirect"}]"#).unwrap_err();
        assert_eq!(told, fault("", "gives the field type twice (at line 1, column 40)"));
        let value = r#"{"a": [1, -1, 0.5, true, null, "x"], "A": {"a": {}}}"#;
        assert_eq!(parse(value).unwrap(), serde_json::from_str::<serde_json::Value>(value).unwrap());
    }
}
