"""Patches for the differences between moto and AWS that matter to Albatross, applied when the server starts.

One module for each subject; importing it applies its patches. The docstring of a patch gives its reason: the page of the
AWS documentation from which moto differs (`API_…` is a page of the Elastic Load Balancing API Reference, version
2015-12-01, unless another service is named), or a behaviour of moto that makes a test impossible.
"""


def apply(page_size, settle_seconds, unseen_seconds):
    """Applies all patches.

    page_size: the maximum number of items on a page; None: as in AWS.
    settle_seconds: how long a load balancer is provisioning, a target is initial or draining, a certificate is pending, and
    a target group is being attached to an Auto Scaling Group.
    unseen_seconds: how long a new resource stays invisible to other calls.
    """
    from . import settling, unseen

    settling.apply(settle_seconds)
    unseen.apply(unseen_seconds)

    from . import (  # noqa: F401
        auto_scaling,
        carried,
        certificates,
        ec2,
        errors,
        limits,
        listener_certificates,
        listeners,
        load_balancers,
        paging,
        rules,
        tags,
        target_groups,
        targets,
    )

    paging.apply(page_size)
