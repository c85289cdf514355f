"""Why a run ends before its end: a signal, or a budget that is used up.

Signals only set a flag, which is looked at between calls. So no call of AWS is cut off whose result is then unknown, and cleaning
up never begins while something is still being created.
"""

import os
import signal
import sys
import time

from talking import say

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


class Stopped(Exception):
    """A signal came."""


class OverBudget(Exception):
    """A budget is used up."""


class Stopping:
    def __init__(self):
        self.signal = None
        self.deadline = None
        self.minutes = None
        self.is_ignored = False

    def begin(self, minutes):
        """From now on signals are only noted, and the minutes count."""
        self.minutes = minutes
        self.deadline = None if minutes is None else time.monotonic() + minutes * 60
        for number in SIGNALS:
            signal.signal(number, self.note)

    def note(self, number, _frame):
        self.signal = signal.Signals(number).name
        if self.is_ignored:
            say(f"\n{self.signal}: still deleting what was created, which takes some minutes. kill -9 {os.getpid()} ends this, "
                "and leaves the rest to --clean.", to=sys.stderr)
        else:
            say(f"\n{self.signal}: ends after the current call, then everything is deleted.", to=sys.stderr)

    def ignore_from_now_on(self):
        """Nothing stops what follows: everything is being deleted."""
        self.is_ignored = True

    def check(self):
        """Ends the run if there is a reason to."""
        if self.is_ignored:
            return
        if self.signal:
            raise Stopped(f"Interrupted by {self.signal}")
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise OverBudget(f"the run has taken {self.minutes:g} min (--max-minutes)")

    def sleep(self, seconds):
        """Waits, and ends the run as soon as there is a reason to."""
        end = time.monotonic() + seconds
        while True:
            self.check()
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.2))
