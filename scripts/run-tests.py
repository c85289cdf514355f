#!/usr/bin/env python3
"""Builds the test programs of the workspace, and runs them as `cargo test` does, but two at a time: one that mostly waits for servers
beside one that computes. `cargo test` would run one after the other, and leave a core idle for most of the time.

Prints the output of each program when it has ended. Ends with 1 if any of them failed, and names these.
"""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

# Test programs that mostly wait for servers, by the name of their target. All others follow in the order in which Cargo lists them.
WAITING = ["live", "wire", "real_api_server", "registry", "servers"]
CARGO = os.environ.get("CARGO", "cargo")


def test_programs():
    """Builds all, and returns the name, the executable and the directory of the package of each."""
    build = [CARGO, "test", "--locked", "--workspace", "--no-run", "--message-format=json-render-diagnostics"]
    built = subprocess.run(build, stdout=subprocess.PIPE, text=True)
    if built.returncode != 0:
        sys.exit(built.returncode)
    messages = (json.loads(line) for line in built.stdout.splitlines() if line.startswith("{"))
    for message in messages:
        if message["reason"] == "compiler-artifact" and message["profile"]["test"] and message["executable"]:
            target, package = message["target"], Path(message["manifest_path"]).parent
            yield target["name"], target["kind"], message["executable"], package


class Stream(threading.Thread):
    """Runs programs one after the other."""

    def __init__(self, programs, printing):
        super().__init__()
        self.programs = programs
        self.printing = printing
        self.failed = []

    def run(self):
        for name, executable, package in self.programs:
            begin = time.monotonic()
            # Tests find their files through this variable, as under Cargo.
            environment = {**os.environ, "CARGO": CARGO, "CARGO_MANIFEST_DIR": str(package)}
            ended = subprocess.run(
                [executable], cwd=package, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            with self.printing:
                print(f"\n== {name} of {package.name}: {time.monotonic() - begin:.0f} s", flush=True)
                sys.stdout.buffer.write(ended.stdout)
                sys.stdout.flush()
            if ended.returncode != 0:
                self.failed.append(f"{name} of {package.name} (exit code {ended.returncode})")


def main():
    waiting, computing = [], []
    for name, kind, executable, package in test_programs():
        is_waiting = name in WAITING and "test" in kind
        (waiting if is_waiting else computing).append((name, executable, package))
    waiting.sort(key=lambda program: WAITING.index(program[0]))
    missing = set(WAITING) - {name for name, _, _ in waiting}
    if missing:
        sys.exit(f"error: there are no test programs {', '.join(sorted(missing))}; correct WAITING in {__file__}")
    printing = threading.Lock()
    streams = [Stream(waiting, printing), Stream(computing, printing)]
    for stream in streams:
        stream.start()
    for stream in streams:
        stream.join()
    documented = subprocess.run([CARGO, "test", "--locked", "--workspace", "--doc"])
    failed = [name for stream in streams for name in stream.failed]
    if documented.returncode != 0:
        failed.append("the examples in the documentation")
    if failed:
        sys.exit("error: these failed:\n" + "\n".join(f"  {name}" for name in failed))


if __name__ == "__main__":
    main()
