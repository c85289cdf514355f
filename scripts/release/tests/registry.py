"""The registry of the distribution project, which scripts/test-servers/registry.sh builds, and a client of it."""

import hashlib
import json
import subprocess
import time
import urllib.request
from pathlib import Path

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Registry:
    """A registry that keeps everything in memory."""

    def __init__(self, program, folder):
        configuration = {
            "version": "0.1",
            "log": {"level": "info", "formatter": "json", "accesslog": {"disabled": True}},
            "storage": {"inmemory": {}},
            "http": {"addr": "127.0.0.1:0"},
        }
        (folder / "registry.yml").write_text(json.dumps(configuration))
        log = folder / "registry.log"
        with open(log, "wb") as output:
            self._process = subprocess.Popen([program, "serve", folder / "registry.yml"], stdin=subprocess.DEVNULL,
                                             stdout=output, stderr=output)
        self._url = f"http://{self._address(log)}/v2"

    def stop(self):
        """Stops it."""
        self._process.kill()
        self._process.wait()

    def _address(self, log):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            for line in log.read_text().splitlines():
                if "listening on " in line:
                    return json.loads(line)["msg"].removeprefix("listening on ")
            time.sleep(0.02)
        self.stop()
        raise AssertionError(f"the registry does not start: {log.read_text()[-2000:]}")

    def push(self, layout, repository, tag):
        """Pushes the image of a layout. The registry refuses content that does not have the digest by which it is named."""
        (named,) = json.loads((layout / "index.json").read_text())["manifests"]
        for descriptor in json.loads(_blob(layout, named))["manifests"]:
            manifest = json.loads(_blob(layout, descriptor))
            for blob in [manifest["config"], *manifest["layers"]]:
                self._push_blob(repository, _blob(layout, blob), blob["digest"])
            self._push_manifest(repository, descriptor["digest"], _blob(layout, descriptor), MANIFEST)
        self._push_manifest(repository, tag, _blob(layout, named), INDEX)

    def pull(self, repository, tag, architecture):
        """The image for a platform, as a node gets it: the digest of the index, the configuration and the layers."""
        content, digest = self._get(f"{repository}/manifests/{tag}", INDEX)
        (found,) = [it for it in json.loads(content)["manifests"] if it["platform"]["architecture"] == architecture]
        manifest = json.loads(self._checked(repository, "manifests", found))
        config = json.loads(self._checked(repository, "blobs", manifest["config"]))
        return digest, config, [self._checked(repository, "blobs", layer) for layer in manifest["layers"]]

    def _push_blob(self, repository, content, digest):
        upload = self._send("POST", f"{self._url}/{repository}/blobs/uploads/", b"").headers["Location"]
        self._send("PUT", f"{upload}&digest={digest}", content, "application/octet-stream")

    def _push_manifest(self, repository, reference, content, media_type):
        self._send("PUT", f"{self._url}/{repository}/manifests/{reference}", content, media_type)

    def _checked(self, repository, kind, descriptor):
        content, _ = self._get(f"{repository}/{kind}/{descriptor['digest']}", descriptor["mediaType"])
        assert len(content) == descriptor["size"], descriptor
        assert "sha256:" + hashlib.sha256(content).hexdigest() == descriptor["digest"], descriptor
        return content

    def _get(self, path, media_type):
        request = urllib.request.Request(f"{self._url}/{path}", headers={"Accept": media_type})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read(), answer.headers["Docker-Content-Digest"]

    @staticmethod
    def _send(method, url, content, media_type="application/octet-stream"):
        request = urllib.request.Request(url, content, {"Content-Type": media_type}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer


def _blob(layout, descriptor):
    return Path(layout, "blobs", *descriptor["digest"].split(":")).read_bytes()
