"""Replaces methods of moto with patches."""

import functools


def replaces(owner, name):
    """Replaces the method `owner.name` with a function.

    The function gets the original method, followed by the arguments of the call. If this release of moto does not have
    the method, the server fails to start, so that a patch never silently does nothing.
    """
    original = getattr(owner, name)

    def replace(function):
        @functools.wraps(original)
        def replacement(*arguments, **named):
            return function(original, *arguments, **named)

        setattr(owner, name, replacement)
        return function

    return replace
