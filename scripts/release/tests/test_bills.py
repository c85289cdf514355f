"""Bills of materials as scanners read them."""

import hashlib
import tomllib
import unittest

from support import HERE, REPOSITORY, releases

MADE = releases()


class BillOfMaterials(unittest.TestCase):
    def test_each_component_has_what_scanners_need(self):
        with open(REPOSITORY / "Cargo.lock", "rb") as file:
            locked = {(it["name"], it["version"]): it.get("checksum") for it in tomllib.load(file)["package"]}
        for document in [MADE.bill("amd64"), MADE.bill("arm64")]:
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
        component = MADE.bill(HERE)["metadata"]["component"]
        digest = hashlib.sha256(MADE.program.read_bytes()).hexdigest()
        self.assertEqual((component["name"], component["version"]), ("albatross", MADE.version))
        self.assertEqual(component["hashes"], [{"alg": "SHA-256", "content": digest}])

    def test_it_lists_what_is_linked_and_nothing_else(self):
        names = {it["name"] for it in MADE.bill("amd64")["components"]}
        # The last one is linked into the planner, which is embedded as a component.
        self.assertLessEqual({"aws-sdk-ec2", "kube", "ring", "rustls", "wasmtime", "zstd-sys", "wit-bindgen"}, names)
        # Build scripts, procedural macros and tests, and the packages of this repository.
        absent = {"cc", "wit-component", "serde_derive", "syn", "proptest", "ureq", "albatross-engine", "workspace-hack"}
        self.assertEqual(names & absent, set())
        # Detects features of x86 processors.
        self.assertIn("core_detect", names)
        self.assertNotIn("core_detect", {it["name"] for it in MADE.bill("arm64")["components"]})

    def test_all_components_are_needed_by_the_program(self):
        document = MADE.bill("amd64")
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
