//! An Ingress that stays keeps the listener rules that it needs.

use albatross_contract::*;
use albatross_guard::Rule;

use super::*;
use crate::story::{Story, pass, tell};

#[test]
fn an_ingress_that_stays_keeps_its_rules() {
    tell(&[
        Story {
            title: "deletes after its grace what the Ingress asks for again",
            honest: old_rule_goes,
            lie: |world| asks(world, 0, &["/cart", "/pay", "/old"]),
            rule: Rule::RuleNeeded,
            action: "delete",
        },
        Story {
            title: "deletes a rule that it marked though it was needed all the time",
            honest: old_rule_goes,
            lie: |world| {
                marked(world, 0, GRACE);
                world.plan.actions[0].operation = delete_rule(10);
            },
            rule: Rule::RuleNeeded,
            action: "delete",
        },
        Story {
            title: "takes what a rule matches for what it says: a catch-all leads elsewhere",
            honest: || {
                let mut world = old_rule_goes();
                asks(&mut world, 0, &["/", "/cart", "/pay"]);
                world.https(0).rules.push(rule(70, 0, &["/*"]));
                world
            },
            lie: |world| asks(world, 0, &["/", "/cart", "/pay", "/old"]),
            rule: Rule::RuleNeeded,
            action: "delete",
        },
        Story {
            title: "takes a rule for one that no request reaches, though the catch-all comes later",
            honest: unreached_rule_goes,
            lie: |world| world.https(0).rules[4].priority = 31,
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "removes a rule and the one that comes before it, so that nothing serves the path",
            honest: unreached_rule_goes,
            lie: |world| {
                marked(world, 4, GRACE);
                world.act("delete-5", delete_rule(5));
            },
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "keeps only what a rule is for on one of its hosts",
            honest: rule_is_divided,
            lie: |world| {
                world.plan.actions.remove(1);
                world.plan.actions[1].depends_on.retain(|id| id != "create-2");
            },
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "gives a rule other conditions, so that nothing serves what was asked for",
            honest: || {
                let mut world = routed();
                world.act("modify", modify_rule(10, requests(0, &["/cart", "/cart/*", "/basket"])));
                world
            },
            lie: |world| world.plan.actions[0].operation = modify_rule(10, requests(0, &["/basket"])),
            rule: Rule::RuleNeeded,
            action: "modify",
        },
        Story {
            title: "gives the rule of one Ingress to another one that does not ask for it",
            honest: || {
                let mut world = routed();
                world.act("tag", add_tags(rule_arn(30), &[tag(TAG_INGRESS, "team/app-1")]));
                world
            },
            lie: |world| {
                world.plan.actions[0].operation = add_tags(rule_arn(10), &[tag(TAG_INGRESS, "team/app-1")]);
            },
            rule: Rule::RuleNeeded,
            action: "tag",
        },
        Story {
            title: "deletes the rule where the status still points, though the Ingress is placed elsewhere",
            honest: || {
                let mut world = moved_away();
                world.ingress(0).status[0].hostname = Some(dns_name(1));
                world
            },
            lie: |world| world.ingress(0).status[0].hostname = Some(dns_name(0)),
            rule: Rule::RuleNeeded,
            action: "delete",
        },
        Story {
            title: "overlooks the second name in a status",
            honest: || {
                let mut world = moved_away();
                world.ingress(0).status[0].hostname = Some(dns_name(1));
                world
            },
            lie: |world| {
                world.ingress(0).status.push(IngressAddress { hostname: Some(dns_name(0)), ip: None });
            },
            rule: Rule::RuleNeeded,
            action: "delete",
        },
        Story {
            title: "relies on a rule whose making may fail",
            honest: || {
                let mut world = taken_over();
                marked(&mut world, 0, GRACE);
                world
            },
            lie: |world| world.plan.actions[1].depends_on.clear(),
            rule: Rule::RuleNeeded,
            action: "delete",
        },
        Story {
            title: "lets the last rule go that may say what is asked for, a regular expression",
            honest: || {
                let mut world = regular_expression();
                let mut other = world.https(0).rules[2].clone();
                other.arn = rule_arn(70);
                other.priority = 70;
                world.https(0).rules.push(other);
                world
            },
            lie: |world| world.https(0).rules.retain(|rule| rule.priority != 70),
            rule: Rule::RuleNeeded,
            action: "delete",
        },
    ]);
    pass(&[
        ("the rules of an Ingress that is gone go within the budget", || {
            let mut world = routed();
            world.delete(0);
            (1..=3).for_each(|number| {
                world.act(&format!("delete-{number}"), delete_rule(number * 10));
            });
            world
        }),
        ("an Ingress that somebody deletes needs no rule", || {
            let mut world = old_rule_goes();
            world.plan.actions[0].operation = delete_rule(10);
            world.ingress(0).metadata.deleted_at = Some(NOW);
            world
        }),
        ("an Ingress that is released needs no rule after the grace", || {
            let mut world = routed();
            marked(&mut world, 0, GRACE);
            world.release(0).act("delete", delete_rule(10));
            world
        }),
        ("another Ingress that asks for the same takes over", || {
            let mut world = routed();
            world.ingress(1).rules = world.ingress(0).rules.clone();
            world.act("create", create_rule(60, 1, requests(0, &["/cart", "/cart/*"])));
            world.act_after("delete", &["create"], delete_rule(10));
            world
        }),
        ("a load balancer that goes takes its rules along", || {
            let mut world = World::with(&[1, 1]);
            world.https(0).rules = vec![rule(10, 0, &[])];
            world.forsake(0).act("delete", Operation::DeleteLoadBalancer(existing(arn(0))));
            world
        }),
    ]);
}

/// The first member is placed on a second load balancer; its marked rule on the first is deleted after its grace period.
fn moved_away() -> World {
    let mut world = World::with(&[2, 1]);
    asks(&mut world, 0, &["/cart"]);
    world.https(0).rules = vec![rule(10, 0, &["/cart", "/cart/*"])];
    world.https(1).certificates.push(certificate_arn(0));
    world.outcome(0).load_balancer = Some("id-1".into());
    marked(&mut world, 0, GRACE);
    world.act("delete", delete_rule(10));
    world
}

/// The rule 5 comes before the rule 30, and its pattern matches everything that the rule 30 matches.
fn unreached_rule_goes() -> World {
    let mut world = routed();
    asks(&mut world, 0, &["/cart", "/pay", "/old"]);
    world.https(0).rules[4] = rule(5, 0, &["/o*"]);
    world.act("delete", delete_rule(30));
    world
}

/// The rule 10 for two paths is replaced with a rule for each of them.
fn rule_is_divided() -> World {
    let mut world = routed();
    asks(&mut world, 0, &["/cart", "/pay", "/basket"]);
    world.https(0).rules[0].conditions = requests(0, &["/cart", "/cart/*", "/basket", "/basket/*"]);
    world.act("create-1", create_rule(11, 0, requests(0, &["/cart", "/cart/*"])));
    world.act("create-2", create_rule(12, 0, requests(0, &["/basket", "/basket/*"])));
    world.act_after("delete", &["create-1", "create-2"], delete_rule(10));
    world
}

/// The rule 30 matches paths by a regular expression, the Ingress asks for such a path, and the grace period of the rule
/// is over.
fn regular_expression() -> World {
    let mut world = old_rule_goes();
    asks(&mut world, 0, &["/cart", "/pay", "/v[12]"]);
    let expression = TextMatch { values: Vec::new(), regular_expressions: vec!["^/v[12]$".into()] };
    world.https(0).rules[2].conditions[1] = RuleCondition::PathPattern(expression);
    world
}
