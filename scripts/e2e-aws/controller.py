"""The program that is being tested: what it says that it will do, and what it does."""

import json
import os
import signal
import subprocess
import time

# Between two looks at how many load balancers there are, while the program runs.
LOOK_EVERY = 20


class Pass:
    """One `run --once`: the actions of its first pass and of those after it."""

    def __init__(self, code, lines):
        self.code = code
        self.first, self.later, self.problems = [], [], []
        passes = 0
        for line in lines:
            message = line.get("message")
            if message == "executing the plan":
                passes += 1
            elif message == "begun":
                (self.first if passes == 1 else self.later).append(line["action"])
            if line.get("level") == "ERROR" or line.get("failed"):
                self.problems.append(" ".join(str(line[key]) for key in ["message", "what", "error"] if key in line))


class Controller:
    def __init__(self, world, stopping, watch):
        self.world = world
        self.stopping = stopping
        self.watch = watch
        self.program = world.options.albatross
        own = [name for name in os.environ if name.startswith("ALBATROSS_")]
        self.environment = {name: value for name, value in os.environ.items() if name not in own}
        self.write("settings.json", world.settings())

    def write(self, name, content):
        with open(self.world.path(name), "w", encoding="utf-8") as file:
            json.dump(content, file)

    def apply(self, objects):
        """From now on these are all objects of the cluster."""
        self.write("manifests.json", {"apiVersion": "v1", "kind": "List", "items": objects})

    def plan(self):
        """What the program says that it will do."""
        code, out, err = self.execute("plan", "--output", "json")
        if code != 0:
            raise ControllerError(f"albatross plan exits with {code}: {err.strip()}")
        return json.loads(out)["plan"]

    def run(self):
        """What the program does."""
        code, _, err = self.execute("run", "--once", "--log", "json")
        lines, other = [], []
        for line in err.splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                other.append(line)
        if code != 0:
            problems = Pass(code, lines).problems + other
            raise ControllerError(f"albatross run --once exits with {code}: " + "; ".join(problems))
        return Pass(code, lines)

    def execute(self, *command):
        command = [self.program, *command, "--prune", "--manifests", self.world.path("manifests.json"), "--settings",
                   self.world.path("settings.json"), "--region", self.world.options.region, "--vpc-id", self.world.vpc]
        self.stopping.check()
        # Into files, which never fill up as pipes do; in a session of its own, since ctrl-C is for this script.
        with self.open("out") as out, self.open("err") as err:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=self.environment,
                                       start_new_session=True)
            try:
                self.wait(process)
            finally:
                end(process)
            out.seek(0)
            err.seek(0)
            return process.returncode, out.read(), err.read()

    def open(self, name):
        return open(self.world.path(name), "w+", encoding="utf-8")

    def wait(self, process):
        """Waits for the program. Ends the run at a signal, and when the budget is used up."""
        looked = time.monotonic()
        while process.poll() is None:
            self.stopping.sleep(0.1)
            if time.monotonic() - looked > LOOK_EVERY:
                self.watch()
                looked = time.monotonic()


class ControllerError(Exception):
    """The program fails."""


def end(process):
    """Ends the program, which finishes the call that it is making. Only then the resources of the run are complete."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
