"""The container image, as an OCI image layout: a folder with the image for each platform, made without docker.

https://github.com/opencontainers/image-spec: image-layout.md, image-index.md, manifest.md, config.md.
"""

import hashlib
import json

import archive
from archive import File

# As in deploy/Dockerfile.
USER = "65532:65532"
ENTRYPOINT = ["/albatross"]
COMMAND = ["run"]

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class Layout:
    """An image layout in the making."""

    def __init__(self, release):
        self.release = release
        self._files = {"oci-layout": _json({"imageLayoutVersion": "1.0.0"})}
        self._manifests = []

    @property
    def files(self):
        """The files of the layout."""
        return [File(path, content) for path, content in self._files.items()]

    def layer(self, files, comment):
        """Adds a layer with these files."""
        content = archive.tar(files, self.release.time)
        compressed = archive.gzip(content, self.release.compression)
        return {"descriptor": self._blob(LAYER, compressed), "diff_id": _digest(content), "comment": comment}

    def platform(self, architecture, layers):
        """Adds the image for a platform."""
        release = self.release
        config = {
            "architecture": architecture,
            "config": {"Cmd": COMMAND, "Entrypoint": ENTRYPOINT, "Labels": self._labels(), "User": USER, "WorkingDir": "/"},
            "created": release.created,
            "history": [{"comment": it["comment"], "created": release.created} for it in layers],
            "os": "linux",
            "rootfs": {"diff_ids": [it["diff_id"] for it in layers], "type": "layers"},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._blob(CONFIG, _json(config)),
            "layers": [it["descriptor"] for it in layers],
            "annotations": self._labels(),
        }
        descriptor = self._blob(MANIFEST, _json(manifest))
        self._manifests.append(descriptor | {"platform": {"architecture": architecture, "os": "linux"}})

    def finish(self):
        """Writes the index of all platforms, and returns its digest, which is the digest of the image."""
        index = {
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": self._manifests,
            "annotations": self._labels(),
        }
        descriptor = self._blob(INDEX, _json(index))
        tagged = descriptor | {"annotations": {"org.opencontainers.image.ref.name": self.release.version}}
        self._files["index.json"] = _json({"schemaVersion": 2, "mediaType": INDEX, "manifests": [tagged]})
        return descriptor["digest"]

    def _labels(self):
        release = self.release
        labels = {
            "created": release.created,
            "description": release.description,
            "licenses": release.license,
            "revision": release.revision,
            "title": release.name,
            "version": release.version,
        }
        return {f"org.opencontainers.image.{key}": value for key, value in labels.items()}

    def _blob(self, media_type, content):
        digest = _digest(content)
        self._files["blobs/" + digest.replace(":", "/")] = content
        return {"mediaType": media_type, "digest": digest, "size": len(content)}


def _digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _json(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
