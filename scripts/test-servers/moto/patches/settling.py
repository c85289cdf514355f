"""Transitional states, which end after a while."""

import time

from moto.moto_api import state_manager

# The moto transition that configures how long the states last. Tests that must see a state change it with moto's API
# while the server runs (https://docs.getmoto.org/en/latest/docs/configuration/state_transition/).
TRANSITION = "albatross::settling"


def apply(settle_seconds):
    """Sets how long the states last. AWS takes minutes. Tests must see the states without waiting long."""
    state_manager.register_default_transition(TRANSITION, {"progression": "time", "seconds": settle_seconds})


def seconds():
    """Returns how long the states currently last."""
    return state_manager.get_transition(TRANSITION)["seconds"]


def settled(since):
    """Returns whether a state that began at this time (of the monotonic clock) is over."""
    return time.monotonic() - since >= seconds()
