"""New resources that are not visible everywhere in AWS yet.

AWS is eventually consistent: a new resource may be invisible to other calls for a while ("Eventual consistency", EC2 API
Reference; for a target group and an Auto Scaling Group: zalando-incubator/kube-ingress-aws-controller issue 254). In moto
a new resource is visible at once, also with this patch unless a test sets a delay: then other calls that name the new
resource fail as if it did not exist, and it has no tags yet.
"""

import time

from moto.moto_api import state_manager

# The name of the transition that holds the delay. As with `settling.TRANSITION`, moto's own API can change it while the
# server runs.
TRANSITION = "albatross::unseen"

# When resources were created, by ARN.
made = {}


def apply(unseen_seconds):
    """Sets the initial delay."""
    state_manager.register_default_transition(TRANSITION, {"progression": "time", "seconds": unseen_seconds})


def note(arn):
    """Notes that a resource was created."""
    made.setdefault(arn, time.monotonic())


def is_unseen(arn):
    """Whether a resource is still invisible to other calls."""
    seconds = state_manager.get_transition(TRANSITION)["seconds"]
    return arn in made and time.monotonic() - made[arn] < seconds
