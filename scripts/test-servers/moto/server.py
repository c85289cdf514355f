"""Starts moto as AWS for the tests, with patches for its gaps.

Listens on a free port of the loopback interface, prints `ready http://127.0.0.1:PORT` and serves until its standard
input closes (so that it never outlives the process that started it) or it gets SIGTERM. Started by hand, it serves
until ctrl-D.
"""

import argparse
import os
import signal
import sys
import threading

# moto reads this when it is imported. Nothing in this process calls AWS.
os.environ["TEST_SERVER_MODE"] = "true"

from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server  # noqa: E402

import patches  # noqa: E402


class QuietRequestHandler(MotoRequestHandler):
    """Does not log requests."""

    def log_request(self, code="-", size="-"):
        pass


class OneAtATime:
    """Answers one request at a time.

    moto keeps its state in plain dictionaries without locks, so listing resources fails while another thread creates
    one. This costs no speed, since Python runs one thread at a time anyway.
    """

    def __init__(self, application):
        self.application = application
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        with self.lock:
            return self.application(environ, start_response)


def end_with_standard_input():
    """Ends the process when standard input closes, for example because the process at the other end has ended."""
    while sys.stdin.buffer.read1(4096):
        pass
    os._exit(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--page-size",
        type=int,
        help="maximum number of items on a page (default: the same as AWS)",
    )
    parser.add_argument(
        "--settle-seconds",
        type=float,
        default=1.0,
        help="how long load balancers are provisioning, targets initial or draining, and certificates pending (default: 1)",
    )
    parser.add_argument(
        "--unseen-seconds",
        type=float,
        default=0.0,
        help="how long new resources are unknown to other calls (default: 0)",
    )
    parser.add_argument(
        "--load-balancers",
        type=int,
        default=50,
        help="quota of Application Load Balancers in a region (default: 50)",
    )
    arguments = parser.parse_args()

    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    patches.apply(arguments.page_size, arguments.settle_seconds, arguments.unseen_seconds)
    patches.limits.LIMITS["application-load-balancers"] = arguments.load_balancers
    application = OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=QuietRequestHandler)
    threading.Thread(target=end_with_standard_input, daemon=True).start()
    print(f"ready http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
