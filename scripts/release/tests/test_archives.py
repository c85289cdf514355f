"""A release as those who download it see it: checksums, and archives that they unpack."""

import hashlib
import subprocess
import tarfile
import unittest

from support import HERE, REPOSITORY, TIME, contents, releases

MADE = releases()


class Reproducible(unittest.TestCase):
    def test_two_releases_of_the_same_programs_have_the_same_bytes(self):
        one, two = contents(MADE.first), contents(MADE.second)
        self.assertEqual(list(one), list(two))
        for path, content in one.items():
            self.assertEqual(hashlib.sha256(content).digest(), hashlib.sha256(two[path]).digest(), path)


class Checksums(unittest.TestCase):
    def test_sha256sum_accepts_all_files_that_people_download(self):
        command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
        checked = subprocess.run(command, cwd=MADE.first, capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        files = {path.name for path in MADE.first.iterdir() if path.is_file()} - {"SHA256SUMS"}
        self.assertEqual({line.split(":")[0] for line in checked.stdout.splitlines()}, files)


class Archive(unittest.TestCase):
    def setUp(self):
        self.name = f"albatross-{MADE.version}-linux-{HERE}"
        self.archive = tarfile.open(MADE.first / f"{self.name}.tar.gz")
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
        self.assertEqual(self.read("albatross"), MADE.program.read_bytes())
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
        for component in MADE.bill(HERE)["components"]:
            line = f"{component['name']} {component['version']}: {component['licenses'][0]['expression']}"
            self.assertIn(f"\n{line}\n", text)
        self.assertIn("Permission is hereby granted, free of charge", text)
        # The copyright of one of them.
        self.assertRegex(text, r"Copyright \(c\) \d{4} Tokio Contributors|Copyright \(c\) Tokio Contributors")
