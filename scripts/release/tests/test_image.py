"""The image as a registry and a node see it."""

import gzip
import hashlib
import io
import json
import ssl
import subprocess
import tarfile
import unittest

from registry import Registry
from support import COMMIT, ELSEWHERE, HERE, REGISTRY, REPOSITORY, contents, releases

MADE = releases()


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.layout = MADE.first / f"albatross-{MADE.version}-image"
        if not REGISTRY.exists():
            raise AssertionError(f"{REGISTRY} does not exist: run scripts/test-servers/registry.sh")
        registry = Registry(REGISTRY, MADE.folder)
        cls.addClassCleanup(registry.stop)
        registry.push(cls.layout, "albatross", MADE.version)
        cls.pulled = {it: registry.pull("albatross", MADE.version, it) for it in [HERE, ELSEWHERE]}

    def test_a_registry_has_it_with_the_digest_that_the_release_names(self):
        digest = (MADE.first / f"albatross-{MADE.version}-image.digest").read_text().strip()
        self.assertEqual([it[0] for it in self.pulled.values()], [digest] * 2)

    def test_it_runs_without_root_as_the_image_of_the_dockerfile(self):
        lines = (REPOSITORY / "deploy/Dockerfile").read_text().splitlines()
        said = dict(line.split(maxsplit=1) for line in lines if line.startswith(("USER", "ENTRYPOINT", "CMD")))
        for architecture, (_, config, _) in self.pulled.items():
            run = config["config"]
            self.assertEqual((config["os"], config["architecture"]), ("linux", architecture))
            self.assertEqual(run["User"], said["USER"])
            self.assertEqual((run["Entrypoint"], run["Cmd"]), (json.loads(said["ENTRYPOINT"]), json.loads(said["CMD"])))
            self.assertEqual(run["Labels"]["org.opencontainers.image.revision"], COMMIT)
            self.assertEqual(run["Labels"]["org.opencontainers.image.version"], MADE.version)

    def test_its_layers_are_those_of_the_configuration(self):
        for _, config, layers in self.pulled.values():
            digests = ["sha256:" + hashlib.sha256(gzip.decompress(it)).hexdigest() for it in layers]
            self.assertEqual(config["rootfs"], {"type": "layers", "diff_ids": digests})
            self.assertEqual(len(config["history"]), len(layers))

    def test_the_certificates_are_one_layer_for_all_platforms(self):
        self.assertEqual(self.pulled[HERE][2][0], self.pulled[ELSEWHERE][2][0])

    def test_unpacked_it_has_a_program_that_runs_and_certificates_that_are_read(self):
        root = MADE.folder / "root"
        for layer in self.pulled[HERE][2]:
            with tarfile.open(fileobj=io.BytesIO(layer)) as files:
                files.extractall(root, filter="data")
        ran = subprocess.run([root / "albatross", "--version"], env={}, capture_output=True, text=True)
        self.assertEqual((ran.returncode, ran.stdout), (0, f"albatross {MADE.version}\n"), ran.stderr)
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trust.load_verify_locations(root / "etc/ssl/certs/ca-certificates.crt")
        names = [dict(field[0] for field in it["subject"])["commonName"] for it in trust.get_ca_certs()
                 if "commonName" in dict(field[0] for field in it["subject"])]
        self.assertIn("Amazon Root CA 1", names)
        self.assertTrue((root / "licenses/third-party.txt").exists())

    def test_the_tar_archive_is_the_layout(self):
        with tarfile.open(MADE.first / f"albatross-{MADE.version}-image.tar") as archive:
            found = {it.name: archive.extractfile(it).read() for it in archive.getmembers() if it.isfile()}
        self.assertEqual(found, contents(self.layout))
