"""Makes releases of the program that the other tests run, and looks at them as those who use them: a person who unpacks an
archive, a scanner that reads a bill of materials, a registry and a node that pulls from it."""

import gzip
import hashlib
import io
import json
import re
import ssl
import subprocess
import tarfile
import tempfile
import tomllib
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from registry import Registry
from support import COMMIT, ELSEWHERE, HERE, REGISTRY, REPOSITORY, TIME, contents, package, program_for, stripped


def setUpModule():
    global folder, first, second, program, version
    folder = Path(tempfile.mkdtemp(prefix="albatross-release-"))
    unittest.addModuleCleanup(subprocess.run, ["rm", "-rf", folder])
    program, other = stripped(folder), program_for(ELSEWHERE, folder)
    license = folder / "musl.txt"
    license.write_text("the licence of musl\n")
    first, second = folder / "first", folder / "a folder elsewhere/second"
    second.parent.mkdir()
    arguments = ["--allow-dynamic", "--compression", "1", "--license", f"musl.txt={license}"]
    programs = [f"--program={HERE}={program}", f"--program={ELSEWHERE}={other}"]
    with ThreadPoolExecutor() as both:
        one = both.submit(package, first, *arguments, *programs, PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C")
        two = both.submit(package, second, *arguments, *reversed(programs), cwd=second.parent, umask=0o077,
                          PYTHONHASHSEED="2", TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
    assert (one.result(), two.result()) == (None, None), (one.result(), two.result())
    with open(REPOSITORY / "Cargo.toml", "rb") as file:
        version = tomllib.load(file)["workspace"]["package"]["version"]


class Reproducible(unittest.TestCase):
    def test_two_releases_of_the_same_programs_have_the_same_bytes(self):
        one, two = contents(first), contents(second)
        self.assertEqual(list(one), list(two))
        for path, content in one.items():
            self.assertEqual(hashlib.sha256(content).digest(), hashlib.sha256(two[path]).digest(), path)


class Checksums(unittest.TestCase):
    def test_sha256sum_accepts_all_files_that_people_download(self):
        checked = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=first, capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        files = {path.name for path in first.iterdir() if path.is_file()} - {"SHA256SUMS"}
        self.assertEqual({line.split(":")[0] for line in checked.stdout.splitlines()}, files)


class Archive(unittest.TestCase):
    def setUp(self):
        self.name = f"albatross-{version}-linux-{HERE}"
        self.archive = tarfile.open(first / f"{self.name}.tar.gz")
        self.addCleanup(self.archive.close)

    def read(self, path):
        return self.archive.extractfile(f"{self.name}/{path}").read()

    def test_everything_is_in_one_folder_and_belongs_to_root(self):
        members = self.archive.getmembers()
        self.assertEqual([it.name for it in members], sorted(it.name for it in members))
        for it in members:
            self.assertEqual((it.name.split("/")[0], it.uid, it.gid, it.mtime), (self.name, 0, 0, TIME), it.name)
            executable = it.isdir() or it.name == f"{self.name}/albatross"
            self.assertEqual(it.mode, 0o755 if executable else 0o644, it.name)

    def test_it_has_the_program_with_completions_manual_pages_and_licences(self):
        self.assertEqual(self.read("albatross"), program.read_bytes())
        self.assertIn(b"complete -F _albatross ", self.read("completions/albatross.bash"))
        self.assertIn(b"#compdef albatross", self.read("completions/_albatross"))
        self.assertIn(b"what-if", self.read("completions/albatross.fish"))
        self.assertIn(b".TH albatross", self.read("man/man1/albatross.1"))
        self.assertIn(b"detailed", self.read("man/man1/albatross-plan.1"))
        for name in ["README.md", "CHANGELOG.md", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT"]:
            self.assertEqual(self.read(name), (REPOSITORY / name).read_bytes())
        self.assertEqual(self.read("licenses/musl.txt"), b"the licence of musl\n")

    def test_the_licence_of_each_linked_package_is_there(self):
        text = self.read("licenses/third-party.txt").decode()
        for component in bill(HERE)["components"]:
            line = f"{component['name']} {component['version']}: {component['licenses'][0]['expression']}"
            self.assertIn(f"\n{line}\n", text)
        self.assertIn("Permission is hereby granted, free of charge", text)
        # The copyright of one of them.
        self.assertRegex(text, r"Copyright \(c\) \d{4} Tokio Contributors|Copyright \(c\) Tokio Contributors")


class BillOfMaterials(unittest.TestCase):
    def test_each_component_has_what_scanners_need(self):
        with open(REPOSITORY / "Cargo.lock", "rb") as file:
            locked = {(it["name"], it["version"]): it.get("checksum") for it in tomllib.load(file)["package"]}
        for document in [bill("amd64"), bill("arm64")]:
            self.assertEqual((document["bomFormat"], document["specVersion"], document["version"]), ("CycloneDX", "1.6", 1))
            self.assertRegex(document["serialNumber"], r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
            self.assertEqual(document["metadata"]["timestamp"], "2023-11-14T22:13:20Z")
            for it in document["components"]:
                self.assertEqual(it["type"], "library")
                self.assertEqual(it["purl"], f"pkg:cargo/{it['name']}@{it['version']}")
                self.assertRegex(it["licenses"][0]["expression"], r"^[A-Za-z0-9.() -]+$")
                digest = locked[it["name"], it["version"]]
                self.assertEqual(it["hashes"], [{"alg": "SHA-256", "content": digest}])

    def test_the_program_is_identified_by_its_digest(self):
        component = bill(HERE)["metadata"]["component"]
        digest = hashlib.sha256(program.read_bytes()).hexdigest()
        self.assertEqual((component["name"], component["version"]), ("albatross", version))
        self.assertEqual(component["hashes"], [{"alg": "SHA-256", "content": digest}])

    def test_it_lists_what_is_linked_and_nothing_else(self):
        names = {it["name"] for it in bill("amd64")["components"]}
        # The last one is linked into the planner, which is embedded as a component.
        self.assertLessEqual({"aws-sdk-ec2", "kube", "ring", "rustls", "wasmtime", "zstd-sys", "wit-bindgen"}, names)
        # Build scripts, procedural macros and tests, and the packages of this repository.
        absent = {"cc", "wit-component", "serde_derive", "syn", "proptest", "ureq", "albatross-engine", "workspace-hack"}
        self.assertEqual(names & absent, set())
        # Detects features of x86 processors.
        self.assertIn("core_detect", names)
        self.assertNotIn("core_detect", {it["name"] for it in bill("arm64")["components"]})

    def test_all_components_are_needed_by_the_program(self):
        document = bill("amd64")
        needed = {it["ref"]: it["dependsOn"] for it in document["dependencies"]}
        self.assertEqual(len(needed), len(document["dependencies"]))
        reached, left = set(), [document["metadata"]["component"]["bom-ref"]]
        while left:
            reference = left.pop()
            if reference not in reached:
                reached.add(reference)
                left += needed[reference]
        components = {it["bom-ref"] for it in document["components"]}
        self.assertEqual(reached, components | {document["metadata"]["component"]["bom-ref"]})


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.layout = first / f"albatross-{version}-image"
        if not REGISTRY.exists():
            raise AssertionError(f"{REGISTRY} does not exist: run scripts/test-servers/registry.sh")
        registry = Registry(REGISTRY, folder)
        cls.addClassCleanup(registry.stop)
        registry.push(cls.layout, "albatross", version)
        cls.pulled = {it: registry.pull("albatross", version, it) for it in [HERE, ELSEWHERE]}

    def test_a_registry_has_it_with_the_digest_that_the_release_names(self):
        digest = (first / f"albatross-{version}-image.digest").read_text().strip()
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
            self.assertEqual(run["Labels"]["org.opencontainers.image.version"], version)

    def test_its_layers_are_those_of_the_configuration(self):
        for _, config, layers in self.pulled.values():
            digests = ["sha256:" + hashlib.sha256(gzip.decompress(it)).hexdigest() for it in layers]
            self.assertEqual(config["rootfs"], {"type": "layers", "diff_ids": digests})
            self.assertEqual(len(config["history"]), len(layers))

    def test_the_certificates_are_one_layer_for_all_platforms(self):
        self.assertEqual(self.pulled[HERE][2][0], self.pulled[ELSEWHERE][2][0])

    def test_unpacked_it_has_a_program_that_runs_and_certificates_that_are_read(self):
        root = folder / "root"
        for layer in self.pulled[HERE][2]:
            with tarfile.open(fileobj=io.BytesIO(layer)) as files:
                files.extractall(root, filter="data")
        ran = subprocess.run([root / "albatross", "--version"], env={}, capture_output=True, text=True)
        self.assertEqual((ran.returncode, ran.stdout), (0, f"albatross {version}\n"), ran.stderr)
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trust.load_verify_locations(root / "etc/ssl/certs/ca-certificates.crt")
        names = [dict(field[0] for field in it["subject"])["commonName"] for it in trust.get_ca_certs()
                 if "commonName" in dict(field[0] for field in it["subject"])]
        self.assertIn("Amazon Root CA 1", names)
        self.assertTrue((root / "licenses/third-party.txt").exists())

    def test_the_tar_archive_is_the_layout(self):
        with tarfile.open(first / f"albatross-{version}-image.tar") as archive:
            found = {it.name: archive.extractfile(it).read() for it in archive.getmembers() if it.isfile()}
        self.assertEqual(found, contents(self.layout))


class Refused(unittest.TestCase):
    def refused(self, message, *arguments, to="refused"):
        said = package(folder / to, *arguments)
        self.assertRegex(said or "it was accepted", message)
        self.assertNotIn("Traceback", said)
        self.assertFalse((folder / "refused").exists())

    def test_a_program_for_another_processor(self):
        self.refused(f"program-{ELSEWHERE}-1 is a program for {ELSEWHERE}, not for {HERE}",
                     f"--program={HERE}={program_for(ELSEWHERE, folder)}")

    def test_a_program_that_needs_a_dynamic_loader(self):
        self.refused("needs a dynamic loader, which the image does not have: build it for (x86_64|aarch64)-unknown-linux-musl",
                     f"--program={HERE}={program_for(HERE, folder, segment=3)}")

    def test_a_file_that_is_no_program_or_not_there(self):
        script = folder / "script"
        script.write_text("#!/bin/sh\n")
        self.refused("script is not a program for Linux: it is not a 64-bit", f"--program={HERE}={script}")
        script.write_bytes(b"\x7fELF\x02\x01")
        self.refused("the file ends after 6 bytes", f"--program={HERE}={script}")
        self.refused("nowhere: No such file", f"--program={HERE}={folder / 'nowhere'}")

    def test_no_program_for_this_machine(self):
        self.refused(f"which is missing: --program {HERE}=FILE", f"--program={ELSEWHERE}={program_for(ELSEWHERE, folder)}")

    def test_a_misspelt_platform(self):
        self.refused("'arm65' is not a platform of a release: amd64 or arm64", "--program=arm65=x")

    def test_a_folder_that_exists(self):
        self.refused("first exists: remove it", f"--program={HERE}={program}", to="first")


def bill(architecture):
    return json.loads((first / f"albatross-{version}-linux-{architecture}.cdx.json").read_text())


if __name__ == "__main__":
    unittest.main()
