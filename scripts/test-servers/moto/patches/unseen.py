"""Eventual consistency: new resources are unknown to other calls for a while.

AWS answers a create call before all of its systems know the new resource ("Eventual consistency", EC2 API Reference;
for target groups of Auto Scaling Groups: zalando-incubator/kube-ingress-aws-controller issue 254). moto is always
consistent. If a test asks for it, this patch makes other calls fail as if a new resource did not exist, and hides its
tags.
"""

import time

from moto.moto_api import state_manager

# The moto transition that configures how long resources are unknown; see `settling.TRANSITION`.
TRANSITION = "albatross::unseen"

# Creation times of resources, by ARN.
made = {}


def apply(unseen_seconds):
    """Sets how long new resources are unknown."""
    state_manager.register_default_transition(TRANSITION, {"progression": "time", "seconds": unseen_seconds})


def note(arn):
    """Records that a resource was created."""
    made.setdefault(arn, time.monotonic())


def is_unseen(arn):
    """Returns whether the resource is still unknown to other calls."""
    seconds = state_manager.get_transition(TRANSITION)["seconds"]
    return arn in made and time.monotonic() - made[arn] < seconds
