"""What a person reads."""

import sys

# A terminal that cannot show a character is no reason to stop either.
for stream in [sys.stdout, sys.stderr]:
    stream.reconfigure(errors="backslashreplace")


def say(text, to=None):
    """Prints a line. A closed terminal or pipe does not end the run: there may be load balancers to delete."""
    try:
        print(text, file=to or sys.stdout, flush=True)
    except OSError:
        pass
