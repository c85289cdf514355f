"""What not all of AWS knows of yet.

AWS answers a call before all of it knows what the call made ("Eventual consistency", EC2 API Reference; for a target
group at an Auto Scaling group: zalando-incubator/kube-ingress-aws-controller issue 254). moto knows everything at once,
and still does unless a test asks for more: then other calls that name a new thing fail as if it did not exist, and its
tags are not there.
"""

import time

from moto.moto_api import state_manager

# How long they are unknown; as with `settling.TRANSITION`, moto's own API changes it while the server runs.
TRANSITION = "albatross::unseen"

# When things were made, by ARN.
made = {}


def apply(unseen_seconds):
    """How long they are unknown from the start."""
    state_manager.register_default_transition(TRANSITION, {"progression": "time", "seconds": unseen_seconds})


def note(arn):
    """Something was made."""
    made.setdefault(arn, time.monotonic())


def is_unseen(arn):
    """Whether other calls do not know of it yet."""
    seconds = state_manager.get_transition(TRANSITION)["seconds"]
    return arn in made and time.monotonic() - made[arn] < seconds
