"""AWS, through its command line."""

import json
import os
import subprocess
import tempfile


class AwsError(Exception):
    """AWS refuses a call, or the command line cannot make it."""

    def __init__(self, call, message):
        super().__init__(f"aws {call}: {message}")
        self.message = message

    def says(self, *codes):
        """Whether AWS answers with one of these codes."""
        return any(f"({code})" in self.message for code in codes)


class Aws:
    def __init__(self, region, stopping):
        self.region = region
        self.stopping = stopping
        self.environment = dict(os.environ, AWS_PAGER="", AWS_MAX_ATTEMPTS="6", AWS_RETRY_MODE="standard")

    def call(self, service, operation, *arguments):
        """The answer of a call."""
        self.stopping.check()
        command = ["aws", service, operation, "--region", self.region, "--output", "json", *arguments]
        # In a session of its own: ctrl-C in the terminal must not cut the call off.
        process = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                 start_new_session=True, check=False)
        if process.returncode != 0:
            raise AwsError(f"{service} {operation}", " ".join(process.stderr.split()) or f"exit code {process.returncode}")
        try:
            return json.loads(process.stdout) if process.stdout.strip() else {}
        except ValueError as error:
            raise AwsError(f"{service} {operation}", f"the answer is not JSON: {error}") from error

    def is_real(self):
        """Whether load balancers will answer: not if calls go to an endpoint other than AWS's own."""
        endpoints = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2"]
        return not any(self.environment.get(name) for name in endpoints)


def tag_specification(kind, tags):
    """The argument with which EC2 creates a resource with its tags, in one call."""
    tags = [{"Key": key, "Value": value} for key, value in tags.items()]
    return json.dumps([{"ResourceType": kind, "Tags": tags}])


def temporary_folder():
    """A folder that only the user can read: it holds private keys."""
    return tempfile.TemporaryDirectory(prefix="albatross-e2e-")
