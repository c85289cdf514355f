//! Helpers that the tests share.

use albatross_contract::{Ingress, ViewPart};
use albatross_manifests::{Manifests, Source, read};

/// Reads texts as files of these names.
pub fn read_files(files: &[(&str, &str)]) -> Manifests {
    let source = |(name, text): &(&str, &str)| Source::Text {
        name: (*name).to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    read(&files.iter().map(source).collect::<Vec<_>>()).unwrap()
}

/// Reads a text that has no problem.
pub fn read_good(text: &str) -> Manifests {
    let manifests = read_files(&[("good.yaml", text)]);
    assert_eq!(manifests.problems, []);
    assert_eq!(manifests.cluster.incomplete, []);
    manifests
}

/// The messages about a text that has problems.
pub fn problems(text: &str) -> Vec<String> {
    read_files(&[("shop/ingress.yaml", text)]).problems.iter().map(ToString::to_string).collect()
}

/// `namespace/name` of the Ingresses.
pub fn names(manifests: &Manifests) -> Vec<String> {
    let name = |ingress: &Ingress| {
        format!("{}/{}", ingress.metadata.namespace.as_deref().unwrap_or_default(), ingress.metadata.name)
    };
    manifests.cluster.ingresses.iter().map(name).collect()
}

/// The parts that are incomplete.
pub fn incomplete(manifests: &Manifests) -> Vec<ViewPart> {
    manifests.cluster.incomplete.iter().map(|part| part.part).collect()
}

/// An Ingress of `networking.k8s.io/v1`, 12 lines.
pub fn ingress(namespace: &str, name: &str, host: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{namespace: {namespace}, name: {name}}}
spec:
  rules:
  - host: {host}
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service: {{name: {name}, port: {{number: 80}}}}
"
    )
}
