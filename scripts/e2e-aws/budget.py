"""What a run may cost, and what it has cost."""

import math
import time

from stopping import OverBudget

# Dollars an hour, rounded up to the most expensive commercial regions, so that the sum is an upper bound. From the pages
# "Elastic Load Balancing pricing", "Amazon VPC pricing" and "Amazon EC2 On-Demand pricing" of AWS, as of 2025;
# host/albatross/src/replay/cost.rs has the exact prices of a load balancer for some regions. AWS bills a begun hour of a
# load balancer as a whole one, and a run may begin in one hour of the clock and end in the next. The requests of a run stay far
# below one capacity unit.
LOAD_BALANCER = 0.035
CAPACITY_UNIT = 0.012
ADDRESS = 0.005
INSTANCE_WITH_DISK = 0.02

ADDRESSES_OF_A_LOAD_BALANCER = 2
USUAL_LOAD_BALANCERS = 2
USUAL_MINUTES = 20
CLEANING_MINUTES = 10


class Budget:
    def __init__(self, options):
        self.max_load_balancers = options.max_load_balancers
        self.max_minutes = options.max_minutes
        self.seen = set()
        self.begin = None

    def start(self):
        """From now on the time counts."""
        self.begin = time.monotonic()

    def usual(self):
        """What a run costs that goes well, in dollars."""
        return dollars(USUAL_LOAD_BALANCERS, USUAL_MINUTES + CLEANING_MINUTES)

    def most(self):
        """What a run costs that uses up its budget."""
        return dollars(self.max_load_balancers, self.max_minutes + CLEANING_MINUTES)

    def expect(self, number):
        """Refuses a plan that would create so many load balancers, if the budget does not allow them."""
        if len(self.seen) + number > self.max_load_balancers:
            raise OverBudget(f"the plan creates {number} more load balancers, {len(self.seen)} were created so far, and "
                             f"{self.max_load_balancers} are allowed (--max-load-balancers)")

    def count(self, arns):
        """Counts the load balancers that exist. Deleted ones still count: their first hour was billed."""
        self.seen.update(arns)
        if len(self.seen) > self.max_load_balancers:
            raise OverBudget(f"{len(self.seen)} load balancers were created, and {self.max_load_balancers} are allowed "
                             "(--max-load-balancers)")

    def spent(self):
        """How long the run took, and what it cost at most."""
        minutes = (time.monotonic() - self.begin) / 60
        load_balancers = len(self.seen)
        return (f"It took {minutes:.1f} min, created {load_balancers} load balancer{'' if load_balancers == 1 else 's'}, "
                f"and cost less than ${dollars(load_balancers, minutes):.2f}.")


def dollars(load_balancers, minutes):
    """An upper bound, rounded up to a cent."""
    hours = math.ceil(minutes / 60) + 1
    an_hour = load_balancers * (LOAD_BALANCER + CAPACITY_UNIT + ADDRESSES_OF_A_LOAD_BALANCER * ADDRESS) + INSTANCE_WITH_DISK
    return math.ceil(an_hour * hours * 100) / 100
