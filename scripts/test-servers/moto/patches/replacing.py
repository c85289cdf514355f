"""How a patch replaces a method of moto."""

import functools


def replaces(owner, name):
    """Replaces `owner.name` by a function.

    The function gets the original method as its first argument, then the arguments of the method. A method that this
    release of moto does not have is an error at start, so that a patch never silently does nothing.
    """
    original = getattr(owner, name)

    def replace(function):
        @functools.wraps(original)
        def replacement(*arguments, **named):
            return function(original, *arguments, **named)

        setattr(owner, name, replacement)
        return function

    return replace
