"""States that AWS leaves by itself after a while."""

import time

from moto.moto_api import state_manager

# The name of the transition that says how long they last. moto's own API changes it while the server runs
# (https://docs.getmoto.org/en/latest/docs/configuration/state_transition/), for tests that must see a state for sure.
TRANSITION = "albatross::settling"


def apply(settle_seconds):
    """How long they last from the start. AWS takes minutes; tests must see that they exist and not wait for them."""
    state_manager.register_default_transition(TRANSITION, {"progression": "time", "seconds": settle_seconds})


def seconds():
    """How long they last now."""
    return state_manager.get_transition(TRANSITION)["seconds"]


def settled(since):
    """Whether what began at this time (of the monotonic clock) is over."""
    return time.monotonic() - since >= seconds()
