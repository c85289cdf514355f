//! The file format of test cases. Unknown fields are errors, so that a misspelt expectation does not pass.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::{Path, PathBuf},
};

use albatross_contract::Scheme;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Unexpected, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Map, Value};

use crate::{
    error::Error,
    inputs::{MOST_OF_SETTINGS, read_bytes},
};

/// A file of test cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CaseFile {
    /// The component of the policy, as a path from this file.
    pub policy: Option<PathBuf>,
    /// The cases.
    pub cases: Vec<Case>,
}

/// A case. Without `snapshot`, `question` and `manifests` the policy is asked about the built-in example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// What the case shows.
    pub name: String,
    /// A recorded snapshot or bundle, as a path from this file.
    pub snapshot: Option<PathBuf>,
    /// A recorded question, as a path from this file.
    pub question: Option<PathBuf>,
    /// Manifests.
    pub manifests: Option<Vec<Manifest>>,
    /// An inventory to go with manifests, as a path from this file. Absent: the account of the built-in example.
    pub cloud: Option<PathBuf>,
    /// Settings of the policy. Absent: those of the snapshot or question, else none.
    pub settings: Option<Map<String, Value>>,
    /// What is expected.
    pub expect: Expected,
}

/// A manifest of a case.
#[derive(Debug, PartialEq)]
pub enum Manifest {
    /// A file, as a path from this file.
    Path(PathBuf),
    /// The object itself.
    Object(Map<String, Value>),
}

/// What is expected. Everything that is not mentioned may be as it wants.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expected {
    /// Sets of objects, each of which is in one group.
    pub together: Vec<Vec<String>>,
    /// Sets of objects of which no two are in one group.
    pub apart: Vec<Vec<String>>,
    /// Groups by their key.
    pub groups: BTreeMap<String, ExpectedGroup>,
    /// Rejected objects, each with the reason, or with nothing if the reason does not matter.
    pub rejected: BTreeMap<String, Option<String>>,
    /// Objects that are left to the planner.
    pub by_default: Vec<String>,
    /// How many load balancers the plan has.
    #[serde(deserialize_with = "count")]
    pub load_balancers: Option<usize>,
    /// The chosen subnets by scheme, in any order.
    pub subnets: BTreeMap<Scheme, Vec<String>>,
    /// The chosen certificates by host; nothing where a host gets none.
    pub certificates: BTreeMap<String, Option<String>>,
    /// A part of the message with which the policy refuses its settings or the question, or fails.
    pub fails: Option<String>,
}

/// A group that is expected.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExpectedGroup {
    /// All its members. Absent: any.
    pub members: Option<Vec<String>>,
    /// The reason that the policy gives. Absent: any.
    pub reason: Option<String>,
}

impl CaseFile {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is not a file of test cases: with the line and the field.
    pub fn read(path: &Path) -> Result<CaseFile, Error> {
        let bytes = read_bytes(path, MOST_OF_SETTINGS)?;
        CaseFile::parse(&bytes).map_err(|problem| Error::CaseFile { path: path.to_owned(), problem })
    }

    fn parse(bytes: &[u8]) -> Result<CaseFile, String> {
        let file: CaseFile = serde_saphyr::from_slice(bytes).map_err(|error| in_words(&error))?;
        if file.cases.is_empty() {
            return Err("`cases` is empty: write at least one case".to_owned());
        }
        let mut names = BTreeSet::new();
        for (at, case) in file.cases.iter().enumerate() {
            case.check().map_err(|problem| format!("cases[{at}] ({}): {problem}", case.name))?;
            if !names.insert(&case.name) {
                return Err(format!("cases[{at}].name: another case has the name {:?} too", case.name));
            }
        }
        Ok(file)
    }
}

impl Case {
    /// Checks what the types do not say.
    fn check(&self) -> Result<(), String> {
        if self.name.trim().is_empty() {
            return Err("`name` is empty: say what the case shows".to_owned());
        }
        let inputs = [
            ("snapshot", self.snapshot.is_some()),
            ("question", self.question.is_some()),
            ("manifests", self.manifests.is_some()),
        ];
        let given: Vec<&str> = inputs.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect();
        if given.len() > 1 {
            return Err(format!("`{}` exclude each other: keep one of them", given.join("` and `")));
        }
        for (at, manifest) in self.manifests.iter().flatten().enumerate() {
            manifest.check().map_err(|problem| format!("`manifests[{at}]` {problem}"))?;
        }
        if self.cloud.is_some() && self.manifests.is_none() {
            return Err("`cloud` goes with `manifests` only".to_owned());
        }
        if self.question.is_some() && self.expect.load_balancers.is_some() {
            return Err("`expect.load-balancers` needs a plan, and there is none for a `question`".to_owned());
        }
        if self.expect == Expected::default() {
            return Err("`expect` is empty: say what is expected".to_owned());
        }
        let fails = Expected { fails: self.expect.fails.clone(), ..Expected::default() };
        if self.expect.fails.is_some() && self.expect != fails {
            return Err("with `expect.fails` nothing else can be expected".to_owned());
        }
        let few = |sets: &[Vec<String>]| sets.iter().position(|set| set.len() < 2);
        for (field, sets) in [("together", &self.expect.together), ("apart", &self.expect.apart)] {
            if let Some(at) = few(sets) {
                return Err(format!("`expect.{field}[{at}]` needs at least two objects"));
            }
        }
        Ok(())
    }
}

/// An error of the YAML parser with its place, in one line and in the words that people use.
fn in_words(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().render_with_formatter(&serde_saphyr::UserMessageFormatter);
    text.replace("expected sequence start", "expected a list")
        .replace("expected mapping start", "expected fields")
}

/// Reads a number; the parser itself would say `invalid u64`.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    struct Count;
    impl Visitor<'_> for Count {
        type Value = usize;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a whole number")
        }

        fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<usize, E> {
            usize::try_from(number).map_err(|_| E::invalid_value(Unexpected::Unsigned(number), &self))
        }

        fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<usize, E> {
            usize::try_from(number).map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
        }
    }
    deserializer.deserialize_any(Count).map(Some)
}

impl Manifest {
    /// An object that would be skipped is an error here: a person wrote it for this case.
    fn check(&self) -> Result<(), String> {
        let Manifest::Object(object) = self else { return Ok(()) };
        let text = |field: &str| object.get(field).and_then(Value::as_str);
        // What is missing or no text is named when the manifest is read.
        let (Some(kind), Some(api_version)) = (text("kind"), text("apiVersion")) else { return Ok(()) };
        if albatross_manifests::is_read(kind, api_version) {
            return Ok(());
        }
        let kinds = albatross_manifests::kinds();
        Err(format!(
            "has the kind {kind} of {api_version}, which is not read; the kinds that are read: {kinds}"
        ))
    }
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Manifest, D::Error> {
        struct PathOrObject;
        impl<'de> Visitor<'de> for PathOrObject {
            type Value = Manifest;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("the path of a file, or an object with apiVersion and kind")
            }

            fn visit_str<E>(self, path: &str) -> Result<Manifest, E> {
                Ok(Manifest::Path(PathBuf::from(path)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Manifest, A::Error> {
                Map::deserialize(MapAccessDeserializer::new(map)).map(Manifest::Object)
            }
        }
        deserializer.deserialize_any(PathOrObject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        CaseFile::parse(text.as_bytes()).map(drop).unwrap_err()
    }

    #[test]
    fn a_manifest_is_a_path_or_an_object() {
        let text = "
            policy: by_team.wasm
            cases:
            - name: teams
              manifests:
              - ingresses.yaml
              - {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web}}
              settings: {most: 3}
              expect:
                rejected: {shop/web: , shop/api: no team}
                subnets: {internet-facing: [subnet-1]}
        ";
        let file = CaseFile::parse(text.as_bytes()).unwrap();
        let [case] = file.cases.as_slice() else { panic!("one case") };
        let manifests = case.manifests.as_deref().unwrap();
        assert_eq!(manifests[0], Manifest::Path("ingresses.yaml".into()));
        assert!(matches!(&manifests[1], Manifest::Object(object) if object["kind"] == "Ingress"));
        assert_eq!(case.settings.as_ref().unwrap()["most"], 3);
        assert_eq!(case.expect.rejected["shop/web"], None);
        assert_eq!(case.expect.rejected["shop/api"].as_deref(), Some("no team"));
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        for (text, expected) in [
            ("cases:\n- name: a\n  expekt: {}\n", &["unknown field `expekt`", "line 3"][..]),
            ("cases:\n- name: a\n  expect:\n    togehter: []\n", &["unknown field `togehter`", "line 4"]),
            (
                "cases:\n- name: a\n  expect: {load-balancers: two}\n",
                &["\"two\", expected a whole number", "line 3"],
            ),
            ("cases:\n- name: a\n  expect: {load-balancers: -1}\n", &["`-1`, expected a whole number"]),
            ("cases:\n- name: a\n  expect: {together: x}\n", &["expected a list at line 3"]),
            ("cases:\n- name: a\n  name: b\n", &["duplicate mapping key `name` is not allowed", "line 3"]),
            ("cases:\n- name: a\n  expect: {subnets: {public: []}}\n", &["public", "line 3"]),
            ("cases:\n- name: a\n", &["missing field `expect`"]),
            (
                "cases:\n- name: a\n  manifests: [{kind: Ingres, apiVersion: networking.k8s.io/v1}]\n  expect: {load-balancers: 1}\n",
                &[
                    "`manifests[0]` has the kind Ingres of networking.k8s.io/v1",
                    "the kinds that are read: Ingress, ",
                ],
            ),
            (
                "cases:\n- name: a\n  manifests: [3]\n  expect: {fails: x}\n",
                &["the path of a file", "line 3"],
            ),
            ("cases: [\n", &["line"]),
            ("cases: []\n", &["`cases` is empty"]),
            ("cases:\n- name: a\n  expect: {}\n", &["cases[0] (a)", "`expect` is empty"]),
            (
                "cases:\n- name: a\n  snapshot: s\n  question: q\n  expect: {fails: x}\n",
                &["`snapshot` and `question` exclude each other"],
            ),
            ("cases:\n- name: a\n  cloud: c\n  expect: {fails: x}\n", &["`cloud` goes with `manifests`"]),
            (
                "cases:\n- name: a\n  question: q\n  expect: {load-balancers: 1}\n",
                &["`expect.load-balancers` needs a plan"],
            ),
            ("cases:\n- name: a\n  expect: {apart: [[a/b]]}\n", &["`expect.apart[0]` needs at least two"]),
            (
                "cases:\n- name: a\n  expect: {fails: x, load-balancers: 1}\n",
                &["nothing else can be expected"],
            ),
            (
                "cases:\n- {name: a, expect: {fails: x}}\n- {name: a, expect: {fails: y}}\n",
                &["cases[1].name: another case"],
            ),
        ] {
            let problem = problem(text);
            for part in expected {
                assert!(problem.contains(part), "{part:?} is not in {problem:?} for {text}");
            }
            assert!(!problem.contains('\n'), "{problem}");
        }
    }
}
