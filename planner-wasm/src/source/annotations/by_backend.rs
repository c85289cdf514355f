//! Annotations whose key ends with the name of a backend: `actions.NAME`, `conditions.NAME` and `transforms.NAME`.

use albatross_contract::{Diagnostic, DiagnosticCode, RuleTransform, Tag};

use super::{
    actions::{self, Action},
    conditions::{self, Conditions},
    json::Fault,
    transforms,
};
use crate::{
    diagnostics::{Details, Subject, warning},
    source::{InvalidBackend, ObjectName},
    words,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Actions,
    Conditions,
    Transforms,
}

/// What an annotation says.
enum Said {
    Action(Action),
    Conditions(Conditions),
    Transforms(Vec<RuleTransform>),
}

impl Family {
    fn read(self, text: &str) -> Result<Said, Fault> {
        match self {
            Family::Actions => actions::read(text).map(Said::Action),
            Family::Conditions => conditions::read(text).map(Said::Conditions),
            Family::Transforms => transforms::read(text).map(Said::Transforms),
        }
    }
}

const ACTIONS: &str = "alb.ingress.kubernetes.io/actions.";
const CONDITIONS: &str = "alb.ingress.kubernetes.io/conditions.";
const TRANSFORMS: &str = "alb.ingress.kubernetes.io/transforms.";

/// The beginnings of the annotations of these families.
pub const KNOWN: &[&str] = &[ACTIONS, CONDITIONS, TRANSFORMS];

const FAMILIES: [(&str, Family); 3] =
    [(ACTIONS, Family::Actions), (CONDITIONS, Family::Conditions), (TRANSFORMS, Family::Transforms)];

/// The annotations of one object that are named after its backends.
pub struct ByBackend<'a> {
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    family: Family,
    name: &'a str,
    annotation: &'a Tag,
    /// What it says, or why its value cannot be used. `None`: no backend has asked.
    said: Option<Result<Said, Fault>>,
}

fn split(key: &str) -> Option<(Family, &str)> {
    FAMILIES.iter().find_map(|(prefix, family)| Some((*family, key.strip_prefix(prefix)?)))
}

impl<'a> ByBackend<'a> {
    /// The annotations of an object.
    pub fn new(annotations: &'a [Tag]) -> Self {
        let entries = annotations.iter().filter_map(|annotation| {
            let (family, name) = split(&annotation.key)?;
            Some(Entry { family, name, annotation, said: None })
        });
        ByBackend { entries: entries.collect() }
    }

    /// The action with the name of a backend. The error says why there is none.
    pub fn action(&mut self, name: &str) -> Result<Action, InvalidBackend> {
        let key = format!("{ACTIONS}{name}");
        match self.read(Family::Actions, name) {
            Some(Ok(Said::Action(action))) => Ok(action.clone()),
            Some(_) => {
                Err(InvalidBackend::new(format!("annotation {key} is invalid"), "correct the annotation"))
            }
            None => Err(InvalidBackend::new(
                format!("annotation {key} is missing"),
                "add the annotation, or correct the name of the backend",
            )),
        }
    }

    /// The conditions with the name of a backend.
    pub fn conditions(&mut self, name: &str) -> Conditions {
        match self.read(Family::Conditions, name) {
            Some(Ok(Said::Conditions(conditions))) => conditions.clone(),
            _ => Conditions::default(),
        }
    }

    /// The transforms with the name of a backend.
    pub fn transforms(&mut self, name: &str) -> Vec<RuleTransform> {
        match self.read(Family::Transforms, name) {
            Some(Ok(Said::Transforms(transforms))) => transforms.clone(),
            _ => Vec::new(),
        }
    }

    /// What an annotation says. Each is read only once, however many paths have its backend. `None`: it does not exist.
    fn read(&mut self, family: Family, name: &str) -> Option<&Result<Said, Fault>> {
        let entry = self.entries.iter_mut().find(|entry| entry.family == family && entry.name == name)?;
        let value = &entry.annotation.value;
        Some(entry.said.get_or_insert_with(|| family.read(value)))
    }

    /// A diagnostic for each invalid annotation.
    pub fn invalid(&self, object: ObjectName<'_>) -> Vec<Diagnostic> {
        let told = self.entries.iter().filter_map(|entry| {
            let Fault { field, message } = entry.said.as_ref()?.as_ref().err()?;
            let key = &entry.annotation.key;
            let place = if field.is_empty() { String::new() } else { format!(": {field}") };
            let message = format!("annotation {key}{place} {message}");
            let diagnostic = warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message);
            let field = format!("metadata.annotations[{key}]");
            Some(diagnostic.field(field).remedy("correct the annotation, or remove it"))
        });
        told.collect()
    }

    /// The diagnostic for annotations that no backend uses.
    pub fn unused(&self, object: ObjectName<'_>) -> Option<Diagnostic> {
        let unused = self.entries.iter().filter(|entry| entry.said.is_none());
        let mut keys: Vec<&str> = unused.map(|entry| entry.annotation.key.as_str()).collect();
        keys.sort_unstable();
        let message = match keys.as_slice() {
            [] => return None,
            [key] => format!("no backend uses annotation {key}, so the annotation does nothing"),
            keys => {
                let keys = words::list(keys.iter().copied());
                format!("no backend uses annotations {keys}, so the annotations do nothing")
            }
        };
        let diagnostic = warning(DiagnosticCode::AnnotationUnknown, Subject::Object(object), message);
        Some(diagnostic.field("metadata.annotations").remedy(
            "end it with the name of a backend; for an action, the backend also needs the port name use-annotation",
        ))
    }
}

#[cfg(test)]
mod tests {
    use albatross_contract::ObjectKind;

    use super::ByBackend;
    use crate::{identity::tag, source::ObjectName};

    const OBJECT: ObjectName<'_> = ObjectName { namespace: "shop", name: "x", kind: ObjectKind::Ingress };

    #[test]
    fn invalid_and_unused_annotations_are_reported() {
        let annotations = [
            tag("alb.ingress.kubernetes.io/actions.blue", r#"{"type":"blue"}"#),
            tag("alb.ingress.kubernetes.io/conditions.blue", "["),
            tag("alb.ingress.kubernetes.io/transforms.green", "not read"),
        ];
        let mut found = ByBackend::new(&annotations);
        assert!(found.action("blue").unwrap_err().reason.ends_with("actions.blue is invalid"));
        assert!(found.action("red").unwrap_err().reason.ends_with("actions.red is missing"));
        found.conditions("blue");
        let told: Vec<String> = found.invalid(OBJECT).into_iter().map(|it| it.message).collect();
        assert_eq!(
            told,
            [
                "annotation alb.ingress.kubernetes.io/actions.blue: type is \"blue\", expected forward, redirect or \
                 fixed-response",
                "annotation alb.ingress.kubernetes.io/conditions.blue is not JSON at line 1, column 1: EOF while parsing a list",
            ]
        );
        assert_eq!(
            found.unused(OBJECT).unwrap().message,
            "no backend uses annotation alb.ingress.kubernetes.io/transforms.green, so the annotation does nothing"
        );
    }
}
