//! Listener rules: which Ingresses need them, when they are deleted, and who owns their priorities.

use albatross_contract::{Rule as ListenerRule, *};
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

fn text(values: &[&str]) -> TextMatch {
    TextMatch {
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        regular_expressions: Vec::new(),
    }
}

/// Conditions on the host of a member and on paths; no path: all of them.
fn requests(member: usize, paths: &[&str]) -> Vec<RuleCondition> {
    let mut conditions = vec![RuleCondition::HostHeader(text(&[&host(member)]))];
    if !paths.is_empty() {
        conditions.push(RuleCondition::PathPattern(text(paths)));
    }
    conditions
}

fn rule_tags(member: usize) -> Vec<Tag> {
    [our_tags("id-0"), vec![tag(TAG_INGRESS, &format!("team/app-{member}"))]].concat()
}

fn rule_arn(number: u32) -> String {
    format!(
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/albatross-0/1/443/{number}"
    )
}

fn rule(number: u32, member: usize, paths: &[&str]) -> ListenerRule {
    ListenerRule {
        arn: rule_arn(number),
        priority: number,
        conditions: requests(member, paths),
        actions: forward(&[existing(target_group_arn(0))]),
        transforms: Vec::new(),
        tags: rule_tags(member),
    }
}

/// An Ingress asks for some paths of its host.
fn asks(world: &mut World, member: usize, paths: &[&str]) {
    let service = ServiceBackend { name: "shop".into(), port: ServicePortReference::Number(80) };
    let path = |path: &&str| IngressPath {
        path: Some((*path).to_owned()),
        path_type: PathType::Prefix,
        backend: IngressBackend::Service(service.clone()),
    };
    world.ingress(member).rules[0].paths = paths.iter().map(path).collect();
}

fn marked(world: &mut World, rule: usize, seconds: u64) {
    let mark = tag(TAG_UNNEEDED, &(NOW - seconds).to_string());
    world.https(0).rules[rule].tags.push(mark);
}

fn delete_rule(number: u32) -> Operation {
    Operation::DeleteRule(existing(rule_arn(number)))
}

fn create_rule(priority: u32, member: usize, conditions: Vec<RuleCondition>) -> Operation {
    Operation::CreateRule(CreateRule {
        listener: existing(listener_arn(0, 443)),
        priority,
        conditions,
        actions: forward(&[existing(target_group_arn(0))]),
        transforms: Vec::new(),
        tags: rule_tags(member),
    })
}

fn modify_rule(number: u32, conditions: Vec<RuleCondition>) -> Operation {
    Operation::ModifyRule(ModifyRule {
        rule: existing(rule_arn(number)),
        conditions,
        actions: Vec::new(),
        transforms: None,
    })
}

fn set_priority(number: u32, priority: u32) -> Operation {
    Operation::SetRulePriorities(vec![RulePriority { rule: existing(rule_arn(number)), priority }])
}

/// Two members. The first asks for `/cart` and `/pay`, for which it has the rules 10 and 20; the rule 30 is for `/old`,
/// which it asked for before. The second asks for all paths of its host, for which it has the rule 40. The rule 50 is not
/// ours.
fn routed() -> World {
    let mut world = World::small();
    asks(&mut world, 0, &["/cart", "/pay"]);
    let mut foreign = rule(50, 1, &["/maintenance"]);
    foreign.tags = vec![tag("team", "operators")];
    world.https(0).rules = vec![
        rule(10, 0, &["/cart", "/cart/*"]),
        rule(20, 0, &["/pay", "/pay/*"]),
        rule(30, 0, &["/old", "/old/*"]),
        rule(40, 1, &[]),
        foreign,
    ];
    world
}

/// The grace period of the rule for `/old` is over.
fn old_rule_goes() -> World {
    let mut world = routed();
    marked(&mut world, 2, GRACE);
    world.act("delete", delete_rule(30));
    world
}

/// A new rule matches everything that the rule 10 matches and more, and takes over.
fn taken_over() -> World {
    let mut world = routed();
    world.act("create", create_rule(60, 0, requests(0, &["/cart", "/cart/*", "/pay", "/pay/*"])));
    world.act_after("delete", &["create"], delete_rule(10));
    world
}

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

/// The rule 30 matches paths by a regular expression, the Ingress asks for such a path, and the grace period of the rule
/// is over.
fn regular_expression() -> World {
    let mut world = old_rule_goes();
    asks(&mut world, 0, &["/cart", "/pay", "/v[12]"]);
    let expression = TextMatch { values: Vec::new(), regular_expressions: vec!["^/v[12]$".into()] };
    world.https(0).rules[2].conditions[1] = RuleCondition::PathPattern(expression);
    world
}

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

#[test]
fn rules_of_others_are_left_alone() {
    fn reordered() -> World {
        let mut world = routed();
        world.act("priorities", set_priority(30, 25));
        world
    }
    tell(&[
        Story {
            title: "moves a stranger's rule out of the way",
            honest: reordered,
            lie: |world| world.plan.actions[0].operation = set_priority(50, 25),
            rule: Rule::Ownership,
            action: "priorities",
        },
        Story {
            title: "takes the priority of a stranger's rule for one of ours",
            honest: reordered,
            lie: |world| world.plan.actions[0].operation = set_priority(30, 50),
            rule: Rule::RulePriority,
            action: "priorities",
        },
        Story {
            title: "hides a stranger's priority among others",
            honest: reordered,
            lie: |world| {
                world.plan.actions[0].operation = Operation::SetRulePriorities(vec![
                    RulePriority { rule: existing(rule_arn(10)), priority: 11 },
                    RulePriority { rule: existing(rule_arn(20)), priority: 50 },
                ]);
            },
            rule: Rule::RulePriority,
            action: "priorities",
        },
        Story {
            title: "creates a rule with the priority of a stranger's rule",
            honest: || {
                let mut world = routed();
                world.act("create", create_rule(60, 0, requests(0, &["/new"])));
                world
            },
            lie: |world| world.plan.actions[0].operation = create_rule(50, 0, requests(0, &["/new"])),
            rule: Rule::RulePriority,
            action: "create",
        },
        Story {
            title: "changes a stranger's rule on a listener of ours",
            honest: || {
                let mut world = routed();
                world.act("modify", modify_rule(30, requests(0, &["/older"])));
                world
            },
            lie: |world| world.plan.actions[0].operation = modify_rule(50, requests(0, &["/older"])),
            rule: Rule::Ownership,
            action: "modify",
        },
        Story {
            title: "deletes a stranger's rule on a listener of ours",
            honest: old_rule_goes,
            lie: |world| world.plan.actions[0].operation = delete_rule(50),
            rule: Rule::Ownership,
            action: "delete",
        },
        Story {
            title: "takes a rule for ours that carries our tags on a load balancer that lost them",
            honest: old_rule_goes,
            lie: |world| {
                world.plan.outcomes.iter_mut().for_each(|outcome| outcome.state = OutcomeState::Ignored);
                world.load_balancer(0).tags.clear();
            },
            rule: Rule::Ownership,
            action: "delete",
        },
    ]);
    pass(&[("the same priority on another listener is free", || {
        let mut world = routed();
        world.act("create", create_rule(50, 0, requests(0, &["/new"])));
        let Operation::CreateRule(create) = &mut world.plan.actions[0].operation else { return world };
        create.listener = existing(listener_arn(0, 80));
        world
    })]);
}
