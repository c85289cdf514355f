"""What all files of a release have in common."""

from dataclasses import dataclass
from datetime import datetime, timezone


@dataclass(frozen=True)
class Release:
    """A version of the program, built from a commit."""

    name: str
    version: str
    license: str
    description: str
    revision: str
    # Seconds since 1970: the time of the commit, which is the time of everything that is made from it.
    time: int
    # The level of gzip. The largest costs three times as much and saves one percent.
    compression: int = 6

    @property
    def created(self):
        """The time as documents write it."""
        return datetime.fromtimestamp(self.time, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
