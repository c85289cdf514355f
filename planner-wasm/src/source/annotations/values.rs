//! Values of annotations: numbers, lists, choices and string maps, as the AWS Load Balancer Controller spells them.

use std::{borrow::Cow, collections::BTreeSet, ops::RangeInclusive};

use albatross_contract::Tag;

use super::{Unreadable, string_map};
use crate::{identity::tag_value, source::StringMap};

/// The spellings of true and false (Go, `strconv.ParseBool`).
const FLAGS: &[(&str, bool)] = &[
    ("1", true),
    ("t", true),
    ("T", true),
    ("true", true),
    ("TRUE", true),
    ("True", true),
    ("0", false),
    ("f", false),
    ("F", false),
    ("false", false),
    ("FALSE", false),
    ("False", false),
];

/// Reads the annotations of one object one by one, and collects those with invalid values.
pub struct Reader<'a> {
    annotations: &'a [Tag],
    /// The annotations with invalid values.
    pub unreadable: Vec<Unreadable<'a>>,
}

impl<'a> Reader<'a> {
    /// Reads these annotations.
    pub fn new(annotations: &'a [Tag]) -> Self {
        Reader { annotations, unreadable: Vec::new() }
    }

    /// The keys of all annotations.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let annotations = self.annotations;
        annotations.iter().map(|annotation| annotation.key.as_str())
    }

    /// The value of an annotation, without surrounding white space.
    pub fn text(&self, annotation: &str) -> Option<&'a str> {
        tag_value(self.annotations, annotation).map(str::trim)
    }

    /// A value that is not empty.
    pub fn name(&mut self, annotation: &'static str, expected: &'static str) -> Option<&'a str> {
        self.parse(annotation, expected, |text| (!text.is_empty()).then_some(text))
    }

    /// A list, separated by commas. White space around its items and empty items are ignored.
    pub fn list(&self, annotation: &str) -> Vec<&'a str> {
        let items = self.text(annotation).into_iter().flat_map(|text| text.split(','));
        items.map(str::trim).filter(|item| !item.is_empty()).collect()
    }

    /// A number in a range.
    pub fn number(
        &mut self,
        annotation: &'static str,
        range: RangeInclusive<u32>,
        expected: &'static str,
    ) -> Option<u32> {
        self.parse(annotation, expected, |text| text.parse().ok().filter(|number| range.contains(number)))
    }

    /// One of several words.
    pub fn choice<T: Copy>(
        &mut self,
        annotation: &'static str,
        words: &[(&str, T)],
        expected: &'static str,
    ) -> Option<T> {
        self.parse(annotation, expected, |text| {
            words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning)
        })
    }

    /// `true` or `false`.
    pub fn flag(&mut self, annotation: &'static str) -> Option<bool> {
        self.choice(annotation, FLAGS, "true or false")
    }

    /// A string map. Pairs that AWS would refuse are left out, and the annotation is invalid: `check` says which values are
    /// expected.
    pub fn map(
        &mut self,
        annotation: &'a str,
        check: impl Fn(&str, &str) -> Result<(), String>,
    ) -> StringMap {
        let expected = "pairs such as key=value, separated by commas";
        let pairs = self.parse(annotation, expected, string_map::read).unwrap_or_default();
        let mut fitting = StringMap::new();
        let mut refused = BTreeSet::new();
        for (key, value) in pairs {
            let fault = match fitting.get(&key).filter(|first| **first != value) {
                Some(first) => {
                    Some(format!("one value for each key, and an earlier pair sets it to \"{first}\""))
                }
                None => check(&key, &value).err(),
            };
            let Some(expected) = fault else {
                fitting.insert(key, value);
                continue;
            };
            refused.insert(key.clone());
            let (value, part) = (Cow::Owned(value), Some(key));
            self.unreadable.push(Unreadable { annotation, part, value, expected: expected.into() });
        }
        fitting.retain(|key, _| !refused.contains(key));
        fitting
    }

    /// Reports an annotation whose value is invalid for a reason that `parse` cannot know.
    pub fn refuse(&mut self, annotation: &'a str, value: &'a str, expected: impl Into<Cow<'static, str>>) {
        let (value, expected) = (Cow::Borrowed(value), expected.into());
        self.unreadable.push(Unreadable { annotation, part: None, value, expected });
    }

    /// The value as `read` understands it. If `read` returns `None`, the annotation is invalid.
    pub fn parse<T>(
        &mut self,
        annotation: &'a str,
        expected: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Option<T> {
        let value = self.text(annotation)?;
        let found = read(value);
        if found.is_none() {
            self.refuse(annotation, value, expected);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::Reader;
    use crate::{identity::tag, source::ObjectName};

    #[test]
    fn values_are_read_and_invalid_values_are_collected() {
        let annotations =
            [tag("number", " 7 "), tag("list", "a, b,,c"), tag("word", "blue"), tag("empty", " ")];
        let mut reader = Reader::new(&annotations);
        assert_eq!(reader.number("number", 5..=300, "a number"), Some(7));
        assert_eq!(reader.number("number", 8..=300, "8 to 300"), None);
        assert_eq!(reader.list("list"), ["a", "b", "c"]);
        assert_eq!(reader.choice("word", &[("red", 1), ("blue", 2)], "red or blue"), Some(2));
        assert_eq!(reader.choice("number", &[("red", 1)], "red"), None);
        assert_eq!(reader.name("empty", "a name"), None);
        assert_eq!(reader.name("absent", "a name"), None);
        let told: Vec<&str> = reader.unreadable.iter().map(|it| it.expected.as_ref()).collect();
        assert_eq!(told, ["8 to 300", "red", "a name"]);
    }

    #[test]
    fn an_invalid_pair_of_a_string_map_is_left_out_and_named() {
        let annotations = [tag("map", "a=1,b=x"), tag("twice", "c=1,c=1,c=2"), tag("list", "a,b")];
        let mut reader = Reader::new(&annotations);
        let check = |_: &str, value: &str| match value {
            "1" => Ok(()),
            _ => Err("1".to_owned()),
        };
        assert_eq!(reader.map("map", check).into_keys().collect::<Vec<_>>(), ["a"]);
        assert!(reader.map("twice", |_, _| Ok(())).is_empty(), "neither of two values counts");
        assert!(reader.map("list", check).is_empty() && reader.map("absent", check).is_empty());
        let object =
            ObjectName { namespace: "shop", name: "x", kind: albatross_contract::ObjectKind::Ingress };
        let told = reader.unreadable.iter().map(|it| it.diagnostic(object).message);
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                "annotation map sets b to \"x\", expected 1",
                "annotation twice sets c to \"2\", expected one value for each key, and an earlier pair sets it to \"1\"",
                "annotation list is \"a,b\", expected pairs such as key=value, separated by commas"
            ]
        );
    }
}
