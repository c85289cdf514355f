"""Transitional states, which AWS leaves by itself after a while."""

import time

from moto.moto_api import state_manager

# The name of the transition that holds their duration. moto's own API can change it while the server runs
# (https://docs.getmoto.org/en/latest/docs/configuration/state_transition/), for tests that must be sure to see a state.
TRANSITION = "albatross::settling"


def apply(settle_seconds):
    """Sets the initial duration of these states. In AWS they last minutes; tests must see them without waiting that long."""
    state_manager.register_default_transition(TRANSITION, {"progression": "time", "seconds": settle_seconds})


def seconds():
    """The current duration of these states."""
    return state_manager.get_transition(TRANSITION)["seconds"]


def settled(since):
    """Whether a state that began at this time (of the monotonic clock) is over."""
    return time.monotonic() - since >= seconds()
