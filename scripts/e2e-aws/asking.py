"""Requests to load balancers, as clients make them."""

import re
import subprocess
import time

# A new name of a load balancer is resolved after a minute, and a target of proxy mode is healthy after five checks.
LIMIT = 300
PAUSE = 5


class Answer:
    def __init__(self, status, location, body):
        self.status, self.location, self.body = status, location, body

    def __str__(self):
        to = f" to {self.location}" if self.location else ""
        return f"{self.status}{to} {self.body[:60]!r}"


def ask(dns_name, url, certificate=None, host=None):
    """The answer of a load balancer, or why there is none. With a certificate, the load balancer must present exactly that one."""
    command = ["curl", "--silent", "--show-error", "--max-time", "10", "--connect-to", f"::{dns_name}:", "--write-out",
               "\n%{http_code} %{redirect_url}", url]
    command += ["--cacert", certificate] if certificate else []
    command += ["--header", f"Host: {host}"] if host else []
    answer = subprocess.run(command, capture_output=True, text=True, start_new_session=True, check=False)
    if answer.returncode != 0:
        return f"curl: {answer.stderr.strip()}"
    body, _, last = answer.stdout.rpartition("\n")
    status, _, location = last.partition(" ")
    return Answer(int(status), location, body)


def until(stopping, dns_name, url, status, body=None, location=None, certificate=None, host=None):
    """Asks until the answer is the expected one. Returns it, or the last other answer as a text after the limit."""
    begin = time.monotonic()
    while True:
        answer = ask(dns_name, url, certificate, host)
        if isinstance(answer, Answer) and fits(answer, status, body, location):
            return answer
        if time.monotonic() - begin > LIMIT:
            return f"{answer}"
        stopping.sleep(PAUSE)


def fits(answer, status, body, location):
    # Load balancers name the port, also where it is the usual one.
    found = re.sub(r"^(https://[^/:]+):443/", r"\1/", answer.location)
    return answer.status == status and (body is None or answer.body.strip() == body) and (location is None or found == location)
