"""What cannot be packaged, and what the message says."""

import unittest

from support import ELSEWHERE, HERE, package, program_for, releases

MADE = releases()


class Refused(unittest.TestCase):
    def refused(self, message, *arguments, to="refused"):
        said = package(MADE.folder / to, *arguments)
        self.assertRegex(said or "it was accepted", message)
        self.assertNotIn("Traceback", said)
        self.assertFalse((MADE.folder / "refused").exists())

    def test_a_program_for_another_processor(self):
        self.refused(f"program-{ELSEWHERE}-1 is a program for {ELSEWHERE}, not for {HERE}",
                     f"--program={HERE}={program_for(ELSEWHERE, MADE.folder)}")

    def test_a_program_that_needs_a_dynamic_loader(self):
        self.refused("needs a dynamic loader, which the image does not have: build it for (x86_64|aarch64)-unknown-linux-musl",
                     f"--program={HERE}={program_for(HERE, MADE.folder, segment=3)}")

    def test_a_file_that_is_no_program_or_not_there(self):
        script = MADE.folder / "script"
        script.write_text("#!/bin/sh\n")
        self.refused("script is not a program for Linux: it is not a 64-bit", f"--program={HERE}={script}")
        script.write_bytes(b"\x7fELF\x02\x01")
        self.refused("the file ends after 6 bytes", f"--program={HERE}={script}")
        self.refused("nowhere: No such file", f"--program={HERE}={MADE.folder / 'nowhere'}")

    def test_no_program_for_this_machine(self):
        self.refused(f"which is missing: --program {HERE}=FILE", f"--program={ELSEWHERE}={program_for(ELSEWHERE, MADE.folder)}")

    def test_a_misspelt_platform(self):
        self.refused("'arm65' is not a platform of a release: amd64 or arm64", "--program=arm65=x")

    def test_a_folder_that_exists(self):
        self.refused("first exists: remove it", f"--program={HERE}={MADE.program}", to="first")
