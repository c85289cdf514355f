"""What a person reads."""

import sys


def say(text, to=None):
    """Prints a line. A closed terminal or pipe is no reason to stop: there may be load balancers to delete."""
    try:
        print(text, file=to or sys.stdout, flush=True)
    except OSError:
        pass
