//! Image manifests of the OCI image specification, as far as they lead to a WebAssembly component.

use serde::Deserialize;

use crate::{Digest, answer::cut};

/// The media type of the manifests that lead to a component.
pub(crate) const IMAGE_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// What else is accepted, so that a registry returns what it has and the message can say what that is.
pub(crate) const OTHERS: [&str; 3] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];
/// The media types of a layer that is a component: that of the CNCF's guide for Wasm artifacts, and an older one that some
/// registries still ask for.
const COMPONENTS: [&str; 2] = ["application/wasm", "application/vnd.wasm.content.layer.v1+wasm"];
/// The most entries of a list in a message.
const LISTED: usize = 5;

/// The layer that is the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    pub digest: Digest,
    pub size: u64,
}

/// Why a manifest leads to no component.
#[derive(Debug, thiserror::Error)]
pub enum ManifestFault {
    /// The bytes have the right digest, and are no manifest.
    #[error(
        "the digest is that of something else than a manifest ({0}): take the digest of the manifest, not of its layer"
    )]
    NoManifest(serde_json::Error),
    /// The digest is that of an index.
    #[error(
        "this is an index, which lists several manifests: take the digest of one of them{}",
        list(": ", .manifests)
    )]
    Index {
        /// The digests of the manifests, with the platforms that they are for.
        manifests: Vec<String>,
    },
    /// The manifest is of another kind.
    #[error("this is {}, and not an image manifest", cut(.media_type))]
    OtherKind {
        /// What it is.
        media_type: String,
    },
    /// There is no component in it.
    #[error(
        "it has no layer with the media type application/wasm, and so no component{}",
        list("; its layers are ", .layers)
    )]
    NoComponent {
        /// The media types of its layers.
        layers: Vec<String>,
    },
    /// There are several components in it.
    #[error("it has {count} layers with components: publish each policy alone")]
    SeveralComponents {
        /// How many.
        count: usize,
    },
    /// The digest of the layer is not one.
    #[error("the digest of its layer is '{}', and not sha256: and 64 hexadecimal digits", cut(.digest))]
    LayerDigest {
        /// The digest.
        digest: String,
    },
    /// The component is larger than any that is loaded.
    #[error("the component has {size} bytes; a policy may have {most}")]
    TooLarge {
        /// The size that the manifest states.
        size: u64,
        /// The limit.
        most: u64,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    media_type: Option<String>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Listed>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
}

#[derive(Deserialize)]
struct Listed {
    digest: String,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    os: String,
    architecture: String,
}

/// Finds the component of a manifest, of at most `most` bytes.
pub(crate) fn component(manifest: &[u8], most: u64) -> Result<Layer, ManifestFault> {
    let document: Document = serde_json::from_slice(manifest).map_err(ManifestFault::NoManifest)?;
    if let Some(manifests) = document.manifests {
        return Err(ManifestFault::Index { manifests: manifests.into_iter().map(listed).collect() });
    }
    let kind = document.media_type.unwrap_or_else(|| IMAGE_MANIFEST.to_owned());
    // docker's own manifests have the same form.
    if kind != IMAGE_MANIFEST && kind != OTHERS[1] {
        return Err(ManifestFault::OtherKind { media_type: kind });
    }
    let layers = document.layers.unwrap_or_default();
    let is_component = |layer: &&Descriptor| COMPONENTS.contains(&layer.media_type.as_str());
    let mut found = layers.iter().filter(is_component);
    let Some(layer) = found.next() else {
        return Err(ManifestFault::NoComponent {
            layers: layers.into_iter().map(|it| it.media_type).collect(),
        });
    };
    if let more @ 1.. = found.count() {
        return Err(ManifestFault::SeveralComponents { count: more + 1 });
    }
    let digest = Digest::parse(&layer.digest)
        .ok_or_else(|| ManifestFault::LayerDigest { digest: layer.digest.clone() })?;
    if layer.size > most {
        return Err(ManifestFault::TooLarge { size: layer.size, most });
    }
    Ok(Layer { digest, size: layer.size })
}

fn listed(it: Listed) -> String {
    match it.platform {
        Some(Platform { os, architecture }) => format!("{} ({os}/{architecture})", it.digest),
        None => it.digest,
    }
}

/// The first entries of a list, after `before`. Nothing for an empty list.
fn list(before: &str, entries: &[String]) -> String {
    let shown = entries.iter().take(LISTED).map(|entry| cut(entry)).collect::<Vec<String>>().join(", ");
    match (entries.len(), entries.len().saturating_sub(LISTED)) {
        (0, _) => String::new(),
        (_, 0) => format!("{before}{shown}"),
        (_, more) => format!("{before}{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn layer(media_type: &str) -> String {
        format!(r#"{{"mediaType": "{media_type}", "digest": "{DIGEST}", "size": 7}}"#)
    }

    fn manifest(layers: &[String]) -> String {
        format!(
            r#"{{"schemaVersion": 2, "mediaType": "{IMAGE_MANIFEST}", "layers": [{}]}}"#,
            layers.join(",")
        )
    }

    fn fault(manifest: &str) -> String {
        component(manifest.as_bytes(), 100).unwrap_err().to_string()
    }

    #[test]
    fn the_only_component_of_a_manifest_is_found() {
        let expected = Layer { digest: Digest::of(b""), size: 7 };
        for media_type in COMPONENTS {
            let alone = manifest(&[layer(media_type)]);
            assert_eq!(component(alone.as_bytes(), 7).unwrap(), expected);
            let with_others = manifest(&[layer("application/json"), layer(media_type)]);
            assert_eq!(component(with_others.as_bytes(), 7).unwrap(), expected);
        }
        // The media type of the manifest itself is optional.
        let without = format!(r#"{{"schemaVersion": 2, "layers": [{}]}}"#, layer(COMPONENTS[0]));
        assert_eq!(component(without.as_bytes(), 7).unwrap(), expected);
    }

    #[test]
    fn a_manifest_without_exactly_one_component_is_refused() {
        let tar = "application/vnd.oci.image.layer.v1.tar+gzip";
        assert!(fault(&manifest(&[layer(tar)])).ends_with(&format!("its layers are {tar}")));
        assert!(fault(&manifest(&[])).ends_with("and so no component"));
        assert!(fault(r#"{"schemaVersion": 2}"#).ends_with("and so no component"));
        let two = manifest(&[layer(COMPONENTS[0]), layer(COMPONENTS[1])]);
        assert!(fault(&two).starts_with("it has 2 layers with components"));
        let many = vec![layer(tar); 7];
        assert!(fault(&manifest(&many)).ends_with("and 2 more"));
    }

    #[test]
    fn an_index_is_refused_with_the_manifests_that_it_lists() {
        let index = format!(
            r#"{{"schemaVersion": 2, "manifests": [
                {{"digest": "{DIGEST}", "platform": {{"os": "wasip2", "architecture": "wasm"}}}},
                {{"digest": "sha256:1"}}]}}"#
        );
        let fault = fault(&index);
        assert!(fault.ends_with(&format!("one of them: {DIGEST} (wasip2/wasm), sha256:1")), "{fault}");
    }

    #[test]
    fn what_is_too_large_is_refused_before_it_is_pulled() {
        let error = component(manifest(&[layer(COMPONENTS[0])]).as_bytes(), 6).unwrap_err();
        assert!(matches!(error, ManifestFault::TooLarge { size: 7, most: 6 }), "{error}");
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        assert!(matches!(component(b"\0asm", 9), Err(ManifestFault::NoManifest(_))));
        assert!(matches!(component(b"{\"layers\": 7}", 9), Err(ManifestFault::NoManifest(_))));
        let negative = manifest(&[layer(COMPONENTS[0]).replace('7', "-7")]);
        assert!(matches!(component(negative.as_bytes(), 9), Err(ManifestFault::NoManifest(_))));
        let other = manifest(&[]).replace(IMAGE_MANIFEST, "application/vnd.example+json");
        assert!(fault(&other).contains("application/vnd.example+json"));
        let digest = manifest(&[layer(COMPONENTS[0]).replace(DIGEST, "sha512:00")]);
        assert!(fault(&digest).contains("'sha512:00'"));
    }
}
