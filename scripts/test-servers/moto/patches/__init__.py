"""Patches for the gaps of moto that matter to Albatross, applied when the server starts.

There is one module for each subject; importing it applies its patches. The docstring of each patch gives its reason:
the page of the AWS documentation from which moto differs, or the behaviour of moto that prevents a test. `API_…` is a
page of the Elastic Load Balancing API Reference, version 2015-12-01, unless the docstring names another service.
"""


def apply(page_size, settle_seconds, unseen_seconds):
    """Applies all patches.

    page_size: maximum number of items on a page; None: the same as AWS.
    settle_seconds: how long load balancers are provisioning, targets initial or draining, certificates pending, and
    target groups being attached to Auto Scaling Groups.
    unseen_seconds: how long new resources are unknown to other calls.
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
        web_acls,
    )

    paging.apply(page_size)
