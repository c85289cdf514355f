//! Security groups of route mode: created, kept and deleted by the controller, or named by people and left alone.

use albatross_contract::{
    DiagnosticCode, Direction, Inventory, IpAddressType, Operation, OutcomeState, SecurityGroup,
    SecurityGroupPeer, SecurityGroupRule, Service, ServicePortReference, Tag,
};
use albatross_stories::{Controller, actions, annotated, ingress, outcome, service};

use crate::routes::{story, with_paths};

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
const ORDER: &str = "alb.ingress.kubernetes.io/group.order";
const CIDRS: &str = "alb.ingress.kubernetes.io/inbound-cidrs";
const PREFIX_LISTS: &str = "alb.ingress.kubernetes.io/security-group-prefix-lists";
const NAMED: &str = "alb.ingress.kubernetes.io/security-groups";
const OPEN_TARGETS: &str = "alb.ingress.kubernetes.io/manage-backend-security-group-rules";
const TARGET_TYPE: &str = "alb.ingress.kubernetes.io/target-type";
const PORTS: &str = "alb.ingress.kubernetes.io/listen-ports";

/// The security group of the nodes.
pub const NODES: &str = "sg-nodes";

/// A rule that people added to the security group of the nodes.
pub fn of_people() -> SecurityGroupRule {
    SecurityGroupRule {
        id: Some("sgr-people".to_owned()),
        direction: Direction::Inbound,
        protocol: "tcp".to_owned(),
        from_port: Some(22),
        to_port: Some(22),
        peer: SecurityGroupPeer::Ipv4("10.0.0.0/8".to_owned()),
        description: Some("maintenance".to_owned()),
    }
}

/// The nodes have a security group, and no security group is tagged for load balancers.
fn with_nodes(inventory: &mut Inventory) {
    inventory.security_groups = vec![SecurityGroup {
        id: NODES.to_owned(),
        vpc_id: "vpc-1".to_owned(),
        name: "nodes".to_owned(),
        description: "of the nodes".to_owned(),
        rules: vec![of_people()],
        tags: Vec::new(),
    }];
    inventory.instances.iter_mut().for_each(|node| node.security_groups = vec![NODES.to_owned()]);
}

pub fn game() -> albatross_contract::Ingress {
    with_paths(ingress("2048", &["2048.example.org"]), &[("/", "service-2048")])
}

fn member(name: &str, path: &str) -> albatross_contract::Ingress {
    annotated(with_paths(ingress(name, &[&format!("{name}.example.org")]), &[(path, name)]), GROUP, "shop")
}

fn begin(ingresses: Vec<albatross_contract::Ingress>, services: Vec<Service>) -> Controller {
    let mut story = story(ingresses, services);
    with_nodes(story.cloud.inventory_mut());
    story
}

pub fn game_story(game: albatross_contract::Ingress) -> Controller {
    begin(vec![game], vec![service("service-2048", 30_080)])
}

pub fn security_group(story: &mut Controller, id: &str) -> SecurityGroup {
    story.cloud.inventory().security_groups.iter().find(|group| group.id == id).unwrap().clone()
}

/// The security groups of the load balancer of an Ingress.
fn groups_of(story: &mut Controller, name: &str) -> Vec<SecurityGroup> {
    let ids = story.serving(name).security_groups;
    let mut groups: Vec<SecurityGroup> = ids.iter().map(|id| security_group(story, id)).collect();
    groups.sort_by(|left, right| left.name.cmp(&right.name));
    groups
}

/// The inbound rules of a security group: port and peer.
fn inbound(group: &SecurityGroup) -> Vec<(u16, String)> {
    let rules = group.rules.iter().filter(|rule| rule.direction == Direction::Inbound);
    let mut told: Vec<(u16, String)> = rules
        .map(|rule| match &rule.peer {
            SecurityGroupPeer::Ipv4(peer)
            | SecurityGroupPeer::Ipv6(peer)
            | SecurityGroupPeer::SecurityGroup(peer)
            | SecurityGroupPeer::PrefixList(peer) => (rule.from_port.unwrap_or_default(), peer.clone()),
        })
        .collect();
    told.sort();
    told
}

/// All inbound rules of the load balancer of an Ingress.
fn clients(story: &mut Controller, name: &str) -> Vec<(u16, String)> {
    let mut rules: Vec<(u16, String)> = groups_of(story, name).iter().flat_map(inbound).collect();
    rules.sort();
    rules
}

/// The ports of the nodes that are open for the load balancers.
fn open_ports(story: &mut Controller) -> Vec<u16> {
    let rules = inbound(&security_group(story, NODES));
    rules.into_iter().filter(|(_, peer)| peer.starts_with("sg-")).map(|(port, _)| port).collect()
}

fn admits(port: u16, peer: &str) -> (u16, String) {
    (port, peer.to_owned())
}

fn deleted(story: &mut Controller, names: &[&str]) {
    names.iter().for_each(|name| story.delete(name));
    story.converge();
    story.wait_for_the_grace();
    story.converge();
}

#[test]
fn a_load_balancer_for_which_no_security_group_is_named_gets_one_and_the_nodes_admit_it() {
    let mut story = game_story(game());

    story.converge();

    let groups = groups_of(&mut story, "2048");
    let load_balancer = story.serving("2048");
    assert_eq!(groups.len(), 2);
    let front = groups.iter().find(|group| group.name == format!("{}-clients", load_balancer.name)).unwrap();
    let shared = groups.iter().find(|group| group.id != front.id).unwrap();
    assert_eq!(inbound(front), [admits(80, "0.0.0.0/0")]);
    assert_eq!(inbound(shared), []);
    assert_eq!(
        inbound(&security_group(&mut story, NODES)),
        [admits(22, "10.0.0.0/8"), admits(30_080, &shared.id)]
    );
    let id = |tags: &[Tag]| tags.iter().find(|tag| tag.key == "albatross/id").unwrap().value.clone();
    assert_eq!(id(&front.tags), id(&load_balancer.tags));
    assert!(story.plan().actions.is_empty(), "no action in a converged world");
}

#[test]
fn the_first_plan_says_which_ports_of_the_nodes_will_be_opened() {
    let mut story = game_story(game());

    let plan = story.plan();

    let created = plan.actions.iter().filter(|it| matches!(it.operation, Operation::CreateSecurityGroup(_)));
    let reasons: Vec<&str> = created.map(|it| it.reason.as_str()).collect();
    let expected = "the load balancers share it; later, when it exists, the nodes' security group nodes (sg-nodes) admits \
                    it to TCP port 30080";
    assert!(reasons.contains(&expected), "{reasons:?}");
}

#[test]
fn where_pods_have_ports_of_their_own_exactly_these_ports_are_opened() {
    let mut web = service("service-2048", 30_080);
    web.ports[0].target_port = Some(ServicePortReference::Name("http".into()));
    let mut story = begin(vec![annotated(game(), TARGET_TYPE, "ip")], vec![web]);
    story.cluster.cluster_mut().endpoint_slices = Some(Vec::new());
    let told = story.plan().outcomes[0].diagnostics.clone();
    let expected = "no EndpointSlice has an address for Service shop/service-2048:80";
    assert!(told.iter().any(|it| it.message.starts_with(expected)), "{told:?}");

    let slice = serde_json::json!({
        "metadata": {
            "namespace": "shop", "name": "service-2048-1",
            "labels": [{"key": "kubernetes.io/service-name", "value": "service-2048"}],
        },
        "address-type": "ipv4",
        "endpoints": [{"addresses": ["10.0.0.4"], "ready": true}],
        "ports": [{"port": 8080, "protocol": "tcp"}],
    });
    story.cluster.cluster_mut().endpoint_slices = Some(vec![serde_json::from_value(slice).unwrap()]);
    story.converge();

    assert_eq!(open_ports(&mut story), [8080]);
    assert!(story.plan().outcomes[0].diagnostics.is_empty());
}

#[test]
fn with_the_last_ingress_goes_everything_but_the_rules_of_people() {
    let mut story = game_story(game());
    story.converge();

    deleted(&mut story, &["2048"]);

    assert!(story.load_balancers().is_empty());
    let inventory = story.cloud.inventory().clone();
    assert_eq!(inventory.security_groups.len(), 1);
    assert_eq!(inventory.security_groups[0].rules, [of_people()]);
    assert!(story.plan().actions.is_empty());
}

#[test]
fn other_clients_are_added_before_the_present_ones_are_removed() {
    let mut story = game_story(game());
    story.converge();

    story.annotate("2048", CIDRS, "10.1.2.3/8, 192.0.2.0/24");
    story.annotate("2048", PREFIX_LISTS, "pl-1");
    let passes = story.converge();

    let operations: Vec<&str> = actions(&passes).map(|it| it.id.rsplit('/').next().unwrap()).collect();
    assert_eq!(operations, ["authorize", "revoke"]);
    let expected = [admits(80, "10.0.0.0/8"), admits(80, "192.0.2.0/24"), admits(80, "pl-1")];
    assert_eq!(clients(&mut story, "2048"), expected);

    story.remove_annotation("2048", CIDRS);
    story.remove_annotation("2048", PREFIX_LISTS);
    story.converge();
    assert_eq!(clients(&mut story, "2048"), [admits(80, "0.0.0.0/0")]);
}

#[test]
fn a_rule_that_a_person_added_to_our_security_group_stays() {
    let mut story = game_story(game());
    story.converge();
    let front =
        groups_of(&mut story, "2048").into_iter().find(|group| group.name.ends_with("-clients")).unwrap();
    let groups = &mut story.cloud.inventory_mut().security_groups;
    groups.iter_mut().find(|group| group.id == front.id).unwrap().rules.push(of_people());

    story.annotate("2048", CIDRS, "192.0.2.0/24");
    story.converge();

    assert_eq!(clients(&mut story, "2048"), [admits(22, "10.0.0.0/8"), admits(80, "192.0.2.0/24")]);
}

/// Two members of a group on port 80, of which `cart` comes first, with the clients that they admit.
fn two_members(of_cart: &str, of_pay: &str) -> Controller {
    let first = annotated(annotated(member("cart", "/"), CIDRS, of_cart), ORDER, "1");
    let other = annotated(annotated(member("pay", "/"), CIDRS, of_pay), ORDER, "2");
    begin(vec![first, other], vec![service("cart", 30_080), service("pay", 30_081)])
}

#[test]
fn on_one_port_the_first_member_of_a_group_decides_who_is_admitted_and_the_other_is_told_both_values() {
    let mut story = two_members("192.0.2.0/24", "192.0.0.0/16");
    let passes = story.converge();

    assert_eq!(clients(&mut story, "cart"), [admits(80, "192.0.2.0/24")]);
    let told = &passes[0].outcome("pay").unwrap().diagnostics;
    let told = told.iter().find(|it| it.code == DiagnosticCode::GroupConflict).unwrap();
    assert_eq!(
        told.message,
        "shop/cart of the same group, which has the smaller group.order, admits only 192.0.2.0/24 to port 80, so \
         annotation alb.ingress.kubernetes.io/inbound-cidrs (\"192.0.0.0/16\") does nothing here"
    );
    assert!(!passes[0].tells("cart", DiagnosticCode::GroupConflict));

    deleted(&mut story, &["cart"]);
    assert_eq!(clients(&mut story, "pay"), [admits(80, "192.0.0.0/16")]);
    assert_eq!(open_ports(&mut story), [30_081], "the port of the member that left is closed");
}

#[test]
fn a_new_member_that_admits_fewer_clients_than_its_group_gets_no_load_balancer() {
    let mut story = two_members("0.0.0.0/0", "192.0.2.0/24, 10.0.0.0/8");
    let passes = story.converge();

    let pay = passes.last().unwrap().outcome("pay").unwrap();
    assert_eq!(pay.state, OutcomeState::Rejected);
    assert_eq!(
        pay.diagnostics[0].message,
        "annotation alb.ingress.kubernetes.io/inbound-cidrs admits only 10.0.0.0/8, 192.0.2.0/24, but shop/cart of the \
         same group, which has the smaller group.order, admits 0.0.0.0/0 to port 80, so clients that this Ingress does \
         not admit would reach it"
    );
    assert_eq!(clients(&mut story, "cart"), [admits(80, "0.0.0.0/0")], "the other member is served");

    story.annotate("cart", CIDRS, "10.0.0.0/8");
    let passes = story.converge();
    assert_eq!(passes.last().unwrap().outcome("pay").unwrap().state, OutcomeState::Placed);
}

#[test]
fn a_member_that_admits_fewer_clients_is_not_opened_by_another_member() {
    let mut story = two_members("192.0.2.0/24", "192.0.2.0/24");
    story.converge();

    story.annotate("cart", CIDRS, "0.0.0.0/0");
    story.converge();
    let plan = story.plan();
    assert_eq!(outcome(&plan, "pay").unwrap().state, OutcomeState::Held);
    assert_eq!(clients(&mut story, "pay"), [admits(80, "192.0.2.0/24")], "the port keeps its clients");

    story.remove_annotation("pay", CIDRS);
    story.converge();
    assert_eq!(clients(&mut story, "pay"), [admits(80, "0.0.0.0/0")]);
}

#[test]
fn a_port_is_closed_with_its_listener() {
    let other = annotated(member("pay", "/"), PORTS, r#"[{"HTTP":8080}]"#);
    let services = vec![service("cart", 30_080), service("pay", 30_081)];
    let mut story = begin(vec![member("cart", "/"), other], services);
    story.converge();
    assert_eq!(clients(&mut story, "cart"), [admits(80, "0.0.0.0/0"), admits(8080, "0.0.0.0/0")]);

    deleted(&mut story, &["pay"]);

    assert_eq!(story.serving("cart").listeners.len(), 1);
    assert_eq!(clients(&mut story, "cart"), [admits(80, "0.0.0.0/0")]);
}

#[test]
fn more_clients_than_a_security_group_may_have_are_spread_over_several() {
    let blocks = |numbers: std::ops::Range<u32>| {
        let blocks: Vec<String> = numbers.map(|number| format!("10.0.{number}.0/24")).collect();
        blocks.join(",")
    };
    let mut story = game_story(annotated(game(), CIDRS, &blocks(0..130)));
    story.converge();
    let counts = |story: &mut Controller| -> Vec<usize> {
        groups_of(story, "2048").iter().map(|group| inbound(group).len()).collect()
    };
    let mut spread = counts(&mut story);
    spread.sort_unstable();
    assert_eq!(spread, [0, 10, 60, 60]);

    story.annotate("2048", CIDRS, &blocks(50..60));
    story.converge();
    assert_eq!(clients(&mut story, "2048").len(), 10);
    assert_eq!(groups_of(&mut story, "2048").len(), 2, "security groups without rules are deleted");
    assert_eq!(story.cloud.inventory().security_groups.len(), 3);

    story.annotate("2048", CIDRS, &blocks(0..250));
    let plan = story.plan();
    let told = plan.diagnostics.iter().find(|it| it.code == DiagnosticCode::QuotaExhausted).unwrap();
    assert!(told.message.starts_with("10 inbound rules"), "{told:?}");
    story.converge();
    assert_eq!(clients(&mut story, "2048").len(), 240);

    story.annotate("2048", CIDRS, "10.1.0.0/16,");
    story.converge();
    assert_eq!(clients(&mut story, "2048"), [admits(80, "10.1.0.0/16")]);
}

#[test]
fn clients_change_completely_although_all_rules_are_used() {
    let blocks = |second: u32| {
        let blocks: Vec<String> = (0..240).map(|number| format!("10.{second}.{number}.0/24")).collect();
        blocks.join(",")
    };
    let mut story = game_story(annotated(game(), CIDRS, &blocks(0)));
    story.converge();

    story.annotate("2048", CIDRS, &blocks(1));
    story.converge_within(6);

    let clients = clients(&mut story, "2048");
    assert_eq!(clients.len(), 240);
    assert!(clients.iter().all(|(_, block)| block.starts_with("10.1.")));
}

#[test]
fn an_ipv6_block_needs_a_load_balancer_with_ipv6_addresses() {
    let mut story = game_story(annotated(game(), CIDRS, "192.0.2.0/24,2001:db8::/32"));
    let passes = story.converge();
    assert!(passes[0].tells("2048", DiagnosticCode::AnnotationInvalid));
    assert_eq!(clients(&mut story, "2048"), [admits(80, "192.0.2.0/24")]);

    for (number, subnet) in story.cloud.inventory_mut().subnets.iter_mut().enumerate() {
        subnet.ipv6_cidr_blocks = vec![format!("2001:db8:0:{number}::/64")];
    }
    story.settings.ip_address_type = IpAddressType::Dualstack;
    story.converge();
    assert_eq!(clients(&mut story, "2048"), [admits(80, "192.0.2.0/24"), admits(80, "2001:db8::/32")]);
    story.remove_annotation("2048", CIDRS);
    story.converge();
    assert_eq!(clients(&mut story, "2048"), [admits(80, "0.0.0.0/0"), admits(80, "::/0")]);
}

#[test]
fn an_ingress_with_invalid_clients_is_rejected_or_keeps_the_present_ones() {
    let mut new = game_story(annotated(game(), CIDRS, "office"));
    let plan = new.plan();
    assert_eq!(outcome(&plan, "2048").unwrap().state, OutcomeState::Rejected);
    assert!(plan.actions.is_empty());

    let mut served = game_story(annotated(game(), CIDRS, "192.0.2.0/24"));
    served.converge();
    served.annotate("2048", CIDRS, "192.0.2.0/33");
    let plan = served.plan();
    let told = outcome(&plan, "2048").unwrap();
    assert_eq!(told.state, OutcomeState::Held);
    let message = &told.diagnostics[0].message;
    assert!(
        message.contains(CIDRS) && message.contains("192.0.2.0/33") && message.contains("CIDR"),
        "{message}"
    );
    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
}

#[test]
fn named_security_groups_are_not_changed_and_the_nodes_admit_them_only_if_asked() {
    let mut story = game_story(annotated(game(), NAMED, NODES));
    story.converge();
    assert_eq!(story.serving("2048").security_groups, [NODES]);
    assert_eq!(security_group(&mut story, NODES).rules, [of_people()]);
    assert_eq!(story.cloud.inventory().security_groups.len(), 1);

    story.annotate("2048", OPEN_TARGETS, "true");
    story.converge();
    assert_eq!(groups_of(&mut story, "2048").len(), 2);
    assert_eq!(open_ports(&mut story), [30_080]);

    story.remove_annotation("2048", OPEN_TARGETS);
    story.converge();
    assert_eq!(story.serving("2048").security_groups, [NODES]);
    assert_eq!(security_group(&mut story, NODES).rules, [of_people()]);
    assert_eq!(story.cloud.inventory().security_groups.len(), 1);
}

#[test]
fn a_load_balancer_changes_to_security_groups_of_ours_when_the_nodes_admit_them_and_back_at_once() {
    let mut story = game_story(annotated(game(), NAMED, NODES));
    story.converge();

    story.remove_annotation("2048", NAMED);
    let first = story.pass();
    let sets = |plan: &albatross_contract::Plan| {
        plan.actions.iter().any(|it| matches!(it.operation, Operation::SetSecurityGroups(_)))
    };
    assert!(!sets(&first.plan), "the nodes do not admit the load balancer yet");
    let second = story.pass();
    let set =
        second.plan.actions.iter().find(|it| it.id.ends_with("/load-balancer/security-groups")).unwrap();
    assert_eq!(set.depends_on.len(), 1, "{set:?}");
    story.converge();
    assert_eq!(groups_of(&mut story, "2048").len(), 2);

    story.annotate("2048", NAMED, NODES);
    story.converge();
    assert_eq!(story.serving("2048").security_groups, [NODES]);
    assert_eq!(security_group(&mut story, NODES).rules, [of_people()]);
    assert_eq!(story.cloud.inventory().security_groups.len(), 1);
}

#[test]
fn nodes_with_several_security_groups_admit_load_balancers_through_the_one_tagged_for_the_cluster() {
    let mut story = game_story(game());
    let inventory = story.cloud.inventory_mut();
    let more = SecurityGroup {
        id: "sg-more".to_owned(),
        name: "more".to_owned(),
        ..inventory.security_groups[0].clone()
    };
    inventory.security_groups.push(more);
    inventory.instances.iter_mut().for_each(|node| node.security_groups.push("sg-more".to_owned()));
    let plan = story.plan();
    assert!(
        plan.diagnostics.iter().any(|it| it.code == DiagnosticCode::NodesUnreachable),
        "{:#?}",
        plan.diagnostics
    );

    let tag = Tag { key: "kubernetes.io/cluster/harbour".to_owned(), value: "shared".to_owned() };
    story.cloud.inventory_mut().security_groups[1].tags.push(tag);
    story.converge();
    assert!(open_ports(&mut story).is_empty());
    let opened = security_group(&mut story, "sg-more");
    assert_eq!(inbound(&opened).len(), 2);
}

#[test]
fn more_ports_than_a_security_group_may_have_rules_share_ranges() {
    let paths: Vec<(String, String)> =
        (0..5).map(|number| (format!("/{number}"), format!("service-{number}"))).collect();
    let paths: Vec<(&str, &str)> =
        paths.iter().map(|(path, service)| (path.as_str(), service.as_str())).collect();
    let shop = with_paths(ingress("shop", &["shop.example.org"]), &paths);
    let services = [30_000, 30_001, 30_100, 31_000, 32_000].into_iter().enumerate();
    let services = services.map(|(number, port)| service(&format!("service-{number}"), port)).collect();
    let mut story = begin(vec![shop], services);
    story.cloud.inventory_mut().quotas.inbound_rules_per_security_group = 5;
    story.converge();

    assert_eq!(open_ports(&mut story), [30_000, 31_000, 32_000]);
}

#[test]
fn after_a_crash_at_any_action_the_next_passes_complete_everything_and_leave_nothing() {
    for after in [false, true] {
        for call in 1.. {
            let mut story = game_story(annotated(game(), CIDRS, "192.0.2.0/24"));
            let faults = story.cloud.faults_mut();
            if after {
                faults.crash_after(call);
            } else {
                faults.crash_before(call);
            }
            story.pass();
            let is_over = story.cloud.calls().writes < call;
            story.cloud.faults_mut().clear();
            story.wait(albatross_stories::WAITING);
            story.converge();
            assert_eq!(clients(&mut story, "2048"), [admits(80, "192.0.2.0/24")], "call {call}");
            assert_eq!(open_ports(&mut story), [30_080], "call {call}");
            assert_eq!(story.cloud.inventory().security_groups.len(), 3, "call {call}");
            if is_over {
                break;
            }
        }
        for call in 1..12 {
            let mut story = game_story(game());
            story.converge();
            story.delete("2048");
            story.converge();
            story.wait_for_the_grace();
            let written = story.cloud.calls().writes;
            let faults = story.cloud.faults_mut();
            if after {
                faults.crash_after(written + call);
            } else {
                faults.crash_before(written + call);
            }
            story.pass();
            story.cloud.faults_mut().clear();
            story.wait(albatross_stories::WAITING);
            story.converge();
            story.wait_for_the_grace();
            story.converge();
            let inventory = story.cloud.inventory();
            assert!(inventory.load_balancers.is_empty() && inventory.target_groups.is_empty(), "call {call}");
            assert_eq!(inventory.security_groups.len(), 1, "call {call}");
            assert_eq!(inventory.security_groups[0].rules, [of_people()], "call {call}");
        }
    }
}

#[test]
fn while_a_member_is_held_nobody_else_is_admitted_to_its_port() {
    let first = annotated(annotated(member("cart", "/"), CIDRS, "192.0.2.0/24"), ORDER, "1");
    let services = vec![service("cart", 30_080), service("pay", 30_081)];
    let mut story = begin(vec![first, member("pay", "/")], services);
    story.converge();

    story.annotate("cart", CIDRS, "office");
    story.converge();

    assert_eq!(clients(&mut story, "pay"), [admits(80, "192.0.2.0/24")]);
}

#[test]
fn a_security_group_that_something_else_uses_is_not_deleted() {
    let mut story = game_story(game());
    story.converge();
    let groups = groups_of(&mut story, "2048");
    let front = groups.iter().find(|group| group.name.ends_with("-clients")).unwrap();
    story.cloud.inventory_mut().instances[0].security_groups.push(front.id.clone());
    let tag = Tag { key: "kubernetes.io/cluster/harbour".to_owned(), value: "owned".to_owned() };
    story.cloud.inventory_mut().security_groups[0].tags.push(tag);
    story.cloud.inventory_mut().security_groups.iter_mut().for_each(|group| {
        if group.id == front.id {
            group.tags.retain(|tag| tag.key != "kubernetes.io/cluster/harbour");
        }
    });

    deleted(&mut story, &["2048"]);

    let left = &story.cloud.inventory().security_groups;
    assert_eq!(left.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["nodes", &front.name]);
}

#[test]
fn a_security_group_that_aws_still_counts_as_used_is_deleted_in_a_later_pass() {
    let mut story = game_story(game());
    story.converge();
    story.delete("2048");
    story.converge();
    story.wait_for_the_grace();
    let plan = story.plan();
    let is_delete =
        |action: &albatross_contract::Action| matches!(action.operation, Operation::DeleteSecurityGroup(_));
    let place = plan.actions.iter().position(is_delete).unwrap() as u64;
    let call = story.cloud.calls().writes + place + 1;
    let error =
        albatross_embedded_cloud::AwsError::new("DependencyViolation", "resource has a dependent object");
    story.cloud.faults_mut().fail_write(call, error);

    let pass = story.pass();

    assert_eq!(pass.results.iter().filter(|result| result.error.is_some()).count(), 1);
    story.converge();
    assert_eq!(story.cloud.inventory().security_groups.len(), 1);
}
