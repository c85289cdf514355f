"""Runs the main scenarios of both modes on a real AWS account: `make e2e-aws`, docs/e2e-aws.md.

Python and its standard library, because cleaning up after an interrupt needs signals, deadlines and JSON, which a shell script
handles badly. AWS is called through the `aws` command line, so that every way of signing in that people have set up works.
"""

import sys

import cleaning
import command_line
import leftovers
import preflight
import scenarios
from aws import Aws, AwsError
from budget import Budget
from stopping import OverBudget, Stopped, Stopping
from talking import say
from world import World

# Exit codes. 2, wrong use or refused, is that of argparse.
PASSED, FAILED, REFUSED, OVER_BUDGET, LEFTOVERS, INTERRUPTED = 0, 1, 2, 3, 4, 130


def main():
    options = command_line.read(sys.argv[1:])
    stopping = Stopping()
    aws = Aws(options.region, stopping)
    try:
        identity = preflight.identity(aws, options)
        if options.clean:
            return clean_leftovers(aws, stopping, options, identity)
        preflight.check(aws, options)
        budget = Budget(options)
        preflight.announce(options, budget)
        preflight.confirm(options, identity)
    except (preflight.Refused, AwsError) as error:
        say(f"error: {error}", to=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        say("\nInterrupted. Nothing was created.", to=sys.stderr)
        return INTERRUPTED
    return run(aws, stopping, options, budget)


def run(aws, stopping, options, budget):
    """Runs the scenarios, and cleans up whatever happens."""
    result = FAILED
    # From here on no signal ends this process: it ends by itself, after cleaning up.
    stopping.begin(options.max_minutes)
    budget.start()
    try:
        world = World(aws, options)
        try:
            scenarios.run(aws, world, stopping, budget, options)
            result = PASSED
        except OverBudget as error:
            say(f"\nThe budget is used up: {error}.", to=sys.stderr)
            result = OVER_BUDGET
        except Stopped as error:
            say(f"\n{error}.", to=sys.stderr)
            result = INTERRUPTED
        except (AwsError, scenarios.Failed) as error:
            say(f"\nFAILED: {error}", to=sys.stderr)
        finally:
            world.forget_files()
    finally:
        stopping.ignore_from_now_on()
        is_clean = cleaning.remove(aws, options.run_id, budget.seen.update)
    outcome = {PASSED: "All scenarios passed.", FAILED: "A scenario failed."}.get(result, "The run ended early.")
    say(f"\n{outcome} {budget.spent()}")
    return result if is_clean else LEFTOVERS


def clean_leftovers(aws, stopping, options, identity):
    """Removes what earlier runs left."""
    found = leftovers.find(aws, options.run)
    if not found.any():
        of_run = f" of run {options.run}" if options.run else ""
        say(f"Account {identity['Account']}, region {options.region}: nothing{of_run} has the tag {leftovers.TAG}.")
        return PASSED
    say("Will be deleted, also if the run is still in progress:")
    found.print()
    preflight.confirm(options, identity)
    stopping.begin(None)
    stopping.ignore_from_now_on()
    return PASSED if cleaning.remove(aws, options.run) else LEFTOVERS


if __name__ == "__main__":
    sys.exit(main())
