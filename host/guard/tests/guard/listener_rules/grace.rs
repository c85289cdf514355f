//! When listener rules are deleted, and how many become unneeded.

use albatross_contract::*;
use albatross_guard::Rule;

use super::*;
use crate::story::{Story, tell};

/// The HTTP listener redirects all requests to HTTPS, so that its rules have no effect.
fn redirected() -> World {
    let mut world = routed();
    let rules = std::mem::take(&mut world.https(0).rules);
    let http = &mut world.snapshot.inventory.load_balancers[0].listeners[0];
    http.rules = rules;
    let listener = existing(http.arn.clone());
    let redirect = ListenerAction::Redirect(RedirectAction {
        protocol: "HTTPS".into(),
        host: "#{host}".into(),
        port: "443".into(),
        path: "/#{path}".into(),
        query: "#{query}".into(),
        status_code: 301,
    });
    let modify = ModifyListener {
        listener,
        protocol: None,
        default_certificate: None,
        ssl_policy: None,
        default_actions: vec![redirect],
    };
    world.act("modify", Operation::ModifyListener(modify));
    world.act_after("delete", &["modify"], delete_rule(10));
    world
}

#[test]
fn a_rule_is_deleted_only_after_its_grace_period_or_when_its_ingress_is_gone() {
    tell(&[
        Story {
            title: "counts on a redirect of the listener that may fail",
            honest: redirected,
            lie: |world| world.plan.actions[1].depends_on.clear(),
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "counts on a redirect to another host",
            honest: redirected,
            lie: |world| {
                let Operation::ModifyListener(modify) = &mut world.plan.actions[0].operation else { return };
                let ListenerAction::Redirect(redirect) = &mut modify.default_actions[0] else { return };
                redirect.host = "other.example.org".into();
            },
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "deletes what the Ingress no longer asks for without a mark",
            honest: old_rule_goes,
            lie: |world| world.https(0).rules[2].tags.retain(|tag| tag.key != TAG_UNNEEDED),
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "deletes a second too early",
            honest: old_rule_goes,
            lie: |world| {
                world.https(0).rules[2].tags.retain(|tag| tag.key != TAG_UNNEEDED);
                marked(world, 2, GRACE - 1);
            },
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "deletes the rule of an Ingress that is gone, which is there again",
            honest: || {
                let mut world = routed();
                world.delete(0).act("delete", delete_rule(30));
                world
            },
            lie: |world| {
                *world = routed();
                world.act("delete", delete_rule(30));
            },
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "calls an Ingress released to be rid of its rule at once",
            honest: || {
                let mut world = routed();
                marked(&mut world, 0, GRACE);
                world.release(0).act("delete", delete_rule(10));
                world
            },
            lie: |world| world.https(0).rules[0].tags.retain(|tag| tag.key != TAG_UNNEEDED),
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "says that a rule takes over which matches less",
            honest: taken_over,
            lie: |world| {
                world.plan.actions[0].operation = create_rule(60, 0, requests(0, &["/cart"]));
            },
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "says that a rule takes over which asks for a header as well",
            honest: taken_over,
            lie: |world| {
                let header = HeaderMatch { name: "beta".into(), value: text(&["yes"]) };
                let mut conditions = requests(0, &["/cart", "/cart/*"]);
                conditions.push(RuleCondition::HttpHeader(header));
                world.plan.actions[0].operation = create_rule(60, 0, conditions);
            },
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "deletes first what another rule takes over only then",
            honest: taken_over,
            lie: |world| {
                world.plan.actions.reverse();
                world.plan.actions[0].depends_on.clear();
            },
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "says that a stranger's rule takes over",
            honest: || {
                let mut world = routed();
                world.https(0).rules.push(rule(70, 0, &["/cart", "/cart/*"]));
                world.act("delete", delete_rule(10));
                world
            },
            lie: |world| world.https(0).rules[5].tags = vec![tag("team", "operators")],
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "removes the Ingress of a rule, to delete the rule at once in the next plan",
            honest: || {
                let mut world = routed();
                world.act("tag", add_tags(rule_arn(30), &[tag(TAG_INGRESS, "team/app-1")]));
                world
            },
            lie: |world| {
                world.plan.actions[0].operation = Operation::RemoveTags(RemoveTags {
                    resource: existing(rule_arn(30)),
                    keys: vec![TAG_INGRESS.into()],
                });
            },
            rule: Rule::RuleGrace,
            action: "tag",
        },
        Story {
            title: "gives a rule to an Ingress that does not exist",
            honest: || {
                let mut world = routed();
                world.act("tag", add_tags(rule_arn(30), &[tag(TAG_INGRESS, "team/app-1")]));
                world
            },
            lie: |world| {
                world.plan.actions[0].operation = add_tags(rule_arn(30), &[tag(TAG_INGRESS, "team/gone")]);
            },
            rule: Rule::RuleGrace,
            action: "tag",
        },
        Story {
            title: "deletes a listener with rules that are needed",
            honest: || {
                let mut world = routed();
                world.load_balancer(0).listeners[0].rules = vec![rule(80, 0, &["/cart", "/cart/*"])];
                let mark = tag(TAG_UNNEEDED, &(NOW - GRACE).to_string());
                world.load_balancer(0).listeners[0].rules[0].tags.push(mark);
                world.act("delete", Operation::DeleteListener(existing(listener_arn(0, 80))));
                world
            },
            lie: |world| {
                world.load_balancer(0).listeners[0].rules[0].tags.retain(|tag| tag.key != TAG_UNNEEDED);
            },
            rule: Rule::RuleGrace,
            action: "delete",
        },
        Story {
            title: "marks a rule while not all rules are known",
            honest: marks_a_rule,
            lie: |world| {
                world.incomplete(ViewPart::Rules);
            },
            rule: Rule::Completeness,
            action: "mark",
        },
        Story {
            title: "marks a rule in the past, which would shorten its grace",
            honest: marks_a_rule,
            lie: |world| {
                world.plan.actions[0].operation =
                    add_tags(rule_arn(30), &[tag(TAG_UNNEEDED, &(NOW - 1).to_string())]);
            },
            rule: Rule::Mark,
            action: "mark",
        },
    ]);
}

/// The rule for `/old`, which no Ingress asks for any more, is marked.
fn marks_a_rule() -> World {
    let mut world = routed();
    world.act("mark", add_tags(rule_arn(30), &[tag(TAG_UNNEEDED, &NOW.to_string())]));
    world
}

/// 30 rules, a third of them of a deleted Ingress; this many of these are marked.
fn rules_marked(count: u32) -> World {
    let mut world = World::small();
    world.https(0).rules =
        (1..=30).map(|number| rule(number, if number <= 10 { 9 } else { 0 }, &[])).collect();
    for number in 1..=count {
        let mark = add_tags(rule_arn(number), &[tag(TAG_UNNEEDED, &NOW.to_string())]);
        world.act(&format!("mark-{number}"), mark);
    }
    world
}

#[test]
fn few_of_the_rules_in_use_become_unneeded() {
    tell(&[
        Story {
            title: "marks seven of 30 rules",
            honest: || rules_marked(6),
            lie: |world| *world = rules_marked(7),
            rule: Rule::BudgetUnneededRules,
            action: "mark-7",
        },
        Story {
            title: "counts rules that are not ours as in use",
            honest: || rules_marked(6),
            lie: |world| world.https(0).rules[29].tags.clear(),
            rule: Rule::BudgetUnneededRules,
            action: "mark-6",
        },
        Story {
            title: "counts rules that have their mark as in use",
            honest: || rules_marked(6),
            lie: |world| marked(world, 29, 60),
            rule: Rule::BudgetUnneededRules,
            action: "mark-6",
        },
        Story {
            title: "invents an outcome for an Ingress that is gone, so that its rules count as kept",
            honest: || {
                let mut world = rules_marked(7);
                world.snapshot.cluster.ingresses.push(ingress(9, &host(0), &dns_name(0)));
                kept_outcome(&mut world);
                world
            },
            lie: |world| world.snapshot.cluster.ingresses.retain(|found| found.metadata.name != "app-9"),
            rule: Rule::BudgetUnneededRules,
            action: "mark-7",
        },
    ]);
}

fn kept_outcome(world: &mut World) {
    let mut kept = outcome(0, &host(0), 0);
    kept.object.name = "app-9".into();
    world.plan.outcomes.push(kept);
}
