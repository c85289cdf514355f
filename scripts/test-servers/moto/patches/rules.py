"""Listener rules."""

from moto.elbv2.exceptions import DuplicatePriorityError, PriorityInUseError, RuleNotFoundError, ValidationError
from moto.elbv2.models import ELBv2Backend

from .limits import LIMITS, check_limit
from .listeners import check_forwards, find
from .replacing import replaces
from .tags import check_tags

PRIORITIES = range(1, 50_001)


def check_priority(priority):
    """API_CreateRule, parameter `Priority`."""
    if int(priority) not in PRIORITIES:
        raise ValidationError(f"Priority '{priority}' must be between 1 and 50000")


@replaces(ELBv2Backend, "_validate_conditions")
def five_condition_values(original, backend, conditions):
    """Page "Quotas for your Application Load Balancers": condition values per rule. moto has no limit."""
    values = sum(
        len(condition.get("Values") or [])
        + sum(len(part.get("Values") or []) for name, part in condition.items() if name.endswith("Config"))
        for condition in conditions
    )
    if values > LIMITS["condition-values-per-alb-rule"]:
        raise ValidationError(f"A rule can have at most 5 condition values; {values} were specified")
    original(backend, conditions)


@replaces(ELBv2Backend, "create_rule")
def create_within_limits(original, backend, listener_arn, conditions, priority, actions, tags=None):
    """API_CreateRule: `TooManyRules` (counts the rules of all listeners, without default rules), priorities from 1 to
    50000, and a target group may serve only one load balancer. moto checks none of this."""
    check_priority(priority)
    check_tags([], tags or [])
    listener = find(backend, listener_arn)
    load_balancer = backend.load_balancers[listener.load_balancer_arn]
    check_forwards(backend, load_balancer.arn, actions)
    check_limit(
        "rules-per-application-load-balancer",
        sum(len(it.rules) - 1 for it in load_balancer.listeners.values()),
        "TooManyRules",
        f"Load balancer '{load_balancer.arn}' can have no more rules",
    )
    return original(backend, listener_arn, conditions, priority, actions, tags)


@replaces(ELBv2Backend, "set_rule_priorities")
def priorities_change_at_once(original, backend, rule_priorities):
    """API_SetRulePriorities: all priorities change together, so two rules can swap. moto rejects a swap, and a rule
    that already has the priority."""
    wanted = {it["RuleArn"]: int(it["Priority"]) for it in rule_priorities}
    for priority in wanted.values():
        check_priority(priority)
        if list(wanted.values()).count(priority) > 1:
            raise DuplicatePriorityError(priority)
    rules = [backend.describe_rules(None, [arn])[0] for arn in wanted]
    for rule in rules:
        others = find(backend, rule.listener_arn).rules.values()
        if any(other.arn not in wanted and other.priority == wanted[rule.arn] for other in others):
            raise PriorityInUseError()
    for rule in rules:
        rule.priority = wanted[rule.arn]
    return rules


@replaces(ELBv2Backend, "delete_rule")
def delete_what_exists(original, backend, arn):
    """API_DeleteRule: `RuleNotFound`. moto returns no error."""
    if not any(
        arn in listener.rules
        for load_balancer in backend.load_balancers.values()
        for listener in load_balancer.listeners.values()
    ):
        raise RuleNotFoundError()
    original(backend, arn)
