//! Reads documents into objects: selects kinds, reads lists, and reports errors with their objects.

use std::collections::BTreeSet;

use crate::{
    Place, Problem,
    collection::Collection,
    documents, endpoint_slice,
    failure::Failure,
    field::{Field, shown},
    ingress, ingress_class, known_fields, node,
    object::{Kind, Object, group, probable},
    pod, route_group, service, yaml,
};

/// Reads all documents of a file and returns their number.
pub(crate) fn read_file(text: &str, file: &str, collection: &mut Collection) -> usize {
    let mut allowance = yaml::ALIAS_ALLOWANCE;
    let mut place = Place { file: file.to_owned(), document: 0, line: 0 };
    for chunk in documents::split(text) {
        let (documents, broken) = yaml::parse(chunk.text, chunk.line, &mut allowance);
        for root in &documents {
            place.document += 1;
            Reader { place: &place, collection }.read(&Field::root(root), None);
        }
        if let Some(broken) = broken {
            place.document += 1;
            Reader { place: &place, collection }.broken(broken);
        }
    }
    place.document
}

/// Reads one document.
struct Reader<'a> {
    place: &'a Place,
    collection: &'a mut Collection,
}

/// The kind and the API version of the items of a list such as IngressList, which need not contain them.
#[derive(Clone, Copy)]
struct Implied<'a> {
    kind: &'a str,
    api_version: &'a str,
}

impl Reader<'_> {
    /// Reads an object or all items of a list.
    fn read(&mut self, object: &Field<'_>, implied: Option<Implied<'_>>) {
        let (kind, api_version) = match type_of(object, implied) {
            Ok(found) => found,
            Err(failure) => return self.problem(failure, None, None),
        };
        if let Some(item_kind) = kind.strip_suffix("List") {
            let implied = Implied { kind: item_kind, api_version };
            match Kind::of(item_kind, api_version) {
                Some(kind) => {
                    self.collection.add_list(kind);
                    self.read_list(object, Some(kind), Some(implied));
                }
                None if item_kind.is_empty() => self.read_list(object, None, None),
                None => self.skip(object, item_kind, api_version),
            }
        } else if let Some(kind) = Kind::of(kind, api_version) {
            match spelling(object, kind).and_then(|()| read_object(object, kind, api_version)) {
                Ok(read) => {
                    self.note_unknown_fields(object, kind);
                    self.collection.add(self.at(object.line()), kind, read);
                }
                Err(failure) => self.problem(failure, Some(kind), Some(object)),
            }
        } else {
            self.skip(object, kind, api_version);
        }
    }

    fn note_unknown_fields(&mut self, object: &Field<'_>, kind: Kind) {
        let unknown = object.node().map(|node| known_fields::unknown(node, kind)).unwrap_or_default();
        for field in unknown {
            self.collection.note(self.at(field.line), field.message);
        }
    }

    /// Skips an object silently, unless its kind or its group may be misspelled: then there is a remark.
    fn skip(&mut self, object: &Field<'_>, kind: &str, api_version: &str) {
        if matches!(kind, "Ingress" | "IngressClass") {
            let what = format!(
                "{kind} of {} is not of networking.k8s.io, so it is a different kind of object and is skipped",
                shown_group(group(api_version))
            );
            self.collection.note(self.at(object.line()), what);
        } else if let Some(near) = probable(kind, api_version) {
            let what =
                format!("kind {} is not read, so the object is skipped; did you mean {near}?", shown(kind));
            self.collection.note(self.at(object.line()), what);
        }
    }

    /// A document that is not valid YAML. Its beginning tells which object it is, unless it is a list.
    fn broken(&mut self, broken: yaml::Broken) {
        let beginning = broken.beginning.as_ref().map(Field::root);
        let kind = beginning.as_ref().and_then(|object| {
            let (kind, api_version) = type_of(object, None).ok()?;
            Kind::of(kind, api_version)
        });
        self.problem(broken.failure, kind, beginning.as_ref());
    }

    fn read_list(&mut self, list: &Field<'_>, kind: Option<Kind>, implied: Option<Implied<'_>>) {
        if let Some(failure) = more_pages(list) {
            self.problem(failure, kind, None);
        }
        let items = match list.get("items") {
            Ok(items) => items,
            Err(failure) => return self.problem(failure, kind, None),
        };
        match items.items() {
            Ok(items) => items.iter().for_each(|item| self.read(item, implied)),
            Err(failure) => self.problem(failure, kind, None),
        }
    }

    fn problem(&mut self, failure: Failure, kind: Option<Kind>, object: Option<&Field<'_>>) {
        let problem = Problem {
            place: self.at(failure.line),
            object: kind.zip(object).and_then(|(kind, object)| name_of(kind, object)),
            message: failure.message,
        };
        // If the kind of an unreadable object is unknown, an object may be missing in any part.
        let kinds = kind.map_or(BTreeSet::from(Kind::ALL), |kind| [kind].into());
        self.collection.add_problem(kinds, problem);
    }

    fn at(&self, line: usize) -> Place {
        Place { line, ..self.place.clone() }
    }
}

/// A group as a message shows it, cut to the length that a group can have (RFC 1123 subdomain).
fn shown_group(group: &str) -> String {
    group.chars().take(253).collect()
}

/// `kind` and `apiVersion`.
fn type_of<'a>(object: &'a Field<'a>, implied: Option<Implied<'a>>) -> Result<(&'a str, &'a str), Failure> {
    if !object.is_present() {
        return Err(object.fail("is empty, expected an object"));
    }
    let (kind, api_version) = (object.get("kind")?, object.get("apiVersion")?);
    let kind_text = kind.text()?.or(implied.map(|implied| implied.kind));
    let version_text = api_version.text()?.or(implied.map(|implied| implied.api_version));
    match (kind_text, version_text) {
        (Some(kind), Some(api_version)) => Ok((kind, api_version)),
        (None, _) => Err(kind.fail("is missing: this is not a Kubernetes manifest")),
        (_, None) => Err(api_version.fail("is missing: this is not a Kubernetes manifest")),
    }
}

/// Refuses a kind in other letters, such as `ingress`. The kind of the items of a list need not be written.
fn spelling(object: &Field<'_>, kind: Kind) -> Result<(), Failure> {
    let field = object.get("kind")?;
    match field.text()? {
        Some(text) if text != kind.to_string() => {
            Err(field.fail(&format!("{} is not a kind; did you mean {kind}?", shown(text))))
        }
        _ => Ok(()),
    }
}

fn read_object(object: &Field<'_>, kind: Kind, api_version: &str) -> Result<Object, Failure> {
    let unknown = |known: &str| -> Result<Object, Failure> {
        let field = object.get("apiVersion")?;
        Err(field.fail(&format!("{} is not a known version of {kind}: {known}", shown(api_version))))
    };
    match (kind, api_version) {
        (Kind::Ingress, "networking.k8s.io/v1") => {
            ingress::read(object, ingress::Form::V1).map(Object::Ingress)
        }
        (Kind::Ingress, "networking.k8s.io/v1beta1" | "extensions/v1beta1") => {
            ingress::read(object, ingress::Form::V1beta1).map(Object::Ingress)
        }
        (Kind::Ingress, _) => unknown("networking.k8s.io/v1, networking.k8s.io/v1beta1, extensions/v1beta1"),
        (Kind::IngressClass, "networking.k8s.io/v1" | "networking.k8s.io/v1beta1") => {
            ingress_class::read(object).map(Object::IngressClass)
        }
        (Kind::IngressClass, _) => unknown("networking.k8s.io/v1, networking.k8s.io/v1beta1"),
        (Kind::Service, "v1") => service::read(object).map(Object::Service),
        (Kind::Node, "v1") => node::read(object).map(Object::Node),
        (Kind::Pod, "v1") => pod::read(object).map(Object::Pod),
        (Kind::Service | Kind::Node | Kind::Pod, _) => unknown("v1"),
        (Kind::EndpointSlice, "discovery.k8s.io/v1") => {
            endpoint_slice::read(object).map(Object::EndpointSlice)
        }
        (Kind::EndpointSlice, _) => unknown("discovery.k8s.io/v1"),
        (Kind::RouteGroup, "zalando.org/v1") => route_group::read(object).map(Object::RouteGroup),
        (Kind::RouteGroup, _) => unknown("zalando.org/v1"),
    }
}

/// The name of an object that could not be read, if it has one.
fn name_of(kind: Kind, object: &Field<'_>) -> Option<String> {
    let metadata = object.get("metadata").ok()?;
    let text = |name| metadata.get(name).ok()?.text().ok()?.map(str::to_owned);
    let name = text("name")?;
    Some(match kind {
        Kind::Ingress | Kind::Service | Kind::EndpointSlice | Kind::Pod | Kind::RouteGroup => {
            format!("{kind} {}/{name}", text("namespace").unwrap_or_else(|| "default".to_owned()))
        }
        Kind::IngressClass | Kind::Node => format!("{kind} {name}"),
    })
}

/// That the API server has more of a list, as `metadata.continue` says (Kubernetes API concepts, "Retrieving large results sets in
/// chunks").
fn more_pages(list: &Field<'_>) -> Option<Failure> {
    let metadata = list.get("metadata").ok()?;
    let token = metadata.get("continue").ok()?;
    let is_empty = token.owned_text().is_ok_and(|text| text.is_none_or(|text| text.is_empty()));
    let message = "there are more pages of this list, so objects are missing: get all of it, as `kubectl get --output yaml` does";
    (!is_empty).then(|| token.fail(message))
}
