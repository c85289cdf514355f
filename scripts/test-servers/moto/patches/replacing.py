"""How a patch takes the place of a method of moto."""

import functools


def replaces(owner, name):
    """Puts a function in the place of `owner.name`.

    The function gets the method that was there first, then the method's own arguments. A method that this release of
    moto does not have is an error at start, so that a patch never silently does nothing.
    """
    original = getattr(owner, name)

    def replace(function):
        @functools.wraps(original)
        def replacement(*arguments, **named):
            return function(original, *arguments, **named)

        setattr(owner, name, replacement)
        return function

    return replace
