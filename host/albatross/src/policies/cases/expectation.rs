//! Compares what is expected with what a policy decided.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{
    file::{Expected, ExpectedGroup},
    placement::{Place, Placement},
};
use crate::render::words::first_of;

/// An expectation that is not met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Mismatch {
    /// The field in the file, such as `together[0]`.
    pub field: String,
    /// What is expected, in words.
    pub expected: String,
    /// What is the case, in words.
    pub actual: String,
}

/// Everything that is expected and not the case.
pub fn mismatches(expected: &Expected, actual: &Placement) -> Vec<Mismatch> {
    let mut found = Comparison { actual, found: Vec::new() };
    for (at, set) in expected.together.iter().enumerate() {
        found.together(&format!("together[{at}]"), set);
    }
    for (at, set) in expected.apart.iter().enumerate() {
        found.apart(&format!("apart[{at}]"), set);
    }
    for (key, group) in &expected.groups {
        found.group(key, group);
    }
    for (object, reason) in &expected.rejected {
        found.rejected(object, reason.as_deref());
    }
    for object in &expected.by_default {
        found.by_default(object);
    }
    if let Some(count) = expected.load_balancers {
        let actual = actual.load_balancers.map_or("no plan".to_owned(), |count| count.to_string());
        found.compare("load-balancers", count.to_string(), actual);
    }
    for (scheme, subnets) in &expected.subnets {
        let actual = actual.subnets.get(scheme).map(|subnets| list(subnets));
        let actual =
            actual.unwrap_or_else(|| "the policy is not asked for subnets of this scheme".to_owned());
        found.compare(&format!("subnets.{}", scheme.as_str()), list(subnets), actual);
    }
    for (host, certificate) in &expected.certificates {
        let words = |certificate: Option<&str>| certificate.unwrap_or("no certificate").to_owned();
        let actual = actual.certificates.get(host).map(|certificate| words(certificate.as_deref()));
        let actual = actual.unwrap_or_else(|| "the policy is not asked about this host".to_owned());
        found.compare(&format!("certificates.{host}"), words(certificate.as_deref()), actual);
    }
    found.found
}

struct Comparison<'a> {
    actual: &'a Placement,
    found: Vec<Mismatch>,
}

impl Comparison<'_> {
    fn compare(&mut self, field: &str, expected: String, actual: String) {
        if expected != actual {
            self.found.push(Mismatch { field: field.to_owned(), expected, actual });
        }
    }

    fn miss(&mut self, field: &str, expected: String, actual: String) {
        self.found.push(Mismatch { field: field.to_owned(), expected, actual });
    }

    /// Where an object is. `None`, and a mismatch: the policy is not asked about it.
    fn place(&mut self, field: &str, object: &str) -> Option<Place> {
        let place = self.actual.objects.as_ref().and_then(|objects| objects.get(object)).cloned();
        if place.is_none() {
            let actual = match &self.actual.objects {
                None => "the policy is not asked for groups".to_owned(),
                Some(objects) => {
                    let known: Vec<&String> = objects.keys().collect();
                    format!("it is none of the objects: {}", first_of(&known, 10))
                }
            };
            self.miss(field, format!("the policy is asked about {object}"), actual);
        }
        place
    }

    /// The places of a set. `None`, and a mismatch: the policy is not asked about one of them.
    fn places<'o>(&mut self, field: &str, set: &'o [String]) -> Option<Vec<(&'o str, Place)>> {
        set.iter().map(|object| Some((object.as_str(), self.place(field, object)?))).collect()
    }

    fn together(&mut self, field: &str, set: &[String]) {
        let Some(places) = self.places(field, set) else { return };
        let key = |place: &Place| match place {
            Place::Group { key, .. } => Some(key.clone()),
            Place::Default | Place::Rejected(_) => None,
        };
        let keys: BTreeSet<Option<String>> = places.iter().map(|(_, place)| key(place)).collect();
        if keys.len() > 1 || keys.contains(&None) {
            self.miss(field, format!("{} in one group", set.join(", ")), each(&places));
        }
    }

    fn apart(&mut self, field: &str, set: &[String]) {
        let Some(places) = self.places(field, set) else { return };
        let distinct: BTreeSet<String> = places
            .iter()
            .map(|(object, place)| match place {
                Place::Rejected(_) => format!("rejected {object}"),
                _ => place.words(),
            })
            .collect();
        if distinct.len() < set.len() {
            self.miss(field, format!("no two of {} in one group", set.join(", ")), each(&places));
        }
    }

    fn group(&mut self, key: &str, expected: &ExpectedGroup) {
        let field = format!("groups.{key}");
        let Some(objects) = &self.actual.objects else {
            let actual = "the policy is not asked for groups".to_owned();
            return self.miss(&field, "a group with this key".to_owned(), actual);
        };
        let of_group = objects.iter().filter_map(|(object, place)| match place {
            Place::Group { key: found, reason } if found == key => Some((object.clone(), reason.clone())),
            _ => None,
        });
        let (members, reasons): (Vec<String>, Vec<String>) = of_group.unzip();
        let Some(reason) = reasons.into_iter().next() else {
            let keys: BTreeSet<&str> = objects.values().filter_map(Place::key).collect();
            let keys: Vec<&str> = keys.into_iter().collect();
            let actual = if keys.is_empty() { "there are no groups".to_owned() } else { keys.join(", ") };
            return self.miss(&field, "a group with this key".to_owned(), actual);
        };
        if let Some(expected) = &expected.members {
            self.compare(&format!("{field}.members"), list(expected), list(&members));
        }
        if let Some(expected) = &expected.reason {
            self.compare(&format!("{field}.reason"), expected.clone(), reason);
        }
    }

    fn rejected(&mut self, object: &str, reason: Option<&str>) {
        let field = format!("rejected.{object}");
        match (self.place(&field, object), reason) {
            (None, _) | (Some(Place::Rejected(_)), None) => {}
            (Some(Place::Rejected(actual)), Some(reason)) => self.compare(&field, reason.to_owned(), actual),
            (Some(other), _) => self.miss(&field, "rejected".to_owned(), other.words()),
        }
    }

    fn by_default(&mut self, object: &str) {
        if let Some(place) = self.place("by-default", object)
            && place != Place::Default
        {
            self.miss("by-default", format!("{object} {}", Place::Default.words()), place.words());
        }
    }
}

impl Place {
    fn key(&self) -> Option<&str> {
        match self {
            Place::Group { key, .. } => Some(key),
            Place::Default | Place::Rejected(_) => None,
        }
    }
}

/// `shop/cart in group "a", shop/wiki left to the planner`.
fn each(places: &[(&str, Place)]) -> String {
    let each: Vec<String> =
        places.iter().map(|(object, place)| format!("{object} {}", place.words())).collect();
    each.join(", ")
}

/// A list in order, as text.
fn list(items: &[String]) -> String {
    let mut items: Vec<&str> = items.iter().map(String::as_str).collect();
    items.sort_unstable();
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn group(key: &str) -> Place {
        Place::Group { key: key.to_owned(), reason: format!("because of {key}") }
    }

    fn placement() -> Placement {
        let places = [
            ("shop/cart", group("shop")),
            ("shop/checkout", group("shop")),
            ("tools/wiki", group("tools")),
            ("tools/chat", Place::Default),
            ("tools/old", Place::Default),
            ("x/bad", Place::Rejected("no team".to_owned())),
        ];
        let objects = places.map(|(object, place)| (object.to_owned(), place));
        Placement {
            objects: Some(BTreeMap::from(objects)),
            certificates: BTreeMap::from([("a.example.org".to_owned(), None)]),
            load_balancers: Some(2),
            ..Placement::default()
        }
    }

    /// What is wrong, a line each.
    fn wrong(expected: &str) -> Vec<String> {
        let expected: Expected = serde_saphyr::from_str(expected).unwrap();
        let found = mismatches(&expected, &placement());
        found.iter().map(|it| format!("{}: {} | {}", it.field, it.expected, it.actual)).collect()
    }

    #[test]
    fn what_is_as_expected_is_no_mismatch() {
        for expected in [
            "together: [[shop/cart, shop/checkout]]",
            "apart: [[shop/cart, tools/wiki, tools/chat, x/bad]]",
            "groups: {shop: {members: [shop/checkout, shop/cart], reason: because of shop}, tools: {}}",
            "rejected: {x/bad: no team}",
            "rejected: {x/bad: }",
            "by-default: [tools/chat]",
            "load-balancers: 2",
            "certificates: {a.example.org: }",
        ] {
            assert_eq!(wrong(expected), [""; 0], "{expected}");
        }
    }

    #[test]
    fn a_mismatch_says_what_is_expected_and_what_is_the_case() {
        for (expected, mismatch) in [
            (
                "together: [[shop/cart, tools/wiki]]",
                "together[0]: shop/cart, tools/wiki in one group | shop/cart in group \"shop\", tools/wiki in group \"tools\"",
            ),
            (
                "together: [[tools/chat, tools/old]]",
                "together[0]: tools/chat, tools/old in one group | tools/chat left to the planner, tools/old left to the planner",
            ),
            (
                "apart: [[shop/cart, shop/checkout]]",
                "apart[0]: no two of shop/cart, shop/checkout in one group | shop/cart in group \"shop\", shop/checkout in \
                 group \"shop\"",
            ),
            ("groups: {red: {}}", "groups.red: a group with this key | shop, tools"),
            ("groups: {tools: {members: []}}", "groups.tools.members: none | tools/wiki"),
            ("groups: {shop: {reason: why}}", "groups.shop.reason: why | because of shop"),
            ("rejected: {x/bad: why}", "rejected.x/bad: why | no team"),
            ("rejected: {shop/cart: }", "rejected.shop/cart: rejected | in group \"shop\""),
            ("by-default: [x/bad]", "by-default: x/bad left to the planner | rejected: no team"),
            ("load-balancers: 1", "load-balancers: 1 | 2"),
            (
                "subnets: {internal: [subnet-1]}",
                "subnets.internal: subnet-1 | the policy is not asked for subnets of this scheme",
            ),
            ("certificates: {a.example.org: arn}", "certificates.a.example.org: arn | no certificate"),
            (
                "certificates: {b.example.org: }",
                "certificates.b.example.org: no certificate | the policy is not asked about \
              this host",
            ),
        ] {
            assert_eq!(wrong(expected), [mismatch], "{expected}");
        }
    }

    #[test]
    fn a_misspelt_name_is_no_met_expectation() {
        for expected in [
            "together: [[shop/cart, shop/chekout]]",
            "apart: [[shop/cart, shop/chekout]]",
            "rejected: {shop/chekout: }",
        ] {
            let wrong = wrong(expected);
            let [mismatch] = wrong.as_slice() else { panic!("{wrong:?}") };
            assert!(mismatch.contains("shop/chekout | it is none of the objects: shop/cart, "), "{mismatch}");
        }
    }
}
