"""States that AWS leaves by itself after a while."""

import time

# How long they last. AWS takes minutes; tests must see that they exist and not wait for them.
seconds = 1.0


def settled(since):
    """Whether what began at this time (of the monotonic clock) is over."""
    return time.monotonic() - since >= seconds
