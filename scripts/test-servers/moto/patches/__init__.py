"""The gaps of moto that matter to Albatross, closed when the server starts.

One module for each subject; importing it applies its patches. A patch has its reason in its docstring: the page of the
AWS documentation that moto differs from (`API_…` is a page of the Elastic Load Balancing API Reference, version
2015-12-01, unless another service is named), or what moto does that stands in the way of a test.
"""


def apply(page_size, settle_seconds, unseen_seconds):
    """Applies all patches.

    page_size: most items on a page; None: as many as AWS puts there.
    settle_seconds: how long a load balancer is provisioning, a target initial or draining, a certificate pending, a target
    group being attached to an Auto Scaling Group.
    unseen_seconds: how long other calls do not know of what was made.
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
