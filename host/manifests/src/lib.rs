//! Reads Kubernetes manifests into cluster objects of the contract.
//!
//! The input may be everything that kubectl accepts: files, folders, standard input, several YAML documents in one file,
//! JSON, `List` kinds. Other kinds are skipped in any version, and so are kinds of other API groups with the same name as
//! a kind that is read. An object that cannot be read is a [`Problem`] with file, document and line; the others are read,
//! and the part of the view to which the object belongs is marked incomplete, so that nothing is removed because the object
//! is missing.
//!
//! The objects that an API server serves are read by the same rules (see [`ingress_from_json`]).

mod api_object;
mod collection;
mod documents;
mod endpoint_slice;
mod error;
mod failure;
mod field;
mod files;
mod ingress;
mod ingress_class;
mod known_fields;
mod metadata;
mod names;
mod nearest;
mod node;
mod object;
mod pod;
mod problem;
mod reader;
mod route_group;
mod scalar;
mod service;
mod tree;
mod yaml;

use std::path::PathBuf;

use albatross_contract::{Cluster, IncompletePart, ObjectKind, ViewPart};

pub use api_object::{
    UnreadableObject, endpoint_slice_from_json, ingress_class_from_json, ingress_from_json, node_from_json,
    pod_from_json, route_group_from_json, service_from_json,
};
pub use error::ManifestError;
pub use files::MAXIMUM_FILE_SIZE;
pub use problem::{Place, Problem};

/// Whether objects of this kind are read. Others are skipped.
pub fn is_read(kind: &str, api_version: &str) -> bool {
    kind == "List" || object::Kind::of(kind, api_version).is_some()
}

/// The kinds that are read, in words.
pub fn kinds() -> String {
    object::Kind::ALL.map(|kind| kind.to_string()).join(", ")
}

/// Where manifests come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file with any name, or a folder. The files of a folder that end in `.yaml`, `.yml` or `.json` are read in the order
    /// of their names; folders in it are not read, as by `kubectl apply -f` without `-R`.
    Path(PathBuf),
    /// Text that the caller has already, such as standard input.
    Text {
        /// Its name in messages.
        name: String,
        /// The text: UTF-8.
        bytes: Vec<u8>,
    },
}

/// The content of manifests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifests {
    /// The objects, each list in the order of namespace and name. A part with `problems` is incomplete.
    pub cluster: Cluster,
    /// The objects that could not be read, in the order of the sources.
    pub problems: Vec<Problem>,
    /// What was skipped although a person may expect it to be read: one line each.
    pub remarks: Vec<String>,
}

impl Manifests {
    /// Marks the part `ingress-statuses` incomplete when no Ingress has a status, or no RouteGroup: manifests that people write
    /// have none, and without statuses it is unknown which names are published and which load balancer serves each object. The
    /// objects of one kind may be written by people and those of the other exported from a cluster. Nothing is wrong with that.
    pub fn mark_missing_statuses(&mut self) {
        let lacks_all = |kind: ObjectKind| {
            let mut of_kind = self.cluster.sources().filter(|source| source.kind() == kind).peekable();
            of_kind.peek().is_some() && of_kind.all(|source| source.status().is_empty())
        };
        let has_none = self.cluster.sources().next().is_none();
        if has_none || [ObjectKind::Ingress, ObjectKind::RouteGroup].into_iter().any(lacks_all) {
            self.cluster.incomplete.push(IncompletePart {
                part: ViewPart::IngressStatuses,
                resource: None,
                reason: "manifests contain no statuses".to_owned(),
                expected: Some(true),
            });
        }
    }
}

/// Reads manifests from all sources. A file that is named twice, such as by its name and by its folder, is read once. An
/// object that appears twice is a [`Problem`]; the first is kept.
///
/// # Errors
/// [`ManifestError`] when a source as a whole cannot be read.
pub fn read(sources: &[Source]) -> Result<Manifests, ManifestError> {
    let mut collection = collection::Collection::default();
    let mut read = files::AlreadyRead::default();
    for source in sources {
        let mut documents = 0;
        let files = files::of_source(source, &mut |name| collection.skip_file(name))?;
        for file in &files {
            if read.contains(file) {
                documents += 1;
                continue;
            }
            documents += reader::read_file(&files::text(file)?, &file.name, &mut collection);
        }
        if documents == 0 {
            return Err(ManifestError::NoDocument { name: files::name(source) });
        }
    }
    Ok(collection.finish())
}
